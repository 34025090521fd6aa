"""The lines of the pages of a run, for the profile that a run of two passes makes: an SQLite file beside the state.

A page that has not changed is not counted again, neither after a kill nor in a later run. Pages that are no longer
there are deleted.
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

#: The name of the file in the state folder.
COUNTS_FILE = "counts.sqlite"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS page (
    source TEXT PRIMARY KEY, print BLOB, site BLOB, fingerprint BLOB, place INTEGER, pass INTEGER
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_site ON page (site, fingerprint) WHERE fingerprint IS NOT NULL;
CREATE TABLE IF NOT EXISTS lines (place INTEGER PRIMARY KEY, keys BLOB);
"""

#: SQLite has no unsigned numbers of 64 bits; fingerprints are stored as so many bytes, which sort in the same order.
_FINGERPRINT_BYTES = 8


class Counts(Database):
    """The pages that were counted; those of another ``configuration`` are deleted when it is opened.

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
        """Record that a source that was counted has not changed."""
        self._execute("UPDATE page SET pass = ? WHERE source = ?", (self._pass, source))

    def add(self, source: str, item_fingerprint: bytes, site: str, profile: SiteProfile) -> None:
        """Store the fingerprint of a source's content, and the profile of its page, which may be empty."""
        self._execute("DELETE FROM lines WHERE place = (SELECT place FROM page WHERE source = ?)", (source,))
        fingerprint = place = None
        for number, keys in profile.pages.items():
            fingerprint = number.to_bytes(_FINGERPRINT_BYTES, "big")
            packed = zstandard.compress(json.dumps(keys, ensure_ascii=False).encode())
            ((place,),) = self._execute("INSERT INTO lines (keys) VALUES (?) RETURNING place", (packed,))
        values = (source, item_fingerprint, site.encode(), fingerprint, place, self._pass)
        self._execute("INSERT OR REPLACE INTO page VALUES (?, ?, ?, ?, ?, ?)", values)

    def finish(self) -> None:
        """Delete the sources that this pass has not seen, and commit."""
        self._execute("DELETE FROM lines WHERE place IN (SELECT place FROM page WHERE pass != ?)", (self._pass,))
        self._execute("DELETE FROM page WHERE pass != ?", (self._pass,))
        self.commit()

    def sites(self) -> Iterator[tuple[str, Template]]:
        """Yield each site with the template of its pages, sorted by the bytes of its name."""
        rows = self._stream(
            "SELECT DISTINCT site, fingerprint FROM page WHERE fingerprint IS NOT NULL ORDER BY site, fingerprint"
        )
        for site, group in groupby(sample_sorted(rows), key=itemgetter(0)):
            pages = {int.from_bytes(fingerprint, "big"): self._keys(site, fingerprint) for _, fingerprint in group}
            if site:
                yield site.decode(), SiteProfile(pages).template()

    def _keys(self, site: bytes, fingerprint: bytes) -> tuple[str, ...]:
        """The lines of any page with this fingerprint, as all such pages have the same lines."""
        found = self._one(
            "SELECT keys FROM page JOIN lines USING (place) WHERE site = ? AND fingerprint = ?", (site, fingerprint)
        )
        return tuple(json.loads(zstandard.decompress(found[0]))) if found else ()
