"""Checking and fixing in place: bytes, modes, other writers, what is refused; the allow-list's update.

Which lines go is not the question here, so a judge stands in that drops every line with JUNK in it; the
reader is the real one.
"""

from __future__ import annotations

import gzip
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from cleaner.errors import InputError, UnreadableError
from cleaner.inplace import text as inplace
from cleaner.read import read_page
from cleaner.records import Cleaned, Verdict
from cleaner.settings.allow_list import Allowed, read_allow_list, render
from cleaner.settings.record import Settings, line_hash

BODY = "The council met on Monday and agreed to mend the bridge."

DEFAULTS = Settings()

FORMS = {
    "plain": b"Kept one.\nJUNK\nKept two.\n",
    "crlf": b"Kept one.\r\nJUNK\r\nKept two.\r\n",
    "cr": b"Kept one.\rJUNK\rKept two.\r",
    "mixed": b"Kept one.\r\nJUNK\nKept two.\rJUNK\rKept three.\n",
    "bom": b"\xef\xbb\xbfJUNK\nKept one.\n",
    "no-final-newline": b"Kept one.\nJUNK",
    "kept-without-newline": b"JUNK\nKept one.",
    "invalid-bytes": b"Kept \xff\xfe\x80 one.\nJUNK \x81\nKept \xc3 two.\n",
    "latin-1": "Der Käse schmeckt süß.\nJUNK öö\nNoch ein Satz über Äpfel.\n".encode("latin-1"),
    "utf-16-le": b"\xff\xfe" + "Kept one.\r\nJUNK\r\nKept zwölf.\r\n".encode("utf-16-le"),
    "utf-16-be": b"\xfe\xff" + "Kept one.\nJUNK\nKept zwölf.\n".encode("utf-16-be"),
    "separators": "Kept\u2028one\x0b.\x0c\nJUNK\nKept\x85 two.\n".encode(),
    "blank-lines": b"Kept one.\n\n\nJUNK\n\t\nKept two.\n\n",
}


def judge(data: bytes, *, source: str = "", settings: Settings = DEFAULTS, site: object = None) -> Cleaned:
    """Drops the lines with JUNK in them, unless they are allowed."""
    page = read_page(data, source=source)
    verdicts = []
    for line in page.lines:
        junk = "JUNK" in line.text and ("SY999", line_hash(line.text)) not in settings.allow
        verdicts.append(Verdict(line, float(junk), not junk, "SY999" if junk else ""))
    return Cleaned(page, tuple(verdicts), 1.0)


