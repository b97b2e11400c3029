"""The archive: what goes in comes out, whatever happens to the files in between."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import textwrap
import zlib
from collections.abc import Callable, Iterator
from compileall import compile_file
from datetime import UTC, datetime
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator as WarcioIterator  # type: ignore[import-untyped]
from warcio.recordloader import ArcWarcRecord  # type: ignore[import-untyped]
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]

from crawler.archive import (
    Archive,
    ArchiveBusy,
    ArchiveError,
    ArchiveLock,
    ArchiveWriter,
    BodyError,
    Failure,
    NewRecord,
    StoredRecord,
    capture_id,
    decoded_body,
)
from crawler.warc_records import CHUNK, GZIP_HEADER, fields_of, utc_seconds, warcinfo_id

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

AT = "2026-11-19T00:00:00Z"
ROOT = Path(__file__).parents[2]
PAGE = b"<p>page</p>"


def clock() -> datetime:
    return datetime(2026, 11, 20, 8, 30, 15, 999_999, tzinfo=UTC)


def writer(folder: Path, command: str = "test") -> ArchiveWriter:
    return ArchiveWriter(folder, command=command, source=None, clock=clock)


def page(number: int, block: bytes | None = None) -> NewRecord:
    body = b"<p>page %d</p>" % number if block is None else block
    return NewRecord("resource", f"https://example.org/{number}", AT, "text/html", body)


def answer(body: bytes, *headers: tuple[str, str], status: str = "200 OK") -> NewRecord:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    block = f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body
    return NewRecord("response", "https://example.org/a", AT, "application/http; msgtype=response", block)


def captures(archive: Archive, start: dict[str, int] | None = None) -> list[tuple[StoredRecord, bytes]]:
    return [(r, b) for r, b in archive.scan(start) if r.kind not in {"warcinfo", "metadata"}]


def write(folder: Path, *records: NewRecord, command: str = "test") -> Archive:
    with writer(folder, command) as out:
        for record in records:
            out.write(record)
    return Archive(folder)


def only_file(folder: Path) -> Path:
    (found,) = folder.glob("*.warc.gz")
    return found


def members(data: bytes) -> list[int]:
    """The ends of the gzip members in `data`, found by zlib alone."""
    ends, position = [], 0
    while position < len(data):
        inflater = zlib.decompressobj(31)
        inflater.decompress(data[position:])
        position = len(data) - len(inflater.unused_data)
        ends.append(position)
    return ends


# ---- round trip ----------------------------------------------------------------------------------------------


def test_a_resource_reads_back(tmp_path: Path) -> None:
    archive = write(tmp_path, page(1))
    ((record, payload),) = captures(archive)
    assert payload == b"<p>page 1</p>"
    assert record == StoredRecord(
        file=only_file(tmp_path).name,
        offset=record.offset,
        kind="resource",
        url="https://example.org/1",
        captured_at=AT,
        content_type="text/html",
        http_status=None,
        http_headers=(),
        sha256=hashlib.sha256(payload).hexdigest(),
        size=len(payload),
        run_id=only_file(tmp_path).name.removesuffix(".warc.gz"),
    )
    assert archive.read(record.file, record.offset) == (record, payload)


def test_a_response_keeps_its_head_and_its_encoded_body(tmp_path: Path) -> None:
    body = gzip.compress(b"hello" * 100)
    new = answer(body, ("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip"), ("Age", "7"))
    archive = write(tmp_path, new)
    ((record, payload),) = captures(archive)
    assert payload == body
    assert (record.http_status, record.content_type) == (200, "text/html; charset=utf-8")
    assert record.http_headers == (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Encoding", "gzip"),
        ("Age", "7"),
    )
    assert (record.sha256, record.size) == (hashlib.sha256(body).hexdigest(), len(body))
    assert decoded_body(record, payload, limit=1000) == b"hello" * 100


@pytest.mark.parametrize(
    ("block", "status", "headers", "body"),
    [
        (b"HTTP/1.1 404 Not Found\nX: y\n\nbody", 404, (("X", "y"),), b"body"),
        (b"HTTP/2 200\r\n\r\n", 200, (), b""),
        (b"HTTP/1.1 304 Not Modified\r\nETag: x", 304, (("ETag", "x"),), b""),
        (b"HTTP/1.1 OK\r\nA:b\r\n c\r\nnonsense\r\n\r\n\r\n\r\n", None, (("A", "b c"),), b"\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nName: \xe9\r\n\r\n\0", 200, (("Name", "\xe9"),), b"\0"),
        (b"no http at all", None, (), b"no http at all"),
        (b"", None, (), b""),
    ],
)
def test_http_heads_of_all_sorts(
    tmp_path: Path, block: bytes, status: int | None, headers: tuple[tuple[str, str], ...], body: bytes
) -> None:
    new = NewRecord("response", "https://example.org/", AT, "application/http; msgtype=response", block)
    ((record, payload),) = captures(write(tmp_path, new))
    assert (record.http_status, record.http_headers, payload) == (status, headers, body)


def test_a_record_without_url_reads_back_without(tmp_path: Path) -> None:
    archive = write(tmp_path, NewRecord("conversion", None, AT, "text/plain", b"text"))
    ((record, _),) = captures(archive)
    assert record.url is None
    raw = gzip.decompress(only_file(tmp_path).read_bytes())
    assert b"WARC-Target-URI: urn:sha256:" + hashlib.sha256(b"text").hexdigest().encode() in raw


@pytest.mark.parametrize("url", ["https://example.org/<a>", "urn:sha256:" + "0" * 64, "https://example.org/ä?x=ü#y"])
def test_a_url_comes_back_as_it_was(tmp_path: Path, url: str) -> None:
    ((record, _),) = captures(write(tmp_path, NewRecord("resource", url, AT, "text/html", PAGE)))
    assert record.url == url


def test_a_revisit_tells_what_it_refers_to(tmp_path: Path) -> None:
    extra = (
        ("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/server-not-modified"),
        ("WARC-Payload-Digest", "sha256:" + "a" * 64),
        ("WARC-Refers-To-Target-URI", "https://example.org/a"),
        ("WARC-Refers-To-Date", "2026-11-01T00:00:00Z"),
    )
    block = b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n"
    new = NewRecord("revisit", "https://example.org/a", AT, "application/http; msgtype=response", block, extra)
    ((record, payload),) = captures(write(tmp_path, new))
    assert (record.kind, record.http_status, payload) == ("revisit", 304, b"")
    assert record.sha256 == hashlib.sha256(b"").hexdigest()
    assert record.refers_to_digest == "sha256:" + "a" * 64
    assert (record.refers_to_url, record.refers_to_at) == ("https://example.org/a", "2026-11-01T00:00:00Z")


def test_fractions_of_seconds_are_cut_but_kept_in_the_file(tmp_path: Path) -> None:
    new = NewRecord("resource", None, "2026-11-19T00:00:00.987Z", None, b"x")
    ((record, _),) = captures(write(tmp_path, new))
    assert record.captured_at == AT
    assert b"WARC-Date: 2026-11-19T00:00:00.987Z" in gzip.decompress(only_file(tmp_path).read_bytes())


def test_a_run_leaves_its_facts(tmp_path: Path) -> None:
    with ArchiveWriter(tmp_path, command="import a\nb", source="shiporskip", clock=clock) as out:
        out.write(page(1))
        out.counters["added"] = 1
        out.fail(Failure("x.html", "missing", "there is no such file"))
    first, *_, last = Archive(tmp_path).scan()
    assert (first[0].kind, last[0].kind) == ("warcinfo", "metadata")
    facts = fields_of(first[1])
    assert facts["run_id"] == first[0].run_id == out.run_id
    assert (facts["command"], facts["source"]) == ("import a b", "shiporskip")
    assert (facts["started_at"], facts["software"]) == ("2026-11-20T08:30:15Z", "verdictlog/0.1.0")
    assert json.loads(last[1]) == {
        "run_id": out.run_id,
        "finished_at": "2026-11-20T08:30:15Z",
        "outcome": "finished",
        "reason": None,
        "counters": {"added": 1},
        "failures": [{"path": "x.html", "code": "missing", "message": "there is no such file"}],
    }


@pytest.mark.parametrize(("error", "outcome"), [(RuntimeError("boom"), "failed"), (KeyboardInterrupt(), "stopped")])
def test_the_end_record_tells_how_a_run_broke_off(tmp_path: Path, error: BaseException, outcome: str) -> None:
    with pytest.raises(type(error)), writer(tmp_path) as out:
        out.write(page(1))
        raise error
    *_, (_, block) = Archive(tmp_path).scan()
    assert json.loads(block)["outcome"] == outcome
    assert json.loads(block)["reason"] == (str(error) or "KeyboardInterrupt")


def test_a_run_with_nothing_to_say_leaves_no_file(tmp_path: Path) -> None:
    with writer(tmp_path):
        pass
    assert Archive(tmp_path).files() == []


def test_two_runs_of_the_same_second_get_two_files(tmp_path: Path) -> None:
    write(tmp_path, page(1))
    archive = write(tmp_path, page(2))
    first, second = archive.files()
    assert second.removesuffix(".warc.gz") == first.removesuffix(".warc.gz") + "_2"
    assert [r.url for r, _ in captures(archive)] == ["https://example.org/1", "https://example.org/2"]


def test_the_bytes_of_a_run_depend_on_nothing_but_its_input(tmp_path: Path) -> None:
    one, two = write(tmp_path / "a", page(1), page(2)), write(tmp_path / "b", page(1), page(2))
    assert one.files() == two.files()
    assert only_file(one.folder).read_bytes() == only_file(two.folder).read_bytes()


def test_another_warc_reader_agrees(tmp_path: Path) -> None:
    """warcio checks sha256 digests too, and reads what we lay out by its rules."""
    write(tmp_path, page(1), answer(b"body", ("Content-Type", "text/plain")))
    with only_file(tmp_path).open("rb") as file:
        seen = []
        for record in WarcioIterator(file, check_digests="raise"):
            seen.append((record.rec_type, record.content_stream().read()))
            assert record.rec_headers.protocol == "WARC/1.1"
    assert [kind for kind, _ in seen] == ["warcinfo", "resource", "response", "metadata"]
    assert [body for _, body in seen[1:3]] == [b"<p>page 1</p>", b"body"]


@pytest.mark.parametrize("size", [10, 100_000])
def test_records_are_laid_out_as_warcio_does(tmp_path: Path, size: int) -> None:
    write(tmp_path, NewRecord("resource", "https://example.org/é", AT, "text/plain", b"a" * size))
    with only_file(tmp_path).open("rb") as file:
        members = []
        for record in WarcioIterator(file):
            block = record.content_stream().read()
            record.rec_headers.remove_header("Content-Length")
            # Called a warcinfo, warcio writes any record as it is and adds no digest.
            again = ArcWarcRecord("warc", "warcinfo", record.rec_headers, io.BytesIO(block), None, None, len(block))
            out = io.BytesIO()
            WARCWriter(out, gzip=False, warc_version="1.1").write_record(again)
            members.append(out.getvalue())
    assert b"".join(members) == gzip.decompress(only_file(tmp_path).read_bytes())


@pytest.mark.parametrize(
    "record",
    [
        NewRecord("resource", "https://example.org/a\r\nWARC-Type: response", AT, "text/html", b""),
        NewRecord("resource", "https://example.org/", "yesterday", "text/html", b""),
        NewRecord("resource", "https://example.org/", AT, "text/html\n", b""),
        NewRecord("resource", "https://example.org/\ud800", AT, "text/html", b""),
    ],
)
def test_what_cannot_stand_in_a_header_is_refused_before_writing(tmp_path: Path, record: NewRecord) -> None:
    with writer(tmp_path) as out, pytest.raises(ValueError):
        out.write(record)
    assert Archive(tmp_path).files() == []


URLS = st.none() | st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=("C", "Z"))).map(
    lambda tail: f"https://example.org/{tail}"
)
RECORDS = st.builds(
    NewRecord,
    kind=st.sampled_from(["resource", "conversion", "response", "request"]),
    url=URLS,
    captured_at=st.datetimes(timezones=st.just(UTC)).map(lambda t: utc_seconds(t.isoformat())),
    content_type=st.sampled_from(["text/html", "application/octet-stream"]),
    block=st.binary(max_size=400) | st.binary(max_size=50).map(lambda b: b * 2000),
)


@given(st.lists(RECORDS, max_size=5))
def test_any_bytes_survive_the_round_trip(records: list[NewRecord]) -> None:
    with tempfile.TemporaryDirectory() as name:
        archive = write(Path(name), *records)
        found = captures(archive)
        assert [(r.kind, r.url, r.captured_at, p) for r, p in found] == [
            (r.kind, r.url, r.captured_at, r.block) for r in records
        ]
        for record, payload in found:
            assert record.sha256 == hashlib.sha256(payload).hexdigest()
            assert archive.read(record.file, record.offset) == (record, payload)


def test_large_records_span_read_buffers(tmp_path: Path) -> None:
    blocks = [os.urandom(CHUNK * 3 + 17), b"\0" * (CHUNK * 50), os.urandom(CHUNK - 1), b""]
    archive = write(tmp_path, *(page(n, block) for n, block in enumerate(blocks)))
    assert [payload for _, payload in captures(archive)] == blocks


# ---- torn and damaged files ----------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.data())
def test_a_cut_anywhere_leaves_exactly_the_whole_records(blocks: list[bytes], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, *(page(n, block) for n, block in enumerate(blocks)))
        path = only_file(folder)
        whole = path.read_bytes()
        ends = members(whole)
        cut = data.draw(st.integers(0, len(whole)))
        path.write_bytes(whole[:cut])
        kept = max((end for end in ends if end <= cut), default=0)
        check_cut(folder, path, cut, kept, sum(end <= cut for end in ends))
        assert path.read_bytes() == whole[:kept] if kept else not path.exists()


def check_cut(folder: Path, path: Path, cut: int, kept: int, count: int) -> None:
    tail = path.read_bytes()[kept:]
    archive = Archive(folder)
    assert len(list(archive.scan())) == count
    assert archive.end_of(path.name) == Archive(folder).end_of(path.name) == kept
    torn = archive.recover()
    assert [(t.file, t.offset, t.size) for t in torn] == ([(path.name, kept, cut - kept)] if cut > kept else [])
    for found in torn:
        assert (folder / found.kept_as).read_bytes() == tail
    assert len(list(archive.scan())) == count
    assert archive.recover() == []


def test_every_single_cut_of_a_small_file(tmp_path: Path) -> None:
    write(tmp_path / "whole", page(1), page(2, b""))
    source = only_file(tmp_path / "whole")
    data = source.read_bytes()
    ends = members(data)
    path = tmp_path / "cut" / source.name
    path.parent.mkdir()
    for cut in range(len(data) + 1):
        path.write_bytes(data[:cut])
        archive = Archive(path.parent)
        assert len(list(archive.scan())) == sum(end <= cut for end in ends), cut
        assert archive.end_of(path.name) == max((end for end in ends if end <= cut), default=0)


def test_an_incremental_scan_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    write(tmp_path, page(1), page(2))
    path = only_file(tmp_path)
    whole = path.read_bytes()
    ends = members(whole)
    path.write_bytes(whole[: ends[1] + 20])
    archive = Archive(tmp_path)
    assert [r.url for r, _ in captures(archive)] == ["https://example.org/1"]
    path.write_bytes(whole)
    assert archive.end_of(path.name) == ends[1], "what came after the scan is for the next one"
    later = list(archive.scan({path.name: archive.end_of(path.name)}))
    assert [(r.kind, r.url) for r, _ in later] == [("resource", "https://example.org/2"), ("metadata", None)]
    assert {r.run_id for r, _ in later} == {path.name.removesuffix(".warc.gz")}
    assert archive.end_of(path.name) == len(whole)


def test_a_scan_ends_where_it_is_told_and_leaves_other_files_out(tmp_path: Path) -> None:
    for count in (3, 2):
        with writer(tmp_path) as out:
            for number in range(count):
                out.write(page(number))
    first, second = Archive(tmp_path).files()
    offsets = [record.offset for record, _ in Archive(tmp_path).scan() if record.file == first]
    archive = Archive(tmp_path)
    found = [(record.file, record.offset) for record, _ in archive.scan(until={first: offsets[2]})]
    assert found == [(first, offsets[0]), (first, offsets[1])]
    assert archive.end_of(first) == offsets[2]
    rest = [(record.file, record.offset) for record, _ in archive.scan({first: offsets[2]}, until={first: offsets[3]})]
    assert rest == [(first, offsets[2])]
    assert {record.file for record, _ in archive.scan(until={second: 1 << 40})} == {second}
    assert list(archive.scan(until={})) == []


def test_damage_in_the_middle_loses_one_record(tmp_path: Path) -> None:
    archive = write(tmp_path, *(page(n, os.urandom(500)) for n in range(6)))
    path = only_file(tmp_path)
    data = bytearray(path.read_bytes())
    ends = members(bytes(data))
    data[ends[2] + 200] ^= 0x10
    path.write_bytes(data)
    assert [r.url for r, _ in captures(Archive(tmp_path))] == [f"https://example.org/{n}" for n in (0, 1, 3, 4, 5)]
    assert archive.recover() == [], "damage with whole records after it is no torn tail"
    assert path.read_bytes() == data
    with pytest.raises(ArchiveError, match=rf"{path.name}, offset {ends[2]}: .*verdictlog verify"):
        archive.read(path.name, ends[2])


def test_the_run_is_known_even_where_the_record_that_names_it_is_lost(tmp_path: Path) -> None:
    write(tmp_path, page(1))
    path = only_file(tmp_path)
    data = bytearray(path.read_bytes())
    data[30] ^= 0xFF
    path.write_bytes(data)
    ((record, _),) = captures(Archive(tmp_path))
    assert record.run_id == path.name.removesuffix(".warc.gz")


def test_warc_inside_a_page_never_becomes_a_capture(tmp_path: Path) -> None:
    """The page's bytes are stored as they are, so its damage lays bare the gzip members in them."""
    write(tmp_path / "evil", page(666), command="another run")
    evil = only_file(tmp_path / "evil").read_bytes()
    write(tmp_path / "good", page(1), page(2, os.urandom(40_000) + evil + os.urandom(40_000)), page(3))
    path = only_file(tmp_path / "good")
    data = bytearray(path.read_bytes())
    ends = members(bytes(data))
    assert data.find(evil[ends[0] : ends[0] + 200], ends[1]) > 0, "the inner member must stand in the file as it is"
    data[ends[2] - 9] ^= 0xFF
    path.write_bytes(data)
    assert [r.url for r, _ in captures(Archive(path.parent))] == ["https://example.org/1", "https://example.org/3"]
    path.write_bytes(data[: ends[2] - 5])
    archive = Archive(path.parent)
    assert [r.url for r, _ in captures(archive)] == ["https://example.org/1"]
    assert [(t.offset, t.size) for t in archive.recover()] == [(ends[1], ends[2] - 5 - ends[1])]


