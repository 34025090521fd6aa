"""The command line, in this process, and as a process of its own where a test is about that."""

from __future__ import annotations

import gzip
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cleaner.cli import main
from tests.cli import run

PROSE = (
    "The council voted on Tuesday to close the old bridge.\nLoading, please wait...\nIt was late and all went home.\n"
)
BODY = "The council voted on Tuesday to close the old bridge.\nIt was late and all went home.\n"
COMMAND = [sys.executable, "-m", "cleaner"]


def scrape(*args, cwd, stdin=b"", **env):
    """Call the command; its exit code, output and error output."""
    return tuple(run(*args, input=stdin, cwd=cwd, **env))


def rows(out: Path) -> dict[str, dict]:
    lines = (out / "_report" / "pages.jsonl").read_text("utf-8").split("\n")[:-1]
    return {row["source"]: row for row in map(json.loads, lines)}


@pytest.fixture
def pages(tmp_path):
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text(PROSE)
    (folder / "sub" / "b.txt").write_text(BODY)
    (folder / "c.html").write_text(f"<html><body><p>{'</p><p>'.join(PROSE.split(chr(10)))}</p></body></html>")
    return tmp_path


def test_the_default_command_cleans_a_folder_and_sums_up(pages):
    code, said, failed = scrape("in", "out", cwd=pages)
    assert (code, failed) == (0, "")
    assert (pages / "out" / "a.txt").read_text() == BODY
    assert (pages / "out" / "sub" / "b.txt").read_text() == BODY
    assert "the old bridge.\n" in (pages / "out" / "c.html.txt").read_text()
    assert said.startswith("3 pages: 3 written\n")
    assert "RT101  loading-line" in said and "report: out/_report" in said
    sums = json.loads((pages / "out" / "_report" / "summary.json").read_text())
    assert sums["pages"]["seen"] == 3 and sums["codes"]["RT101"]["lines"] >= 1


@pytest.mark.parametrize("args", [("run", "in", "out"), ("--jobs", "1", "in", "out"), ("in", "out", "-q", "--jobs=2")])
def test_the_command_may_be_named_and_options_may_come_first(pages, args):
    assert scrape(*args, cwd=pages)[0] == 0
    assert (pages / "out" / "a.txt").read_text() == BODY


def test_any_number_of_jobs_gives_the_same_bytes(pages):
    found = []
    for jobs, seed in ((1, "1"), (2, "2"), (5, "")):
        if seed:
            command = [*COMMAND, "in", f"out{jobs}", "--quiet", "--jobs", str(jobs)]
            subprocess.run(command, cwd=pages, env=os.environ | {"PYTHONHASHSEED": seed}, check=True)
        else:
            assert scrape("in", f"out{jobs}", "--jobs", jobs, cwd=pages)[0] == 0
        root = pages / f"out{jobs}"
        files = (p for p in root.rglob("*") if p.is_file() and ".clean-scrape" not in p.parts)
        found.append({p.relative_to(root): p.read_bytes() for p in files})
    assert found[0] == found[1] == found[2]


def test_a_second_run_says_that_nothing_was_to_do(pages):
    assert scrape("in", "out", cwd=pages)[1].startswith("3 pages: 3 written\n")
    assert scrape("in", "out", cwd=pages)[1].startswith("3 pages: 3 written (3 of them done before)\n")


def test_quiet_prints_nothing(pages):
    assert scrape("in", "out", "--quiet", cwd=pages) == (0, "", "")


def test_standard_input_becomes_one_page(tmp_path):
    assert scrape("-", "out", cwd=tmp_path, stdin=PROSE.encode())[0] == 0
    assert (tmp_path / "out" / "stdin.txt").read_text() == BODY
    assert list(rows(tmp_path / "out")) == ["stdin"]


def test_standard_input_may_be_packed(tmp_path):
    assert scrape("-", "out", cwd=tmp_path, stdin=gzip.compress(PROSE.encode()))[0] == 0
    assert (tmp_path / "out" / "stdin.txt").read_text() == BODY


