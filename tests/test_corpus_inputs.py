"""What is read, in which order, and what is refused with its reason."""

from __future__ import annotations

import errno
import os
import socket
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from cleaner.corpus import inputs
from cleaner.corpus.inputs import Input, find
from cleaner.corpus.inputs.formats import extract_page
from cleaner.corpus.items import Fields, Item
from cleaner.corpus.task import read_item
from cleaner.errors import InputError, UnreadableError
from cleaner.files import opening
from cleaner.files.opening import read_regular

PAGE = b"The council voted on Tuesday.\n" * 20


def read_input(item: Input) -> bytes | str:
    """The page of an input, as a worker opens it."""
    one = Item(item.source, item.name, path=item.path, reason=item.reason, message=item.message, skipped=True)
    return extract_page(replace(one, data=read_item(one)), Fields()).data


def put(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PAGE)


def test_the_walk_is_sorted_by_the_bytes_of_whole_paths(tmp_path):
    put(tmp_path, "b.txt", "a/x.txt", "a.txt", "a/b/c.txt", "a-b.txt", "Z.txt", "ä.txt", ".hidden")
    found = [item.name for item in find(tmp_path)]
    assert found == [".hidden", "Z.txt", "a-b.txt", "a.txt", "a/b/c.txt", "a/x.txt", "b.txt", "ä.txt"]
    assert found == sorted(found, key=os.fsencode)


def test_folders_of_tools_and_of_our_own_are_left_out(tmp_path):
    put(tmp_path, "a.txt", ".git/config", "x/.git/HEAD", ".svn/a", ".hg/a", ".clean-scrape/tmp/1", "out/a.txt")
    put(tmp_path, "old/_report/pages.jsonl", "old/_report/summary.json", "old/a.txt", "theirs/_report/a.txt")
    found = [item.name for item in find(tmp_path, tmp_path / "out")]
    assert found == ["a.txt", "old/a.txt", "theirs/_report/a.txt"]


def test_a_single_file_keeps_its_name(tmp_path):
    put(tmp_path, "a.txt")
    (item,) = find(tmp_path / "a.txt")
    assert (item.name, read_input(item)) == ("a.txt", PAGE)


def test_links_pipes_sockets_and_devices_are_named_and_not_opened(tmp_path):
    put(tmp_path, "in/good.txt", "secret.txt")
    folder = tmp_path / "in"
    (folder / "link.txt").symlink_to("../secret.txt")
    (folder / "loop").symlink_to(".")
    (folder / "none.txt").symlink_to("nowhere")
    os.mkfifo(folder / "pipe.txt")
    here = socket.socket(socket.AF_UNIX)
    here.bind(str(folder / "socket"))
    here.close()
    found = {item.name: item.reason for item in find(folder)}
    assert found == {
        "good.txt": "",
        "link.txt": "symlink",
        "loop": "symlink",
        "none.txt": "symlink",
        "pipe.txt": "fifo",
        "socket": "socket",
    }
    for item in find(folder):
        if item.reason:
            with pytest.raises(InputError) as caught:
                read_input(item)
            assert caught.value.reason == item.reason


def test_a_file_swapped_for_a_pipe_or_link_after_the_walk_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    for name, reason in (("pipe", "fifo"), ("link", "symlink"), ("gone", "missing")):
        with pytest.raises(InputError) as caught:
            read_regular(tmp_path / name, name)
        assert (caught.value.reason, caught.value.source) == (reason, name)


def test_a_link_that_is_named_itself_is_followed(tmp_path):
    put(tmp_path, "a.txt")
    (tmp_path / "link.txt").symlink_to("a.txt")
    (item,) = find(tmp_path / "link.txt")
    assert (item.name, read_input(item)) == ("link.txt", PAGE)


def test_what_the_system_refuses_is_unreadable(tmp_path, monkeypatch):
    put(tmp_path, "a.txt")

    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(inputs.os, "open", refuse)
    with pytest.raises(InputError, match="check its permissions") as caught:
        read_regular(tmp_path / "a.txt", "a.txt")
    assert caught.value.reason == "unreadable"


@pytest.fixture
def ordinary():
    """A folder that everybody may enter; root steps down to nobody, for whom file modes count."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        put(folder, "locked.txt", "shut/a.txt", "good.txt")
        (folder / "locked.txt").chmod(0)
        (folder / "shut").chmod(0)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
            (folder / "shut").chmod(0o755)


def test_files_and_folders_without_permission_are_named(ordinary):
    found = {}
    for item in find(ordinary):
        try:
            found[item.name] = read_input(item)
        except InputError as error:
            found[item.name] = error.reason
    assert found == {"good.txt": PAGE, "locked.txt": "unreadable", "shut": "unreadable"}


def test_a_folder_that_cannot_be_listed_is_reported(tmp_path, monkeypatch):
    put(tmp_path, "a/x.txt", "b.txt")
    listing = os.scandir

    def refuse(path):
        if os.fspath(path).endswith("a"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return listing(path)

    monkeypatch.setattr(inputs.os, "scandir", refuse)
    found = list(find(tmp_path))
    assert [item.name for item in found] == ["a", "b.txt"]
    with pytest.raises(InputError):
        read_input(found[0])


def test_names_of_any_bytes_are_shown(tmp_path):
    path = os.fsencode(tmp_path) + b"/bad\xff.txt"
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(PAGE)
    (item,) = find(tmp_path)
    assert item.source == "bad%FF.txt"
    assert read_input(item) == PAGE


def test_a_file_over_the_cap_is_refused(tmp_path, monkeypatch):
    put(tmp_path, "a.txt")
    monkeypatch.setattr(opening, "PAGE_CAP", 100)
    with pytest.raises(UnreadableError) as caught:
        read_input(Input("a.txt", tmp_path / "a.txt"))
    assert caught.value.reason == "too-big"