def test_two_records_in_one_member_are_no_record_of_ours(tmp_path: Path) -> None:
    """Such a file (another tool's, put here by hand) can't be read by offset, so scanning does not give it."""
    write(tmp_path, page(1), page(2))
    path = only_file(tmp_path)
    data = path.read_bytes()
    ends = members(data)
    joined = gzip.compress(gzip.decompress(data[ends[0] : ends[2]]))
    path.write_bytes(data[: ends[0]] + joined + data[ends[2] :])
    assert [r.kind for r, _ in Archive(tmp_path).scan()] == ["warcinfo", "metadata"]


@pytest.mark.parametrize("tail", [b"\0" * 5000, b"garbage", b"\x1f", GZIP_HEADER, GZIP_HEADER * 3000])
def test_a_tail_of_anything_is_set_aside(tmp_path: Path, tail: bytes) -> None:
    archive = write(tmp_path, page(1))
    path = only_file(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole + tail)
    assert len(list(archive.scan())) == 3
    (torn,) = archive.recover()
    assert (torn.offset, torn.size) == (len(whole), len(tail))
    assert (tmp_path / torn.kept_as).read_bytes() == tail
    assert path.read_bytes() == whole


def test_recover_keeps_an_earlier_tail_of_the_same_place(tmp_path: Path) -> None:
    archive = write(tmp_path, page(1))
    path = only_file(tmp_path)
    whole = path.read_bytes()
    kept = []
    for tail in (b"first", b"second", b"second"):
        path.write_bytes(whole + tail)
        kept.append(archive.recover()[0].kept_as)
    assert kept[0] != kept[1] == kept[2]
    assert [(tmp_path / name).read_bytes() for name in kept[:2]] == [b"first", b"second"]


