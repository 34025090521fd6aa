"""Write the catalogue of codes, docs/rules.md, from the rules in the code: ``make rules``."""

import sys
from collections.abc import Iterable, Iterator

from cleaner.detectors import Detector, Rule
from cleaner.detectors.discovery import discover
from cleaner.rules import RULES

HEAD = """\
# The codes

Written by `make rules` from the rules in the code; do not edit.

A code is two letters for what it is about and three digits; the first digit is the kind of evidence: 1 words,
2 shape, 3 markup, 4 position, 5 other pages of a site. Settings take codes and beginnings of codes: `CK` is consent,
`RL11` all lead-ins of links. In an example a line that begins with `>` is one that the code is about; below it stands a
near miss, on which the code must not fire. A code is never used again for anything else.
"""


#: Families that several detectors share, or that no detector brings.
SHARED_FAMILIES = {
    "KP": "what is content, by words, form and markup.",
    "NV": "navigation, by words and markup.",
    "LM": "the model. Its evidence weighs what no rule names, and its code is what the line resembles.",
    "NB": "lines that other lines leave over.",
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