def test_standard_input_may_be_html(tmp_path):
    page = f"<html><body><p>{BODY}</p></body></html>"
    assert scrape("-", "html", cwd=tmp_path, stdin=page.encode())[0] == 0
    assert "bridge" in (tmp_path / "html" / "stdin.txt").read_text()


def test_a_pipe_that_is_named_is_refused_with_the_way_to_do_it(tmp_path):
    line = f"'{sys.executable}' -m cleaner <(echo word) out"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 2 and b"only `clean-scrape - OUT` reads from one [fifo]" in done.stderr


def test_a_single_file_and_jsonl(pages):
    assert scrape("in/a.txt", "out", "--format", "jsonl", cwd=pages)[0] == 0
    (record,) = map(json.loads, (pages / "out" / "pages-00000.jsonl").read_text().splitlines())
    assert (record["id"], record["text"]) == ("a.txt", BODY)
    assert scrape("restore", "out", cwd=pages)[:2] == (0, "1 page rebuilt, 0 failed\n")


def hostile(folder: Path) -> None:
    folder.mkdir()
    (folder / "good.txt").write_text(PROSE)
    (folder / "empty.html").write_bytes(b"")
    (folder / "picture.html").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    (folder / "cut.html.gz").write_bytes(gzip.compress(PROSE.encode() * 9)[:-12])
    (folder / "invalid.txt").write_bytes(PROSE.encode() + "Caf\u00e9 na\u00efve \u2013 ".encode() * 20 + b"\xff\xfe.\n")
    (folder / "locked.txt").write_text(PROSE)
    (folder / "locked.txt").chmod(0)
    deep = "<div>" * 1000 + f"<p>{BODY}</p>" + "</div>" * 1000
    (folder / "deep.html").write_text(f"<html><body>{deep}</body></html>")


def test_every_good_page_is_written_and_every_bad_one_named(tmp_path):
    hostile(tmp_path / "in")
    code, said, failed = scrape("in", "out", cwd=tmp_path)
    found = rows(tmp_path / "out")
    bad = {name: row["error"]["reason"] for name, row in found.items() if "error" in row}
    wanted = {"picture.html": "binary"}
    if os.geteuid() != 0:  # nothing is locked for root; test_corpus_inputs.py steps down from it
        wanted["locked.txt"] = "unreadable"
    assert (code, bad) == (2, wanted)
    assert len(found) == 7
    for name, reason in bad.items():
        assert f"clean-scrape: {name}: " in failed and f"[{reason}]" in failed
        assert f"  {name}: {reason}" in said
    assert "bridge" in (tmp_path / "out" / "deep.html.txt").read_text()
    assert (tmp_path / "out" / "invalid.txt").read_bytes().endswith(b"\xff\xfe.\n")
    assert (tmp_path / "out" / found["empty.html"]["output"]).read_bytes() == b""
    assert "  empty.html: has no text\n" in said
    assert scrape("restore", "out", cwd=tmp_path)[0] == 0


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("in", "out", "--polcy", "safe"), "--policy"),
        (("in", "out", "--policy", "brave"), "'safe', 'balanced', 'strict'"),
        (("chekc", "in"), "the command 'check'"),
        (("nowhere", "out"), "does not exist"),
        (("in",), "OUT"),
        (("in", "out", "--jobs", "0"), "--jobs"),
        (("in", "out", "--select", "PX10"), "PX10"),
        (("in", "out", "--config", "bad.toml"), "did you mean 'policy'"),
        (("in", "in"), "same folder"),
        (("rules", "PW9999"), "Did you mean"),
        (("explain", "nothing.txt"), "does not exist"),
        (("explain", "in/a.txt:99"), "99"),
        (("explain", "in"), "is a folder"),
        (("explain", "pipe"), "pipe: is a pipe"),
        (("rules", "ZZ"), "lists them all"),
        (("restore", "out", "--to", "out"), "overwrite the bodies"),
        (("check", "in/nothing.txt", "in/sub"), "nothing to do; 1 file could not be checked"),
        (("check", "in/nothing.txt"), "No such file"),
        (("restore", "in"), "there is no report"),
    ],
)
def test_wrong_use_ends_with_2_and_a_hint(pages, args, said):
    (pages / "bad.toml").write_text("[clean-scrape]\npolcy = 'safe'\n")
    (pages / "out").mkdir()
    os.mkfifo(pages / "pipe")
    code, _, failed = scrape(*args, cwd=pages)
    assert code == 2
    assert said in failed and "Traceback" not in failed


