"""Fixing data files in place: which bytes go, which stay, what is refused.

As in ``test_inplace`` a judge stands in that drops every line with JUNK in it.
"""

from __future__ import annotations

import gzip
import json
import os
import stat
import tracemalloc
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from cleaner.corpus.items import Fields
from cleaner.errors import CleanScrapeError, InputError, UnreadableError
from cleaner.files import json_lines
from cleaner.inplace import rewrite, rows
from cleaner.inplace.json_strings import delete_spans, line_spans
from cleaner.inplace.rewrite import fix_rows
from cleaner.inplace.rows import DataRow, clean_row, is_data_file, read_data_rows
from cleaner.read import read_page
from cleaner.records import Cleaned, Kind, Verdict
from cleaner.settings.record import Settings

DEFAULTS, USUAL = Settings(), Fields()
HTML = "<html><body><p>Kept.</p><p>JUNK</p></body></html>"


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def judge(
    data: bytes | str,
    *,
    source: str = "",
    url: str | None = None,
    kind: Kind | None = None,
    settings: Settings,
    site: object = None,
) -> Cleaned:
    """Drops the lines with JUNK in them."""
    page = read_page(data, source=source, url=url, kind=kind)
    gone = [url != "https://kept.example/" and "JUNK" in line.text for line in page.lines]
    return Cleaned(
        page, tuple(Verdict(line, float(g), not g, "SY999") for line, g in zip(page.lines, gone, strict=True)), 1.0
    )


@pytest.fixture(autouse=True)
def _judge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "clean", judge)


def fixed(path: Path, data: bytes, fields: Fields = USUAL) -> tuple[bytes, list[tuple[int, str]]]:
    """The bytes of a file after fixing, and the rows that could not be fixed, with the reasons."""
    path.write_bytes(data)
    problems: list[tuple[int, str]] = []
    done = fix_rows(path, fields, DEFAULTS, lambda row, error: problems.append((row.number, error.reason)))
    after = path.read_bytes()
    assert (done is None) == (after == data)
    assert names(path.parent) == [path.name]
    return after, problems


ROWS = {
    "plain": (rb'{"text":"Kept.\nJUNK\nKept."}', rb'{"text":"Kept.\nKept."}'),
    "first": (rb'{"text":"JUNK\nKept."}', rb'{"text":"Kept."}'),
    "last": (rb'{"text":"Kept.\nJUNK"}', rb'{"text":"Kept.\n"}'),
    "all": (rb'{"text":"JUNK\nJUNK"}', rb'{"text":""}'),
    "keys and blanks": (
        b' { "z" : [1.50, 1e999,{"text":"JUNK"}] ,\t"text" :  "JUNK\\nKept." , "a":null }  ',
        b' { "z" : [1.50, 1e999,{"text":"JUNK"}] ,\t"text" :  "Kept." , "a":null }  ',
    ),
    "ascii": (rb'{"text":"K\u00e4se\nJUNK\n\ud83d\ude00 \u00E9"}', rb'{"text":"K\u00e4se\n\ud83d\ude00 \u00E9"}'),
    "raw": ('{"text":"Käse\\nJUNK ä\\n😀"}'.encode(), '{"text":"Käse\\n😀"}'.encode()),
    "both": ('{"text":"Käse\\u00e9\\/\\nJUNK\\n"}'.encode(), '{"text":"Käse\\u00e9\\/\\n"}'.encode()),
    "line ends": (
        rb'{"text":"a\r\nJUNK\r\nb\rJUNK\rc\u000aJUNK\u000Dd\u000d\u000aJUNK\r\u000ae"}',
        rb'{"text":"a\r\nb\rc\u000ad\u000d\u000ae"}',
    ),
    "no line end": (rb'{"text":"a\\nJUNK b\nC:\\\\new\\road\\\nc"}', rb'{"text":"C:\\\\new\\road\\\nc"}'),
    "separators": (
        '{"text":"a\u2028b\\u0085\\f\\u000b\\nJUNK"}'.encode(),
        '{"text":"a\u2028b\\u0085\\f\\u000b\\n"}'.encode(),
    ),
    "invalid bytes": (b'{"text":"a\xff\\nJUNK \xfe\\nb\xc3"}', b'{"text":"a\xff\\nb\xc3"}'),
    "lone surrogates": (rb'{"text":"a\ud800\nJUNK\n\udc00"}', rb'{"text":"a\ud800\n\udc00"}'),
    "controls": (rb'{"text":"a\u0000\u001b[2J\nJUNK"}', rb'{"text":"a\u0000\u001b[2J\n"}'),
    "name escaped": (rb'{"t\u0065xt":"JUNK\nb"}', rb'{"t\u0065xt":"b"}'),
    "clean": (rb'{"text":"\u004bept. \/", "other": "JUNK"}', rb'{"text":"\u004bept. \/", "other": "JUNK"}'),
    "empty": (b'{"text":""}', b'{"text":""}'),
}


