"""``python -m training``: from the development data to the weights in ``cleaner/data/weights``."""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from dataclasses import replace
from pathlib import Path

from cleaner.score.model.words import Vocabulary
from training.check import check_tables
from training.corpus import samples
from training.export import write
from training.learn import Learned, OutOfFold, StageTimer, learn
from training.rows import fit_first_stages, fit_vocabularies
from training.second_opinion import second_opinion
from training.tables import Table, tables

OUT = Path(__file__).parents[1] / "cleaner" / "data" / "weights"


def main() -> int:
    """Fit the weights and write them."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with wcxb/, news/ and text/")
    parser.add_argument("--part", type=int, default=1, help="use every n-th page only")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for the weights")
    parser.add_argument("--threads", type=int, default=1, help="threads for LightGBM; the trees do not depend on them")
    parser.add_argument("--no-dropout", action="store_true", help="show no page a second time without its word scores")
    parser.add_argument(
        "--check", action="store_true", help="measure on sites/ and snippets/ as well, without fitting on them"
    )
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")  # of flatteners, about pages
    logging.disable(logging.CRITICAL)
    learned, made = learn_both_kinds(options)
    for title, table in made.items():
        print(f"\n{title}", *(f"  {row}: {cells}" for row, cells in table.items()), sep="\n", file=sys.stderr)
    used = {"part": options.part, "dropout": not options.no_dropout}
    write(options.out, learned, made, used)
    return 0


def learn_both_kinds(options: argparse.Namespace) -> tuple[dict[str, Learned], dict[str, Table]]:
    """Fit both kinds of page and return them with the tables of the card; text uses the word score of HTML pages."""
    report, dropout = StageTimer("html"), not options.no_dropout
    found = list(samples(options.data, "html", options.part))
    report("reading")
    words = fit_vocabularies(found)
    report("words")
    first = fit_first_stages(found, words)
    report("names and rules")
    html, held = learn(found, first, options.threads, dropout)
    made = tables(html, held)
    second = second_opinion(options.data, html, held)
    html = replace(html, extra={**html.extra, **second.extra})
    made["html, balanced, second opinion on doubtful pages"] = second.table
    report("second opinion and tables")
    if options.check:
        made |= check_tables(options.data, options.part, html)
        report("check")
    del found, held, first  # pages take gigabytes
    text, held = _text(options, words)
    return {"html": html, "text": text}, made | tables(text, held)


def _text(options: argparse.Namespace, words: dict[int | None, Vocabulary]) -> tuple[Learned, OutOfFold]:
    report = StageTimer("text")
    found = list(samples(options.data, "text", options.part))
    report("reading")
    first = fit_first_stages(found, words)
    report("rules")
    return learn(found, first, options.threads, not options.no_dropout)


if __name__ == "__main__":
    sys.exit(main())