def test_check_prints_findings_and_changes_nothing(pages):
    code, said, _ = scrape("check", "in", cwd=pages)
    assert code == 1
    assert said.startswith("in/a.txt:2: RT101 ") and said.rstrip().endswith("]")
    assert (pages / "in" / "a.txt").read_text() == PROSE
    assert scrape("check", "in/sub/b.txt", "--quiet", cwd=pages) == (0, "", "")


def test_the_patch_of_check_does_what_fix_does(pages):
    code, patch, _ = scrape("check", "in/a.txt", "in/sub", "--diff", cwd=pages)
    assert code == 1
    subprocess.run(["git", "apply", "-"], input=patch.encode(), cwd=pages, check=True)
    assert (pages / "in" / "a.txt").read_text() == BODY


def test_the_patch_of_check_counts_from_the_top_of_the_repository(pages):
    subprocess.run(["git", "init", "-q", "."], cwd=pages, check=True)
    _, patch, _ = scrape("check", "../a.txt", pages / "in" / "sub", "--diff", cwd=pages / "in" / "sub")
    assert patch.startswith("diff --git a/in/a.txt b/in/a.txt\n")
    subprocess.run(["git", "apply", "-"], input=patch.encode(), cwd=pages, check=True)
    assert (pages / "in" / "a.txt").read_text() == BODY


def test_fix_rewrites_text_and_refuses_html(pages):
    code, said, failed = scrape("fix", "in", cwd=pages)
    assert code == 2
    assert said == "in/a.txt: 1 line deleted\n"
    assert "clean-scrape: in/c.html: is HTML" in failed
    assert (pages / "in" / "a.txt").read_text() == BODY
    assert scrape("fix", "in/a.txt", cwd=pages) == (0, "", "")


def test_check_finds_nothing_in_what_we_wrote(pages):
    (pages / "in" / "strict.txt").write_text(PROSE)
    assert scrape("in", "out", "--ignore", "RT", "-q", cwd=pages)[0] == 0
    assert "Loading" in (pages / "out" / "strict.txt").read_text()
    assert scrape("check", "out", "-q", cwd=pages) == (0, "", "")
    assert scrape("fix", "out", cwd=pages)[0] == 0
    assert "Loading" in (pages / "out" / "strict.txt").read_text()
    (pages / "out" / "strict.txt").write_text("One more.\n" + PROSE)
    assert scrape("check", "out", "-q", cwd=pages)[0] == 1


def test_the_allow_list_accepts_what_is_there(pages):
    assert scrape("check", "in", "--update-allow-list", cwd=pages)[0] == 0
    assert scrape("check", "in", "-q", cwd=pages) == (0, "", "")
    assert 'code = "RT101"' in (pages / ".clean-scrape.toml").read_text()


def test_excluded_files_are_checked_only_when_they_are_named(pages):
    (pages / "setup.cfg").write_text("[clean-scrape]\nexclude = in/a.txt\n")
    assert scrape("check", "in/sub", "in/a.txt", cwd=pages)[0] == 1
    assert scrape("check", "in/a.txt", "--force-exclude", "-q", cwd=pages) == (0, "", "")
    _, said, _ = scrape("check", "in", cwd=pages)
    assert "a.txt" not in said


def test_a_run_leaves_out_what_check_leaves_out(pages):
    (pages / "setup.cfg").write_text("[clean-scrape]\nexclude = in/sub/*.txt, c.html\n")
    assert scrape("in", "out", cwd=pages)[0] == 0
    assert list(rows(pages / "out")) == ["a.txt"]
    assert scrape("in/c.html", "one", cwd=pages)[1].startswith("1 page: 1 written")


