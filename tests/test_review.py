"""Reviewing: what is asked about, what answers do to the files, and what labels come to."""

from __future__ import annotations

import json
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cleaner.errors import InputError
from cleaner.report.rows import to_json
from cleaner.review.labels import Label, read_labels, write_labels
from cleaner.review.queue import ReviewFilter, doubtful_removals, page_names, removed_at
from cleaner.review.session import Decisions, Session
from cleaner.review.stats import MIN_LABELS, Tally, by_code, by_family, by_score, in_all
from cleaner.settings.allow_list import Allowed, AllowList, Silenced, read_allow_list
from cleaner.settings.record import line_hash
from tests.runs import cleaned, rows

EXAMPLES = Path(__file__).parents[1] / "examples" / "pages"


def label(code: str = "RL112", answer: str = "keep", text: str = "Related: boats", score: float = 0.6) -> Label:
    return Label(code, line_hash(text), answer, score, text, "is a link", "a.txt", "post.example", "en", "text", 1)


def report(out: Path, pages: list[list[tuple]], site: str = "post.example") -> Path:
    """A report on pages, each a list of lines: a text that stayed, or text, code and score of one that went."""
    (out / "_report").mkdir(parents=True)
    written = []
    for number, lines in enumerate(pages, 1):
        kept = [line[0] for line in lines if len(line) == 1]
        (out / f"{number}.txt").write_text("".join(f"{text}\n" for text in kept), "utf-8")
        gone = [
            {"line": at, "text": line[0], "code": line[1], "score": line[2], "why": f"is of {line[1]}", "newline": "\n"}
            for at, line in enumerate(lines, 1)
            if len(line) > 1
        ]
        row = {
            "source": f"{number}.txt",
            "output": f"{number}.txt",
            "kind": "text",
            "encoding": "utf-8",
            "removed": gone,
        }
        written.append(to_json(row | {"unsure": [], "site": site, "language": "en"}))
    (out / "_report" / "pages.jsonl").write_bytes(b"".join(written))
    return out


# -- what is asked about


def test_groups_by_code_and_content_the_most_doubtful_first(tmp_path):
    out = report(
        tmp_path,
        [
            [("The vote is on Monday.",), ("Read  More", "RL101", 0.9), ("Home", "NV101", 0.7), ("", "NB401", 1.0)],
            [
                ("read more", "RL101", 0.6),
                ("Read more", "NV102", 0.8),
                ("Nobody slept.",),
                ("Home", "NV101", 0.7),
            ],
            [("READ MORE", "RL101", 0.95), ("read more", "RL101", 0.96)],
        ],
    )
    found = doubtful_removals(out, ReviewFilter(), {})
    assert [(d.key[0], d.line.text, d.line.score, d.place, d.pages) for d in found] == [
        ("RL101", "read more", 0.6, "2.txt:1", 3),
        ("NV101", "Home", 0.7, "1.txt:3", 2),
        ("NV102", "Read more", 0.8, "2.txt:2", 1),
    ]
    assert [line.text for line in found[2].before] == ["read more"]
    assert [(line.text, line.keep) for line in found[2].after] == [("Nobody slept.", True), ("Home", False)]


def test_what_is_known_or_does_not_fit_is_not_asked_about(tmp_path):
    out = report(tmp_path, [[("Home", "NV101", 0.7), ("Read more", "RL101", 0.6)], [("Share", "SH101", 0.5)]])

    def asked(**wanted: object) -> list[str]:
        return [
            removal.key[0] for removal in doubtful_removals(out, ReviewFilter(**wanted), {("NV101", line_hash("home"))})
        ]

    assert asked() == ["SH101", "RL101"]
    assert asked(limit=1) == ["SH101"]
    assert asked(below=0.55) == ["SH101"]
    assert asked(code="RL") == ["RL101"]
    assert asked(source="1*") == ["RL101"]
    assert asked(site="other.example") == []
    assert asked(site="post.example", context=0) == ["SH101", "RL101"]


