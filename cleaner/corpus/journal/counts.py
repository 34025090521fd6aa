"""The lines of the pages of a run, for the profile that a run of two passes makes: an SQLite file beside the state.

A page that is as it was is not read again, neither after a kill nor in a later run. Pages that are gone go.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import zstandard

from cleaner.corpus.journal.database import Database
from cleaner.sites.profile import SiteProfile, Template, sample_sorted

#: Below the state folder.
COUNTS = "counts.sqlite"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS page (
    source TEXT PRIMARY KEY, print BLOB, site BLOB, fingerprint BLOB, place INTEGER, pass INTEGER
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_site ON page (site, fingerprint) WHERE fingerprint IS NOT NULL;
CREATE TABLE IF NOT EXISTS lines (place INTEGER PRIMARY KEY, keys BLOB);
"""

#: Fingerprints are 64 bits without a sign, which SQLite has no number for; these bytes have their order.
_BYTES = 8


class Counts(Database):
    """The pages counted; one that is known by another ``configuration`` is not known.

    Raises as ``Database`` does.
    """

    def __init__(self, path: Path, configuration: str) -> None:
        super().__init__(path, _SCHEMA)
        if self.read_note("configuration") != configuration:
            self._execute("DELETE FROM page")
            self._execute("DELETE FROM lines")
            self.write_note("configuration", configuration)
        self._pass = int(self.read_note("pass") or 0) + 1
        self.write_note("pass", str(self._pass))
        self.commit()

    def fingerprint(self, source: str) -> bytes | None:
        """The fingerprint of a source's content when it was counted, None when it was not."""
        found = self._one("SELECT print FROM page WHERE source = ?", (source,))
        return bytes(found[0]) if found else None

    def keep(self, source: str) -> None:
        """A source that is known is there and as it was."""
        self._execute("UPDATE page SET pass = ? WHERE source = ?", (self._pass, source))

    def add(self, source: str, print_: bytes, site: str, profile: SiteProfile) -> None:
        """Count a source: the fingerprint of its content, and the profile of its page, which may be empty."""
        self._execute("DELETE FROM lines WHERE place = (SELECT place FROM page WHERE source = ?)", (source,))
        fingerprint = place = None
        for number, keys in profile.pages.items():
            fingerprint = number.to_bytes(_BYTES, "big")
            packed = zstandard.compress(json.dumps(keys, ensure_ascii=False).encode())
            ((place,),) = self._execute("INSERT INTO lines (keys) VALUES (?) RETURNING place", (packed,))
        values = (source, print_, site.encode(), fingerprint, place, self._pass)
        self._execute("INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?, ?, ?)", values)

    def finish(self) -> None:
        """All sources were seen: forget those that were not."""
        self._execute("DELETE FROM lines WHERE place IN (SELECT place FROM page WHERE pass != ?)", (self._pass,))
        self._execute("DELETE FROM page WHERE pass != ?", (self._pass,))
        self.commit()

    def sites(self) -> Iterator[tuple[str, Template]]:
        """Yield each site with what its pages have in common, sorted by the bytes of its name."""
        rows = self._stream(
            "SELECT DISTINCT site, fingerprint FROM page WHERE fingerprint IS NOT NULL ORDER BY site, fingerprint"
        )
        for site, group in groupby(sample_sorted(rows), key=itemgetter(0)):
            pages = {int.from_bytes(fingerprint, "big"): self._keys(site, fingerprint) for _, fingerprint in group}
            if site:
                yield site.decode(), SiteProfile(pages).template()

    def _keys(self, site: bytes, fingerprint: bytes) -> tuple[str, ...]:
        """The lines of a page, which is any of those with this fingerprint: they are the same."""
        found = self._one(
            "SELECT keys FROM page JOIN lines USING (place) WHERE site = ? AND fingerprint = ?", (site, fingerprint)
        )
        return tuple(json.loads(zstandard.decompress(found[0]))) if found else ()
