"""Packed inputs: unpacked by content, with limits of size, and their damage is reported."""

from __future__ import annotations

import gzip
import os
import random
import zlib

import pytest
import zstandard

from cleaner.errors import InputError, UnreadableError
from cleaner.files import unpacking as packed
from cleaner.files.members import Gap
from cleaner.files.unpacking import pieces_of, unpacked


def gz(data):
    """The same bytes whenever it is packed."""
    return gzip.compress(data, mtime=0)


PAGE = b"The council voted on Tuesday.\n" * 20
NOISE = random.Random(1).randbytes(5_000)
LONG = random.Random(2).randbytes(300_000)
WHOLE = gz(NOISE)


def streamed(folder, data):
    """What a file of these bytes gives: its bytes unpacked, and its gaps."""
    (folder / "a").write_bytes(data)
    pieces = list(pieces_of(folder / "a", "a"))
    gaps = [piece for piece in pieces if isinstance(piece, Gap)]
    return b"".join(piece for piece in pieces if isinstance(piece, bytes)), gaps


def zst(data, **options):
    return zstandard.ZstdCompressor(**options).compress(data)


def unsized(data):
    """A frame without the size of its content."""
    press = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    return press.compress(data) + press.flush()


def nested(depth, pack=gz):
    data = PAGE
    for _ in range(depth):
        data = pack(data)
    return data


SKIPPED = b"\x50\x2a\x4d\x18\x05\0\0\0skip!"


@pytest.mark.parametrize(
    "data",
    [
        PAGE,
        gz(PAGE),
        gz(PAGE[:100]) + gz(PAGE[100:]),
        gz(b"") + gz(PAGE) + b"\0" * 512,
        gz(PAGE[:9]) + b"\0" * 70_000 + gz(PAGE[9:]),
        nested(4),
        zst(PAGE),
        unsized(PAGE),
        zst(PAGE, write_checksum=True),
        zst(PAGE[:50]) + SKIPPED + unsized(b"") + zst(PAGE[50:]),
        SKIPPED + zst(PAGE),
        nested(4, zst),
        zst(gz(PAGE)),
    ],
    ids=lambda data: data[:4].hex(),
)
def test_packed_data_comes_out_whole(data, tmp_path):
    assert unpacked(data, "a") == (PAGE, "")
    assert streamed(tmp_path, data) == (PAGE, [])


@pytest.mark.parametrize(
    ("data", "readable", "damage"),
    [
        (WHOLE[:-20], NOISE[:4_000], "the gzip stream is cut after 5,003 bytes"),
        (WHOLE[:-4], NOISE, "cut after"),
        (WHOLE[:-8] + b"\1\2\3\4" + WHOLE[-4:], NOISE, "incorrect data check"),
        (WHOLE[:-1] + b"\1", NOISE, "incorrect length check"),
        (WHOLE[:-8] + b"\1\2\3\4" + WHOLE[-4:] + gz(PAGE), NOISE + PAGE, "incorrect data check"),
        (WHOLE + b"garbage", NOISE, "there is no gzip stream at byte 5,023"),
        (WHOLE + b"garbage" + gz(PAGE), NOISE + PAGE, "at byte 5,023"),
        (gz(PAGE) + WHOLE[:3000] + WHOLE, PAGE, "damaged at byte"),
        (gz(zst(NOISE)[:-100]), NOISE[:4000], "the zstd stream is cut after"),
        (unsized(LONG)[:-100], LONG[:100_000], "the zstd stream is cut after"),
        (zst(PAGE) + b"garbage", PAGE, "is no zstd stream"),
        (zst(PAGE, write_checksum=True)[:-1] + b"\0", PAGE, "checksum"),
        (zst(PAGE) + zst(NOISE)[:50] + zst(PAGE), PAGE, "the zstd stream is cut after"),
    ],
)
def test_what_is_readable_comes_out_and_the_damage_is_told(data, readable, damage, tmp_path):
    found, message = unpacked(data, "a")
    assert found.startswith(readable)
    assert damage in message
    given, gaps = streamed(tmp_path, data)
    assert given == found
    assert gaps[0].what in message
    assert gaps[0].reason in ("cut-gzip", "cut-zstd")


def test_members_behind_damage_come_out():
    hurt = WHOLE[:2000] + b"\xff" * 50 + WHOLE[2050:]
    found, damage = unpacked(hurt * 2 + gz(PAGE), "a")
    assert found.endswith(PAGE)
    assert damage.endswith("and at 1 more places")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (WHOLE[:12], "cut-gzip"),
        (b"\x1f\x8b\x08", "cut-gzip"),
        (b"\x1f\x8b\x08" + NOISE, "cut-gzip"),
        (zst(NOISE)[:8], "cut-zstd"),
        (b"\x28\xb5\x2f\xfd" + b"\xff" * 99, "cut-zstd"),
        (b"\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00", "too-big"),  # a window of 2 GB
        (nested(5), "nested"),
        (nested(5, zst), "nested"),
    ],
)
def test_what_gives_nothing_is_refused(data, reason):
    with pytest.raises(UnreadableError) as caught:
        unpacked(data, "a.gz")
    assert (caught.value.reason, caught.value.source) == (reason, "a.gz")


def gzip_bomb(size):
    press = zlib.compressobj(9, wbits=31)
    return b"".join([*(press.compress(b"\0" * 2**20) for _ in range(size)), press.flush()])


BOMBS = [gzip_bomb(80), gz(gzip_bomb(80)), zst(b"\0" * 2**26 + b"0"), zst(b" " * 2**24)]


@pytest.mark.parametrize("bomb", BOMBS, ids=["gzip", "twice", "size", "ratio"])
def test_bombs_are_refused(bomb):
    with pytest.raises(UnreadableError) as caught:
        unpacked(bomb, "bomb")
    assert caught.value.reason == "too-big"


def test_the_ratio_counts_only_past_10_mb():
    data = b" " * 9 * 2**20
    assert unpacked(zst(data), "a") == (data, "")


def test_a_stream_has_no_cap_on_its_size(tmp_path, monkeypatch):
    monkeypatch.setattr(packed, "PAGE_CAP", 1000)
    assert streamed(tmp_path, gz(NOISE)) == (NOISE, [])


def test_a_stream_opens_regular_files_only(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    for name, reason in (("pipe", "fifo"), ("link", "symlink"), ("gone", "missing"), (".", "not-a-file")):
        with pytest.raises(InputError) as caught:
            next(pieces_of(tmp_path / name, name))
        assert (caught.value.reason, caught.value.source) == (reason, name)


def test_gaps_name_where_they_are(tmp_path):
    hurt = WHOLE[:200] + b"\xff" * 50 + WHOLE[250:]
    good = gz(PAGE)
    _, gaps = streamed(tmp_path, good + b"12345" + good + good[:-9] + good)
    assert [(gap.offset, gap.length) for gap in gaps] == [(len(good), 5), (2 * len(good) + 5, len(good) - 9)]
    _, (gap,) = streamed(tmp_path, hurt + good)
    assert (gap.offset, gap.length) == (0, len(hurt))


def test_200_000_empty_members_are_passed_over():
    assert unpacked(gz(b"") * 200_000 + gz(PAGE), "a") == (PAGE, "")
