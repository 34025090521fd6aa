"""The configuration of a project: read from its files, and checked against the codes of this installation."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from cleaner.settings.record import Settings

if TYPE_CHECKING:
    from cleaner.settings.files import Configuration


def load_settings(start: str | PathLike[str] = ".", config: str | PathLike[str] | None = None) -> Settings:
    """Load the settings that the command line would use for the folder ``start``, its allow-list among them.

    They come from the file ``config``, or else from the nearest ``pyproject.toml`` or ``setup.cfg``, from ``start``
    upwards, that has a section of clean-scrape; without such a file they are the defaults.
    Raises SettingsError with all mistakes of all files read, one per line.
    """
    return load_configuration(start, config).settings


def load_configuration(start: str | PathLike[str] = ".", config: str | PathLike[str] | None = None) -> Configuration:
    """Load the settings as ``load_settings`` does, with all else that the files set: globs, paths, origins.

    Raises SettingsError with all mistakes of all files read, one per line.
    """
    from cleaner.rules import rules  # noqa: PLC0415  importing the package needs neither numpy nor readers of files
    from cleaner.settings.files import read_configuration  # noqa: PLC0415

    return read_configuration(Path(start), Path(config) if config is not None else None, codes=rules())