def test_memory_is_bounded_and_the_choice_is_exact(tmp_path):
    number = 5_000
    lines = [(f"Line {n:05} of the harbour", "NV101", round(1 - n / (2 * number), 4)) for n in range(number)]
    out = report(tmp_path, [lines[: number // 2], lines[number // 2 :], lines[-3:]])
    found = doubtful_removals(out, ReviewFilter(limit=5), {})
    assert [removal.line.text for removal in found] == [text for text, _, _ in reversed(lines[-5:])]
    assert [removal.pages for removal in found] == [2, 2, 2, 1, 1]


def test_damaged_rows_cost_themselves_only(tmp_path):
    out = report(tmp_path, [[("Home", "NV101", 0.7)], [("Share", "SH101", 0.5)]])
    file = out / "_report" / "pages.jsonl"
    file.write_bytes(b'{"source": 1}\n[]\n{broken\n{"source": "x", "site": "", "removed": [1]}\n' + file.read_bytes())
    assert [removal.key[0] for removal in doubtful_removals(out, ReviewFilter(), {})] == ["SH101", "NV101"]
    assert page_names(out) == ["x", "1.txt", "2.txt"]


@pytest.mark.parametrize("form", ["text", "md", "jsonl"])
def test_context_is_found_in_files_and_in_shards(tmp_path, form):
    cleaned(EXAMPLES, tmp_path / "out", "--format", form)
    removal = removed_at(tmp_path / "out", "lock.txt", 12)
    assert removal is not None
    assert removal.key == ("RL112", line_hash("Related: Barge crews block the canal for a day"))
    assert removed_at(tmp_path / "out", "lock.txt", 10) is None
    assert removed_at(tmp_path / "out", "no.txt", 12) is None
    found = {d.key: d for d in doubtful_removals(tmp_path / "out", ReviewFilter(limit=1_000), {})}
    assert len(found) == len(
        {(e["code"], line_hash(e["text"])) for r in rows(tmp_path / "out") for e in r["removed"] if e["text"].strip()}
    )
    assert found[removal.key].before[-1].text.startswith("The water board has approved")
    assert found[removal.key].after[0].text.startswith("Work is to begin")


# -- labels


def test_labels_survive_and_are_sorted(tmp_path):
    path = tmp_path / "labels.jsonl"
    assert read_labels(path) == {}
    some = [label("RL112", text="b \ud800 \x1b"), label("CK101", "drop"), label("RL112", text="a")]
    write_labels(path, some)
    assert read_labels(path) == {one.key: one for one in some} | {some[0].key: read_labels(path)[some[0].key]}
    order = [json.loads(row)["code"] + json.loads(row)["text"][0] for row in path.read_text("utf-8").splitlines()]
    assert order == ["CK101R", "RL112a", "RL112b"]
    before = path.read_bytes()
    write_labels(path, reversed(some))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "row", ["{", "[]", '"x"', "{}", json.dumps({"code": "RL112"}), "GOOD-answer", "GOOD-score", "GOOD-extra"]
)
def test_a_damaged_label_is_named(tmp_path, row):
    path = tmp_path / "labels.jsonl"
    write_labels(path, [label()])
    good = json.loads(path.read_text("utf-8"))
    made = {
        "GOOD-answer": good | {"answer": "maybe"},
        "GOOD-score": good | {"score": "high"},
        "GOOD-extra": good | {"when": "today"},
    }
    path.write_text(f"{json.dumps(good)}\n{json.dumps(made[row]) if row in made else row}\n", "utf-8")
    with pytest.raises(InputError, match=r"labels\.jsonl:2: is not a label .* correct or delete the row"):
        read_labels(path)


# -- answers


@pytest.fixture
def session(tmp_path) -> Session:
    lines = [(f"Boat {n}", "NV101" if n % 2 else "RL101", 0.5 + n / 100) for n in range(6)]
    out = report(tmp_path / "out", [lines])
    files = Decisions(tmp_path / ".clean-scrape.toml", tmp_path / "labels.jsonl")
    return Session(doubtful_removals(out, ReviewFilter(), {}), files)


def answers(session: Session) -> dict[str, str]:
    return {one.text: one.answer for one in session.decisions.known().values()}


def allowed(session: Session) -> list[str]:
    return [entry.text for entry in read_allow_list(session.decisions.allow_list).allowed]


def test_every_answer_is_on_the_disk_at_once(session):
    session.answer("keep", [session.current])
    assert (answers(session), allowed(session)) == ({"Boat 0": "keep"}, ["Boat 0"])
    session.answer("drop", [session.current])
    session.skip()
    assert (answers(session), allowed(session)) == ({"Boat 0": "keep", "Boat 1": "drop"}, ["Boat 0"])
    assert session.current.line.text == "Boat 3"
    assert session.answered == Counter(keep=1, drop=1, skip=1)
    assert session.left == 3


def test_all_alike_are_those_of_the_same_code_and_reason_that_are_open(session):
    session.answer("drop", [session.current])
    assert [removal.line.text for removal in session.alike()] == ["Boat 1", "Boat 3", "Boat 5"]
    session.answer("keep", session.alike())
    assert answers(session) == {"Boat 0": "drop", "Boat 1": "keep", "Boat 3": "keep", "Boat 5": "keep"}
    assert [removal.line.text for removal in session.alike()] == ["Boat 2", "Boat 4"]


def test_a_line_to_keep_is_not_asked_about_under_other_codes(tmp_path):
    lines = [("Boats", "NV101", 0.5), ("boats", "RL101", 0.6), ("Gate", "RL101", 0.7)]
    found = doubtful_removals(report(tmp_path / "out", [lines]), ReviewFilter(), {})
    session = Session(found, Decisions(tmp_path / "list.toml", tmp_path / "labels.jsonl"))
    session.answer("drop", [session.current])
    assert session.current.line.text == "boats"
    session.undo()
    session.answer("keep", [session.current])
    assert session.current.line.text == "Gate"
    assert list(session.decisions.known()) == [("NV101", line_hash("boats"))]


def test_undo_gives_back_what_was_there_and_keeps_what_others_added(session):
    files = session.decisions
    files.add([label("RL101", "drop", "Boat 0")])
    session.answer("keep", session.alike())
    assert answers(session) == {"Boat 0": "keep", "Boat 2": "keep", "Boat 4": "keep"}
    files.add([label("CK101", "keep", "Cookies")])
    assert session.undo()
    assert answers(session) == {"Boat 0": "drop", "Cookies": "keep"}
    assert allowed(session) == ["Cookies"]
    assert session.current.line.text == "Boat 0"
    assert session.answered == Counter()
    assert not session.undo()


def test_undo_after_all_alike_asks_about_each_of_them_again(session):
    session.answer("drop", session.alike())
    session.answer("drop", session.alike())
    assert session.current is None
    session.undo()
    assert session.current.line.text == "Boat 1"
    session.skip()
    assert session.current.line.text == "Boat 3"


def test_silence_settles_the_code_on_the_site(session):
    session.silence()
    listed = read_allow_list(session.decisions.allow_list)
    assert listed == AllowList((), (Silenced("post.example", "RL101"),))
    assert session.current.line.text == "Boat 1"
    assert session.answered == Counter(silence=3)
    session.undo()
    assert read_allow_list(session.decisions.allow_list) == AllowList()


def test_an_entry_that_was_there_before_is_not_taken_back(session):
    Path(session.decisions.allow_list).write_text(
        f'[[allow]]\ncode = "RL101"\nline = "{line_hash("Boat 0")}"\ntext = "mine"\n', "utf-8"
    )
    session.answer("keep", [session.current])
    session.undo()
    assert read_allow_list(session.decisions.allow_list).allowed == (Allowed("RL101", line_hash("Boat 0"), "mine"),)


# -- what labels come to


def test_precision_with_its_range():
    tally = Tally("RL101", 9, 1)
    assert (tally.labels, tally.precision) == (10, 0.9)
    low, high = tally.bounds
    assert (round(low, 4), round(high, 4)) == (0.5958, 0.9821)  # worked out by hand from Wilson's formula
    assert Tally("a", 1, 0).bounds[1] == 1.0
    assert Tally("a", 0, 1).bounds[0] == 0.0


def test_a_code_is_poor_only_when_the_labels_can_say_so():
    assert not Tally("a", 0, MIN_LABELS - 1).poor
    assert Tally("a", 0, MIN_LABELS).poor
    assert not Tally("a", 17, 3).poor  # 64% to 95%
    assert Tally("a", 50, 30).poor


def test_labels_by_code_family_and_score():
    found = [
        label("RL112"),
        label("RL112", "drop", "b", 0.99),
        label("RL101", "drop", "c", 1.0),
        label("CK101", "drop"),
    ]
    assert [(t.name, t.right, t.wrong) for t in by_code(found)] == [("CK101", 1, 0), ("RL101", 1, 0), ("RL112", 1, 1)]
    assert [(t.name, t.right, t.wrong) for t in by_family(found)] == [("CK", 1, 0), ("RL", 2, 1)]
    assert [(t.name, t.right, t.wrong) for t in by_score(found)] == [("0.60 to 0.70", 1, 1), ("0.99 to 1.00", 2, 0)]
    assert (in_all(found).right, in_all(found).wrong) == (3, 1)
    assert in_all([]) is None


# -- the command line


def test_a_line_that_is_allowed_stays_in_the_next_run(tmp_path):
    first = cleaned(EXAMPLES, "out", "--quiet", cwd=tmp_path)
    assert first.returncode == 0
    line = "Related: Barge crews block the canal for a day"
    assert line not in (tmp_path / "out" / "lock.txt").read_text("utf-8")
    done = cleaned("allow", "out", "lock.txt:12", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"lock.txt:12: RL112 {line}" in done.stdout
    again = cleaned(EXAMPLES, "out", cwd=tmp_path)
    assert again.returncode == 2
    assert "settings.allow (the allow-list): 1 line added" in again.stderr
    assert cleaned(EXAMPLES, "out", "--quiet", "--restart", cwd=tmp_path).returncode == 0
    assert line in (tmp_path / "out" / "lock.txt").read_text("utf-8")
    changed = {row["source"] for row in rows(tmp_path / "out") if line in str(row)}
    assert changed == {"lock.txt"}
    schema = json.loads((files("cleaner") / "data" / "schema" / "label-row.json").read_text("utf-8"))
    for row in (tmp_path / "clean-scrape-labels.jsonl").read_text("utf-8").splitlines():
        assert Draft202012Validator(schema).is_valid(json.loads(row))
    figures = json.loads(cleaned("stats", "clean-scrape-labels.jsonl", "--format", "json", cwd=tmp_path).stdout)
    assert [(one["name"], one["right"], one["wrong"]) for one in figures["codes"]] == [("RL112", 0, 1)]


def test_places_that_are_none_are_told(tmp_path):
    cleaned(EXAMPLES, "out", "--quiet", cwd=tmp_path)
    done = cleaned("allow", "out", "lock.txt:10", "lok.txt:12", "lock.txt:12", cwd=tmp_path)
    assert done.returncode == 2
    assert "lock.txt:10: line 10 of that page was not removed" in done.stderr
    assert "lok.txt:12: the report has no such page; did you mean lock.txt?" in done.stderr
    assert len(read_labels(tmp_path / "clean-scrape-labels.jsonl")) == 1
    assert "names no line; write SOURCE:LINE" in cleaned("allow", "out", "lock.txt", cwd=tmp_path).stderr
    (tmp_path / "empty").mkdir()
    assert "there is no report" in cleaned("allow", "empty", "lock.txt:12", cwd=tmp_path).stderr


def test_review_needs_a_terminal(tmp_path):
    done = cleaned("review", tmp_path)
    assert done.returncode == 2
    assert "without one use `clean-scrape allow OUT SOURCE:LINE`" in done.stderr


def test_stats_as_text(tmp_path):
    path = tmp_path / "labels.jsonl"
    write_labels(path, [])
    assert "there are no labels yet" in cleaned("stats", path).stdout
    write_labels(path, [label("RL112", text=f"Related: {n}") for n in range(MIN_LABELS)])
    said = cleaned("stats", path).stdout
    assert "RL112         related-link                    5      5    0.0%     0% to 43%" in said
    assert "too often wrong: RL112" in said
    path.write_text("{}\n", "utf-8")
    assert "is not a label" in cleaned("stats", path).stderr
