"""What has been reached on development data must not be lost; figures of all pages come from ``bench``."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.policies import FORMS, f1
from cleaner import Settings, clean
from training.labels import matched_words

SHARED = Path(os.environ.get("CLEAN_SCRAPE_SHARED", Path(__file__).parents[2] / "shared")) / "data"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no development data in {SHARED}")

#: Every n-th page: 33 of 1,299.
PART = 40


def pages(form: str) -> Iterator[tuple[bytes, str]]:
    with gzip.open(SHARED / "text" / "flat" / "dev" / f"{form}.json.gz", "rt", encoding="utf-8") as stored:
        texts = json.load(stored)
    for name in sorted(texts)[::PART]:
        if texts[name]:
            yield texts[name].encode(), (SHARED / "wcxb" / "gold" / f"{name}.txt").read_text("utf-8")


@pytest.mark.parametrize("form", ["html_text", "crop"])
def test_safe_loses_at_most_one_word_in_a_hundred(form: str) -> None:
    lost = content = 0
    for data, gold in pages(form):
        verdicts = clean(data, kind="text", settings=Settings(policy="safe")).verdicts
        for verdict, (_, hit) in zip(verdicts, matched_words([v.line.text for v in verdicts], gold), strict=True):
            content += hit
            lost += 0 if verdict.keep else hit
    assert content > 10_000
    assert lost <= 0.01 * content


#: Least mean gain of word F1 over leaving the page alone. Extracted forms have little to gain, and one page in 33
#: can turn their mean: what counts there are the figures of all pages (``python -m bench.policies``).
GAINS = {"html_text": 0.07, "inscriptis": 0.06, "bs4nl": 0.06, "crop": 0.01}


@pytest.mark.parametrize("form", FORMS)
def test_balanced_gains_on_whole_pages_and_loses_nothing_on_extracted_ones(form: str) -> None:
    gains = []
    for data, gold in pages(form):
        body = clean(data, kind="text").to_bytes()
        gains.append(f1(body.decode(), gold) - f1(data.decode(), gold))
        assert clean(body, kind="text").to_bytes() == body
    assert len(gains) > 25
    assert sum(gains) / len(gains) >= GAINS.get(form, -0.005)


def test_the_first_five_pages_lose_their_residue_and_no_content() -> None:
    gold = json.loads((SHARED / "seeds" / "gold.json").read_text("utf-8"))
    removed = 0
    for name in sorted(key for key in gold if not key.startswith("_")):
        done = clean((SHARED / "seeds" / name).read_bytes(), source=name, kind="text")
        must_go, either = gold[name]["drop"], gold[name]["ambiguous"]
        gone = {str(v.line.number) for v in done.dropped if not v.line.blank}
        assert gone <= must_go.keys() | either.keys()
        removed += len(gone & must_go.keys())
        assert any(note.code == "SY201" for note in done.notes) == name.startswith("002")
    assert removed >= 50
