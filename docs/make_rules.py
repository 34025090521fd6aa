"""Write the catalogue of codes, docs/rules.md, from the rules in the code: ``make rules``."""

import sys
from collections.abc import Iterable, Iterator

from cleaner.detectors import Detector, Rule
from cleaner.detectors.discovery import discover
from cleaner.rules import RULES

HEAD = """\
# The codes

`make rules` writes this page from the rules in the code; do not edit it.

A code has two letters for the family of residue and three digits. The first digit is the kind of evidence: 1 words,
2 shape of the line, 3 markup, 4 place on the page, 5 other pages of the site. Settings take codes and beginnings of
codes: `CK` is all of consent, `RL11` all lead-ins of links. Each code has two examples: a page in which it fires on the
lines that begin with `>`, and a near miss, a page in which it must not fire. A code never changes its meaning.
"""


#: Families that several detectors share, or that no detector brings.
SHARED_FAMILIES = {
    "KP": "evidence for content, by words, shape and markup.",
    "NV": "navigation, by words and markup.",
    "LM": "the model. Its evidence covers what no rule covers, and its code names what the line resembles.",
    "NB": "blank lines and scraps that are left over.",
    "SY": "the page as a whole.",
}


def catalogue(detectors: Iterable[Detector]) -> Iterator[str]:
    """Yield the catalogue in pieces, families in order of their letters."""
    yield HEAD
    rules = {rule.code: (rule, one.module) for one in detectors for rule in one.rules}
    rules |= {rule.code: (rule, "") for rule in RULES}
    family = ""
    for code, (rule, module) in sorted(rules.items()):
        if code[:2] != family:
            family = code[:2]
            first = (sys.modules[module].__doc__ or "").split("\n")[0] if module else ""
            head, _, rest = (SHARED_FAMILIES.get(family) or first.split(": ", 1)[-1]).rstrip(".").partition(". ")
            yield f"\n## {family}: {head}\n" + (f"\n{rest}.\n" if rest else "")
        yield entry(rule)


def entry(rule: Rule) -> str:
    """One rule with its example and its near miss."""
    return (
        f"\n### {rule.code} {rule.name}\n\nThis line {rule.why}.\n\n{fenced(rule.goes)}\nStays:\n\n{fenced(rule.stays)}"
    )


def fenced(example: str) -> str:
    """An example as a block of code."""
    fence = "~~~" if "```" in example else "```"
    return f"{fence}{'html' if example.startswith('<') else 'text'}\n{example}\n{fence}\n"


if __name__ == "__main__":
    sys.stdout.write("".join(catalogue(discover(third_party=False))))