@pytest.mark.parametrize("form", ROWS)
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_only_the_lines_go_and_every_other_byte_stays(tmp_path: Path, form: str, end: bytes) -> None:
    before, after = ROWS[form]
    path = tmp_path / "a.jsonl"
    assert fixed(path, before + end) == (after + end, [])
    assert fixed(path, after + end) == (after + end, [])


def test_what_stands_around_the_rows_stays(tmp_path: Path) -> None:
    dirty = [row for row, _ in ROWS.values()]
    clean = [row for _, row in ROWS.values()]
    for begin, between in ((b"\xef\xbb\xbf", b"\n"), (b"\n\n", b"\r\n \t\r\n"), (b"\xef\xbb\xbf\n", b"\n\n")):
        data, expected = begin + between.join(dirty), begin + between.join(clean)
        assert fixed(tmp_path / "a.ndjson", data) == (expected, [])


BAD = (b"{", b"[]", b'{"text":5}', b'{"text":"JUNK","text":"JUNK"}', b'"JUNK"', b"\0JUNK", b"[" * 100_000, b"JUNK")


def test_a_row_that_cannot_be_read_costs_itself_only(tmp_path: Path) -> None:
    good, clean = ROWS["plain"]
    data = b"\n".join(row for bad in BAD for row in (bad, good))
    expected = b"\n".join(row for bad in BAD for row in (bad, clean))
    after, problems = fixed(tmp_path / "a.jsonl", data)
    assert after == expected
    assert problems == [(number, "bad-row") for number in range(1, 2 * len(BAD), 2)]


def test_a_row_of_html_is_refused_and_checked(tmp_path: Path) -> None:
    row = json.dumps({"html": HTML, "text": "JUNK"}).encode()
    good, clean = ROWS["plain"]
    after, problems = fixed(tmp_path / "a.jsonl", row + b"\n" + good)
    assert (after, problems) == (row + b"\n" + clean, [(1, "html")])
    page = clean_row(DataRow(Path("a.jsonl"), 1, 0, row), USUAL, DEFAULTS)
    assert [verdict.line.text for verdict in page.cleaned.dropped] == ["JUNK"]
    assert page.joined_spans == ()
    assert fixed(tmp_path / "a.jsonl", row, Fields(text="text"))[0] == row.replace(b'"JUNK"', b'""')


def test_fields_are_named(tmp_path: Path) -> None:
    row = b'{"text":"JUNK","body":"JUNK","page":"https://kept.example/","name":7}'
    path = tmp_path / "a.jsonl"
    assert fixed(path, row, Fields(text="body"))[0] == row.replace(b'"body":"JUNK"', b'"body":""')
    assert fixed(path, row, Fields(url="page"))[0] == row
    assert fixed(path, row, Fields(text="none")) == (row, [(1, "bad-row")])
    assert clean_row(DataRow(path, 1, 0, row), Fields(id="name", url="page"), DEFAULTS).label == "7"
    assert clean_row(DataRow(path, 1, 0, row), Fields(url="page"), DEFAULTS).label == "https://kept.example/"


def unzstd(data: bytes) -> bytes:
    return zstandard.ZstdDecompressor().stream_reader(data).read()


PACKINGS = {
    "gzip": (lambda data: gzip.compress(data, mtime=7), gzip.decompress),
    "zstd": (zstandard.compress, unzstd),
}


