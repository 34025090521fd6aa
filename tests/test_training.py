"""The training package in small: folds, fits, trees, scores and the files it writes. No corpus is needed."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("scipy")

from cleaner.decide.verdicts import choose_kept, has_only_scraps, leaves_too_little  # noqa: E402
from cleaner.score.model.structure import block_scores  # noqa: E402
from cleaner.score.model.words import tokenize, word_scores  # noqa: E402
from training.corpus import Sample, Source, fold_of, sample, samples  # noqa: E402
from training.first_stage import NameTable, WordTable  # noqa: E402
from training.forms import crop_to_body  # noqa: E402
from training.logistic import Prior, Rows, linear, logistic, sparse_rows  # noqa: E402
from training.rows import FirstStage, fit_first_stages, fit_vocabularies, sample_features, tree_weight  # noqa: E402
from training.rules import PROMISED, PROTECTED, Rules, RuleTable, bounds_of, with_policy_weights  # noqa: E402
from training.scored import KEEP_ALL, Scored, figures  # noqa: E402

BODY = [
    "The water board has approved a second lock at the northern end of the harbour, said the mayor of the town.",
    "Work on the gates is to begin in the spring, and nobody on the quay was surprised to hear of it.",
]
PAGE = """<html><head><title>The lock</title></head><body><nav class="site-menu"><a href="/">Home</a>
<a href="/m">Moorings {n}</a></nav><article class="entry-content"><p>{one}</p><p>{two}</p></article>
<footer class="site-footer"><p>Privacy Policy</p><p>Share on Facebook</p></footer></body></html>"""


def made(number: int, form: str = "html") -> Sample:
    source = Source(f"{number:04}", "wcxb", form, f"quay{number}.example", "article")
    raw = PAGE.format(n=number, one=BODY[0], two=BODY[1])
    if form != "html":
        raw = "\n".join(["Home", f"Moorings {number}", *BODY, "Privacy Policy", "Share on Facebook"])
    (found,) = sample(source, raw.encode(), "\n".join(BODY))
    return found


@pytest.fixture(scope="module")
def found() -> list[Sample]:
    return [made(number) for number in range(60)]


def test_a_sample_holds_what_the_gold_body_says(found):
    one = found[0]
    by_text = {one.page.lines[n].text: residue for n, residue in zip(one.at, one.residue, strict=True)}
    assert by_text[BODY[0]] == 0.0
    assert by_text["Privacy Policy"] == 1.0
    assert len(one.codes) == len(one.at) == len(one.words)
    assert len(one.ids) == one.words.sum()
    assert one.page.data == b""


def test_pages_of_a_domain_and_all_forms_of_a_page_share_a_fold():
    assert made(3).source.fold == made(3, "html_text").source.fold == fold_of("quay3.example")
    assert {fold_of(f"quay{n}.example") for n in range(60)} == set(range(5))


def corpus_of(root: Path) -> Path:
    """A corpus of two pages of one publisher, without addresses."""
    (root / "wcxb").mkdir(parents=True)
    (root / "wcxb" / "index.json").write_text("{}")
    news = root / "news"
    for folder in ("html", "gold"):
        (news / folder).mkdir(parents=True)
    (news / "index.json").write_text(json.dumps({f"Quay_{n}": {"site": "se/Quay", "country": "se"} for n in (1, 2)}))
    for n in (1, 2):
        page = PAGE.format(n=n, one=BODY[0], two=BODY[1])
        (news / "html" / f"Quay_{n}.html.gz").write_bytes(gzip.compress(page.encode()))
        (news / "gold" / f"Quay_{n}.txt").write_text("\n".join(BODY))
    return root


def test_pages_without_an_address_are_told_apart_by_publisher(tmp_path):
    pages = list(samples(corpus_of(tmp_path), "html"))
    assert [page.source.domain for page in pages] == ["se/Quay", "se/Quay"]
    assert [page.source.group for page in pages] == ["se", "se"]


def test_a_crop_holds_the_body_and_is_the_same_every_time():
    lines = [f"Menu entry {n}" for n in range(40)] + BODY + [f"Footer entry {n}" for n in range(90)]
    crops = {name: crop_to_body(name, "\n".join(lines), "\n".join(BODY)) for name in map(str, range(40))}
    assert all("\n".join(BODY) in text for text in crops.values())
    assert len(set(crops.values())) > 10
    assert crops["7"] == crop_to_body("7", "\n".join(lines), "\n".join(BODY))
    assert crop_to_body("7", "Home", "\n".join(BODY)) == ""


def test_the_regression_finds_the_rate_and_minds_pull_and_bounds():
    matrix = sparse_rows([[0], [0], [], []], 1)
    rows = Rows(np.array([1.0, 0.5, 0.25, 0.25]), np.ones(4))
    (value,), bias = logistic(linear(matrix), rows, Prior(1e-9))
    assert bias == pytest.approx(np.log(1 / 3), abs=1e-3)
    assert value + bias == pytest.approx(np.log(3), abs=1e-3)
    (pulled,), _ = logistic(linear(matrix), rows, Prior(100.0))
    assert 0 < pulled < 0.1
    (bound,), _ = logistic(linear(matrix), rows, Prior(1e-9, 0.0, [(-6.0, 0.0), (-9.0, 9.0)]))
    assert bound == 0.0


def test_words_that_stand_in_residue_speak_for_dropping(found):
    vocabulary = WordTable(found).fit(None)
    scores, known = word_scores(tokenize(["privacy policy", "the mayor of the town", "gruyere"]), vocabulary)
    assert scores[0] > vocabulary.bias > scores[1]
    assert scores[2] == vocabulary.bias
    assert known.tolist() == [1.0, 1.0, 0.0]


def test_a_fold_left_out_is_not_seen(found):
    odd = [made(1000 + n) for n in range(60) if fold_of(f"quay{1000 + n}.example") == 0]
    turned = [replace(one, content=one.words) for one in odd]
    rest = [s for s in found if s.source.fold != 0]
    one, other = WordTable(rest + odd).fit(0), WordTable(rest + turned).fit(0)
    assert one.single.tolist() == other.single.tolist()
    assert NameTable(rest + odd).fit(0) == NameTable(rest + turned).fit(0)
    assert RuleTable(rest + odd).fit(0) == RuleTable(rest + turned).fit(0)


def test_names_around_residue_speak_for_dropping(found):
    names = NameTable(found).fit(None)
    page = found[0].page
    _, whole = block_scores(page.blocks, names)
    by_line = {page.lines[n].text: whole[page.lines[n].markup.block] for n in found[0].at.tolist()}
    assert by_line["Privacy Policy"] > 0 > by_line[BODY[0]]


def test_rules_are_weighed_within_bounds(found):
    rules = RuleTable(found).fit(None)
    assert not any(code[:2] in PROTECTED for code in rules.codes)
    assert all(bounds_of(code)[0] <= weight <= bounds_of(code)[1] for code, weight in rules.codes.items())
    assert bounds_of("KP201") == (-6.0, 0.0)
    assert bounds_of("CH101") == (0.0, 6.0)
    extra = with_policy_weights({"RL111": 1.0, "NV101": 0.5}, ["RL111", "TI101", "NV101"])
    assert extra == {"RL111": PROMISED["RL111"], "TI101": PROTECTED["TI"], "NV101": 0.5}


def features_of(one: Sample, all_of_them: list[Sample], mute: bool = False):
    first = FirstStage(WordTable(all_of_them).fit(None), NameTable(all_of_them).fit(None), Rules({}, 0.0))
    return sample_features(one, first, mute)


def test_features_without_words_say_nothing_of_words(found):
    names, table = features_of(found[0], found)
    same, muted = features_of(found[0], found, mute=True)
    word = names.index("word")
    assert same == names
    assert len(set(table[:, word].tolist())) > 1
    assert len(set(muted[:, word].tolist())) == 1
    names, muted = features_of(made(3, "html_text"), found, mute=True)
    assert not muted[:, names.index("known")].any()


def test_exported_trees_say_what_lightgbm_says(found):
    pytest.importorskip("lightgbm")
    from training.second_stage import Grower, Part  # noqa: PLC0415

    names, _ = features_of(found[0], found)
    parts = [Part(s.source.fold, features_of(s, found)[1], s.residue, tree_weight(s)) for s in found]
    grower = Grower(parts, names, threads=1)
    trees, gain = grower.grow(None)  # raises ValueError when they differ
    odds = trees.log_odds(parts[0].table)
    assert ((odds > 0) == (found[0].residue > 0.5)).all()
    assert sum(gain.values()) == pytest.approx(1.0)
    again, _ = Grower(parts, names, threads=2).grow(None)
    assert all((getattr(trees, name) == getattr(again, name)).all() for name in ("roots", "cut", "value", "left"))
    bias = int(trees.value[trees.roots].sum())
    total = sum(trees.contributions(parts[0].table[0]).values()) * 1024 + bias
    assert total == pytest.approx(odds[0] * 1024)


def test_scored_pages_are_kept_as_the_product_keeps_them(found):
    drawn = np.random.default_rng(7)
    for one in found[:20]:
        page = Scored(one, drawn.normal(0, 3, len(one.at)))
        for bounds in ((0.5, 0.5), (0.3, 0.9), (0.0, 1.0)):
            stays = choose_kept(page.probability.tolist(), one.counted, bounds)
            for guard in ((0.0, 0.0), (0.2, 0.9)):
                whole = leaves_too_little(page.probability.tolist(), one.counted, stays, guard)
                none = not whole and has_only_scraps(page.probability.tolist(), one.counted, stays)
                expected = [True] * len(stays) if whole else [False] * len(stays) if none else stays
                assert page.keep(bounds, guard).tolist() == expected
                assert page.outcome(bounds, guard) == page.outcome_of(np.array(expected))


def test_figures_of_a_page_that_is_right_and_of_one_left_alone(found):
    right = [Scored(one, np.where(one.residue > 0.5, 9.0, -9.0)) for one in found[:3]]
    sure = figures(right, (0.5, 0.5), (0.0, 0.0))
    assert sure["F1"] == sure["precision"] == sure["recall"] == sure["residue removed"] == 1.0
    assert sure["content lost"] == sure["pages losing >5%"] == 0.0
    alone = figures(right, KEEP_ALL, (0.0, 0.0))
    assert alone["recall"] == 1.0
    assert alone["precision"] < 1.0
    assert alone["residue removed"] == 0.0


def test_the_files_are_read_by_the_product_and_the_same_every_time(found, tmp_path):
    pytest.importorskip("lightgbm")
    from cleaner.score.model.stored import scorer_of  # noqa: PLC0415
    from training.export import write  # noqa: PLC0415
    from training.learn import learn  # noqa: PLC0415

    some = found[:40]
    learned, held = learn(some, fit_first_stages(some, fit_vocabularies(some)), 1, True)
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, {"html": learned, "text": learned}, {"a table": {"row": {"F1": 1.0}}}, {"part": 1})
    for file in ("score.json.gz", "rules.json", "card.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "other" / file).read_bytes()
    scorer = scorer_of(json.loads(gzip.decompress((tmp_path / "one" / "score.json.gz").read_bytes())), "html")
    _, table = sample_features(some[0], learned.first)
    expected = learned.model.log_odds(table) * learned.slope + learned.offset
    assert scorer.log_odds(table).tolist() == expected.tolist()
    assert scorer.features == learned.features
    assert scorer.names == learned.first.names
    assert scorer.vocabulary.ids == learned.first.vocabulary.ids
    assert scorer.vocabulary.pairs.tolist() == learned.first.vocabulary.pairs.tolist()
    rules = json.loads((tmp_path / "one" / "rules.json").read_text("utf-8"))["html"]
    assert set(rules) == {"bias", "codes", "drop_at", "guard", "confidence", "kinds"}
    assert rules["codes"]["RT201"]["extra"] == PROMISED["RT201"]
    card = json.loads((tmp_path / "one" / "card.json").read_text("utf-8"))
    assert card["out_of_fold"] == {"a table": {"row": {"F1": 1.0}}}
    assert sum(len(odds) for odds in held.final) == card["size"]["html"]["lines"]


def written_sites(data: Path) -> Path:
    """Four sites of six pages, in the form of the development sites."""
    root, index = data / "sites", {}
    for folder in ("html", "gold"):
        (root / folder).mkdir(parents=True)
    for number in range(24):
        name, body = f"{number:04}", [line.replace("lock", f"lock {'abc'[number % 3] * number}") for line in BODY]
        page = PAGE.format(n=number, one=body[0], two=body[1])
        (root / "html" / f"{name}.html.gz").write_bytes(gzip.compress(page.encode()))
        (root / "gold" / f"{name}.txt").write_text("\n".join(body), "utf-8")
        index[name] = {"site": f"quay{number % 4}.example", "language": "English", "date": ""}
    (root / "index.json").write_text(json.dumps(index), "utf-8")
    return data


def test_trees_of_sites_are_the_same_every_time_and_go_with_the_evidence(tmp_path, monkeypatch):
    pytest.importorskip("lightgbm")
    from cleaner.score.features.registry import feature_names  # noqa: PLC0415
    from cleaner.score.features.site import SITE_FEATURES  # noqa: PLC0415
    from training import sites  # noqa: PLC0415

    monkeypatch.setitem(sites.SITE_SETTINGS, "min_data_in_leaf", 2)
    pages = list(sites.pages_beside_others(written_sites(tmp_path), "html", 1))
    assert sum(page.whole for page in pages) == 24
    assert {page.template.others for page in pages if page.whole} == {5}
    trees, again = sites.grow(pages), sites.grow(list(sites.pages_beside_others(tmp_path, "html", 1)))
    names = feature_names("html", SITE_FEATURES)
    for page in pages:
        odds = trees.log_odds(page.table)
        assert odds.tolist() == again.log_odds(page.table).tolist()
        more = page.table.copy()
        more[:, [names.index("seen"), names.index("share")]] += 1024
        assert (trees.log_odds(more) >= odds).all()
    shared = np.concatenate([page.table[:, names.index("share")] > 0 for page in pages])
    found = np.concatenate([trees.log_odds(page.table) for page in pages])
    assert found[shared].mean() > found[~shared].mean()
