"""The words inside class and id attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Attributes whose words tell what an element is for.
NAMING = ("class", "id", "role", "itemprop")

#: Characters of one element's attributes that are read, and words kept of them: machine-made class
#: lists run to megabytes.
LONGEST, MOST = 600, 24

# Linear: runs of one class each; a run of capitals gives back one letter at most.
_WORD = re.compile(r"[A-Z]++(?![a-z])|[A-Z]?[a-z]++|[A-Z]+(?=[A-Z][a-z])")


def naming(attrs: Mapping[str, str]) -> str:
    """The naming attributes of an element as one string, "" when it has none."""
    if not attrs:
        return ""
    return " ".join([attrs[name][:LONGEST] for name in NAMING if name in attrs])


def words_of(names: str) -> tuple[str, ...]:
    """The lower-case words of ``names``, split at case, digits and signs, each once.

    >>> words_of("relatedPosts post-grid_2 HTMLBox")
    ('related', 'posts', 'post', 'grid', 'html', 'box')
    """
    found = (word.lower() for word in _WORD.findall(names[: 2 * LONGEST]) if len(word) > 1)
    return tuple(dict.fromkeys(found))[:MOST]
