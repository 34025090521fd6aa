"""The weights that the product carries: small, and what they say they are."""

from __future__ import annotations

import gzip
import json
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest

import cleaner
from cleaner.score.features.registry import FEATURES, feature_names, gate_feature_names
from cleaner.score.features.site import SITE_FEATURES
from cleaner.score.model.stored import site_trees_of
from cleaner.score.model.words import TOKEN_PATTERN

WEIGHTS = Path(cleaner.__file__).parent / "data" / "weights"
PAGES, SITES = ("score.json.gz", "rules.json", "card.json"), ("sites.json.gz", "sites-card.json")
FILES = (*PAGES, *SITES)

#: Bytes, compressed: of the model of single pages, and of what their sites add.
MAX_FILE_BYTES, MOST_OF_SITES = 300_000, 40_000

missing = [name for name in FILES if not (WEIGHTS / name).exists()]
pytestmark = pytest.mark.skipif(bool(missing), reason=f"no {', '.join(missing)}: write them with python -m training")

KINDS = ("html", "text")


@pytest.fixture(scope="module")
def table():
    return json.loads(gzip.decompress((WEIGHTS / "score.json.gz").read_bytes()))


@pytest.mark.parametrize(("names", "most"), [(PAGES, MAX_FILE_BYTES), (SITES, MOST_OF_SITES)])
def test_weights_are_small(names, most):
    sizes = {}
    for name in names:
        data = (WEIGHTS / name).read_bytes()
        sizes[name] = len(data if name.endswith(".gz") else gzip.compress(data, 9))
    assert sum(sizes.values()) < most, sizes


def test_the_card_belongs_to_the_weights(table):
    card = json.loads((WEIGHTS / "card.json").read_text("utf-8"))
    packed = (WEIGHTS / "score.json.gz").read_bytes()
    assert card["score.json.gz"]["sha256"] == sha256(packed).hexdigest()
    assert card["score.json.gz"]["bytes"] == len(packed)
    for kind in KINDS:
        assert card["size"][kind]["trees"] == len(table[kind]["general"]["roots"])
        assert card["size"][kind]["nodes"] == len(table[kind]["general"]["value"])


def test_the_packed_file_holds_no_time():
    header = (WEIGHTS / "score.json.gz").read_bytes()[4:8]
    assert header == bytes(4), "gzip with mtime=0, or the same weights are other bytes tomorrow"


@pytest.mark.parametrize("kind", KINDS)
def test_features_are_registered(table, kind):
    features = table[kind]["features"]
    assert [name for name in features if name not in feature_names(kind)] == []
    assert len(set(features)) == len(features)


@pytest.mark.parametrize("kind", KINDS)
def test_the_gate_goes_by_features_of_the_page(table, kind):
    gate = table[kind].get("gate")
    assert (gate is None) is ("articles" not in table[kind])
    if gate:
        assert set(gate["weights"]) <= set(gate_feature_names(kind)) & set(table[kind]["features"])


@pytest.mark.parametrize("part", ["general", "articles"])
@pytest.mark.parametrize("kind", KINDS)
def test_trees_are_trees(table, kind, part):
    some, features = table[kind].get(part), table[kind]["features"]
    if some is None:
        assert part == "articles"
        return
    assert 0 <= min(some["feature"]) <= max(some["feature"]) < len(features)
    asked = {
        features[at] for at, left, node in zip(some["feature"], some["left"], count(), strict=False) if left != node
    }
    assert [name for name in sorted(asked) if FEATURES[name].level == "gate"] == []
    size = len(some["value"])
    assert {len(some[name]) for name in ("feature", "cut", "left", "right")} == {size}
    reached = set(some["roots"])
    assert len(reached) == len(some["roots"])
    depth = [0] * size
    for node in range(size):
        left, right = some["left"][node], some["right"][node]
        assert (left == node) is (right == node)
        if left == node:
            continue
        assert node < left < size
        assert node < right < size
        assert not {left, right} & reached  # one way to each node
        reached |= {left, right}
        depth[left] = depth[right] = depth[node] + 1
    assert len(reached) == size
    assert max(depth) == some["depth"]


def test_words_and_pairs_can_be_looked_up(table):
    words = table["words"]
    assert len(words["words"]) == len(words["single"]) == len(set(words["words"]))
    assert [word for word in words["words"] if TOKEN_PATTERN.findall(word.lower()) != [word]] == []
    pairs = list(zip(*words["pairs"], strict=True))
    assert pairs == sorted(set(pairs))  # found by bisection
    assert len(pairs) == len(words["paired"])
    assert all(1 <= number < len(words["words"]) + 2 for pair in pairs for number in pair)


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_are_sane(table, kind):
    assert 0 < table[kind]["slope"] < 3
    assert abs(table[kind]["offset"]) < 3
    rules = json.loads((WEIGHTS / "rules.json").read_text("utf-8"))[kind]
    for low, high in rules["drop_at"].values():
        assert 0 < low <= high < 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_trees_of_sites_use_registered_features(kind):
    found = site_trees_of(json.loads(gzip.decompress((WEIGHTS / "sites.json.gz").read_bytes())), kind)
    assert found.features == feature_names(kind, SITE_FEATURES)
    assert set(found.trees.feature.tolist()) <= set(range(len(found.features)))
    assert (WEIGHTS / "sites.json.gz").read_bytes()[4:8] == bytes(4)


def test_other_pages_help_on_pages_that_no_tree_saw():
    tables = json.loads((WEIGHTS / "sites-card.json").read_text("utf-8"))["out_of_fold"]
    html = tables["html, sites, 5 and more pages"]
    assert html["with its site"]["F1"] >= html["alone"]["F1"] + 0.03
    assert html["with its site"]["content lost"] <= html["alone"]["content lost"]
