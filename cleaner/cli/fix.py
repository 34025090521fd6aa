"""``clean-scrape fix``: deletes lines of files in place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

from cleaner.cli.check_units import Failures
from cleaner.cli.fields import fields_options
from cleaner.cli.options import GivenSettings, colour_option, jobs_option, quiet_option, settings_options
from cleaner.cli.targets import Targets, targets_options
from cleaner.cli.terminal import EXIT_DONE, EXIT_WRONG
from cleaner.corpus.finished.own_files import is_own_file
from cleaner.corpus.inputs import Input
from cleaner.corpus.items import Fields
from cleaner.inplace.rewrite import fix_rows
from cleaner.inplace.rows import is_data_file
from cleaner.inplace.text import fix_file
from cleaner.lines.display import make_visible
from cleaner.report.summary import format_count
from cleaner.settings.record import Settings
from cleaner.sites.finder import TemplateFinder, open_templates_in_place
from cleaner.workers.pool import Failure, map_in_order


@click.command("fix", short_help="Delete in place the lines that check reports.")
@targets_options
@fields_options(identified=False)
@jobs_option
@settings_options(html=False)
@colour_option
@quiet_option
def fix_command(targets: Targets, fields: Fields, jobs: int, given: GivenSettings, quiet: bool) -> int:
    """Delete in place the lines of PATHS (text files, or folders of them) that `check` reports.

    Only whole lines are deleted; encoding, newlines and permissions stay. HTML is refused. In data files (.jsonl,
    .ndjson, compressed or not) lines are deleted from the text of each row, and nothing else changes.

    \b
    Examples:
      clean-scrape fix notes.txt
      clean-scrape fix --text-field body pages.jsonl
      clean-scrape fix --policy safe pages/
    """
    configuration = given.configuration()
    failures = Failures()
    with open_templates_in_place(configuration.profile) as sites:
        fixer = FileFixer(fields, configuration.settings, failures, sites)
        for item, result in fixer.fix_files(targets.inputs(configuration), targets.worker_count(jobs)):
            if isinstance(result, Failure):
                failures.add(item, result)
            elif result and not quiet:
                click.echo(f"{make_visible(item.source)}: {result}")
    return EXIT_WRONG if failures else EXIT_DONE


@dataclass(frozen=True, slots=True)
class FileFixer:
    """Fixes files with these settings; ``failures`` collects rows that cannot be fixed."""

    fields: Fields
    settings: Settings
    failures: Failures = field(default_factory=Failures)
    sites: TemplateFinder | None = None

    def fix_files(self, items: Iterable[Input], jobs: int) -> Iterator[tuple[Input, str | Failure]]:
        """Yield each file with a description of the deletions, "" for none: text files in order, then data files.

        Workers fix the text files. A data file of any size is rewritten in one pass by this process.
        """
        data_files: list[Input] = []

        def text_files() -> Iterator[Input]:
            for item in items:
                if is_data_file(item.path or Path(item.name)):
                    data_files.append(item)
                else:
                    yield item

        yield from map_in_order(self.fix, text_files(), jobs)
        yield from map_in_order(self.fix, data_files)

    def fix(self, item: Input) -> str:
        """Fix one file and return a description of the deletions, "" for none. Raises CleanScrapeError."""
        path = item.path or Path(item.name)
        if is_own_file(path):
            return ""
        if is_data_file(path):
            data = fix_rows(path, self.fields, self.settings, self.failures.add, self.sites)
            return f"{format_count(data.lines, 'line')} deleted in {format_count(data.rows, 'row')}" if data else ""
        cleaned = fix_file(path, self.settings, self.sites)
        return f"{format_count(sum(not v.line.blank for v in cleaned.dropped), 'line')} deleted" if cleaned else ""
