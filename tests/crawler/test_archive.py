"""The archive: what goes in comes out."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import resource
import tempfile
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator as WarcioIterator  # type: ignore[import-untyped]
from warcio.recordloader import ArcWarcRecord  # type: ignore[import-untyped]
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]

from crawler.archive import Archive, ArchiveWriter, Failure, NewRecord, StoredRecord, decoded_body
from crawler.warc_records import CHUNK, fields_of, utc_seconds
from tests.crawler.archives import AT, PAGE, answer, captures, clock, only_file, page, write, writer

pytestmark = pytest.mark.usefixtures("no_file_left_open")


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
