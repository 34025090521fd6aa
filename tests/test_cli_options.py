"""Every option that a command offers has an effect; the settings that hold can be shown."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cleaner.cli import commands
from tests.cli import run

PROSE = (
    "The council voted on Tuesday to close the old bridge.\nLoading, please wait...\nIt was late and all went home.\n"
)
OTHER = (
    "Related: Barge crews block the canal for a day\nThe lock was closed for a week, and nobody was there to open it.\n"
)

#: Options of the settings, and what is given besides to both calls: --show-settings prints what cleaning will use.
SETTINGS = {
    "--policy": ("--policy safe", "--show-settings"),
    "--select": ("--select NV", "--show-settings"),
    "--ignore": ("--ignore RT", "--show-settings"),
    "--languages": ("--languages de,fr", "--show-settings"),
    "--second-opinion": ("--second-opinion", "--show-settings"),
    "--config": ("--config other.cfg", "--show-settings"),
    "--profile": ("--profile sites.profile.jsonl", "--show-settings"),
    "--show-settings": ("--show-settings", ""),
}

#: By command: its arguments, and for each option how it is given and what is given besides to both calls; or, where
#: the effect cannot be seen in output or files, what the option does and which test looks at it.
OPTIONS: dict[str, tuple[str, dict[str, tuple[str, str] | str]]] = {
    "run": (
        "pages new --jobs 1",
        {
            **SETTINGS,
            "--jobs": "the number of workers: test_any_number_of_jobs_gives_the_same_bytes",
            "--text-field": ("--text-field body", ""),
            "--id-field": ("--id-field name", ""),
            "--url-field": ("--url-field link", ""),
            "--format": ("--format jsonl", ""),
            "--metadata": ("--metadata", ""),
            "--two-pass": ("--two-pass", ""),
            "--site-key": ("--site-key folder", "--two-pass"),
            "--engine": "where the work is done: test_engines_ray",
            "--ray-address": "the cluster that does the work: test_engines_ray",
            "--no-html": ("--no-html", ""),
            "--restart": "cleans all pages again: test_runs_scenarios",
            "--no-color": "colours: test_no_command_prints_colour_against_the_wish_of_its_user",
            "--quiet": ("--quiet", ""),
        },
    ),
    "check": (
        "pages --jobs 1",
        {
            **SETTINGS,
            "--jobs": "the number of workers: test_findings_formats and test_inplace_data",
            "--force-exclude": ("--force-exclude", "pages/a.txt --config exclude.cfg"),
            "--text-field": ("--text-field body", ""),
            "--id-field": ("--id-field name", "--format json"),
            "--url-field": ("--url-field link", "--format json"),
            "--format": ("--format full", ""),
            "--output": ("--output found.txt", ""),
            "--diff": ("--diff", ""),
            "--update-allow-list": ("--update-allow-list", ""),
            "--no-color": "colours: test_no_command_prints_colour_against_the_wish_of_its_user",
            "--quiet": ("--quiet", ""),
        },
    ),
    "fix": (
        "pages/a.txt pages/rows.jsonl --jobs 1",
        {
            **{name: given for name, given in SETTINGS.items() if name != "--second-opinion"},
            "--jobs": "the number of workers: test_workers_fix_what_one_process_fixes",
            "--force-exclude": ("--force-exclude", "--config exclude.cfg"),
            "--text-field": ("--text-field body", ""),
            "--url-field": ("--url-field link", "--config site.cfg"),
            "--no-color": "colours: test_no_command_prints_colour_against_the_wish_of_its_user",
            "--quiet": ("--quiet", ""),
        },
    ),
    "explain": (
        "pages/rows.jsonl#1",
        {
            **SETTINGS,
            "--text-field": ("--text-field body", ""),
            "--url-field": ("--url-field link", "--config site.cfg"),
            "--no-color": "colours: test_no_command_prints_colour_against_the_wish_of_its_user",
        },
    ),
    "review": (
        "out",
        {
            **dict.fromkeys(
                ("--labels", "--limit", "--below", "--code", "--site", "--source", "--context"),
                "what is asked about, and where answers go: test_review and test_review_terminal",
            ),
            "--config": "whose allow-list takes the answers: test_review_terminal",
            "--no-color": "colours: test_colour_only_when_it_is_wanted",
        },
    ),
    "allow": (
        "out pages/a.txt:2",
        {
            "--labels": ("--labels other.jsonl", ""),
            "--config": ("--config other.cfg", ""),
            "--no-color": "colours: test_no_command_prints_colour_against_the_wish_of_its_user",
        },
    ),
    "stats": (
        "out",
        {
            "--labels": ("--labels none.jsonl", ""),
            "--config": ("--config other.cfg", ""),
            "--format": ("--format json", ""),
            "--no-color": "colours: test_no_command_prints_colour_against_the_wish_of_its_user",
        },
    ),
    "profile count": (
        "pages -o new.profile.jsonl --jobs 1",
        {
            "--output": ("--output x.profile.jsonl", ""),
            "--site-key": ("--site-key folder", ""),
            "--shard": ("--shard", ""),
            "--jobs": "the number of workers: test_sites_cli",
            "--text-field": ("--text-field body", ""),
            "--url-field": ("--url-field link", ""),
            "--no-color": "colours: test_no_command_prints_colour_against_the_wish_of_its_user",
            "--quiet": ("--quiet", ""),
        },
    ),
    "profile merge": (
        "shard.profile.jsonl -o new.profile.jsonl",
        {
            "--output": ("--output x.profile.jsonl", ""),
            "--shard": ("--shard", ""),
            "--no-color": "colours: test_no_command_prints_colour_against_the_wish_of_its_user",
            "--quiet": ("--quiet", ""),
        },
    ),
    "profile show": (
        "sites.profile.jsonl",
        {"--no-color": "colours: test_no_command_prints_colour_against_the_wish_of_its_user"},
    ),
    "report": (
        "out",
        {
            "--pages": ("--pages 0", ""),
            "--no-color": "colours: test_no_command_prints_colour_against_the_wish_of_its_user",
            "--quiet": ("--quiet", ""),
        },
    ),
    "restore": (
        "out",
        {
            "--to": ("--to again", ""),
            "--no-color": "colours: test_no_command_prints_colour_against_the_wish_of_its_user",
            "--quiet": ("--quiet", ""),
        },
    ),
    "rules": ("PW101", {"--no-color": "colours: test_no_command_prints_colour_against_the_wish_of_its_user"}),
}

CASES = [
    (command, option, arguments, *given)
    for command, (arguments, options) in OPTIONS.items()
    for option, given in options.items()
    if isinstance(given, tuple)
]


def every_command(group: click.Group = commands, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from every_command(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with pages, files of settings, a run, its labels, and profiles."""
    folder = tmp_path_factory.mktemp("options")
    pages = folder / "pages" / "pages"
    pages.mkdir(parents=True)
    pages.joinpath("a.txt").write_text(PROSE)
    shutil.copy(pages / "a.txt", folder / "pages")
    rows = [
        {
            "text": f"{PROSE}On {day} the works went on.\n",
            "body": f"{OTHER}On {day} the strike went on.\n",
            "id": str(number),
            "name": f"name {number}",
            "url": f"https://a.example/{number}",
            "link": f"https://b.example/{number}",
        }
        for number, day in enumerate(("Monday", "Tuesday", "Thursday", "Friday"))
    ]
    folder.joinpath("pages", "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    folder.joinpath("other.cfg").write_text("[clean-scrape]\npolicy = strict\nallow-list = elsewhere/list.toml\n")
    folder.joinpath("exclude.cfg").write_text("[clean-scrape]\nexclude = pages/a.txt\n")
    folder.joinpath("site.cfg").write_text("[clean-scrape]\n[clean-scrape:b.example]\nignore = RT\n")
    folder.joinpath(".git").mkdir()
    folder.joinpath("elsewhere").mkdir()
    for line in (
        "run pages out --jobs 1 -q",
        "allow out pages/a.txt:2",
        "profile pages -o sites.profile.jsonl --jobs 1",
        "profile pages -o shard.profile.jsonl --shard --jobs 1",
    ):
        assert run(*line.split(), cwd=folder).returncode == 0, line
    folder.joinpath(".clean-scrape.toml").unlink()
    return folder


def effect(project: Path, folder: Path, line: str) -> object:
    """What a command prints and writes in a copy of the project."""
    shutil.copytree(project, folder)
    ended = run(*line.split(), cwd=folder)
    assert ended.returncode in (0, 1), ended
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    shutil.rmtree(folder)
    return tuple(ended), {name: data for name, data in found.items() if "/.clean-scrape" not in name}


def test_the_table_holds_every_option_of_every_command() -> None:
    offered = {
        name: {max(one.opts, key=len) for one in command.params if isinstance(one, click.Option) and not one.hidden}
        for name, command in every_command()
    }
    assert offered == {name: set(options) for name, (_, options) in OPTIONS.items()}


@pytest.mark.parametrize(
    ("command", "option", "arguments", "given", "besides"), CASES, ids=[f"{case[0]} {case[1]}" for case in CASES]
)
def test_an_option_changes_what_a_command_prints_or_writes(
    project: Path, tmp_path: Path, command: str, option: str, arguments: str, given: str, besides: str
) -> None:
    line = f"{command} {arguments} {besides}"
    assert effect(project, tmp_path / "x", line) != effect(project, tmp_path / "x", f"{line} {given}")


@pytest.mark.parametrize("command", [name for name, _ in every_command()])
@pytest.mark.parametrize("wish", ["--no-color", "NO_COLOR"])
def test_no_command_prints_colour_against_the_wish_of_its_user(
    monkeypatch: pytest.MonkeyPatch, project: Path, tmp_path: Path, command: str, wish: str
) -> None:
    seen: list[object] = []
    monkeypatch.setattr("click.utils.should_strip_ansi", lambda stream=None, color=None: seen.append(color) or True)
    shutil.copytree(project, tmp_path / "x")
    broken = tmp_path / "x" / "setup.cfg"
    broken.write_text("[clean-scrape]\npolicy = lenient\n")
    option, variables = (("--no-color",), {}) if wish == "--no-color" else ((), {wish: "1"})
    run(*command.split(), *OPTIONS[command][0].split(), *option, cwd=tmp_path / "x", **variables)
    assert seen == [] or set(seen) == {False}


def test_show_settings_names_the_origin_of_every_value(project: Path, tmp_path: Path) -> None:
    shutil.copytree(project, tmp_path / "x")
    text = '[tool.clean-scrape]\nlanguages = ["en"]\n[tool.clean-scrape.sites."b.example"]\npolicy = "strict"\n'
    (tmp_path / "x" / "pyproject.toml").write_text(text)
    shown = run("check", "--show-settings", "--ignore", "RT,NV", "--policy", "safe", cwd=tmp_path / "x")
    assert (shown.returncode, shown.stderr) == (0, "")
    rows = [row.split("#")[0].strip() + "  # " + row.rpartition("# ")[2] for row in shown.stdout.splitlines()[1:9]]
    assert rows == [
        'policy = "safe"  # command line',
        "select = []  # default",
        'ignore = ["RT", "NV"]  # command line',
        'languages = ["en"]  # pyproject.toml',
        "second-opinion = false  # default",
        "exclude = []  # default",
        'allow-list = ".clean-scrape.toml"  # default; holds 0 lines and 0 silenced codes',
        "  # default",
    ]
    wrong = run("check", "--show-settings", "--languages", "xx", cwd=tmp_path / "x")
    assert wrong.returncode == 2
    assert "command line: languages: unknown language 'xx'" in wrong.stderr
    assert run("check", cwd=tmp_path / "x").returncode == 2


def test_workers_fix_what_one_process_fixes(project: Path, tmp_path: Path) -> None:
    found = []
    for jobs in ("1", "2"):
        found.append(effect(project, tmp_path / "x", f"fix pages -j {jobs}"))
    assert found[0] == found[1]
    assert b"Loading" not in found[0][1]["pages/a.txt"]


def test_merge_takes_shards_only(project: Path, tmp_path: Path) -> None:
    shutil.copytree(project, tmp_path / "x")
    ended = run("profile", "merge", "pages", "-o", "new.profile.jsonl", cwd=tmp_path / "x")
    assert ended.returncode == 2
    assert "count pages with `clean-scrape profile count`" in ended.stderr
    alike = [run("profile", *line.split(), cwd=tmp_path / "x") for line in ("show sites.profile.jsonl a.example",)]
    assert alike == [run("profile", "--show", "sites.profile.jsonl", "a.example", cwd=tmp_path / "x")]
