"""The checker of links in the documentation, in its sources and in the site that ``make site`` builds."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.shown import ROOT

DOCS = ROOT / "docs"


def script(name: str) -> ModuleType:
    """A script of the documentation, as a module."""
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


check = script("check_links")


def test_a_page_has_one_title_and_begins_with_it():
    wrong = []
    for path in sorted(DOCS.glob("*.md")):
        levels = [token.tag for token in check._parsed(path.read_text("utf-8")) if token.type == "heading_open"]
        if levels[:1] != ["h1"] or levels.count("h1") != 1:
            wrong.append(f"{path.name}: {levels}")
    assert wrong == []


def test_links_in_the_sources_lead_somewhere():
    assert list(check.sources()) == []


README = """\
# The boat

See [rules](docs/rules.md), [one](docs/rules.md#ad101-ad-label), [below](#how-its-built--a-b), [again](#twice-1),
[a folder](docs), [a blank](docs/a%20b.md), [the web](https://www.courier.example/a#b), <https://courier.example>,
[a letter](mailto:edda@courier.example).

`[no](link.md)` and

```md
[no](link.md) either
```

## How it's built & *a* `b`

## Twice

## Twice
"""


@pytest.fixture
def project(tmp_path) -> Path:
    """A project whose links are right."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "rules.md").write_text("# Rules\n\n### AD101 ad-label\n\n[up](../README.md#twice)\n", "utf-8")
    (tmp_path / "docs" / "a b.md").write_text("# A b\n", "utf-8")
    (tmp_path / "README.md").write_text(README, "utf-8")
    return tmp_path


def test_links_that_are_right_are_passed_over(project):
    assert list(check.sources(project)) == []


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("docs/rule.md", "there is no such file"),
        ("docs/rules.md#ad102", "the page has no such heading"),
        ("docs/rules.md#AD101-ad-label", "the page has no such heading"),
        ("#twice-2", "the page has no such heading"),
        ("#how-it-s-built--a-b", "the page has no such heading"),
        ("http://courier.example", "is no address that begins with https://"),
        ("https://courier", "names no host"),
        ("https:///courier.example", "names no host"),
        ("//courier.example/a", "is no address that begins with https://"),
        ("mailto:edda", "is no address"),
    ],
)
def test_a_link_that_is_wrong_is_named(project, link, said):
    with (project / "README.md").open("a", encoding="utf-8") as page:
        page.write(f"\n[x]({link})\n")
    assert list(check.sources(project)) == [f"README.md: {link}: {said}"]


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ('<a href="b.html#there">x</a> <a href="#here">x</a> <a href="https://courier.example/">x</a>', ""),
        ('<link rel="canonical" href="https://courier.example/a.html">', ""),
        ('<img src="data:image/png;base64,AA==">', ""),
        ('<a href="c.html">x</a>', "there is no such file"),
        ('<a href="b.html#nowhere">x</a>', "the page has no such place"),
        ('<script src="https://cdn.example/x.js"></script>', "script asks for"),
        ('<link rel="stylesheet" href="//fonts.example/x.css">', "link asks for"),
        ('<img src="https://courier.example/x.png">', "img asks for"),
        ('<form action="https://courier.example/"></form>', "form asks for"),
    ],
)
def test_what_a_page_of_the_site_may_ask_for(tmp_path, markup, said):
    (tmp_path / "a.html").write_text(f"<html><body><p id=here>{markup}</p></body></html>", "utf-8")
    (tmp_path / "b.html").write_text("<html><body><p id=there>b</p></body></html>", "utf-8")
    faults = list(check.built(tmp_path))
    assert len(faults) == bool(said)
    assert said in "".join(faults)


def test_styles_fetch_nothing_either(tmp_path):
    (tmp_path / "near.css").write_text("a { background: url('data:image/svg+xml,<svg xmlns=\"http://x.example\"/>') }")
    assert list(check.built(tmp_path)) == []
    (tmp_path / "far.css").write_text("@font-face { src: url(https://fonts.example/x.woff2) }")
    (fault,) = check.built(tmp_path)
    assert fault.startswith("far.css: asks for https://fonts.example/x.woff2")
