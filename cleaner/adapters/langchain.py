"""A transformer for LangChain: documents that hold pages become documents that hold their clean bodies.

Needs the extra ``langchain``, which brings langchain-core and nothing else of LangChain. Pages are cleaned in a process
of their own, so that a page that hangs or crashes a parser fails alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from cleaner.adapters.documents import clean_document, open_page_worker
from cleaner.corpus.items import ExtractedPage
from cleaner.corpus.task import CleanOrder
from cleaner.errors import requires_extra
from cleaner.files.json_spans import URL_FIELDS
from cleaner.report.rows import Row
from cleaner.settings.record import DEFAULTS, Settings
from cleaner.workers.limits import Limits
from cleaner.workers.pool import Failure

with requires_extra("langchain", "the transformer for LangChain needs its package"):
    from langchain_core.documents import BaseDocumentTransformer, Document

#: The default limits on what a page may cost.
LIMITS = Limits()

#: The key of the metadata in which loaders write the origin of a document.
SOURCE = "source"

#: The keys of the metadata of a page that could not be cleaned: the message, and the short reason.
FAILURE = ("clean_error", "clean_reason")


class CleanScrapeTransformer(BaseDocumentTransformer):
    """Puts the clean body of each page into the place of its document's content; the ids of documents stay.

    Added to the metadata: ``language`` and ``title``, where the document has none; ``clean_confidence`` (0 to 1),
    ``clean_lines_removed``, ``clean_words_removed``, ``clean_codes`` and ``clean_notes`` (JSON: lines and words removed
    by code; notes about the page), and with ``removed`` every line that went, as ``clean_removed`` (JSON).
    All values are strings and numbers, as many vector stores take no others.

    A page that cannot be cleaned stays as it is, with ``clean_error`` and ``clean_reason`` in its metadata.
    ``limits`` None cleans in this process, without limits.
    """

    def __init__(self, settings: Settings = DEFAULTS, *, removed: bool = False, limits: Limits | None = LIMITS) -> None:
        self.settings, self.removed, self.limits = settings, removed, limits

    def transform_documents(self, documents: Sequence[Document], **kwargs: Any) -> Sequence[Document]:
        """Return documents with clean bodies, in order; ``atransform_documents`` does the same in a thread.

        Raises OSError when no process can be started.
        """
        pages = [_extract_page(document, number) for number, document in enumerate(documents, 1)]
        if not pages:
            return []
        order = CleanOrder(self.settings, limits=self.limits)
        with open_page_worker(partial(clean_document, order=order), self.limits) as results:
            return [self._cleaned(*pair) for pair in zip(documents, results(pages), strict=True)]

    def _cleaned(self, document: Document, result: tuple[str, Row] | Failure) -> Document:
        if isinstance(result, Failure):
            return _with_metadata(document, dict(zip(FAILURE, (result.message, result.reason), strict=True)))
        text, row = result
        found = {name: row[name] for name in ("language", "title") if row[name] and not document.metadata.get(name)}
        found |= {
            "clean_confidence": row["confidence"],
            "clean_lines_removed": row["lines"]["removed"],
            "clean_words_removed": row["words"]["removed"],
            "clean_codes": json.dumps(row["codes"]),
            "clean_notes": json.dumps(row["notes"]),
        }
        if self.removed:
            found["clean_removed"] = json.dumps(row["removed"])
        return _with_metadata(document, found, page_content=text)


def _extract_page(document: Document, number: int) -> ExtractedPage:
    """Return the page that a document holds."""
    metadata = document.metadata
    names = [value for name in (SOURCE, *URL_FIELDS) if isinstance(value := metadata.get(name), str) and value]
    url = next((name for name in names if name.lower().startswith(("http://", "https://"))), None)
    return ExtractedPage(document.page_content, url, names[0] if names else f"<document {number}>")


def _with_metadata(document: Document, metadata: Mapping[str, Any], **fields: Any) -> Document:
    """Return a copy of a document with more metadata, without that of an earlier failure."""
    others = {name: value for name, value in document.metadata.items() if name not in FAILURE}
    return document.model_copy(update={"metadata": {**others, **metadata}, **fields})
