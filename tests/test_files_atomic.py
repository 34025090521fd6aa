"""Files that are written whole or not at all, and are on the disk when the writer says so."""

from __future__ import annotations

import errno
import os
import stat

import pytest

from cleaner.errors import InputError
from cleaner.files.atomic import atomic_file, atomic_path, replace_file, snapshot


@pytest.fixture
def synced(monkeypatch):
    """The kinds of what is handed to fsync, in order: "file" or "folder"."""
    kinds = []
    real = os.fsync

    def fsync(descriptor):
        kinds.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return kinds


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_gets_its_name_when_the_block_ends(tmp_path, synced):
    target = tmp_path / "a"
    with atomic_file(target) as file:
        file.write(b"whole")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    assert (names(tmp_path), synced) == (["a"], ["file", "folder"])


def test_a_block_that_fails_leaves_the_file_as_it_was(tmp_path):
    target = tmp_path / "a"
    target.write_bytes(b"before")
    for atomic in (atomic_file, atomic_path):
        with pytest.raises(RuntimeError), atomic(target):
            raise RuntimeError
    assert (names(tmp_path), target.read_bytes()) == (["a"], b"before")


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    target = tmp_path / "a"
    target.write_bytes(b"before")
    seen = snapshot(target)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"), atomic_file(target) as file:
        file.write(b"after")
    with pytest.raises(InputError, match="No space"):
        replace_file(target, b"after", seen)
    assert (names(tmp_path), target.read_bytes()) == (["a"], b"before")


def test_a_path_is_for_who_opens_files_alone(tmp_path, synced):
    with atomic_path(tmp_path / "a") as path:
        path.write_bytes(b"whole")
    assert (tmp_path / "a").read_bytes() == b"whole"
    assert synced == ["file", "folder"]


def test_a_run_of_many_files_leaves_fsync_to_its_checkpoints(tmp_path, synced):
    with atomic_file(tmp_path / "a", temporary=tmp_path / "part", durable=False) as file:
        file.write(b"whole")
    assert (names(tmp_path), synced) == (["a"], [])


def test_a_replaced_file_is_on_the_disk_with_its_mode(tmp_path, synced):
    target = tmp_path / "a"
    target.write_bytes(b"before")
    target.chmod(0o640)
    replace_file(target, b"after", snapshot(target))
    assert (target.read_bytes(), stat.S_IMODE(target.stat().st_mode)) == (b"after", 0o640)
    assert (names(tmp_path), synced) == (["a"], ["file", "folder"])
