"""The formats of ``check`` beside one line a finding."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from shutil import get_terminal_size

import click

from cleaner.cli.findings import Finding, Unit, patched_name
from cleaner.cli.terminal import fail
from cleaner.corpus.workers import Failure
from cleaner.hook.rows import Row
from cleaner.pipeline import rules
from cleaner.report.findings import Writer
from cleaner.report.findings.document import Document
from cleaner.report.findings.full import Full
from cleaner.report.findings.github import GitHub
from cleaner.report.findings.sarif import MOST, Sarif
from cleaner.report.summary import counted

CONCISE, FULL = "concise", "full"

FORMATS = (CONCISE, FULL, "github", "sarif", "json")

#: Columns of a finding in full.
NARROWEST, WIDEST = 60, 120


class Formatted:
    """Hands what was found to the writer of a format; paths count from ``top``."""

    def __init__(self, writer: Writer, top: Path) -> None:
        self._writer, self._top = writer, top

    def show(self, unit: Unit, finding: Finding) -> None:
        """Write what was found in a unit."""
        for removal in finding.removals:
            self._writer.add(removal)

    def failed_at(self, unit: Unit, failure: Failure) -> None:
        """Write that a unit could not be checked."""
        path = unit.path or Path(unit.name if not isinstance(unit, Row) else "")
        row = f"row {unit.number}: " if isinstance(unit, Row) and unit.number else ""
        self._writer.failed(patched_name(path, self._top), row + failure.message, failure.reason)

    def close(self) -> None:
        """Write what is left."""
        self._writer.close()
        if isinstance(self._writer, Sarif) and self._writer.left_out:
            more = counted(self._writer.left_out, "finding")
            fail(f"{more} left out: SARIF takes {MOST:,} a run; check fewer files at once")


def printer_of(format_: str, top: Path) -> Formatted | None:
    """What prints findings in a format; None for one line a finding."""
    writers: dict[str, Callable[[], Writer]] = {
        FULL: lambda: Full(_said, rules(), min(max(get_terminal_size().columns, NARROWEST), WIDEST)),
        "github": lambda: GitHub(_printed, rules()),
        "json": lambda: Document(_printed, rules()),
        "sarif": lambda: Sarif(_printed, rules(), version("clean-scrape")),
    }
    return Formatted(writers[format_](), top) if format_ in writers else None


def _said(row: str, heading: bool) -> None:
    click.secho(row, bold=True if heading and sys.stdout.isatty() else None)


def _printed(row: str) -> None:
    click.echo(row)
