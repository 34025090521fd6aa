"""The documentation as a site: it builds without a warning, links lead somewhere, and it asks nobody for anything."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
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


def build(docs: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """What ``make site`` does with a folder of documentation, up to the check of links."""
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "--fail-on-warning",
        "--keep-going",
        "--nitpicky",
        "--fresh-env",
        "--quiet",
    ]
    command += ["-d", str(site.parent / "doctrees"), str(docs), str(site)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    for package in ("sphinx", "myst_parser", "furo"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed: make site, or pip install 'clean-scrape[docs]'")
    found = tmp_path_factory.mktemp("docs") / "site"
    done = build(DOCS, found)
    assert done.returncode == 0, done.stderr
    return found


@pytest.fixture
def copy(tmp_path, site) -> Path:
    """A copy of the documentation, to be spoilt."""
    return Path(shutil.copytree(DOCS, tmp_path / "docs", ignore=shutil.ignore_patterns("__pycache__")))


def test_every_link_of_the_site_leads_somewhere_and_nothing_is_fetched(site):
    assert list(check.built(site)) == []


def test_every_page_is_reached_from_the_first(site):
    pages = {path.stem for path in DOCS.glob("*.md")}
    todo, seen = ["index"], set()
    while todo:
        seen.add(name := todo.pop())
        targets = {address.split("#")[0] for *_, address, _ in check._tree(site / f"{name}.html").iterlinks()}
        todo += [page for page in pages - seen if f"{page}.html" in targets]
    assert seen == pages


def test_the_site_is_the_same_every_time(site, tmp_path):
    again = tmp_path / "site"
    assert build(DOCS, again).returncode == 0
    pages = sorted(path.name for path in site.glob("*.html"))
    assert [name for name in pages if (site / name).read_bytes() != (again / name).read_bytes()] == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("See [runs](run.md).", "run.md"),
        ("See [patches](report.md#patch).", "patch"),
        ("See [here](#nowhere-at-all).", "nowhere-at-all"),
        ("#### Too deep", "header"),
    ],
)
def test_a_broken_link_or_heading_fails_the_build(copy, tmp_path, line, said):
    with (copy / "guide.md").open("a", encoding="utf-8") as page:
        page.write(f"\n{line}\n")
    done = build(copy, tmp_path / "site")
    assert done.returncode != 0
    assert "guide.md" in done.stderr
    assert said in done.stderr


def test_a_page_that_no_list_names_fails_the_build(copy, tmp_path):
    (copy / "lost.md").write_text("# Lost\n\nNobody comes here.\n", "utf-8")
    done = build(copy, tmp_path / "site")
    assert done.returncode != 0
    assert "lost.md" in done.stderr


@pytest.mark.parametrize("path", sorted(DOCS.glob("*.md")), ids=lambda path: path.name)
def test_a_page_has_one_title_and_begins_with_it(path):
    levels = [token.tag for token in check._parsed(path.read_text("utf-8")) if token.type == "heading_open"]
    assert levels[0] == "h1"
    assert levels.count("h1") == 1


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