def test_a_folder_that_is_named_is_meant(pages):
    (pages / "setup.cfg").write_text("[clean-scrape]\nexclude = in, b.txt\n")
    (pages / "in" / "sub" / "d.txt").write_text(PROSE)
    assert scrape("in/sub", "out", cwd=pages)[0] == 0
    assert list(rows(pages / "out")) == ["d.txt"]
    assert scrape("check", "in/sub", "-q", cwd=pages)[1].startswith("in/sub/d.txt:2: RT101 ")
    assert scrape("check", "in/sub", "-q", "--force-exclude", cwd=pages) == (0, "", "")
    assert scrape("check", "../in", cwd=pages / "in")[0] == 1


def test_no_patch_for_packed_files(pages):
    (pages / "in" / "a.txt.gz").write_bytes(gzip.compress(PROSE.encode()))
    code, patch, failed = scrape("check", "--diff", "in/a.txt.gz", cwd=pages)
    assert (code, patch) == (1, "") and failed.startswith("in/a.txt.gz:2: RT101 ")


def test_explain_shows_lines_that_stay_too(pages):
    code, said, _ = scrape("explain", "in/a.txt", cwd=pages)
    assert code == 0
    assert "1 keep" in said and "2 DROP" in said and "RT101" in said
    _, one, _ = scrape("explain", "in/a.txt:2", cwd=pages)
    assert "2 DROP" in one and "1 keep" not in one


def test_restore_proves_every_page_or_names_it(pages):
    scrape("in", "out", cwd=pages)
    assert scrape("restore", "out", "--to", "again", cwd=pages)[:2] == (0, "3 pages rebuilt, 0 failed\n")
    assert (pages / "again" / "a.txt").read_text() == PROSE
    (pages / "out" / "a.txt").write_text("other")
    code, _, failed = scrape("restore", "out", cwd=pages)
    assert code == 2 and failed.startswith("clean-scrape: a.txt: ")


def test_rules_are_listed(tmp_path):
    code, said, _ = scrape("rules", cwd=tmp_path)
    assert code == 0 and said.count("\n  goes:") == said.count("\n  stays:") > 10
    _, one, _ = scrape("rules", "RT101", cwd=tmp_path)
    assert one.startswith("RT101 loading-line\n") and one.count("goes:") == 1


def test_help_and_version(tmp_path):
    code, said, _ = scrape("--help", cwd=tmp_path)
    assert code == 0 and "clean-scrape pages/ clean/  " in said and "_CLEAN_SCRAPE_COMPLETE=bash_source" in said
    for command in ("run", "check", "fix", "explain", "restore", "rules"):
        assert f"  {command} " in said
        assert "Examples:\n" in scrape(command, "-h", cwd=tmp_path)[1]
    code, said, _ = scrape("--version", cwd=tmp_path)
    assert code == 0 and said.startswith("clean-scrape 0.")


def test_shell_completion_knows_commands_and_options(tmp_path):
    def complete(*words):
        env = {
            "_CLEAN_SCRAPE_COMPLETE": "bash_complete",
            "COMP_CWORD": str(len(words) - 1),
            "COMP_WORDS": " ".join(words),
        }
        return scrape(cwd=tmp_path, **env)[1]

    assert "plain,explain" in complete("clean-scrape", "ex")
    assert "plain,--policy" in complete("clean-scrape", "run", "--po")


