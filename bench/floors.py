"""``python -m bench.floors``: measure the fixed sample of the tests and write floors slightly below its figures.

Floors stand in bench/floors.json: "at least" for figures that must not fall, "at most" for those that must not
rise. A floor that falls, or a ceiling that rises, is printed; its reason belongs into the commit.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from bench import ours, quality, text
from bench.pages import FORMS, Corpus, Item, flats, items
from bench.score import mean, segment_scores, share
from bench.work import silence_peers
from cleaner.settings.record import Policy

FILE = Path(__file__).with_name("floors.json")

#: One page in so many is read of each flattened form.
TEXT_PART = 40

#: Pages read of each group, "" for the groups not named.
SAMPLE: dict[Corpus, dict[str, int]] = {
    "wcxb": {"article": 20, "": 7},
    "news": {"de": 6, "": 3},
    "sites": {"": 15},
    "snippets": {"": 40},
}

#: How far below the figure a floor is set: F1 moves a little with every fit, losses less.
MARGIN = {"at least": 0.005, "at most": 0.002}

#: Promises by endings of names: a figure that keeps its promise gets no bound weaker than the promise.
PROMISES = {
    "gain of F1": 0.0,
    "wcxb safe: content lost": 0.02,
    "safe: content lost": 0.01,
    "pages that a second clean leaves alone": 1.0,
    "seeds: content lines lost": 0.0,
}

Bound = Literal["at least", "at most"]
BOUNDS: tuple[Bound, ...] = ("at least", "at most")


def bound_of(name: str) -> Bound:
    """Return the kind of bound of a figure: losses are bounded from above, all others from below."""
    return "at most" if "lost" in name else "at least"


def measure(data: Path, forms: Sequence[str] = FORMS) -> dict[str, float]:
    """All figures that have floors, by name; of flattened pages only those in the given forms."""
    return {**dict(_html(data)), **dict(_text(data, forms)), **dict(_seeds(data))}


def fixed_sample(data: Path, corpus: Corpus) -> list[Item]:
    """The fixed sample of a corpus: the first pages of each group, by hash of their names."""
    sizes = SAMPLE[corpus]
    taken: dict[str, list[Item]] = {}
    for item in items(data, corpus):
        group = taken.setdefault(item.group, [])
        if len(group) < sizes.get(item.group, sizes[""]):
            group.append(item)
    return [item for group in sorted(taken) for item in taken[group]]


def _html(data: Path) -> Iterator[tuple[str, float]]:
    for corpus in SAMPLE:
        policies: tuple[Policy, ...] = ("balanced", "safe") if corpus == "wcxb" else ("balanced",)
        made = [a for item in fixed_sample(data, corpus) for a in quality.answers(item, data, policies, peers=False)]
        found = [a for a in made if a.tool == ours.NAME]
        if corpus == "snippets":
            yield "html snippets: F1", segment_scores([a.segments for a in found])["F1"]
            continue
        yield f"html {corpus}: F1", mean([a.match.f1 for a in found])
        for group in sorted({a.group for a in found}) if corpus != "news" else ():
            yield f"html {corpus} {group}: F1", mean([a.match.f1 for a in found if a.group == group])
        if corpus == "wcxb":
            safe = [a for a in made if a.tool == ours.row("safe")]
            yield "html wcxb safe: content lost", quality.FIGURES["content lost"](safe)


def _text(data: Path, forms: Sequence[str]) -> Iterator[tuple[str, float]]:
    for form in forms:
        pages = list(flats(data, form, TEXT_PART))
        made = [a for flat in pages for a in text.answers(flat, ("balanced", "safe"), peers=False)]
        found, safe = ([a for a in made if a.tool == ours.row(policy)] for policy in ("balanced", "safe"))
        yield f"text {form}: gain of F1", mean([a.done.f1 - a.alone for a in found])
        yield f"text {form} safe: content lost", text.FIGURES["content lost"](safe)
        yield f"text {form}: pages that a second clean leaves alone", mean([float(a.settled) for a in made])


def _seeds(data: Path) -> Iterator[tuple[str, float]]:
    gold = json.loads((data / "seeds" / "gold.json").read_text("utf-8"))
    residue = removed = lost = 0
    for name in sorted(key for key in gold if not key.startswith("_")):
        done = ours.clean((data / "seeds" / name).read_bytes(), kind="text")
        gone = {str(v.line.number) for v in done.dropped if not v.line.blank}
        residue += len(gold[name]["drop"])
        removed += len(gone & gold[name]["drop"].keys())
        lost += len(gone - gold[name]["drop"].keys() - gold[name]["ambiguous"].keys())
    yield "seeds: residue lines removed", share(removed, residue)
    yield "seeds: content lines lost", float(lost)


def floors() -> dict[Bound, dict[str, float]]:
    """Return the bounds of the file, by kind of bound."""
    found: dict[Bound, dict[str, float]] = json.loads(FILE.read_text("utf-8")) if FILE.is_file() else {}
    return {bound: found.get(bound, {}) for bound in BOUNDS}


def holds(name: str, figure: float, bound: float) -> bool:
    """Tell whether a figure keeps its bound."""
    return figure <= bound if bound_of(name) == "at most" else figure >= bound


def bound_near(name: str, figure: float) -> float:
    """Return a bound slightly below a figure (above it, for losses), in steps of a thousandth."""
    bound = bound_of(name)
    if bound == "at most":
        written = math.ceil((figure + MARGIN[bound]) * 1000) / 1000
    else:
        written = math.floor((figure - MARGIN[bound]) * 1000) / 1000
    promise = next((value for ending, value in PROMISES.items() if name.endswith(ending)), None)
    if promise is None or holds(name, written, promise) or not holds(name, figure, promise):
        return written
    return promise


def main() -> None:
    """Write the floors."""
    parser = argparse.ArgumentParser(prog="python -m bench.floors", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    options = parser.parse_args()
    silence_peers()
    old = floors()
    new: dict[Bound, dict[str, float]] = {bound: {} for bound in BOUNDS}
    for name, figure in measure(options.data).items():
        bound = bound_of(name)
        written, before = bound_near(name, figure), old[bound].get(name)
        new[bound][name] = written
        worse = before is not None and not holds(name, written, before)
        print(f"{name}: {figure:.4f}, {bound} {written}" + (f"; it was {before}: give the reason" if worse else ""))
    FILE.write_text(json.dumps(new, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
