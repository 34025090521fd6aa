"""Where the answers of ``review`` and ``allow`` are kept: the allow-list of the settings, and a file of labels."""

from __future__ import annotations

from pathlib import Path

import click

from cleaner.cli.options import GivenSettings
from cleaner.review.session import Decisions

#: The name of the file of labels, beside the allow-list, unless another is given.
LABELS_NAME = "clean-scrape-labels.jsonl"

labels_option = click.option(
    "--labels",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help=f"The file of labels; {LABELS_NAME} beside the allow-list if not given.",
)


def decisions_for(given: GivenSettings, labels: Path | None) -> Decisions:
    """Return the two files that answers go to. Raises SettingsError."""
    allow_list = given.configuration().allow_list
    return Decisions(allow_list, labels or allow_list.parent / LABELS_NAME)
