"""Importing WARC files of any make: good records are taken as they are, bad ones told, whatever is around them."""

from __future__ import annotations

import gzip
import hashlib
import os
import random
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.warc_foreign import Flaw, ForeignRecord, read_warc
from tests.crawler.importing import (
    AT,
    EVERY_KIND,
    HTTP,
    PAGE,
    captures,
    failures,
    numbers,
    pack_blocks,
    pack_members,
    pack_plain,
    pack_whole,
    put,
    run,
    sha1,
    urls,
    warc,
)
from tests.crawler.python import run_python

PACKERS = [pack_plain, pack_members, pack_whole, pack_blocks]


@pytest.mark.parametrize("pack", PACKERS)
@pytest.mark.parametrize("name", ["a.warc", "a.warc.gz", "a.wet.gz", "no-suffix"])
def test_a_warc_is_copied_as_it_is(tmp_path: Path, pack: Callable[[Sequence[bytes]], bytes], name: str) -> None:
    path = put(tmp_path / name, pack(EVERY_KIND))
    report = run(tmp_path, path, at=None)
    assert (report.added, report.already_there, report.skipped) == (5, 0, 2)
    assert failures(report) == [(name, "segmented")]
    found = captures(tmp_path)
    assert [(r.kind, r.url) for r, _ in found] == list(
        zip(["response", "request", "conversion", "resource", "revisit"], numbers(1, 2, 4, 5, 6), strict=True)
    )
    response, body = found[0]
    assert body == b"<p>body\r\n\r\n"
    assert response.http_headers == (("Content-Type", "text/html"), ("X-Odd", "spaced"))
    assert [r.captured_at for r, _ in found] == [AT, AT, "2026-11-19T01:02:03Z", AT, AT]
    assert (found[4][0].refers_to_digest, found[4][0].refers_to_at) == ("sha1:AAAA", "2026-11-18T00:00:00Z")
    raw = gzip.decompress((tmp_path / "archive" / str(report.file)).read_bytes())
    assert b"\r\n\r\n" + HTTP + b"\r\n\r\n" in raw, "the block is the same byte for byte"
    for kept in (b"WARC-IP-Address: 192.0.2.1", b"WARC-Date: 2026-11-19T01:02:03.456Z", b"WARC-Truncated: length"):
        assert raw.count(kept) == 1
    assert run(tmp_path, path, at=None).added == 0


def test_an_archive_of_ours_can_be_imported(tmp_path: Path) -> None:
    put(tmp_path / "in" / "a.txt", "no url")
    put(tmp_path / "in" / "b.warc", pack_plain(EVERY_KIND[:2]))
    first = run(tmp_path, tmp_path / "in")
    other = tmp_path / "other"
    report = run(other, tmp_path / "archive" / str(first.file), at=None)
    assert (report.added, report.failures) == (2, ())
    assert [(r.kind, r.url, r.sha256, b) for r, b in captures(other)] == [
        (r.kind, r.url, r.sha256, b) for r, b in captures(tmp_path)
    ]


def test_other_http_headers_make_no_other_capture(tmp_path: Path) -> None:
    records = [warc(1, b"HTTP/1.1 200 OK\r\nAge: %d\r\n\r\nbody" % age, kind="response") for age in (1, 2)]
    report = run(tmp_path, put(tmp_path / "a.warc", pack_plain(records)))
    assert (report.added, report.already_there) == (1, 1)


@pytest.mark.parametrize(
    ("line_ends", "between"), [(b"\n", b"\n\n"), (b"\r\n", b"\r\n"), (b"\r\n", b""), (b"\r\n", b"\r\n" * 9)]
)
def test_other_tools_line_ends(tmp_path: Path, line_ends: bytes, between: bytes) -> None:
    records = [warc(n, b"x%d" % n)[:-4] for n in range(3)]
    data = between.join(r.replace(b"\r\n", line_ends) for r in records) + between
    report = run(tmp_path, put(tmp_path / "a.warc", data))
    assert (report.added, report.failures) == (3, ())


GOOD = [warc(n, b"page %d of the list" % n) for n in range(8)]


@pytest.mark.parametrize("pack", [pack_plain, pack_members])
def test_a_torn_warc_at_every_cut(tmp_path: Path, pack: Callable[[Sequence[bytes]], bytes]) -> None:
    pieces = [pack([record]) for record in GOOD[:3]]
    data = b"".join(pieces)
    ends = [sum(map(len, pieces[: n + 1])) for n in range(3)]
    path = tmp_path / "a.warc"
    # The line breaks behind the last record are no part of what it says.
    slack = 4 if pack is pack_plain else 0
    for cut in range(1, len(data) + 1):
        path.write_bytes(data[:cut])
        found = list(read_warc(path, 1000))
        whole = sum(end - slack <= cut for end in ends)
        assert [p.record.url for p in found if isinstance(p, ForeignRecord)] == numbers(*range(whole)), cut
        flaws = [p for p in found if isinstance(p, Flaw)]
        clean = any(end - slack <= cut <= end for end in ends)
        assert [f.offset for f in flaws] == ([] if clean else [([0, *ends])[whole]]), cut
        assert all(f.code in {"torn", "garbage", "no_gzip"} for f in flaws)


