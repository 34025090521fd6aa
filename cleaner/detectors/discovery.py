"""Finding detectors: those of this package, and those that installed packages offer as entry points."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from importlib.metadata import entry_points
from types import ModuleType

from cleaner import detectors
from cleaner.detectors import Detector
from cleaner.errors import SettingsError

#: The entry-point group by which other packages offer detectors.
ENTRY_POINT_GROUP = "clean_scrape.detectors"

_CODE = re.compile(r"[A-Z]{2}[0-9]{3}")


def discover(*, third_party: bool = True) -> tuple[Detector, ...]:
    """All detectors, sorted by module and name.

    Raises SettingsError when two rules share a code, a code is malformed, or a third party's
    detector cannot be loaded.
    """
    found = [d for module in _modules() for d in vars(module).values() if _defined_in(d, module.__name__)]
    if third_party:
        found += _plugins()
    found.sort(key=lambda d: (d.module, d.name))
    _check(found)
    return tuple(found)


def _modules() -> Iterator[ModuleType]:
    for info in pkgutil.iter_modules(detectors.__path__):
        yield importlib.import_module(f"{detectors.__name__}.{info.name}")


def _defined_in(value: object, module: str) -> bool:
    return isinstance(value, Detector) and value.module == module


def _plugins() -> Iterator[Detector]:
    for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda p: (p.name, p.value)):
        try:
            value = point.load()
        except Exception as error:
            raise SettingsError(
                f"the detector {point.name!r} ({point.value}) cannot be loaded: {error}; repair or uninstall its package"
            ) from error
        if not isinstance(value, Detector):
            raise SettingsError(f"the entry point {point.name!r} ({point.value}) is not a cleaner.detectors.Detector")
        yield value


def _check(found: Iterable[Detector]) -> None:
    owner: dict[str, str] = {}
    for one in found:
        for rule in one.rules:
            if not _CODE.fullmatch(rule.code):
                raise SettingsError(f"{one.module}: the code {rule.code!r} is not two capitals and three digits")
            if rule.code in owner:
                raise SettingsError(f"the code {rule.code} belongs to {owner[rule.code]} and to {one.module}")
            owner[rule.code] = one.module