def test_recover_never_trusts_an_old_scan(tmp_path: Path) -> None:
    archive = write(tmp_path, page(1), page(2))
    path = only_file(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: members(whole)[1]])
    assert len(list(archive.scan())) == 2
    path.write_bytes(whole)
    assert archive.recover() == []
    assert path.read_bytes() == whole


@pytest.mark.parametrize("offset", [-1, 1, 17, 10**9])
def test_reading_at_a_wrong_offset_is_a_clear_error(tmp_path: Path, offset: int) -> None:
    archive = write(tmp_path, page(1))
    with pytest.raises(ArchiveError, match=f"offset {offset}"):
        archive.read(archive.files()[0], offset)


@pytest.mark.parametrize("name", ["none.warc.gz", "../x.warc.gz", ".lock", ""])
def test_reading_another_file_is_a_clear_error(tmp_path: Path, name: str) -> None:
    archive = write(tmp_path, page(1))
    with pytest.raises(ArchiveError):
        archive.read(name, 0)


def test_an_archive_that_is_not_there_is_empty(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "none")
    assert archive.files() == [] and list(archive.scan()) == []
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ArchiveError, match="must be a readable folder"):
        Archive(tmp_path / "file").files()


def test_only_regular_files_belong_to_the_archive(tmp_path: Path) -> None:
    archive = write(tmp_path, page(1))
    os.mkfifo(tmp_path / "a.warc.gz")
    (tmp_path / "b.warc.gz").mkdir()
    assert len(archive.files()) == 1


