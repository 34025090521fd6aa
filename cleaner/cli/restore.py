"""``clean-scrape restore``: rebuilds the pages from the output and the report of a run."""

from __future__ import annotations

from pathlib import Path

import click

from cleaner.cli.options import colour_option, out_argument, quiet_option
from cleaner.cli.terminal import EXIT_DONE, EXIT_WRONG, fail
from cleaner.corpus.finished.restore import restore
from cleaner.corpus.outputs import Folder
from cleaner.report.summary import format_count


@click.command("restore", short_help="Rebuild the pages from OUT and its report.")
@out_argument
@click.option(
    "--to", "target", metavar="FOLDER", type=click.Path(path_type=Path), help="Write the text layers into FOLDER."
)
@colour_option
@quiet_option
def restore_command(out: Path, target: Path | None, quiet: bool) -> int:
    """Rebuild each page's text layer from OUT and its report, and check that nothing is missing.

    The text layer of a text page is its source, byte for byte; that of an HTML page is its flattened text.

    \b
    Examples:
      clean-scrape restore clean/
      clean-scrape restore clean/ --to again/
    """
    if target and target.resolve() == out.resolve():
        raise click.UsageError("the text layers would overwrite the bodies; name another folder with --to.")
    rebuilt = failed = 0
    folder = Folder(target) if target else None
    for page in restore(out):
        if page.problem:
            failed += 1
            fail(f"{page.source}: {page.problem}")
            continue
        rebuilt += 1
        if folder:
            folder.write(page.layer_name, page.layer)
    if folder:
        folder.close()
    if not quiet:
        click.echo(f"{format_count(rebuilt, 'page')} rebuilt, {failed:,} failed")
    return EXIT_WRONG if failed else EXIT_DONE
