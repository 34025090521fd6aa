"""The errors of this package. Every message states what is wrong and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class CleanScrapeError(Exception):
    """Base of all errors that this package raises on purpose.

    ``source`` names the page or file concerned ("" when none is), ``reason`` is a short stable
    identifier for reports, such as ``binary`` or ``cut-gzip``.
    """

    reason = "error"

    def __init__(self, message: str, *, source: str = "", reason: str = "") -> None:
        super().__init__(message)
        self.source = source
        if reason:
            self.reason = reason

    def __reduce__(self) -> tuple[object, ...]:
        """Keep source and reason when a worker process hands the error to its parent."""
        return (_rebuild, (type(self), str(self), self.source, self.reason))


def _rebuild(kind: type[CleanScrapeError], text: str, source: str, reason: str) -> CleanScrapeError:
    return kind(text, source=source, reason=reason)


class UnreadableError(CleanScrapeError):
    """The bytes are not a page: a picture, an archive, damaged compression, nothing decodable."""

    reason = "unreadable"


class TooManyLinesError(UnreadableError):
    """The page has more lines than fit into the memory for a page."""

    reason = "too-many-lines"


class InputError(CleanScrapeError):
    """An input could not be opened or read from disk, or may not be cleaned this way."""

    reason = "input"


class SettingsError(CleanScrapeError):
    """The configuration is wrong; the message lists every mistake found, one per line."""

    reason = "settings"


class RestoreError(CleanScrapeError):
    """Output and report do not rebuild the text layer that was cleaned."""

    reason = "restore"


class ProfileError(CleanScrapeError):
    """A file of profiles is damaged, or of another kind than is wanted."""

    reason = "profile"


class EngineError(CleanScrapeError):
    """An engine that distributes work over machines failed for a reason that lies outside the pages."""

    reason = "engine"


@contextmanager
def requires_extra(extra: str, what: str, source: str = "") -> Iterator[None]:
    """Raise InputError where the block cannot import a package.

    ``what`` says what needs which package, and ``extra`` is the extra of this package that installs it.
    """
    try:
        yield
    except ImportError as error:
        message = f'{what}: pip install "clean-scrape[{extra}]" ({error})'
        raise InputError(message, source=source, reason="missing-extra") from error
