"""The transformer for LangChain: clean bodies in documents, what is known of them, and pages that cannot be cleaned."""

from __future__ import annotations

import asyncio
import json
import sys
from importlib import import_module

import pytest

from cleaner.errors import InputError
from cleaner.pipeline import clean
from cleaner.settings.record import Settings
from cleaner.workers.limits import Limits
from tests.shown import ROOT

documents = pytest.importorskip("langchain_core.documents", reason="the extra langchain is not installed")

from cleaner.adapters.langchain import CleanScrapeTransformer  # noqa: E402

Document = documents.Document

PAGE = "The vote is on Monday.\nLoading, please wait...\nRelated: Ten years of votes\n"
BODY = "The vote is on Monday.\n"


def example(name: str = "ferry.html") -> str:
    return (ROOT / "examples" / "pages" / name).read_text("utf-8")


def transformed(*given: Document, **options: object) -> list[Document]:
    return list(CleanScrapeTransformer(**{"limits": None} | options).transform_documents(given))


@pytest.mark.parametrize("limits", [Limits(), None])
def test_bodies_and_what_is_known_of_them(limits):
    given = Document(page_content=example(), metadata={"source": "https://ferry.example/1", "n": 7}, id="a")
    before = given.model_copy(deep=True)
    (found,) = transformed(given, limits=limits)
    alone = clean(example(), source="https://ferry.example/1", url="https://ferry.example/1")
    row = alone.to_dict()
    assert (found.page_content, found.id) == (alone.text, "a")
    assert given == before
    codes = json.loads(found.metadata.pop("clean_codes"))
    assert sum(of["lines"] for of in codes.values()) == row["lines"]["removed"]
    assert found.metadata == {
        "source": "https://ferry.example/1",
        "n": 7,
        "language": "en",
        "title": "Night ferry returns to Carrow Sound after six years",
        "clean_confidence": row["confidence"],
        "clean_lines_removed": row["lines"]["removed"],
        "clean_words_removed": row["words"]["removed"],
        "clean_notes": "[]",
    }


def test_all_values_are_plain():
    teaser = Document(page_content=example("teaser.txt"))
    (found,) = transformed(teaser, removed=True)
    assert {type(value) for value in found.metadata.values()} <= {str, int, float}
    assert [note["code"] for note in json.loads(found.metadata["clean_notes"])] == ["SY201"]


def test_removed_lines_on_request():
    (found,) = transformed(Document(page_content=PAGE), removed=True)
    gone = json.loads(found.metadata["clean_removed"])
    assert [(line["line"], line["code"], line["text"]) for line in gone] == [
        (2, "RT101", "Loading, please wait..."),
        (3, "RL112", "Related: Ten years of votes"),
    ]
    assert "clean_removed" not in transformed(Document(page_content=PAGE))[0].metadata


def test_title_and_language_of_the_loader_stay():
    known = {"title": "From the loader", "language": "cy"}
    (found,) = transformed(Document(page_content=example(), metadata=known))
    assert {name: found.metadata[name] for name in known} == known
    (found,) = transformed(Document(page_content=example(), metadata={"title": "", "language": None}))
    assert found.metadata["language"] == "en"
    assert found.metadata["title"].startswith("Night ferry")
    (found,) = transformed(Document(page_content="7\n"))
    assert not {"title", "language"} & set(found.metadata)


@pytest.mark.parametrize(
    ("metadata", "gone"),
    [
        ({"source": "https://www.courier.example/1"}, False),
        ({"source": "HTTP://courier.example/1"}, False),
        ({"source": "pages/1.txt", "url": "https://courier.example/1"}, False),
        ({"source": "pages/https://courier.example/1"}, True),
        ({"source": "courier.example"}, True),
        ({"source": 7}, True),
        ({}, True),
    ],
)
def test_a_source_is_an_address_when_it_looks_like_one(metadata, gone):
    settings = Settings(sites={"courier.example": Settings(ignore=("RT",))})
    (found,) = transformed(Document(page_content=PAGE, metadata=metadata), settings=settings)
    assert ("Loading" not in found.page_content) == gone


def test_a_page_that_cannot_be_cleaned_stays_as_it_is():
    long = "".join(f"Line {n} of them, which is like others.\n" for n in range(40_000))
    given = [Document(page_content=text, metadata={"n": n}) for n, text in enumerate([PAGE, long, PAGE])]
    found = transformed(*given, limits=Limits(seconds=0.3, seconds_per_mb=0))
    assert [one.page_content for one in found] == [BODY, long, BODY]
    assert [one.metadata["n"] for one in found] == [0, 1, 2]
    assert found[1].metadata["clean_reason"] == "time-budget"
    assert "seconds of CPU time" in found[1].metadata["clean_error"]
    assert not {"clean_error", "clean_reason"} & {*found[0].metadata, *found[2].metadata}
    (again,) = transformed(found[1].model_copy(update={"page_content": PAGE}))
    assert "clean_error" not in again.metadata


def test_a_clean_document_stays_clean():
    (once,) = transformed(Document(page_content=PAGE))
    (twice,) = transformed(once)
    assert twice.page_content == once.page_content == BODY
    assert twice.metadata["clean_lines_removed"] == 0


def test_nothing_gives_nothing():
    assert transformed(limits=Limits()) == []
    assert transformed(Document(page_content=""))[0].page_content == ""


def test_settings_count():
    assert "Loading" in transformed(Document(page_content=PAGE), settings=Settings(ignore=("RT",)))[0].page_content


def test_in_a_loop_of_events():
    step = CleanScrapeTransformer(Settings(policy="strict"))
    given = [Document(page_content=PAGE, id=str(n)) for n in range(3)]
    found = asyncio.run(step.atransform_documents(given))
    assert [(one.id, one.page_content) for one in found] == [("0", BODY), ("1", BODY), ("2", BODY)]
    assert found == step.transform_documents(given)


def test_documents_of_other_classes_keep_their_class():
    class Chapter(Document):
        number: int = 0

    (found,) = transformed(Chapter(page_content=PAGE, number=3))
    assert (type(found), found.number, found.page_content) == (Chapter, 3, BODY)


def test_without_the_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "langchain_core.documents", None)
    monkeypatch.delitem(sys.modules, "cleaner.adapters.langchain")
    with pytest.raises(InputError, match=r'pip install "clean-scrape\[langchain\]"') as caught:
        import_module("cleaner.adapters.langchain")
    assert caught.value.reason == "missing-extra"