# ---- locking, killing, full disks ----------------------------------------------------------------------------


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        out.write(page(1))
        with pytest.raises(ArchiveBusy, match=f"process {os.getpid()} is writing"), writer(tmp_path):
            pass
        with pytest.raises(ArchiveBusy):
            Archive(tmp_path).recover()
        assert len(list(Archive(tmp_path).scan())) == 2, "readers need no lock"
    with ArchiveLock(tmp_path):
        pass


def run_python(code: str, *arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        check=False,
        text=True,
        capture_output=True,
        timeout=60,
        cwd=ROOT,
        env=env,
    )


FILL = """
    import os, resource, sys
    from datetime import UTC, datetime
    from pathlib import Path
    from crawler.archive import ArchiveError, ArchiveWriter, NewRecord
    folder = Path(sys.argv[1])
    limit = int(sys.argv[2])
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        with ArchiveWriter(folder, command="fill", source=None, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC)) as out:
            for n in range(400):
                block = os.urandom(5000)
                out.write(NewRecord("resource", f"https://example.org/{n}", "2026-11-19T00:00:00Z", None, block))
    except ArchiveError as error:
        print(error)
        sys.exit(7)
"""


@pytest.mark.parametrize("limit", [100, 400, 20_000, 123_456])
def test_no_room_left_rolls_back_to_the_last_whole_record(tmp_path: Path, limit: int) -> None:
    """The system cuts a write short at the limit, just as a full disk does."""
    folder = tmp_path / "archive"
    done = run_python(FILL, str(folder), str(limit))
    assert (done.returncode, done.stderr) == (7, "")
    assert "no room left" in done.stdout and "intact" in done.stdout
    archive = Archive(folder)
    count = len(list(archive.scan()))
    assert count == 0 if limit < 300 else count >= limit // 6000
    assert archive.recover() == [], "nothing half-written stays"
    assert bool(archive.files()) == bool(count)