@pytest.mark.parametrize("pack", PACKERS)
@pytest.mark.parametrize("junk", [b"\0" * 99, b"<p>junk</p>\n", b"WARC/1.0\r\nbroken", b"x" * 200_000])
def test_garbage_between_records(tmp_path: Path, pack: Callable[[Sequence[bytes]], bytes], junk: bytes) -> None:
    data = pack(GOOD[:3]) + junk + pack(GOOD[3:])
    if pack is pack_whole:
        data = pack([*GOOD[:3], junk + b"\n", *GOOD[3:]])
    if pack is pack_plain:
        data = pack([*GOOD[:3], junk + b"\n", *GOOD[3:]])
    report = run(tmp_path, put(tmp_path / "a.warc.gz", data))
    assert urls(tmp_path) == numbers(*range(8))
    assert len(report.failures) == 1
    assert "went on at byte" in report.failures[0].message


@pytest.mark.parametrize("pack", [pack_plain, pack_members, pack_whole])
@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (warc(3, Content_Length="many"), "bad_record"),
        (warc(3, b"x" * 50, length=40), "bad_length"),
        (warc(3, b"x" * 50, length=55), "bad_length"),
        (warc(3, b"x" * 50, length=5_000), "bad_length"),
        (warc(3, b"x" * 50, length=5_000_000), "too_big"),
        (warc(3, WARC_Date="long ago"), "bad_time"),
        (warc(3, WARC_Date=""), "bad_time"),
        (warc(3, WARC_Block_Digest="sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "digest"),
        (warc(3, WARC_Block_Digest="sha-256:" + "0" * 64), "digest"),
        (warc(3, WARC_Target_URI="https://example.org/a b\x01"), "bad_record"),
        (warc(3, kind="continuation", WARC_Segment_Number="2"), "segmented"),
        (b"WARC/1.0\r\nno colon\r\n\r\n", "bad_record"),
        (b"WARC/1.0\r\n" + b"A: b\r\n" * 20_000 + b"\r\n", "garbage"),
    ],
)
def test_a_bad_record_loses_nothing_else(
    tmp_path: Path, pack: Callable[[Sequence[bytes]], bytes], bad: bytes, code: str
) -> None:
    report = run(tmp_path, put(tmp_path / "a.warc.gz", pack([*GOOD[:3], bad, *GOOD[4:]])))
    assert urls(tmp_path) == numbers(0, 1, 2, 4, 5, 6, 7)
    assert len(report.failures) == 1
    if pack is pack_plain and b"Content-Length: 5000\r\n" in bad:
        code = "torn"  # a plain file can't tell the two
    assert report.failures[0].code == code
    assert report.failures[0].path.startswith(str(tmp_path / "a.warc.gz"))
    assert "at byte" in report.failures[0].message + report.failures[0].path


@pytest.mark.parametrize("pack", PACKERS)
def test_a_false_length_over_the_limit_swallows_nothing(
    tmp_path: Path, pack: Callable[[Sequence[bytes]], bytes]
) -> None:
    after = [warc(n, random.Random(n).randbytes(90_000)) for n in range(4, 8)]
    data = pack([*GOOD[:3], warc(3, b"x" * 50, length=200_000), *after])
    report = run(tmp_path, put(tmp_path / "a.warc.gz", data), limit=100_000)
    assert urls(tmp_path) == numbers(0, 1, 2, 4, 5, 6, 7)
    assert failures(report) == [("a.warc.gz", "too_big")]


@pytest.mark.parametrize("pack", PACKERS)
def test_a_record_over_the_limit_is_left_out(tmp_path: Path, pack: Callable[[Sequence[bytes]], bytes]) -> None:
    big = warc(3, random.Random(3).randbytes(100_001))
    report = run(tmp_path, put(tmp_path / "a.warc", pack([*GOOD[:3], big, *GOOD[4:]])), limit=100_000)
    assert urls(tmp_path) == numbers(0, 1, 2, 4, 5, 6, 7)
    assert failures(report) == [("a.warc", "too_big")]
    assert "resource has 100,001 bytes, more than the limit of 100,000" in report.failures[0].message


def test_unknown_digests_and_good_ones_are_fine(tmp_path: Path) -> None:
    good = {
        "sha1": sha1(PAGE),
        "hex": "SHA1:" + hashlib.sha1(PAGE).hexdigest(),
        "sha256": "sha256:" + hashlib.sha256(PAGE).hexdigest().upper(),
        "md5": "md5:" + hashlib.md5(PAGE).hexdigest(),
        "blake": "blake3:xyz",
    }
    records = [warc(n, WARC_Block_Digest=digest) for n, digest in enumerate(good.values())]
    report = run(tmp_path, put(tmp_path / "a.warc", pack_plain(records)))
    assert (report.added, report.failures) == (5, ())


