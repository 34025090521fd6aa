"""Bodies of HTTP: decodes transfer and content encodings, within size limits, and tolerates wrong headers."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from cleaner.errors import UnreadableError
from cleaner.files.opening import PAGE_CAP, RATIO_CAP, RATIO_FREE, too_big
from cleaner.files.unpacking import DEPTH_CAP, unpacked
from cleaner.read.decode import LABEL_BYTES, codec_of_label, decode, is_wide

_STEP = 64 * 1024
_DEFLATE_STEP = 1024

# Linear: digits of a bounded number, then up to the end of the line.
_CHUNK = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*+)?\r?\n")


@dataclass(frozen=True, slots=True)
class Headers:
    """What the header of a response states of its body, "" for nothing."""

    transfer: str = ""
    encoding: str = ""
    charset: str = ""


def body_of(body: bytes, headers: Headers, source: str) -> tuple[bytes | str, str]:
    """Return the page in a body, and a description of its damage, "" for none.

    The page is ``str`` when the charset of the header is the only hint at its encoding, else bytes. Raises
    UnreadableError when the body is larger than the caps, or when nothing of it could be read.
    """
    damage: list[str] = []
    if "chunked" in headers.transfer.lower():
        body, note = _dechunked(body)
        damage.append(note)
    names = [name.strip().lower() for name in headers.encoding.split(",")]
    for name in reversed(names[:DEPTH_CAP]):
        undo = _UNDO.get(name)
        if undo:
            body, note = undo(body, source)
            damage.append(note)
    body, note = unpacked(body, source)
    damage.append(note)
    return _text(body, headers.charset), "; ".join(filter(None, damage))


def _dechunked(body: bytes) -> tuple[bytes, str]:
    parts: list[bytes] = []
    at = 0
    while True:
        found = _CHUNK.match(body, at)
        if not found:
            if not parts and not at:
                return body, ""  # archives keep the header of bodies whose chunks they have joined
            return b"".join([*parts, body[at:]]), f"the chunks of the body are broken at byte {at:,}"
        size = int(found[1], 16)
        at = found.end()
        if not size:
            return b"".join(parts), ""
        parts.append(body[at : at + size])
        if size > len(body) - at:
            return b"".join(parts), f"a chunk of the body is cut after {len(parts[-1]):,} bytes"
        at += size
        at += 2 if body.startswith(b"\r\n", at) else body.startswith(b"\n", at)


def _unpacked_as(name: str) -> Callable[[bytes, str], tuple[bytes, str]]:
    def undo(body: bytes, source: str) -> tuple[bytes, str]:
        given, note = unpacked(body, source)
        if given is body and body:
            return body, f"the header calls the body {name}, which it is not; it was taken as it is"
        return given, note

    return undo


def _inflated(body: bytes, source: str) -> tuple[bytes, str]:
    """Undo zlib or raw deflate: servers send both under the name deflate."""
    # The two bytes of a zlib header: method 8, and together a multiple of 31.
    is_zlib = len(body) > 1 and body[0] & 15 == 8 and not int.from_bytes(body[:2]) % 31
    engine = zlib.decompressobj(15 if is_zlib else -15)
    parts: list[bytes] = []
    size = at = 0
    with suppress(zlib.error):
        while at < len(body) and not engine.eof:
            parts.append(engine.decompress(body[at : at + _DEFLATE_STEP]))
            at += _DEFLATE_STEP
            size += len(parts[-1])
            if size > _max_size(body):
                raise too_big(source)
    if engine.eof or not body:
        return b"".join(parts), ""
    if is_zlib and size:
        return b"".join(parts), f"the deflate stream of the body is cut or damaged after {size:,} bytes of the page"
    return body, "the header calls the body deflate, which it is not; it was taken as it is"


def _unbrotlied(body: bytes, source: str) -> tuple[bytes, str]:
    try:
        from fastwarc.stream_io import BrotliReader  # noqa: PLC0415  an extra
    except ImportError as error:
        message = "its body is compressed with brotli; install clean-scrape[warc] to read it"
        raise UnreadableError(message, source=source, reason="brotli") from error
    reader = BrotliReader(io.BytesIO(body))
    parts: list[bytes] = []
    size = 0
    try:
        while part := reader.read(_STEP):
            parts.append(part)
            size += len(part)
            if size > _max_size(body):
                raise too_big(source)
    except (OSError, ValueError) as error:
        if parts:
            return b"".join(parts), f"the brotli stream of the body is cut or damaged ({error})"
        return body, "the header calls the body brotli, which it is not; it was taken as it is"
    return b"".join(parts), ""


def _max_size(body: bytes) -> int:
    """Return how many bytes a body may have when it is unpacked."""
    return min(PAGE_CAP, max(RATIO_FREE, RATIO_CAP * len(body)))


_UNDO = {
    "gzip": _unpacked_as("gzip"),
    "x-gzip": _unpacked_as("gzip"),
    "zstd": _unpacked_as("zstd"),
    "deflate": _inflated,
    "br": _unbrotlied,
}


def _text(body: bytes, charset: str) -> bytes | str:
    """Return the body as it is, or decoded when only the header states its encoding."""
    codec = codec_of_label(charset) if charset else ""
    head = body[:LABEL_BYTES].lower()
    if not codec or b"charset" in head or b"encoding" in head or is_wide(body):
        return body
    if decode(body).is_utf8 and not (codec == "iso2022_jp" and b"\x1b$" in body):
        return body
    text = body.decode(codec, "replace")
    high = len(body) - len(body.translate(None, bytes(range(128, 256))))
    # With a wrong label, more than one in twenty bytes above ASCII cannot be decoded.
    return text if text.count("\ufffd") * 20 <= high else body