def test_a_full_disk(tmp_path: Path) -> None:
    mounted = tmp_path / "disk"
    mounted.mkdir()
    script = tmp_path / "fill.py"
    script.write_text(textwrap.dedent(FILL))
    copy = tmp_path / "copy"
    command = 'mount -t tmpfs -o size=512k none "$1" && "$2" "$3" "$1/archive" 0; code=$?; cp -r "$1" "$4"; exit $code'
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", command, "sh", mounted, sys.executable, script, copy],
        check=False,
        text=True,
        capture_output=True,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    if "unshare:" in done.stderr or "mount:" in done.stderr:
        pytest.skip("this machine lets no one mount a small disk to fill")
    assert (done.returncode, done.stderr) == (7, "")
    assert "no room left to write (No space left on device)" in done.stdout
    archive = Archive(copy / "archive")
    assert len(list(archive.scan())) > 50
    assert archive.recover() == []


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ArchiveError, match="can't be written"), writer(tmp_path / "file" / "archive"):
        pass


def test_a_read_only_archive_can_be_read(tmp_path: Path) -> None:
    write(tmp_path, page(1))
    code = """
        import os, sys
        from pathlib import Path
        from crawler.archive import Archive, ArchiveError
        folder = Path(sys.argv[1])
        os.chdir("/")
        archive = Archive(folder)
        if os.geteuid() == 0:
            os.seteuid(65534)
        print(len(list(archive.scan())))
        try:
            archive.recover()
        except ArchiveError as error:
            print(error)
    """
    place = Path(tempfile.mkdtemp())
    try:
        shutil.copytree(tmp_path, place / "archive")
        (place / "archive" / ".lock").unlink()
        place.chmod(0o755)
        (place / "archive").chmod(0o555)
        compile_file(ROOT / "crawler" / "archive.py", quiet=2)
        done = run_python(code, str(place / "archive"), env={**os.environ, "PYTHONPATH": str(ROOT)})
        assert done.stderr == ""
        count, message = done.stdout.splitlines()
        assert count == "3"
        assert "can't be written" in message and "Make the folder writable" in message
    finally:
        (place / "archive").chmod(0o755)
        shutil.rmtree(place)


