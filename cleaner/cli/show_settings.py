"""``--show-settings``: all settings as a table of TOML, with the origin of each value as a comment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cleaner.lines.display import make_visible
from cleaner.report.summary import format_count
from cleaner.settings.allow_list import read_allow_list
from cleaner.settings.checks import SITE_KEYS
from cleaner.settings.files import SECTION, Configuration
from cleaner.settings.record import Settings

#: The column at which origins stand beside values that are shorter.
_ORIGIN_COLUMN = 40


def settings_lines(configuration: Configuration) -> Iterator[str]:
    """Yield the lines of a table that ``pyproject.toml`` could hold; a comment names the origin of each value.

    The table of a site holds the values that differ there. Raises SettingsError for an allow-list that cannot be read.
    """
    settings = configuration.settings
    listed = read_allow_list(configuration.allow_list)
    yield f"[tool.{SECTION}]"
    values = {key: _value(settings, key) for key in SITE_KEYS}
    values |= {
        "exclude": list(configuration.exclude),
        "allow-list": _near(configuration.allow_list),
        "profile": _near(configuration.profile) if configuration.profile else None,
    }
    for key, value in values.items():
        origin = configuration.origins.get(key, "default")
        origin = origin if origin != str(configuration.file) else _near(Path(origin))
        if key == "allow-list":
            lines, codes = len(listed.allowed), len(listed.silenced)
            origin += f"; holds {format_count(lines, 'line')} and {format_count(codes, 'silenced code')}"
        yield _row(key, value, origin)
    for site, own in sorted(settings.sites.items()):
        changed = [key for key in SITE_KEYS if _value(own, key) != _value(settings, key)]
        yield ""
        yield make_visible(f"[tool.{SECTION}.sites.{json.dumps(site)}]")
        yield from (_row(key, _value(own, key), _near(configuration.file)) for key in changed)


def _value(settings: Settings, key: str) -> Any:
    value = getattr(settings, key.replace("-", "_"))
    return list(value) if isinstance(value, tuple) else value


def _row(key: str, value: Any, origin: str) -> str:
    """A key, its value as TOML, and its origin; TOML has no null, so a key without a value is a comment."""
    text = f"# {key} is not set" if value is None else f"{key} = {json.dumps(value, ensure_ascii=False)}"
    return make_visible(f"{text:<{_ORIGIN_COLUMN}}  # {origin}")


def _near(path: Path | None) -> str:
    """A path as a user would type it in the working folder."""
    if path is None:
        return "default"
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
