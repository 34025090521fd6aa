"""Where the text of a JSON row stands, to the byte."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.errors import UnreadableError
from cleaner.files.json_spans import MAX_NESTING_LEVELS, members, row_span
from tests.runs import SOAK


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        (b'{"html":"a"}', None, b'"a"'),
        (b'  { "x" : [1, {"html": "no"}] , "html" :\t"a\\"b\\\\" , "y":{} } \r\n', None, b'"a\\"b\\\\"'),
        (b'{"text":"t","html":"h"}', None, b'"h"'),
        (b'{"text":"t","html":5}', None, b'"t"'),
        (b'{"text":"t","html":"h"}', "text", b'"t"'),
        (b'{"\\u0068tml":"h"}', None, b'"h"'),
        ('{"größe":"ä","n":1}'.encode(), "größe", '"ä"'.encode()),
        (b'{"n":1e999,"m":' + b"9" * 5000 + b',"o":NaN,"html":"h"}', None, b'"h"'),
        (b'{"text":"\xff\xfe","a":"\xe9"}', None, b'"\xff\xfe"'),
        (b'{"":"e"}', "", b'"e"'),
        (b'{"text":"\\ud800"}', None, b'"\\ud800"'),
        (b'{"a":"}],{\\"","b":["]"],"text":"t"}', None, b'"t"'),
        (b'{"a":' + b"[" * MAX_NESTING_LEVELS + b"]" * MAX_NESTING_LEVELS + b',"text":"t"}', None, b'"t"'),
        (b'\xef\xbb\xbf{"text":"t"}'[3:], None, b'"t"'),
    ],
)
def test_the_span_is_the_string_with_its_quotes(line, field, value):
    start, end = row_span(line, field)
    assert line[start:end] == value


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b"", None),
        (b"{", None),
        (b"[]", None),
        (b'"text"', None),
        (b"NaN", None),
        (b"\0", None),
        (b"['text']", None),
        (b'{"text":"a"', None),
        (b'{"text":"a"} trailing', None),
        (b'{"text":"a",}', None),
        (b'{"text" "a"}', None),
        (b'{"text":"a" "b":1}', None),
        (b'{"text":}', None),
        (b'{"text":"a","b":[}', None),
        (b'{"text":"a","b":[1,}]}', None),
        (b'{"text":"a","b":tru}', None),
        (b'{"text":"a\nb"}', None),
        (b'{"text":"a","text":"b"}', None),
        (b'{"text":"a","x":1,"x":2}', None),
        (b'{"text":"a","\\u0074ext":"b"}', None),
        ('{"text":"a","\\u00e9":1,"é":2}'.encode(), None),
        (b'{"text":5}', None),
        (b'{"text":null}', "text"),
        (b'{"text":["a"]}', "text"),
        (b'{"other":"a"}', None),
        (b'{"html":"a"}', "text"),
        (b"[" * 100_000, None),
        (b'{"a":' * 100_000, None),
        (b'{"a":' + b"[" * (MAX_NESTING_LEVELS + 1) + b"]" * (MAX_NESTING_LEVELS + 1) + b',"text":"t"}', None),
    ],
)
def test_rows_without_one_such_string_are_refused(line, field):
    with pytest.raises(UnreadableError) as caught:
        row_span(line, field)
    assert caught.value.reason == "bad-row"


def test_the_message_names_the_fields_and_what_to_do():
    with pytest.raises(UnreadableError, match=r"--text-field \(fields: page, n\)"):
        row_span(b'{"page":"a","n":1}')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(max_examples=100 if SOAK else 40, deadline=None)
@given(st.dictionaries(st.text(), JSON), st.text(), st.booleans())
def test_any_row_gives_its_string_back(row, value, ascii_only):
    row["text"] = value
    line = json.dumps(row, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    start, end = row_span(line, "text")
    assert json.loads(line[start:end].decode("utf-8", "surrogatepass")) == value
    text = json.dumps(row)
    spans = members(text)
    assert {json.loads(one.name): json.loads(text[one.start : one.end]) for one in spans} == row
