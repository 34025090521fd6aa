"""Write what the program makes of a fixture, for review as a diff: ``python -m tests.make_fixture paywall/en-teaser``.

Tags already on disk are left alone unless ``--tags`` is given: they are written by hand.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cleaner.detectors import Context
from cleaner.detectors.discovery import discover
from cleaner.lines.phrases import languages, load
from cleaner.lines.table import LineTable
from cleaner.pipeline import clean
from cleaner.read import read_page
from cleaner.records import Page

ROOT = Path(__file__).parent / "fixtures"

#: Families of shape and of the page as a whole, too many hits to review by hand in the cases of other families.
UNTAGGED = ("KP", "LM", "NB", "DU")


def cases() -> list[Path]:
    """The folders of all cases, sorted."""
    return sorted(path.parent for path in ROOT.glob("*/*/raw.*"))


def raw(case: Path) -> Path:
    """The raw page of a case."""
    return next(iter(sorted(case.glob("raw.*"))))


def page_of(case: Path) -> Page:
    """The raw page, read; what it is goes by its file name, as sniffing has tests of its own."""
    path = raw(case)
    return read_page(path.read_bytes(), source=path.name, kind="html" if path.suffix == ".html" else "text")


def tags(case: Path) -> str:
    """Rows "line code" of the family of the case's folder, line 0 for notes about the page.

    The family is the first two characters of the codes in the detector file of the folder's name, whichever file gives
    them; of families that are not tagged elsewhere it is the codes of that file.
    """
    page = page_of(case)
    wanted = {page.language, "en"} if page.language in languages() else set(languages())
    lexicon = load(tuple(sorted(wanted)))
    context = Context(LineTable(page), lexicon.scan(shape.folded for shape in page.shapes))
    detectors = discover(third_party=False)
    module = f"cleaner.detectors.{case.parent.name}"
    own = {rule.code for one in detectors if one.module == module for rule in one.rules}
    families = {code[:2] for code in own} - set(UNTAGGED)
    found = {(line, code) for one in detectors for line, code, _ in one.run(page, context)}
    of_family = [(line, code) for line, code in found if (code[:2] in families if families else code in own)]
    return "".join(f"{line} {code}\n" for line, code in sorted(of_family))


def body(case: Path) -> str:
    """The clean body under the policy balanced, the default."""
    path = raw(case)
    return clean(path.read_bytes(), source=path.name, kind="html" if path.suffix == ".html" else "text").text


def main(arguments: list[str]) -> int:
    """Write the expected files of the cases named, of all when none is."""
    with_tags = "--tags" in arguments
    names = [a for a in arguments if not a.startswith("-")]
    for case in [ROOT / name for name in names] or cases():
        if not case.is_dir():
            sys.stderr.write(f"no such case: {case}; name it as family/case\n")
            return 2
        if with_tags or not (case / "expected.tags").exists():
            (case / "expected.tags").write_text(tags(case), "utf-8")
        (case / "expected.txt").write_text(body(case), "utf-8", newline="")
        sys.stdout.write(f"{case.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
