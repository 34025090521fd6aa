"""Reading settings from ``setup.cfg``, ``pyproject.toml`` or a named file, and from the allow-list.

``clean()`` never looks for files; the command line and ``cleaner.load_settings`` do, through ``cleaner.configuration``.
All mistakes of all files read are reported in one SettingsError, one a line.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from configparser import ConfigParser
from configparser import Error as IniError
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from cleaner.errors import SettingsError
from cleaner.settings.allow_list import AllowList, Silenced, read_allow_list
from cleaner.settings.checks import KEYS, LIST_KEYS, SITE_KEYS, Reader, WrongValueError, code_mistake, suggest
from cleaner.settings.globs import matches_any
from cleaner.settings.record import Settings

#: The name of our section or table, and of the file that holds the allow-list unless another is named.
SECTION, ALLOW_LIST = "clean-scrape", ".clean-scrape.toml"


#: The name of a section or table, up to the name of a site or of a table within.
_SECTION = re.compile(r"^\[(?:tool\.)?([\w-]+)", re.MULTILINE)

#: The name of a host, without the rest of an address.
_HOST = re.compile(r"[^\s/:@?#]+")


@dataclass(frozen=True, slots=True)
class Configuration:
    """Settings, the other values of the files, and the origin of each of them.

    ``file`` is the file that holds the settings, None when there is none; ``root`` its folder, else the top of
    the repository or the folder of the start. ``exclude`` holds globs of files to leave out. Globs, and the paths of
    the allow-list and of the profile, None when there is none, count from ``root``.
    ``origins`` names for each key the file that set it, or "default".
    """

    settings: Settings
    file: Path | None
    root: Path
    allow_list: Path
    origins: Mapping[str, str]
    profile: Path | None = None
    exclude: tuple[str, ...] = ()

    def excludes(self, path: Path, named: Path | None = None) -> bool:
        """Tell whether ``path`` is excluded; a file outside ``root`` is matched by its whole path.

        ``named`` is a folder above it that the user named: if that is excluded itself, globs count from there.
        """
        if not self.exclude:
            return False
        if named is not None and self.excludes(named):
            return matches_any(self.exclude, path.relative_to(named).as_posix())
        whole = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
        inside = whole.relative_to(self.root) if whole.is_relative_to(self.root) else path
        return matches_any(self.exclude, inside.as_posix())


def read_configuration(start: Path, config: Path | None = None, *, codes: Iterable[str]) -> Configuration:
    """Read ``config``, or the nearest file from the folder ``start`` upwards that has our section.

    In one folder pyproject.toml goes before setup.cfg; the search ends at the top of the repository.
    ``codes`` are all known codes. Raises SettingsError with all mistakes, one a line.
    """
    checker = _Checker(codes)
    file, root, table = checker.named(config) if config else checker.nearest(start)
    sites = table.pop("sites", {})
    values = checker.values(table, str(file), KEYS)
    allow_list = root / values.pop("allow-list", ALLOW_LIST)
    profile = root / values.pop("profile") if "profile" in values else None
    exclude = values.pop("exclude", ())
    listed = checker.allow_list(allow_list)
    allow = frozenset((entry.code, entry.line) for entry in listed.allowed)
    settings = _replace_values(Settings(allow=allow, silenced=_by_site(listed.silenced)), values)
    own = {site: _replace_values(settings, changes) for site, changes in checker.sites(sites, str(file))}
    checker.raise_any(file)
    origins = {key: str(file) if key in table else "default" for key in KEYS}
    return Configuration(replace(settings, sites=own), file, root, allow_list, origins, profile, exclude)


def with_overrides(
    settings: Settings,
    given: Mapping[str, Any],
    *,
    codes: Iterable[str] | None = None,
    where: str = "command line",
) -> Settings:
    """Replace settings by the values ``given`` for keys of a file, for all sites too; None and () replace nothing.

    Values are checked when ``codes``, all known codes, are given. Raises SettingsError with all mistakes, each with
    ``where`` it was made.
    """
    table = {key: list(value) if isinstance(value, tuple) else value for key, value in given.items()}
    table = {key: value for key, value in table.items() if value is not None and value != []}
    if codes is not None:
        checker = _Checker(codes)
        checker.values(table, where, KEYS)
        checker.raise_any(None)
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    sites = {site: _replace_values(own, values) for site, own in settings.sites.items()}
    return replace(_replace_values(settings, values), sites=sites)


class _Checker:
    """Reads files and values, and collects all mistakes in them."""

    def __init__(self, codes: Iterable[str]) -> None:
        self.codes = frozenset(codes)
        self.mistakes: list[str] = []

    def raise_any(self, file: Path | None) -> None:
        """Raise one error with all mistakes, if there are any."""
        if self.mistakes:
            raise SettingsError("\n".join(self.mistakes), source=str(file or ""))

    def named(self, file: Path) -> _Found:
        """Return our table in the file that the user named; not having one is a mistake."""
        table = self._table(file, named=True)
        if table is None and not self.mistakes:
            self.mistakes.append(f"{file}: holds no section or table {SECTION!r}; add it or name another file")
        return file, _absolute(file).parent, table or {}

    def nearest(self, start: Path) -> _Found:
        """Return our table in the nearest file from ``start`` upwards."""
        folder = _absolute(start if start.is_dir() else start.parent)
        for here in (folder, *folder.parents):
            for file in (here / "pyproject.toml", here / "setup.cfg"):
                table = self._table(file) if file.is_file() else None
                if table is not None or self.mistakes:
                    return file, here, table or {}
            if (here / ".git").exists():
                return None, here, {}
        return None, folder, {}

    def _table(self, file: Path, *, named: bool = False) -> dict[str, Any] | None:
        if file.suffix in (".cfg", ".ini"):
            return _from_ini(self._ini(file))
        if file.suffix != ".toml":
            self.mistakes.append(f"{file}: settings are read from .toml, .cfg and .ini files only")
            return None
        data = self.toml(file, must=named)
        tool = data.get("tool")
        table = tool.get(SECTION) if isinstance(tool, dict) else None
        if table is None and named and file.name != "pyproject.toml":
            table = data.get(SECTION, data)
        if table is None or isinstance(table, dict):
            return table
        self.mistakes.append(f"{file}: {SECTION}: expected a table, got {table!r}")
        return None

    def _text(self, file: Path) -> str:
        """Return the text of a file, "" when it cannot be read; sections with almost our name are mistakes."""
        try:
            text = file.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            self.mistakes.append(f"{file}: cannot be read: {getattr(error, 'strerror', None) or error}")
            return ""
        for name in _SECTION.findall(text):
            if name != SECTION and get_close_matches(name.lower(), [SECTION], cutoff=0.9):
                self.mistakes.append(f"{file}: unknown section {name!r}; did you mean {SECTION!r}?")
        return text

    def toml(self, file: Path, *, must: bool = True) -> dict[str, Any]:
        """Return the content of a TOML file; one without our section is passed over unless it ``must`` be read."""
        text = self._text(file)
        if not must and SECTION not in text:
            return {}
        try:
            return tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            self.mistakes.append(f"{file}: is not valid TOML: {error}")
            return {}

    def _ini(self, file: Path) -> ConfigParser:
        # No section can be called "", so the values of a [DEFAULT] section do not get into ours.
        parser = ConfigParser(interpolation=None, default_section="")
        text = self._text(file)
        if f"[{SECTION}" in text:
            try:
                parser.read_string(text, source=str(file))
            except IniError as error:
                self.mistakes.append(f"{file}: is not a valid file of settings: {' '.join(str(error).split())}")
                parser.clear()
        return parser

    def values(self, table: Mapping[str, Any], where: str, readers: Mapping[str, Reader]) -> dict[str, Any]:
        """Return the right values of a table, and collect the mistakes in the others."""
        found: dict[str, Any] = {}
        unknown = [key for key in table if key not in readers]
        self.mistakes += [f"{where}: unknown key {key!r}{suggest(key, readers)}" for key in unknown]
        for key, read in readers.items():
            if key in table:
                try:
                    found[key] = read(table[key], self.codes)
                except WrongValueError as wrong:
                    self.mistakes += [f"{where}: {key}: {mistake}" for mistake in wrong.args]
        return found

    def allow_list(self, file: Path) -> AllowList:
        """Return the entries of the allow-list."""
        try:
            found = read_allow_list(file)
        except SettingsError as error:
            self.mistakes.append(str(error))
            return AllowList()
        wrong = {entry.code: mistake for entry in found.silenced if (mistake := code_mistake(entry.code, self.codes))}
        self.mistakes += [f"{file}: silence: {mistake}" for mistake in wrong.values()]
        return found

    def sites(self, tables: object, where: str) -> list[tuple[str, dict[str, Any]]]:
        """Return the names of sites, in lower case without "www.", with the values that are set for each."""
        found: list[tuple[str, dict[str, Any]]] = []
        named = tables.items() if isinstance(tables, dict) else [("sites", tables)]
        for name, own in named:
            if not isinstance(own, dict):
                self.mistakes.append(f"{where}: {name}: expected a table for each site, got {own!r}")
            elif "." not in name and (within := [key for key, value in own.items() if isinstance(value, dict)]):
                self.mistakes.append(f"{where}: site {name}.{within[0]}: put the name in quotes, as it holds dots")
            elif not _HOST.fullmatch(name):
                self.mistakes.append(f"{where}: site {name!r}: write the host alone, such as courier.example")
            else:
                found.append((name.lower().removeprefix("www."), self.values(own, f"{where}: site {name}", SITE_KEYS)))
        return found


def _by_site(silenced: Iterable[Silenced]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for entry in silenced:
        found.setdefault(entry.site, set()).add(entry.code)
    return {site: tuple(sorted(codes)) for site, codes in found.items()}


_Found = tuple[Path | None, Path, dict[str, Any]]


def _absolute(path: Path) -> Path:
    return Path.cwd() / path


def _replace_values(settings: Settings, values: Mapping[str, Any]) -> Settings:
    return replace(settings, **{key.replace("-", "_"): value for key, value in values.items()})


def _from_ini(parser: ConfigParser) -> dict[str, Any] | None:
    """Return our sections in the form of TOML, None when there are none."""
    sites = {
        name.partition(":")[2]: _values_of(parser, name) for name in parser.sections() if name.startswith(f"{SECTION}:")
    }
    table = _values_of(parser, SECTION) if parser.has_section(SECTION) else {}
    if sites:
        table["sites"] = sites
    return table if sites or parser.has_section(SECTION) else None


def _values_of(parser: ConfigParser, section: str) -> dict[str, Any]:
    """Return the values of a section, as lists and booleans for the keys that need them."""
    table: dict[str, Any] = dict(parser[section])
    for key, value in table.items():
        if key in LIST_KEYS:
            table[key] = [part.strip() for part in value.replace("\n", ",").split(",") if part.strip()]
        elif key == "second-opinion":
            table[key] = parser.BOOLEAN_STATES.get(value.lower(), value)
    return table
