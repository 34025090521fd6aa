"""``check --diff``: what was found as patches."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

import click

from cleaner.cli.check_search import Failed, Unit, UnitFindings, patched_name
from cleaner.cli.terminal import fail
from cleaner.diff import git_patch, hunks
from cleaner.errors import CleanScrapeError
from cleaner.files.atomic import changed, read_file
from cleaner.inplace.json_strings import join_spans
from cleaner.inplace.rows import DataRow, no_patch_of
from cleaner.lines.display import display_name, make_visible
from cleaner.report.findings.concise import head
from cleaner.workers.pool import Failure


@dataclass(slots=True)
class Patches:
    """Prints patches as they come, for ``git apply`` in the folder ``top``; ``close`` it in the end.

    Findings that no patch can hold go to standard error then. ``failed`` gets files changed since they were read.
    """

    top: Path
    failed: Failed
    _path: Path | None = None
    _patchable: bool = False
    _gone: list[tuple[int, bytes]] = field(default_factory=list)

    def show(self, unit: Unit, found: UnitFindings) -> None:
        """Print what was found in a unit; what was found in a row waits for the patch of its file."""
        if isinstance(unit, DataRow) and found.gone and self._takes(unit.path):
            self._gone += found.gone
        elif found.patch:
            _print_patch(found.patch)
        else:
            for finding in found.findings:
                click.echo(head(finding), err=True)

    def problem(self, unit: Unit, failure: Failure) -> None:
        """Nothing: a patch has no place for it."""

    def _takes(self, path: Path) -> bool:
        """True when there can be a patch of a data file; says so when there cannot."""
        if path != self._path:
            self.close()
            hindrance = no_patch_of(path)
            self._path, self._patchable = path, not hindrance
            if hindrance:
                fail(f"{display_name(path.as_posix())}: {hindrance}, so there is no patch; these are the findings")
        return self._patchable

    def close(self) -> None:
        """Print the patch of the data file that came last."""
        gone, self._gone = self._gone, []
        if not (gone and self._path):
            return
        try:
            data, _ = read_file(self._path)
            if any(data[start : start + len(taken)] != taken for start, taken in gone):
                raise changed(self._path)
        except CleanScrapeError as error:
            self.failed.tell(DataRow(self._path, 0), error)
            return
        spans = join_spans((start, start + len(taken)) for start, taken in gone)
        _print_patch(git_patch(patched_name(self._path, self.top), hunks(data, spans)))


def _print_patch(patch: bytes) -> None:
    """For people a patch is made safe: what a page holds must not steer the terminal."""
    if sys.stdout.isatty():
        patch = "".join(
            make_visible(line) + "\n" for line in patch.decode("utf-8", "replace").split("\n")[:-1]
        ).encode()
    click.echo(patch, nl=False)