def test_an_unreadable_file_is_a_clear_error(tmp_path: Path) -> None:
    archive = write(tmp_path, page(1))
    name = only_file(tmp_path).name
    broken = tmp_path / f"0{name}"
    broken.symlink_to("/proc/self/mem")
    assert broken.is_file()
    with pytest.raises(ArchiveError, match=rf"0{name}: can't be read"):
        list(archive.scan())


# ---- bodies --------------------------------------------------------------------------------------------------

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


# ---- ids and times -------------------------------------------------------------------------------------------


def test_capture_ids_are_short_and_unambiguous() -> None:
    ids = {
        capture_id(url, at, sha256)
        for url in (None, "", "a", "=a", "-")
        for at in (AT, "2026-11-20T00:00:00Z")
        for sha256 in ("0" * 64, "1" * 64)
    }
    assert len(ids) == 20
    assert all(len(i) == 16 and int(i, 16) >= 0 for i in ids)
    assert capture_id("https://example.org/", AT, "0" * 64) == "eb0da77b1e451ce4"


def test_record_ids_depend_on_the_run() -> None:
    assert warcinfo_id("a") != warcinfo_id("b")
    assert warcinfo_id("a") == warcinfo_id("a")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-19T00:00:00Z", AT),
        (" 2026-11-19T00:00:00.999999999Z ", AT),
        ("2026-11-19T00:00:00,5Z", AT),
        ("2026-11-19T01:00:00+01:00", AT),
        ("2026-11-18T19:30:00-0430", AT),
        ("2026-11-19T00:00Z", AT),
        ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ],
)
def test_times(text: str, expected: str) -> None:
    assert utc_seconds(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-19",
        "2026-11-19T00:00:00",
        "2026-11-19 00:00:00Z",
        "20261119T000000Z",
        "2026-02-30T00:00:00Z",
        "2026-11-19T24:30:00Z",
        "2026-11-19T00:00:60Z",
        "0001-01-01T00:00:00+01:00",
        "2026-11-19T00:00:00+25:00",
        "1763510400",
        "٢٠٢٦-11-19T00:00:00Z",
    ],
)
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        utc_seconds(text)


@pytest.fixture(autouse=True)
def _no_file_left_open() -> Iterator[None]:
    before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").is_dir() else 0
    yield
    after = len(list(Path("/proc/self/fd").iterdir())) if before else 0
    assert after <= before


def test_many_files_do_not_need_many_descriptors(tmp_path: Path) -> None:
    for number in range(30):
        write(tmp_path, page(number))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").is_dir() else 40
    resource.setrlimit(resource.RLIMIT_NOFILE, (held + 8, hard))
    try:
        assert len(captures(Archive(tmp_path))) == 30
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
