"""Metadata of a page: author, date, site name and description, found by trafilatura.

The same bytes give the same result on every day and in every time zone.
"""

from __future__ import annotations

import logging
from datetime import datetime
from functools import cache, partial
from importlib import import_module
from typing import Any

from cleaner.read.decode import decode
from cleaner.read.second_opinion import MAX_EXTRACTOR_BYTES
from cleaner.read.sniff import kind_of
from cleaner.records import Kind

#: The keys of the metadata, in order.
NAMES = ("author", "date", "site_name", "description")

#: Why a page was not searched for metadata; further reasons are names of exceptions.
TOO_LARGE, TOO_DEEP = "too large", "too deep"

# By default htmldate accepts no date after today, so a page would get another date a year later. Its search in the
# running text (dateparser) depends on the clock for years of two digits, doubles the time, and on 110 pages found only
# 2 right dates more and 22 doubtful ones: it is switched off. At the first and the last day the local time zone has an
# effect, so both are days on which no page is dated; timestamps of 32 bits end in January 2038.
_DATES = {
    "original_date": True,
    "extensive_search": False,
    "min_date": datetime(1991, 8, 6),
    "max_date": datetime(2037, 12, 31),
}


def metadata(data: bytes | str, url: str | None, kind: Kind | None = None) -> tuple[dict[str, str | None], str]:
    """Return the metadata of an HTML page by NAMES, and the problem why they could not be read, normally "".

    The date has the form ``2026-11-20``. Values are None where nothing is found, and all of them for texts, which is
    no problem, and for pages over 5 MB, pages nested so deep that the parser cuts them, and pages on which
    trafilatura fails: the problem then is "too large", "too deep", or the name of the exception. Never raises.
    ``kind`` is detected from the content when it is None.
    """
    found: dict[str, str | None] = dict.fromkeys(NAMES)
    try:
        text = data if isinstance(data, str) else decode(data).text
        if (kind or kind_of(text)) != "html":
            return found, ""
        if len(data) > MAX_EXTRACTOR_BYTES:
            return found, TOO_LARGE
        tree, whole = _tree(text)
        if tree is None or not whole:
            return found, "" if whole else TOO_DEEP
        result = _extractor()(tree, default_url=url, date_config=dict(_DATES))
    except Exception as error:  # no failure of the metadata may lose the page
        return found, type(error).__name__
    values = (result.author, result.date, result.sitename, result.description)
    return dict(zip(NAMES, (value or None for value in values), strict=True)), ""


def _tree(text: str) -> tuple[Any, bool]:
    """Return the page as a tree, None when it is empty, and whether the parser read all of it.

    trafilatura would decode the page in its own way; this tree is made of the text that is cleaned.
    """
    parser = import_module("lxml.html").HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    etree = import_module("lxml.etree")
    tree = etree.fromstring(text.replace("\0", "").encode("utf-8", "replace"), parser)
    return tree, not any(entry.level >= etree.ErrorLevels.FATAL for entry in parser.error_log)


@cache
def _extractor() -> Any:
    """Return trafilatura's ``extract_metadata``, independent of the clock; importing it costs a third of a second."""
    extract = import_module("trafilatura.metadata").extract_metadata
    # htmldate lets dateutil complete dates from today: on the 20th of a month, 2017-09 became the 20th of September. No
    # option changes that. With this default, a missing day of the month is the first, and a time without a date is out
    # of range, so it gives no date. Time zones change no date, but their names give warnings and the local time zone.
    dates = import_module("htmldate.extractors")
    dates.dateutil_parse = partial(import_module("dateutil.parser").parse, default=datetime(1, 1, 1), ignoretz=True)  # type: ignore[attr-defined]
    logging.getLogger("htmldate").addHandler(logging.NullHandler())  # without it, words of the page go to the terminal
    return extract
