"""Prints the findings of ``check`` as patches: ``--format diff``."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

import click

from cleaner.cli.check_units import Failures, Unit, UnitFindings, patch_path
from cleaner.cli.terminal import fail
from cleaner.diff import git_patch, hunks
from cleaner.errors import CleanScrapeError
from cleaner.files.atomic import changed, read_file
from cleaner.inplace.json_strings import join_spans
from cleaner.inplace.rows import DataRow, patch_hindrance
from cleaner.lines.display import display_name, make_visible
from cleaner.report.findings.concise import head
from cleaner.workers.pool import Failure


@dataclass(slots=True)
class Patches:
    """A sink that prints patches as findings come, for ``git apply`` in the folder ``root``.

    Findings that no patch can hold go to standard error. ``failures`` takes files that changed since they were read.
    """

    root: Path
    failures: Failures
    _path: Path | None = None
    _patchable: bool = False
    _removed: list[tuple[int, bytes]] = field(default_factory=list)

    def show(self, unit: Unit, found: UnitFindings) -> None:
        """Print the patch of a unit; removals from rows are kept for the patch of their file."""
        if isinstance(unit, DataRow) and found.removed and self._is_patchable(unit.path):
            self._removed += found.removed
        elif found.patch:
            _print_patch(found.patch)
        else:
            for finding in found.findings:
                click.echo(head(finding), err=True)

    def problem(self, unit: Unit, failure: Failure) -> None:
        """Do nothing: the failure was reported on standard error, and a patch cannot hold it."""

    def _is_patchable(self, path: Path) -> bool:
        """True when there can be a patch of a data file; reports once why there cannot."""
        if path != self._path:
            self.close()
            hindrance = patch_hindrance(path)
            self._path, self._patchable = path, not hindrance
            if hindrance:
                fail(f"{display_name(path.as_posix())}: {hindrance}, so there is no patch; its findings follow")
        return self._patchable

    def close(self) -> None:
        """Print the patch of the data file that came last."""
        removed, self._removed = self._removed, []
        if not (removed and self._path):
            return
        try:
            data, _ = read_file(self._path)
            if any(data[start : start + len(taken)] != taken for start, taken in removed):
                raise changed(self._path)
        except CleanScrapeError as error:
            self.failures.add(DataRow(self._path, 0), error)
            return
        spans = join_spans((start, start + len(taken)) for start, taken in removed)
        _print_patch(git_patch(patch_path(self._path, self.root), hunks(data, spans)))


def _print_patch(patch: bytes) -> None:
    """Print a patch; on a terminal in escaped form, since text of a page must not control the terminal."""
    if sys.stdout.isatty():
        patch = "".join(
            make_visible(line) + "\n" for line in patch.decode("utf-8", "replace").split("\n")[:-1]
        ).encode()
    click.echo(patch, nl=False)