@pytest.mark.parametrize("packing", PACKINGS)
def test_packed_files_are_packed_again(tmp_path: Path, packing: str) -> None:
    pack, unpack = PACKINGS[packing]
    dirty = b"\n".join(row for row, _ in ROWS.values())
    clean = b"\n".join(row for _, row in ROWS.values())
    path = tmp_path / f"a.jsonl.{packing}"
    after, problems = fixed(path, pack(dirty))
    assert unpack(after) == clean
    cut = len(dirty) // 3
    assert fixed(path, pack(dirty[:cut]) + pack(b"") + pack(dirty[cut:])) == (after, problems)
    assert fixed(path, after) == (after, problems)
    assert fixed(path, pack(clean)) == (pack(clean), problems)
    if packing == "gzip":
        assert after[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00" + after[8:10]  # no flags, so no name; no time


def test_the_packing_counts_not_the_name(tmp_path: Path) -> None:
    dirty, clean = ROWS["plain"]
    assert fixed(tmp_path / "a.jsonl.gz", dirty)[0] == clean
    assert gzip.decompress(fixed(tmp_path / "a.jsonl.gz", gzip.compress(dirty))[0]) == clean


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("left", [0.3, 0.99])
def test_a_cut_archive_is_refused_whole(tmp_path: Path, packing: str, left: float) -> None:
    whole = PACKINGS[packing][0](
        b"\n".join(json.dumps({"n": n, "text": f"Kept {n}.\nJUNK"}).encode() for n in range(999))
    )
    cut = whole[: int(len(whole) * left)]
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(cut)
    with pytest.raises(UnreadableError) as caught:
        fix_rows(path, USUAL, DEFAULTS, lambda row, error: None)
    assert caught.value.reason == f"cut-{packing}"
    assert path.read_bytes() == cut
    assert names(tmp_path) == [path.name]
    found = list(read_data_rows(path))
    assert all(row.error is None for row in found[:-1])
    assert (found[-1].number, found[-1].error.reason) == (0, f"cut-{packing}")


def test_an_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(gzip.compress(ROWS["plain"][0])))
    assert [row.line for row in read_data_rows(path)] == [ROWS["plain"][0]]
    assert reason(path) == "nested"


def reason(path: Path) -> str:
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(CleanScrapeError) as caught:
        fix_rows(path, USUAL, DEFAULTS, lambda row, error: None)
    assert not path.is_file() or path.read_bytes() == before
    return caught.value.reason


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_bytes(ROWS["plain"][0] + b"\n" + ROWS["clean"][0])
    return path


def test_what_is_no_writable_file_is_refused(path: Path, tmp_path: Path) -> None:
    path.chmod(0o444)
    assert reason(path) == "read-only"
    (tmp_path / "link.jsonl").symlink_to(path)
    assert reason(tmp_path / "link.jsonl") == "symlink"
    os.mkfifo(tmp_path / "pipe.jsonl")
    assert reason(tmp_path / "pipe.jsonl") == "fifo"
    assert reason(tmp_path / "none.jsonl") != ""
    assert reason(tmp_path) != ""
    assert names(tmp_path) == ["a.jsonl", "link.jsonl", "pipe.jsonl"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o775])
def test_mode_and_owner_stay(path: Path, mode: int) -> None:
    path.chmod(mode)
    if os.geteuid() == 0:
        os.chown(path, 12345, 12346)
    before = path.stat()
    assert fix_rows(path, USUAL, DEFAULTS, lambda row, error: None)
    after = path.stat()
    assert (stat.S_IMODE(after.st_mode), after.st_uid, after.st_gid) == (mode, before.st_uid, before.st_gid)


def test_a_clean_file_is_not_touched(path: Path) -> None:
    path.write_bytes(ROWS["clean"][0] + b"\n{broken\n")
    path.chmod(0o444)
    before = path.stat()
    assert fix_rows(path, USUAL, DEFAULTS, lambda row, error: None) is None
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_ctime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
        before.st_ctime_ns,
    )


