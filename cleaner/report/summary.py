"""The sums of a run: the content of ``summary.json``, and the last lines that a run prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from cleaner.lines.display import make_visible
from cleaner.records import SCHEMA_VERSION
from cleaner.settings.record import Settings

#: Below this confidence, the expected word F1, a page is listed among those to look at.
LOW_CONFIDENCE = 0.5

#: Pages and codes that are listed on the terminal, as many as fit on a screen. The report has them all.
MAX_NAMED_PAGES, MAX_LISTED_CODES = 12, 24

#: Reasons of inputs and records of archives that are not pages: the report lists them, and they are no failures.
NOT_PAGE_REASONS = frozenset({"not-a-page", "http-status", "profile"})


def is_failure(row: Mapping[str, Any]) -> bool:
    """True for the row of an input that should have become a page, and did not."""
    return "error" in row and row["error"]["reason"] not in NOT_PAGE_REASONS


@dataclass(slots=True)
class Summary:
    """Sums over report rows. They do not depend on the order of the rows; the pages named in ``look`` do."""

    pages: Counter[str] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    code_lines: Counter[str] = field(default_factory=Counter)
    code_words: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    look: list[tuple[str, str]] = field(default_factory=list)

    def add(self, row: Mapping[str, Any]) -> None:
        """Count one row."""
        self.pages["seen"] += 1
        if "error" in row:
            self.pages[row["status"]] += 1
            self.failures[row["error"]["reason"]] += 1
        else:
            self._add_page(row)
        reasons = _reasons_to_look(row)
        if reasons:
            self.pages["to look at"] += 1
            if len(self.look) < MAX_NAMED_PAGES:
                self.look.append((row["source"], reasons))

    def _add_page(self, row: Mapping[str, Any]) -> None:
        self.pages["written"] += 1
        self.pages[row["kind"]] += 1
        self.pages["compared"] += bool(row.get("others"))
        self.lines.update(row["lines"])
        self.words.update(row["words"])
        self.notes.update(note["code"] for note in row["notes"])
        for code, sums in row["codes"].items():
            self.code_lines[code] += sums["lines"]
            self.code_words[code] += sums["words"]

    @property
    def failed(self) -> int:
        """How many inputs should have become pages, and did not."""
        return sum(number for reason, number in self.failures.items() if reason not in NOT_PAGE_REASONS)

    def ranked_codes(self) -> list[str]:
        """Return the codes, those under which most words were removed first."""
        return sorted(self.code_lines, key=lambda code: (-self.code_words[code], code))

    def to_dict(self, settings: Settings, version: str, weights: str) -> dict[str, Any]:
        """Return the content of ``summary.json``: no times, nothing about this machine; ``weights`` is their hash."""
        return {
            "schema": SCHEMA_VERSION,
            "version": version,
            "weights": weights,
            "settings": to_json_value(settings),
            "pages": {
                "seen": self.pages["seen"],
                "written": self.pages["written"],
                "quarantined": self.pages["quarantined"],
                "skipped": self.pages["skipped"],
                "html": self.pages["html"],
                "text": self.pages["text"],
                "compared": self.pages["compared"],
                "to_look_at": self.pages["to look at"],
            },
            "lines": {"kept": self.lines["kept"], "removed": self.lines["removed"]},
            "words": {"kept": self.words["kept"], "removed": self.words["removed"]},
            "codes": {c: {"lines": n, "words": self.code_words[c]} for c, n in sorted(self.code_lines.items())},
            "notes": dict(sorted(self.notes.items())),
            "failures": dict(sorted(self.failures.items())),
        }

    def closing_lines(self, names: Mapping[str, str]) -> Iterator[str]:
        """Yield the lines that a run prints when it is done; ``names`` gives the name of each code."""
        p = self.pages
        others = "".join(f", {p[status]:,} {status}" for status in ("quarantined", "skipped") if p[status])
        unchanged = f" ({p['unchanged']:,} of them done before)" if p["unchanged"] else ""
        yield f"{format_count(p['seen'], 'page')}: {p['written']:,} written{others}{unchanged}"
        if p["compared"]:
            yield f"  {p['compared']:,} of them compared with other pages of their site"
        yield f"  lines  {_share(self.lines)}"
        yield f"  words  {_share(self.words)}"
        if self.code_lines:
            yield ""
            yield f"{'code':<7}{'removed for':<26}{'lines':>9}{'words':>11}"
            ranked = self.ranked_codes()
            listed, rest = ranked[:MAX_LISTED_CODES], ranked[MAX_LISTED_CODES:]
            for family in _families(listed):
                for code in (c for c in listed if c.startswith(family)):
                    yield self._code_row(code, names.get(code, ""), [code])
            if rest:
                yield self._code_row("", f"and {format_count(len(rest), 'more code')}", rest)
        if self.look:
            yield ""
            yield f"{format_count(p['to look at'], 'page')} to look at"
            yield from (f"  {make_visible(source)}: {make_visible(why)}" for source, why in self.look)
            if p["to look at"] > len(self.look):
                yield f"  and {p['to look at'] - len(self.look):,} more"

    def _code_row(self, code: str, name: str, codes: list[str]) -> str:
        lines, words = (sum(sums[c] for c in codes) for sums in (self.code_lines, self.code_words))
        return f"{code:<7}{name:<26}{lines:>9,}{words:>11,}"


def format_count(number: int, what: str) -> str:
    """Return a number with its noun, in the plural where that is right.

    >>> format_count(1, "page"), format_count(2000, "line")
    ('1 page', '2,000 lines')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def to_json_value(value: Any) -> Any:
    """Convert settings to JSON values: records to objects, sets to sorted lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json_value(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): to_json_value(v) for k, v in sorted(value.items())}
    if isinstance(value, (frozenset, set)):
        return sorted(to_json_value(v) for v in value)
    if isinstance(value, (list, tuple)):
        return [to_json_value(v) for v in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _reasons_to_look(row: Mapping[str, Any]) -> str:
    """Return why a person should look at a page, "" when there is no reason."""
    if "error" in row:
        return "" if not is_failure(row) else f"{row['error']['reason']}: {row['error']['message']}"
    found = [f"{note['code']} {note['why']}" for note in row["notes"]]
    if not row["lines"]["kept"]:
        found.append("nothing is left of it" if row["lines"]["removed"] else "has no text")
    elif row["confidence"] < LOW_CONFIDENCE:
        found.append(f"low confidence {row['confidence']:.2f}")
    return "; ".join(found)


def _families(ranked: list[str]) -> list[str]:
    return list(dict.fromkeys(code[:2] for code in ranked))


def _share(sums: Counter[str]) -> str:
    total = sums["kept"] + sums["removed"]
    part = 100 * sums["removed"] / total if total else 0.0
    return f"{sums['kept']:>11,} kept  {sums['removed']:>11,} removed ({part:.1f}%)"
