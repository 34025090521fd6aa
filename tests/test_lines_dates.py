"""Dates, ages and times in short lines, and the find_headers of threads that they make."""

from __future__ import annotations

import pytest

from cleaner.lines.dates import find_timestamp, find_timestamps
from cleaner.lines.posts import find_headers, is_name
from cleaner.read import read_page


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("Nobody's fool | 4/30/2017 3:41:06 AM", "Nobody's fool", ""),
        ("harbour.cat | 15/5/2016", "harbour.cat", ""),
        ("Jane Doe \u00b7 3 hours ago", "Jane Doe", ""),
        ("jdoe - May 3, 2020 at 4:15 pm", "jdoe", ""),
        ("| yesterday at 10:20 | (1)", "", "1"),
        ("Klaus am 3. M\u00e4rz 2019 um 14:20 Uhr", "Klaus", ""),
        ("vor 3 Tagen", "", ""),
        ("il y a 2 heures", "", ""),
        ("hace un mes", "", ""),
        ("3 \u0434\u043d\u044f \u043d\u0430\u0437\u0430\u0434", "", ""),
        ("3\u5929\u524d", "", ""),
        ("\u738b\u4f1f 2020\u5e745\u67083\u65e5 10:20", "\u738b\u4f1f", ""),
        ("Jan Kowalski 12 maja 2020, 14:30", "Jan Kowalski", ""),
        ("2011-09-11T16:12:17+00:00", "", ""),
    ],
)
def test_finds_the_date_and_what_stands_around_it(text: str, before: str, after: str) -> None:
    found = find_timestamp(text)
    assert found
    assert (found.before, found.after) == (before, after)


@pytest.mark.parametrize(
    "text",
    [
        "In 2014 the march began",
        "Chapter 3.1.2",
        "Open today",
        "Call 555 12 34",
        "December 2025",
        "",
        "x" * 500 + " 3 days ago",
    ],
)
def test_no_date(text: str) -> None:
    assert find_timestamp(text) is None


def test_a_page_is_asked_as_its_lines_are() -> None:
    texts = [
        "Jane \u00b7 3 Hours AGO",
        "chicago",
        "\u0130 | 5/5/2016",
        "",
        "an hour ago",
        "fa",
        "3\u5929\u524d",
        "x" * 161 + " 5/5/2016",
    ]
    assert find_timestamps(texts) == {at: found for at, text in enumerate(texts) if (found := find_timestamp(text))}
    assert sorted(find_timestamps(texts)) == [0, 2, 4, 6]
    assert find_timestamps([]) == {}


def test_kinds_of_dates() -> None:
    date, age, day = (
        find_timestamp("3 May 2020"),
        find_timestamp("3 days ago at 10:20"),
        find_timestamp("today at 10:20"),
    )
    assert date
    assert (date.date, date.age, date.clock) == (True, False, False)
    assert age
    assert (age.date, age.age, age.clock) == (False, True, True)
    assert day
    assert (day.date, day.age, day.clock) == (False, True, True)


@pytest.mark.parametrize("name", ["don", "Nobody is fool", "\u738b\u4f1f", "Casey E.A", "Posted by Jane"])
def test_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize(
    "name",
    ["By Jane Doe", "Updated", "Expires", "The boats lay at the old quay all winter", "Date: May", "No.", "1234", "x"],
)
def test_no_names(name: str) -> None:
    assert not is_name(name)


def test_headers_of_a_thread() -> None:
    page = read_page(
        "don | 4/29/2017 11:19 PM\nNo.\n\nJane says:\nMay 3, 2020 at 4:15 pm\nYes.\nMarit\n3 May 2020\nWhy?",
        kind="text",
    )
    lines = [line for line in page.lines if not line.blank]
    dated = find_timestamps([line.text for line in lines])
    found = [(one.first, one.last, one.certain, one.split) for one in find_headers(lines, dated)]
    assert found == [(1, 1, True, False), (4, 5, True, False), (7, 8, False, True)]
