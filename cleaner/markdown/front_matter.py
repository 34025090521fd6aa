"""Front matter: facts about a page as a block of YAML before its Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

# One class, no repeat: linear. Characters that YAML does not allow, or reads as the end of a line.
_UNFIT = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def front_matter(fields: Mapping[str, str | None]) -> str:
    r"""Write a block of YAML with the fields that have a value, each a string in double quotes.

    >>> print(front_matter({"title": 'The "lock": open', "author": None}))
    ---
    title: "The \"lock\": open"
    ---
    <BLANKLINE>
    """
    rows = [f"{name}: {_quote(value)}\n" for name, value in fields.items() if value]
    return f"---\n{''.join(rows)}---\n"


def _quote(text: str) -> str:
    """Write a string of JSON, which is also one of YAML as far as YAML allows its characters."""
    return _UNFIT.sub(lambda char: f"\\u{ord(char[0]):04x}", json.dumps(text, ensure_ascii=False))
