"""Bodies of answers, in whichever encoding: all of it, or as much as there was, and never more than is asked for."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archive import BodyError, StoredRecord, decoded_body
from tests.crawler.archives import AT
from tests.crawler.python import run_python

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

pytestmark = pytest.mark.usefixtures("no_file_left_open")

TEXT = b"What the panel said, at some length. " * 400


def stored(*headers: tuple[str, str]) -> StoredRecord:
    return StoredRecord("f", 0, "response", None, AT, "text/html", 200, headers, "", 0, None)


def raw_deflate(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(data) + deflater.flush()


ENCODED = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]),
    "GZIP": gzip.compress(TEXT) + b"trailing junk",
    "deflate": zlib.compress(TEXT),
    " deflate ": raw_deflate(TEXT),
    "br": brotli.compress(TEXT),
    "zstd": zstd.compress(TEXT),
    "identity": TEXT,
    "": TEXT,
    "gzip, br": brotli.compress(gzip.compress(TEXT)),
}


@pytest.mark.parametrize("name", ENCODED)
def test_content_encodings(name: str) -> None:
    assert decoded_body(stored(("Content-Encoding", name)), ENCODED[name], limit=len(TEXT)) == TEXT


def test_two_encoding_headers_are_one_list() -> None:
    record = stored(("content-encoding", "gzip"), ("Content-Encoding", "br"))
    assert decoded_body(record, ENCODED["gzip, br"], limit=10**6) == TEXT


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_an_answer_without_a_body_has_an_empty_one(name: str) -> None:
    assert decoded_body(stored(("Content-Encoding", name)), b"", limit=10) == b""


@pytest.mark.parametrize("name", ["gzip", "deflate", " deflate ", "br", "zstd"])
def test_a_torn_body_tells_what_there_was(name: str) -> None:
    data = ENCODED[name]
    for cut in (1, len(data) // 2, len(data) - 1):
        with pytest.raises(BodyError) as caught:
            decoded_body(stored(("Content-Encoding", name)), data[:cut], limit=10**6)
        assert caught.value.code == "torn_body"
        assert TEXT.startswith(caught.value.partial)


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_a_damaged_body(name: str) -> None:
    with pytest.raises(BodyError) as caught:
        decoded_body(stored(("Content-Encoding", name)), b"\x07 this is not it" * 9, limit=10**6)
    assert caught.value.code in {"bad_encoding", "torn_body"}


@pytest.mark.parametrize("name", ["compress", "aes128gcm", "gzip, what", ",".join(["gzip"] * 6)])
def test_unknown_encodings(name: str) -> None:
    with pytest.raises(BodyError) as caught:
        decoded_body(stored(("Content-Encoding", name)), b"x", limit=100)
    assert caught.value.code == "unknown_encoding"


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd", "identity"])
def test_a_body_over_the_limit(name: str) -> None:
    with pytest.raises(BodyError) as caught:
        decoded_body(stored(("Content-Encoding", name)), ENCODED[name], limit=len(TEXT) - 1)
    assert caught.value.code == "too_big"
    assert caught.value.partial == TEXT[:-1]


BOMB = """
    import resource, sys
    from pathlib import Path
    from crawler.archive import BodyError, StoredRecord, decoded_body
    body = Path(sys.argv[1]).read_bytes()
    record = StoredRecord("f", 0, "response", None, "", None, 200, (("Content-Encoding", sys.argv[2]),), "", 0, None)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        decoded_body(record, body, limit=1_000_000)
    except BodyError as error:
        print(error.code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("name", ["gzip", "gzip, gzip", "deflate", "br", "zstd"])
def test_a_bomb_needs_little_memory(tmp_path: Path, name: str) -> None:
    pack: dict[str, Callable[[bytes], bytes]] = {
        "gzip": lambda data: zlib.compress(data, 1, 31),
        "gzip, gzip": lambda data: gzip.compress(zlib.compress(data, 1, 31)),
        "deflate": lambda data: zlib.compress(data, 1),
        "br": lambda data: bytes(brotli.compress(data, quality=1)),
        "zstd": lambda data: zstd.compress(data, 1),
    }
    packed = pack[name](bytes(100_000_000))
    path = tmp_path / "bomb"
    path.write_bytes(packed)
    done = run_python(BOMB, str(path), name)
    assert done.stderr == ""
    code, kilobytes = done.stdout.split()
    assert code == "too_big"
    assert int(kilobytes) < 40_000


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n", b"hello world"),
        (b"5\nhello\n0\n\n", b"hello"),
        (b"0\r\n\r\n", b""),
        (b"hello, not chunked", b"hello, not chunked"),
        (b"5 apples", b"5 apples"),
        (b"5\r\nhello!!\r\n", b"5\r\nhello!!\r\n"),
        (b"5\r\nhello\r\n6\r\n wo", b"hello wo"),
        (b"", b""),
    ],
)
def test_chunks(body: bytes, expected: bytes) -> None:
    assert decoded_body(stored(("Transfer-Encoding", "chunked")), body, limit=100) == expected


@given(st.binary(max_size=200), st.sampled_from([*ENCODED, "chunked"]), st.integers(0, 150))
def test_any_body_gives_bytes_or_a_body_error(body: bytes, name: str, limit: int) -> None:
    record = stored(("Content-Encoding", name), ("Transfer-Encoding", "chunked" if name == "chunked" else ""))
    try:
        assert len(decoded_body(record, body, limit=limit)) <= limit
    except BodyError as error:
        assert len(error.partial) <= limit