@pytest.mark.parametrize("which", [1, 2])
@pytest.mark.parametrize("how", ["in place", "by replacing", "in place, times restored", "gone"])
def test_a_file_changed_meanwhile_is_left_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch, how: str, which: int
) -> None:
    """Somebody saves while the first row is in work, or the second."""
    new = path.read_bytes().replace(b"Kept.", b"Best.")
    calls = []

    def another_writer_comes(data: str, **named: object) -> Cleaned:
        calls.append(data)
        if len(calls) == which:
            times = path.stat()
            target = path.parent / "other" if how == "by replacing" else path
            target.unlink() if how == "gone" else target.write_bytes(new)
            if how == "by replacing":
                target.replace(path)
            if how == "in place, times restored":
                os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        return judge(data, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(rows, "clean", another_writer_comes)
    with pytest.raises(InputError) as caught:
        fix_rows(path, USUAL, DEFAULTS, lambda row, error: None)
    assert caught.value.reason in (("missing", "input", "changed") if how == "gone" else ("changed",))
    assert names(path.parent) == ([] if how == "gone" else ["a.jsonl"])
    assert how == "gone" or path.read_bytes() == new


def test_a_failed_write_leaves_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, data: bytes) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(rewrite, "_copy", lambda old, new, edits: Full().write(b""))
    before = path.read_bytes()
    with pytest.raises(InputError, match="No space left"):
        fix_rows(path, USUAL, DEFAULTS, lambda row, error: None)
    assert path.read_bytes() == before
    assert names(path.parent) == ["a.jsonl"]


def test_what_does_not_tally_is_never_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def loses_a_line(data: str, **named: object) -> Cleaned:
        cleaned = judge(data, **named)  # type: ignore[arg-type]
        return Cleaned(cleaned.page, cleaned.verdicts[1:], 1.0)

    monkeypatch.setattr(rows, "clean", loses_a_line)
    assert fixed(path, ROWS["plain"][0]) == (ROWS["plain"][0], [(1, "tally")])


def test_a_row_on_which_we_fail_costs_itself_only(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(data: str, **named: object) -> Cleaned:
        if "crash" in data:
            raise RecursionError("too deep")
        return judge(data, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(rows, "clean", fails)
    dirty, clean = ROWS["plain"]
    assert fixed(path, b'{"text":"crash"}\n' + dirty) == (b'{"text":"crash"}\n' + clean, [(1, "crashed")])


def test_a_row_over_the_cap_is_named_and_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "PAGE_CAP", 1000)
    long = b'{"text":"JUNK' + b" " * 100_000 + b'"}'
    dirty, clean = ROWS["plain"]
    data = b"\n".join((dirty, long, dirty, long))
    assert fixed(tmp_path / "a.jsonl", data) == (data.replace(dirty, clean), [(2, "too-big"), (4, "too-big")])


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    row = json.dumps({"text": "Kept line of a page.\n" * 500 + "JUNK\n" + "More of it.\n" * 400}).encode() + b"\n"
    peaks = []
    for count in (20, 120):  # 0.3 and 2 MB
        path = tmp_path / f"{count}.jsonl"
        path.write_bytes(row * count)
        tracemalloc.start()
        assert fix_rows(path, USUAL, DEFAULTS, lambda row, error: None)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert path.read_bytes() == row.replace(b"JUNK\\n", b"") * count
    assert peaks[1] < peaks[0] + 1_500_000


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n" * 80_000 + b" \r\n" * 20_000 + b"\t{}")
    assert [(row.number, row.start) for row in read_data_rows(path)] == [(100_001, 140_000)]


def test_names_of_data_files() -> None:
    yes = ("a.jsonl", "a.NDJSON", "a.jsonl.gz", "a.ndjson.zst")
    no = ("a.json", "a.txt.gz", "jsonl", "a.jsonl.txt", "a.jsonl.bz2", "a.parquet")
    assert [is_data_file(Path(name)) for name in yes + no] == [True] * 4 + [False] * 6


LINES = st.lists(st.text(st.characters(exclude_characters="\r\n")), max_size=8)


@given(LINES, st.sets(st.integers(0, 7)), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_lines_of_any_string_are_found(lines: list[str], gone: set[int], end: str, ascii_only: bool) -> None:
    pieces = [line + end for line in lines]
    row = json.dumps("".join(pieces), ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    spans = line_spans(row, (1, len(row) - 1))
    assert [json.loads(f'"{row[a:b].decode("utf-8", "surrogatepass")}"') for a, b in spans] == pieces
    left = delete_spans(row, [span for n, span in enumerate(spans) if n in gone])
    expected = "".join(piece for n, piece in enumerate(pieces) if n not in gone)
    assert left == json.dumps(expected, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
