"""The wheel works outside the tree, and `import cleaner` stays light."""

import os
import shutil
import subprocess
import sys
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

import cleaner

ROOT = Path(__file__).parents[1]

#: Everything outside the standard library that `import cleaner` may pull in. Making this longer is a decision.
LIGHT = {"ahocorasick_rs", "cleaner", "lxml"}


def python(*args: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | environ
    command = [sys.executable, *args]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, encoding="utf-8", timeout=300, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """A wheel built from a copy of the tree, so that building leaves no traces in it."""
    tree = tmp_path_factory.mktemp("tree")
    shutil.copytree(ROOT / "cleaner", tree / "cleaner", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    built = python("-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", "dist", ".", cwd=tree)
    assert built.returncode == 0, built.stderr
    (path,) = (tree / "dist").glob("clean_scrape-*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("target")
    done = python("-m", "pip", "install", "--no-deps", "--target", str(target), str(wheel), cwd=target)
    assert done.returncode == 0, done.stderr
    return target


def test_the_wheel_holds_code_data_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0].split("-")[0] for name in names}
    assert tops == {"cleaner", "clean_scrape"}
    assert "cleaner/py.typed" in names
    assert any(n.endswith("licenses/LICENSE") or n.endswith("dist-info/LICENSE") for n in names)
    data = [p for p in (ROOT / "cleaner").rglob("*") if p.suffix in {".txt", ".json", ".py"}]
    assert {p.relative_to(ROOT).as_posix() for p in data} <= set(names)
    assert any(n.startswith("cleaner/data/phrases/en/") for n in names)
    assert any(n.startswith("cleaner/data/weights/") and n.endswith(".json") for n in names)


def test_the_wheel_names_what_it_needs(wheel):
    archive = zipfile.ZipFile(wheel)
    (metadata,) = (n for n in archive.namelist() if n.endswith("METADATA"))
    headers = HeaderParser().parsestr(archive.read(metadata).decode())
    assert headers["Name"] == "clean-scrape"
    needs = " ".join(headers.get_all("Requires-Dist"))
    assert "lxml-html-clean" in needs  # pip before 23.3 does not find it by the extra that trafilatura names
    assert "numpy>=1.26" in needs


def test_the_wheel_works_outside_the_tree(installed, tmp_path):
    shutil.copy(ROOT / "examples" / "pages" / "lock.txt", tmp_path / "page.txt")
    version = python("-m", "cleaner", "--version", cwd=tmp_path, PYTHONPATH=str(installed))
    assert version.returncode == 0, version.stderr
    assert "0.1.0" in version.stdout
    done = python("-m", "cleaner", "--quiet", "page.txt", "out", cwd=tmp_path, PYTHONPATH=str(installed))
    assert done.returncode == 0, done.stderr
    body = (tmp_path / "out" / "page.txt").read_text("utf-8")
    assert "The water board has approved a second lock" in body
    assert "Loading, please wait..." not in body
    where = python("-c", "import cleaner; print(cleaner.__file__)", cwd=tmp_path, PYTHONPATH=str(installed))
    assert where.stdout.startswith(str(installed))


def test_import_is_light(tmp_path):
    script = "import sys; before = set(sys.modules); import cleaner; print(*sorted(set(sys.modules) - before))"
    loaded = python("-c", script, cwd=tmp_path).stdout.split()
    tops = {name.split(".")[0] for name in loaded} - sys.stdlib_module_names
    assert "cleaner" in tops
    assert {top for top in tops if not top.startswith("_")} <= LIGHT


def test_what_calls_take_return_and_raise_is_public():
    records = {"Cleaned", "Evidence", "Line", "Note", "Page", "RawPage", "Settings", "SiteProfile", "Verdict"}
    errors = {"CleanScrapeError", "SettingsError", "TooManyLinesError", "UnreadableError"}
    assert set(cleaner.__all__) == {"clean", "clean_pages", "load_settings"} | records | errors
    assert all(getattr(cleaner, name).__doc__ for name in cleaner.__all__)