def test_page_text_cannot_steer_the_terminal(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a\x1b[2J.txt").write_text("Loading, please wait... \x1b]0;owned\x07\u202e\n" + BODY)
    for args in (("check", "in"), ("in", "out"), ("explain", "in/a\x1b[2J.txt")):
        _, said, failed = scrape(*args, cwd=tmp_path)
        assert not any(ord(c) < 32 and c != "\n" for c in said + failed)
        assert "\u202e" not in said + failed
    assert "<U+001B>" in said


def on_terminal(*args, cwd, **env):
    """What a person sees: the command with a terminal as its three streams."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *args],
        cwd=cwd,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", **env},
    ) as process:
        os.close(theirs)
        said = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            said += part
        process.wait(60)
    os.close(ours)
    return said


def test_a_patch_cannot_steer_the_terminal(tmp_path):
    (tmp_path / "a.txt").write_text(PROSE.replace("wait", "wait \x1b]0;owned\x07"))
    seen = on_terminal("check", "--diff", "a.txt", cwd=tmp_path)
    assert b"-Loading, please wait <U+001B>]0;owned<U+0007>" in seen and b"\x1b]0;" not in seen


def test_failures_do_not_tear_the_progress_bar(tmp_path):
    hostile(tmp_path / "in")
    seen = on_terminal("in", "out", "--jobs", "1", cwd=tmp_path, NO_COLOR="1", COLUMNS="200")
    assert seen.count(b"clean-scrape: ") == 1 + (os.geteuid() != 0)
    assert all(before.endswith((b"\x1b[2K", b"\n")) for before in seen.split(b"clean-scrape: ")[:-1])


def test_colour_and_progress_are_for_people_and_can_be_turned_off(pages):
    colours = (b"\x1b[1m", b"\x1b[3", b"\x1b[9")
    bright = on_terminal("in", "out", cwd=pages, NO_COLOR="")
    assert b"cleaning" in bright and any(colour in bright for colour in colours)
    for args, env in ((("in", "out"), {"NO_COLOR": "1"}), (("in", "out", "--no-color"), {"NO_COLOR": ""})):
        plain = on_terminal(*args, cwd=pages, **env)
        assert not any(colour in plain for colour in colours)
    assert b"cleaning" not in on_terminal("in", "out", "--quiet", cwd=pages)


@pytest.mark.parametrize(("jobs", "number", "code"), [("1", "INT", 130), ("2", "INT", 130), ("2", "TERM", 143)])
def test_a_run_that_is_stopped_leaves_no_parts(tmp_path, jobs, number, code):
    (tmp_path / "in").mkdir()
    for page in range(1_500):
        (tmp_path / "in" / f"{page:04}.txt").write_text(PROSE * 5)
    with subprocess.Popen(
        [*COMMAND, "in", "out", "--jobs", jobs], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        until = time.monotonic() + 60
        while not (tmp_path / "out" / "0020.txt").exists() and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(getattr(signal, f"SIG{number}"))
        _, failed = process.communicate(timeout=60)
    assert process.returncode == code
    assert b"Traceback" not in failed and (number == "TERM" or b"interrupted" in failed)
    assert not list((tmp_path / "out").rglob("_report/*"))
    bodies = {path.read_text() for path in (tmp_path / "out").glob("*.txt")}
    assert len(bodies) == 1
    assert scrape("in", "out", "--jobs", jobs, cwd=tmp_path)[0] == 0
    assert len(rows(tmp_path / "out")) == 1_500


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    with subprocess.Popen([*COMMAND, "rules"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as process:
        process.stdout.close()
        failed = process.stderr.read()
        process.wait(60)
    assert b"Traceback" not in failed and b"BrokenPipe" not in failed


def test_closed_output_is_no_error(tmp_path):
    (tmp_path / "a.txt").write_text(PROSE)
    command = f"'{sys.executable}' -m cleaner check a.txt"
    for closed, code in ((">&-", 1), ("2>&-", 1)):
        done = subprocess.run(f"{command} {closed}", shell=True, cwd=tmp_path, capture_output=True, check=False)
        assert (done.returncode, b"Traceback" in done.stderr) == (code, False)


def test_a_fault_of_ours_does_not_look_like_findings(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("cleaner.cli.commands.main", lambda **_: 1 // 0)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 3
    assert "ZeroDivisionError" in (said := capsys.readouterr().err) and "please report it" in said


def test_a_disk_that_refuses_ends_with_3(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(PROSE)
    limit = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); from cleaner.cli import main"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{limit}; main(['in', 'out'])"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    code, failed = done.returncode, done.stderr
    assert code == 3
    assert "stopped by the machine" in failed and "Traceback" not in failed
