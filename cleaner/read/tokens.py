"""The words inside class and id attributes."""

from __future__ import annotations

import re
from functools import lru_cache

#: Characters of one element's names that are read, and words that are kept: generated lists of classes may have
#: megabytes.
MAX_NAME_CHARS, MAX_NAME_WORDS = 1_000, 24

# Linear: zero-width, with fixed look-around.
_HUMP = re.compile("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile("[a-z]{2,}")


def words_of(names: str) -> tuple[str, ...]:
    """Return the lower-case words of ``names``, split at changes of case, digits and punctuation, each once.

    >>> words_of("relatedPosts post-grid_2 HTMLBox")
    ('related', 'posts', 'post', 'grid', 'html', 'box')
    """
    return _words_of(names[:MAX_NAME_CHARS])


@lru_cache(maxsize=4096)  # the pages of a site share most of their names
def _words_of(names: str) -> tuple[str, ...]:
    lower = names.lower()
    if lower != names:
        lower = _HUMP.sub(" ", names).lower()
    return tuple(dict.fromkeys(_WORD.findall(lower)))[:MAX_NAME_WORDS]