@pytest.fixture(autouse=True)
def _judge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inplace, "clean", judge)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_bytes(f"{BODY}\nJUNK\n".encode())
    return path


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def reason(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        inplace.fix_file(path, DEFAULTS)
    return caught.value.reason


def residue(data: bytes, encoding: str) -> list[bytes]:
    """The lines of the bytes with their ends, split with no help from the reader."""
    text = data.decode(encoding, "surrogateescape")
    rows = text.replace("\r\n", "\0").replace("\r", "\1").replace("\n", "\2")
    for mark, end in (("\0", "\r\n"), ("\1", "\r"), ("\2", "\n")):
        rows = rows.replace(mark, end + "\3")
    return [row.encode(encoding, "surrogateescape") for row in rows.split("\3")]


@pytest.mark.parametrize("form", FORMS)
def test_whole_lines_go_and_every_other_byte_stays(tmp_path: Path, form: str) -> None:
    data = FORMS[form]
    encoding = form if form.startswith("utf-16") else "latin-1"
    junk = "JUNK".encode(encoding)
    bom = next((mark for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff") if data.startswith(mark)), b"")
    kept = [row for row in residue(data[len(bom) :], encoding) if junk not in row]
    path = tmp_path / "page.txt"
    path.write_bytes(data)
    assert inplace.fix_file(path, DEFAULTS) is not None
    assert path.read_bytes() == bom + b"".join(kept)
    assert inplace.fix_file(path, DEFAULTS) is None


def test_findings_write_nothing(page: Path) -> None:
    before = (page.read_bytes(), page.stat())
    found = inplace.check_file(page, DEFAULTS)
    assert [verdict.line.number for verdict in found.dropped] == [2]
    assert found.page.source == page.as_posix()
    assert (page.read_bytes(), page.stat().st_mtime_ns) == (before[0], before[1].st_mtime_ns)


@pytest.mark.parametrize("data", [f"{BODY}\n".encode(), b"", b"\n\n"])
def test_a_clean_file_is_not_touched(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "page.txt"
    path.write_bytes(data)
    path.chmod(0o444)
    before = path.stat()
    assert inplace.fix_file(path, DEFAULTS) is None
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_ctime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
        before.st_ctime_ns,
    )


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_the_mode_stays(page: Path, mode: int) -> None:
    page.chmod(mode)
    owner = (page.stat().st_uid, page.stat().st_gid)
    assert inplace.fix_file(page, DEFAULTS) is not None
    assert stat.S_IMODE(page.stat().st_mode) == mode
    assert (page.stat().st_uid, page.stat().st_gid) == owner


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays(page: Path) -> None:
    os.chown(page, 12345, 12346)
    assert inplace.fix_file(page, DEFAULTS) is not None
    assert (page.stat().st_uid, page.stat().st_gid) == (12345, 12346)


def test_nothing_is_left_beside_the_file(page: Path) -> None:
    inplace.fix_file(page, DEFAULTS)
    assert names(page.parent) == ["page.txt"]


def test_html_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_bytes(b"<!DOCTYPE html><html><body><p>JUNK</p></body></html>\n")
    assert reason(path) == "html"
    assert b"JUNK" in path.read_bytes()


def test_gzip_is_checked_and_not_fixed(tmp_path: Path) -> None:
    path = tmp_path / "page.txt.gz"
    packed = gzip.compress(FORMS["plain"], mtime=0)
    path.write_bytes(packed)
    assert len(inplace.check_file(path, DEFAULTS).dropped) == 1
    assert reason(path) == "compressed"
    assert path.read_bytes() == packed


@pytest.mark.parametrize(("pack", "cut"), [(gzip.compress, "cut-gzip"), (zstandard.compress, "cut-zstd")])
@pytest.mark.parametrize("left", [0.9, 0.5])
def test_a_cut_archive_is_refused(tmp_path: Path, pack: Callable[[bytes], bytes], cut: str, left: float) -> None:
    path = tmp_path / "page.txt.gz"
    packed = pack(b"".join(b"Kept %d.\nJUNK\n" % n for n in range(5000)))
    path.write_bytes(packed[: int(left * len(packed))])
    for work in (inplace.check_file, inplace.fix_file):
        with pytest.raises(UnreadableError) as caught:
            work(path, DEFAULTS)
        assert caught.value.reason == cut


def test_a_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8 + b"JUNK\n")
    before = path.read_bytes()
    with pytest.raises((UnreadableError, InputError)):
        inplace.fix_file(path, DEFAULTS)
    assert path.read_bytes() == before


def test_a_read_only_file_is_left_alone(page: Path) -> None:
    page.chmod(0o444)
    assert reason(page) == "read-only"
    assert b"JUNK" in page.read_bytes()


def test_links_are_refused(page: Path) -> None:
    link = page.parent / "link.txt"
    link.symlink_to(page)
    assert reason(link) == "symlink"
    assert link.is_symlink()
    assert b"JUNK" in page.read_bytes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert reason(tmp_path / "pipe") == "fifo"


def test_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    assert reason(tmp_path) != ""
    assert reason(tmp_path / "none.txt") != ""


def test_lines_that_do_not_tally_are_never_written(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def loses_a_line(data: bytes, *, source: str, settings: Settings, site: object) -> Cleaned:
        cleaned = judge(data, source=source, settings=settings)
        page = cleaned.page
        short = type(page)(page.source, page.kind, page.lines[1:], page.shapes[1:], page.data, page.encoding)
        return Cleaned(short, cleaned.verdicts[1:], 1.0)

    monkeypatch.setattr(inplace, "clean", loses_a_line)
    assert reason(page) == "tally"
    assert b"JUNK" in page.read_bytes()


@pytest.mark.parametrize("new", [b"Saved by an editor.\n", f"{BODY[:-1]}X\nJUNK\n".encode()])
@pytest.mark.parametrize("how", ["in place", "by replacing", "in place, times restored"])
def test_a_file_changed_meanwhile_is_left_alone(
    page: Path, monkeypatch: pytest.MonkeyPatch, how: str, new: bytes
) -> None:
    def another_writer_comes(data: bytes, *, source: str, settings: Settings, site: object) -> Cleaned:
        times = page.stat()
        target = page.parent / "other" if how == "by replacing" else page
        target.write_bytes(new)
        if how == "by replacing":
            target.replace(page)
        if how == "in place, times restored":
            os.utime(page, ns=(times.st_atime_ns, times.st_mtime_ns))
        return judge(data, source=source, settings=settings)

    monkeypatch.setattr(inplace, "clean", another_writer_comes)
    assert reason(page) == "changed"
    assert page.read_bytes() == new
    assert names(page.parent) == ["page.txt"]


def test_a_file_gone_meanwhile_stays_gone(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def somebody_deletes_it(data: bytes, *, source: str, settings: Settings, site: object) -> Cleaned:
        page.unlink()
        return judge(data, source=source, settings=settings)

    monkeypatch.setattr(inplace, "clean", somebody_deletes_it)
    assert reason(page) == "changed"
    assert names(page.parent) == []


def test_a_failed_write_leaves_the_file(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    before = page.read_bytes()
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InputError, match="No space left"):
        inplace.fix_file(page, DEFAULTS)
    assert page.read_bytes() == before
    assert names(page.parent) == ["page.txt"]


# Forks before it fixes, so that sixteen processes do not read the program sixteen times.
FIXERS = """
import os, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests import test_inplace
from cleaner.inplace import text as inplace
from cleaner.errors import InputError
inplace.clean = test_inplace.judge
test_inplace.judge(b"Kept.")
gate, opened = os.pipe()
children = []
for _ in range(16):
    child = os.fork()
    if child:
        children.append(child)
        continue
    os.close(opened)
    os.read(gate, 1)  # returns when the parent closes its end
    failed = 0
    for name in sys.argv[1:]:
        try:
            inplace.fix_file(Path(name), test_inplace.DEFAULTS)
        except InputError as error:
            failed |= error.reason != "changed"
    os._exit(failed)
os.close(opened)
print([os.waitpid(child, 0)[1] for child in children])
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_sixteen_fixers_on_the_same_files(tmp_path: Path) -> None:
    dirty = b"".join(b"Kept line %d.\nJUNK %d\n" % (n, n) for n in range(60))
    files = [tmp_path / f"{n}.txt" for n in range(3)]
    for file in files:
        file.write_bytes(dirty)
    code = FIXERS.format(root=str(Path(__file__).parent.parent))
    command = [sys.executable, "-c", code, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.stdout, done.stderr) == (f"{[0] * 16}\n", "")
    clean = b"".join(b"Kept line %d.\n" % n for n in range(60))
    assert {file.read_bytes() for file in files} == {clean}
    assert names(tmp_path) == sorted(file.name for file in files)


def test_a_saving_editor_never_finds_a_mixture(tmp_path: Path) -> None:
    """An editor saves by replace_unchanged, over and over; what it reads back is its own save or that save fixed."""
    path = tmp_path / "page.txt"
    saves = [f"Save {n}.\nJUNK\n".encode() for n in range(150)]
    path.write_bytes(saves[0])
    stop = threading.Event()
    broken: list[BaseException] = []

    def fixer() -> None:
        while not stop.is_set():
            try:
                inplace.fix_file(path, DEFAULTS)
            except InputError as error:
                if error.reason != "changed":
                    broken.append(error)

    worker = threading.Thread(target=fixer)
    worker.start()
    seen = set()
    for n, save in enumerate(saves):
        fresh = tmp_path / f"editor-{n}"
        fresh.write_bytes(save)
        fresh.replace(path)
        seen.add(path.read_bytes())
    stop.set()
    worker.join()
    assert not broken
    assert seen <= {form for save in saves for form in (save, save.replace(b"JUNK\n", b""))}


def test_accepting_what_is_there(tmp_path: Path) -> None:
    one, two = tmp_path / "1.txt", tmp_path / "2.txt"
    one.write_bytes(b"Kept.\nJUNK  mail\n")
    two.write_bytes(b"JUNK\njunk MAIL is JUNK mail\n\nJUNK\n")
    path = tmp_path / ".clean-scrape.toml"
    pages = [inplace.check_file(file, DEFAULTS) for file in (one, two)]
    done = inplace.update_allow_list(path, iter(pages))
    assert [entry.text for entry in done.added] == ["JUNK", "JUNK mail", "junk MAIL is JUNK mail"]
    assert done.unused == ()
    assert read_allow_list(path).allowed == done.added
    settings = Settings(allow=frozenset((entry.code, entry.line) for entry in done.added))
    again = [inplace.check_file(file, settings) for file in (one, two)]
    assert not any(page.dropped for page in again)
    before = path.stat()
    assert inplace.update_allow_list(path, again).added == ()
    assert path.stat().st_ino == before.st_ino
    assert stat.S_IMODE(before.st_mode) == 0o644


def test_the_list_is_the_same_for_any_order(tmp_path: Path) -> None:
    texts = [b"JUNK one\n", b"junk ONE JUNK\n", b"JUNK  one\nJUNK two\n"]
    pages = [judge(text, source=str(number)) for number, text in enumerate(texts)]
    for name, order in (("a", pages), ("b", pages[::-1])):
        inplace.update_allow_list(tmp_path / name, order)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_unused_entries_are_told_and_stay(tmp_path: Path, page: Path) -> None:
    gone = Allowed("SY999", "0" * 16, "No such line")
    path = tmp_path / "list.toml"
    path.write_text(render([gone]), encoding="utf-8")
    done = inplace.update_allow_list(path, [inplace.check_file(page, DEFAULTS)])
    assert done.unused == (gone,)
    assert set(read_allow_list(path).allowed) == {gone, *done.added}


@pytest.mark.parametrize("name", ["crawl.warc.gz", "crawl.wet", "rows.parquet"])
def test_files_of_a_crawl_are_refused_with_the_way_to_clean_them(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("Loading, please wait...\n")
    with pytest.raises(InputError, match=f"clean-scrape .*{name} OUT") as caught:
        inplace.fix_file(path, Settings())
    assert caught.value.reason == "archive"
    assert path.read_text() == "Loading, please wait...\n"