def test_a_damaged_member_loses_one_record(tmp_path: Path) -> None:
    pieces = [gzip.compress(warc(n, random.Random(n).randbytes(900))) for n in range(6)]
    for position in (len(pieces[2]) - 3, 500, 1):
        broken = bytearray(pieces[2])
        broken[position] ^= 0x55
        folder = tmp_path / str(position)
        data = b"".join([*pieces[:2], bytes(broken), *pieces[3:]])
        report = run(folder, put(folder / "a.warc.gz", data))
        assert urls(folder) == numbers(0, 1, 3, 4, 5)
        assert [f.code for f in report.failures] == ["no_gzip" if position == 1 else "bad_gzip"]
        assert f"at byte {len(pieces[0] + pieces[1]):,}: " in report.failures[0].message


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "empty_warc"), (b"\x1f\x8b\x08", "torn"), (PAGE, "garbage"), (b"\x1f\x8bno gzip", "no_gzip")],
)
def test_a_warc_by_name_that_is_none(tmp_path: Path, data: bytes, code: str) -> None:
    report = run(tmp_path, put(tmp_path / "a.warc.gz", data), put(tmp_path / "b.txt", "good"))
    assert failures(report) == [("a.warc.gz", code)]
    assert [b for _, b in captures(tmp_path)] == [b"good"]


BOMBS = """
    import resource, sys
    from datetime import UTC, datetime
    from pathlib import Path
    from crawler.archive import Archive
    from crawler.imports import import_paths
    archive = Archive(Path(sys.argv[1]))
    clock = lambda: datetime(2026, 1, 1, tzinfo=UTC)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = import_paths(archive, [Path(sys.argv[2])], captured_at=None, url=None, clock=clock,
                          max_record_bytes=1_000_000)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(report.added, len(report.failures), after - before)
    print(*(f.code for f in report.failures))
"""


def bomb(head: bytes, size: int) -> bytes:
    deflater = zlib.compressobj(1, wbits=31)
    pieces = [deflater.compress(head)]
    pieces += [deflater.compress(bytes(1 << 20)) for _ in range(size >> 20)]
    return b"".join([*pieces, deflater.compress(b"\r\n\r\n"), deflater.flush()])


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (warc(3, b"", length=200 << 20)[:-4], "too_big"),
        (warc(3, b"", length=10)[:-4], "bad_length"),
        (warc(3, b"", length=10**17)[:-4], "too_big"),
        (b"", "garbage"),
        (b"WARC/1.0\r\nX: ", "garbage"),
    ],
)
def test_a_gzip_bomb(tmp_path: Path, head: bytes, code: str) -> None:
    path = put(tmp_path / "a.warc.gz", pack_members(GOOD[:3]) + bomb(head, 200 << 20) + pack_members(GOOD[3:]))
    done = run_python(BOMBS, str(tmp_path / "archive"), str(path))
    assert done.stderr == ""
    counts, codes = done.stdout.splitlines()
    added, failed, kilobytes = map(int, counts.split())
    assert (codes, failed) == (code, 1)
    assert kilobytes < 30_000
    assert added == 8


@given(st.lists(st.integers(0, 7), min_size=1, max_size=6), st.sampled_from(PACKERS), st.data())
def test_damage_anywhere_never_raises_and_adds_nothing_false(
    chosen: list[int], pack: Callable[[Sequence[bytes]], bytes], data: st.DataObject
) -> None:
    whole = bytearray(pack([warc(n, b"page %d" % n, WARC_Block_Digest=sha1(b"page %d" % n)) for n in chosen]))
    begin = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(begin, min(len(whole), begin + 300)))
    whole[begin:end] = data.draw(st.binary(max_size=60))
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"verdictlog-{os.getpid()}.warc"
    try:
        path.write_bytes(whole)
        for piece in read_warc(path, 100_000):
            if isinstance(piece, ForeignRecord) and pack is not pack_plain:
                assert piece.record.block in {b"page %d" % n for n in chosen}
    finally:
        path.unlink()


@given(st.binary(max_size=300), st.sampled_from([b"", b"WARC/1.0\r\n", b"\x1f\x8b\x08\0\0\0\0\0\0\xff"]))
def test_any_bytes_can_be_read_as_warc(data: bytes, start: bytes) -> None:
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"verdictlog-{os.getpid()}-b.warc"
    try:
        path.write_bytes(start + data)
        assert not any(isinstance(piece, ForeignRecord) for piece in read_warc(path, 1000))
    finally:
        path.unlink()
