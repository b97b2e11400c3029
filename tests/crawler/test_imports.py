"""Importing: everything once, byte for byte, and each bad input told by name while the rest goes in."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import textwrap
import time
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archive import Archive, ArchiveBusy, ArchiveLock, StoredRecord
from crawler.import_plan import make_plan
from crawler.imports import ImportEvent, ImportReport, UsageError, content_type_of, import_paths
from crawler.warc_foreign import Flaw, ForeignRecord, read_warc

AT = "2026-11-19T00:00:00Z"
ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "captures"
PAGE = b"<!doctype html><title>Kettle vs Teapot</title>"


def clock() -> datetime:
    return datetime(2026, 11, 20, tzinfo=UTC)


def run(folder: Path, *paths: Path, at: str | None = AT, url: str | None = None, limit: int = 1 << 20) -> ImportReport:
    archive = Archive(folder / "archive")
    return import_paths(archive, paths, captured_at=at, url=url, clock=clock, max_record_bytes=limit)


def captures(folder: Path) -> list[tuple[StoredRecord, bytes]]:
    scan = Archive(folder / "archive").scan()
    return [(r, b) for r, b in scan if r.kind not in {"warcinfo", "metadata"}]


def failures(report: ImportReport) -> list[tuple[str, str]]:
    return [(Path(f.path).name, f.code) for f in report.failures]


def put(path: Path, data: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def manifest(folder: Path, *lines: object) -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return put(folder / "manifest.jsonl", text + "\n")


def warc(
    number: int,
    block: bytes = PAGE,
    *,
    kind: str = "resource",
    version: str = "1.0",
    length: int | None = None,
    **headers: str,
) -> bytes:
    """One record as another tool might write it."""
    fields = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:00000000-0000-4000-8000-{number:012}>",
        "WARC-Date": AT,
        "WARC-Target-URI": f"https://example.org/{number}",
        "Content-Type": "application/http;msgtype=response" if kind == "response" else "text/html",
        "Content-Length": str(len(block) if length is None else length),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"WARC/{version}\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def urls(folder: Path) -> list[str | None]:
    return [record.url for record, _ in captures(folder)]


def numbers(*wanted: int) -> list[str]:
    return [f"https://example.org/{n}" for n in wanted]


# ---- plain files, folders, manifests -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "kind", "media"),
    [
        ("a.html", PAGE, "resource", "text/html"),
        ("a.HTM", b"", "resource", "text/html"),
        ("a.txt", b"A vs B", "conversion", "text/plain"),
        ("a.json", b"{}", "resource", "application/json"),
        ("page", b"\n <!-- saved --> <!DOCTYPE HTML><p>", "resource", "text/html"),
        ("page", b"\xef\xbb\xbf<html lang=en>", "resource", "text/html"),
        ("page", "Ship · 75%".encode(), "conversion", "text/plain"),
        ("page", b"\xff\xfe\x00\x01", "resource", "application/octet-stream"),
        ("page", b"caf\xe9", "resource", "application/octet-stream"),
        ("page", b"", "resource", "application/octet-stream"),
        ("a.html.gz", gzip.compress(PAGE, mtime=0), "resource", "application/octet-stream"),
    ],
)
def test_a_plain_file(tmp_path: Path, name: str, data: bytes, kind: str, media: str) -> None:
    report = run(tmp_path, put(tmp_path / name, data), at="2026-11-19T02:00:00.5+02:00")
    assert (report.added, report.already_there, report.skipped, report.failures) == (1, 0, 0, ())
    ((record, payload),) = captures(tmp_path)
    assert (record.kind, record.content_type, payload) == (kind, media, data)
    assert (record.url, record.captured_at, record.run_id) == (None, AT, report.run_id)
    assert record.file == report.file


def test_a_plain_file_with_its_url(tmp_path: Path) -> None:
    run(tmp_path, put(tmp_path / "a.html", PAGE), url=" https://example.org/compare/a-vs-b ")
    assert urls(tmp_path) == ["https://example.org/compare/a-vs-b"]


def test_a_text_file_of_the_site_is_no_rendering(tmp_path: Path) -> None:
    run(tmp_path, put(tmp_path / "robots.txt", "User-agent: *"), url="https://example.org/robots.txt")
    assert [r.kind for r, _ in captures(tmp_path)] == ["resource"]


def test_a_folder_in_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b/2.txt", "a.txt", "b/1.txt", "c.txt", ".hidden.txt", ".git/x.txt", "b/.x"):
        put(tmp_path / "in" / name, f"text {name}")
    report = run(tmp_path, tmp_path / "in")
    assert report.added == 4
    assert [b for _, b in captures(tmp_path)] == [b"text a.txt", b"text b/1.txt", b"text b/2.txt", b"text c.txt"]


def test_the_archive_inside_an_imported_folder_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path / "a.txt", "text")
    run(tmp_path, tmp_path)
    report = run(tmp_path, tmp_path)
    assert (report.added, report.already_there) == (0, 1)
    assert any("the archive itself" in note for note in report.notes)


def test_a_manifest(tmp_path: Path) -> None:
    put(tmp_path / "in" / "sub" / "a.txt", "A vs B")
    put(tmp_path / "in" / "b", PAGE)
    path = manifest(
        tmp_path / "in",
        {"file": "sub/a.txt", "url": "https://example.org/a", "captured_at": "2026-11-18T23:00:00-01:00", "x": 1},
        "",
        {"file": "b", "url": None, "captured_at": "2026-01-01T00:00:00Z", "content_type": "text/plain; charset=x"},
        {"file": "b", "content_type": "text/html"},
    )
    for source in (path, tmp_path / "in"):
        report = run(tmp_path, source)
        assert report.failures == () and report.notes == ()
    assert (report.added, report.already_there, report.run_id, report.file) == (0, 3, None, None)
    assert [(r.kind, r.url, r.captured_at, r.content_type) for r, _ in captures(tmp_path)] == [
        ("conversion", "https://example.org/a", AT, "text/plain"),
        ("conversion", None, "2026-01-01T00:00:00Z", "text/plain; charset=x"),
        ("resource", None, AT, "text/html"),
    ]


def test_a_folder_with_a_manifest_is_what_the_manifest_says(tmp_path: Path) -> None:
    for name in ("a.txt", "README.md", "expected/a.json", "expected/b.json", "more/x.txt", "more/y.txt"):
        put(tmp_path / "in" / name, name)
    manifest(tmp_path / "in", {"file": "a.txt", "captured_at": AT})
    manifest(tmp_path / "in" / "more", {"file": "x.txt", "captured_at": AT})
    report = run(tmp_path, tmp_path / "in", at=None)
    assert [b for _, b in captures(tmp_path)] == [b"a.txt", b"more/x.txt"]
    assert (report.added, report.skipped, report.failures) == (2, 4, ())
    assert [note.split(": ", 1)[1] for note in report.notes] == [
        "3 file(s) that its manifest.jsonl does not name were left out (the first is README.md)",
        "1 file(s) that its manifest.jsonl does not name were left out (the first is y.txt)",
    ]


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("{not json", "bad_manifest", "line 2: not JSON"),
        ("[" * 100_000, "bad_manifest", "line 2: not JSON"),
        ('{"file": ' + "9" * 5000 + "}", "bad_manifest", "line 2: not JSON"),
        ('["a.txt"]', "bad_manifest", "line 2: not a JSON object"),
        ('{"url": "https://example.org/"}', "bad_manifest", 'line 2: it has no "file"'),
        ('{"file": 7}', "bad_manifest", 'it has no "file"'),
        ('{"file": "a\\u0000b"}', "bad_manifest", 'it has no "file"'),
        ('{"file": "' + "x" * (1 << 20) + '"}', "bad_manifest", "line 2: longer than"),
        ('{"file": "a.txt"}', "bad_time", "line 2: a.txt: captured_at must be a time like 2026-11-19T00:00:00Z"),
        ('{"file": "a.txt", "captured_at": "2026-11-19"}', "bad_time", "not '2026-11-19'"),
        ('{"file": "a.txt", "captured_at": 5}', "bad_time", "captured_at must be"),
        (json.dumps({"file": "/etc/hostname", "captured_at": AT}), "outside", "only name files in its own folder"),
        (json.dumps({"file": "../out.txt", "captured_at": AT}), "outside", "only name files in its own folder"),
        (json.dumps({"file": "link.txt", "captured_at": AT}), "outside", "a link leads out"),
        (json.dumps({"file": "none.txt", "captured_at": AT}), "missing", "(named in "),
        (json.dumps({"file": "\ud800.txt", "captured_at": AT}), "unreadable", "(named in "),
        (json.dumps({"file": "n" * 5000, "captured_at": AT}), "unreadable", "name too long"),
        (json.dumps({"file": "sub", "captured_at": AT}), "not_a_file", "this is a folder"),
        (json.dumps({"file": "loop", "captured_at": AT}), "unreadable", "(named in "),
        (json.dumps({"file": "a.txt", "captured_at": AT, "url": "example.org"}), "bad_url", "not an absolute"),
        (json.dumps({"file": "a.txt", "captured_at": AT, "url": "https://x.org/a b"}), "bad_url", "not an absolute"),
        (json.dumps({"file": "a.txt", "captured_at": AT, "url": "https://x.org/\ud800"}), "bad_url", "not an absolute"),
        (json.dumps({"file": "a.txt", "captured_at": AT, "url": ""}), "bad_url", "not an absolute"),
        (
            json.dumps({"file": "a.txt", "captured_at": AT, "content_type": "a/b\r\nX: y"}),
            "bad_content_type",
            "text/html",
        ),
    ],
)
def test_a_bad_line_in_a_manifest(tmp_path: Path, line: str, code: str, words: str) -> None:
    folder = tmp_path / "in"
    for name in ("a.txt", "first.txt", "last.txt", "sub/x.txt", "../out.txt"):
        put(folder / name, name)
    (folder / "link.txt").symlink_to("../out.txt")
    (folder / "loop").symlink_to("loop")
    first, last = ({"file": f"{name}.txt", "captured_at": AT} for name in ("first", "last"))
    report = run(tmp_path, manifest(folder, first, line, last), at=None)
    assert [f.code for f in report.failures] == [code]
    message = report.failures[0].message
    assert words in message.replace("Name", "name"), message
    assert "manifest.jsonl" in report.failures[0].path + message
    assert [b for _, b in captures(tmp_path)] == [b"first.txt", b"last.txt"]


def test_a_manifest_of_wild_bytes(tmp_path: Path) -> None:
    put(tmp_path / "in" / "a.txt", "A vs B")
    good = json.dumps({"file": "a.txt", "captured_at": AT}).encode()
    path = put(tmp_path / "in" / "manifest.jsonl", b"\xef\xbb\xbf" + good + b"\r\n\xff\xfe\x00\n\n\0\n")
    report = run(tmp_path, path)
    assert (report.added, failures(report)) == (1, [("manifest.jsonl", "bad_manifest")] * 2)


# ---- wrong usage ---------------------------------------------------------------------------------------------


def test_a_file_without_a_time_is_wrong_usage_before_anything_is_written(tmp_path: Path) -> None:
    put(tmp_path / "in" / "b.txt", "x")
    manifest(tmp_path / "m", {"file": "none", "captured_at": AT})
    with pytest.raises(UsageError, match=r"in/b.txt: .*--captured-at 2026-11-19T00:00:00Z"):
        run(tmp_path, tmp_path / "m", tmp_path / "in", at=None)
    assert not (tmp_path / "archive").exists()


@pytest.mark.parametrize("at", ["", "2026-11-19", "yesterday", "2026-11-19T00:00:00"])
def test_a_bad_time_is_wrong_usage(tmp_path: Path, at: str) -> None:
    with pytest.raises(UsageError, match="--captured-at"):
        run(tmp_path, put(tmp_path / "a.txt", "x"), at=at)
    assert not (tmp_path / "archive").exists()


def test_a_url_goes_with_one_plain_file(tmp_path: Path) -> None:
    one, two = put(tmp_path / "1.txt", "x"), put(tmp_path / "2.txt", "y")
    record = put(tmp_path / "a.warc", warc(1))
    for paths in ([one, two], [record], [tmp_path]):
        with pytest.raises(UsageError, match="exactly one plain file"):
            run(tmp_path, *paths, url="https://example.org/")
    with pytest.raises(UsageError, match="not an absolute"):
        run(tmp_path, one, url="example.org")
    with pytest.raises(UsageError, match="no file or folder"):
        run(tmp_path)
    assert not (tmp_path / "archive").exists()
    assert failures(run(tmp_path, tmp_path / "none", url="https://example.org/")) == [("none", "missing")]


# ---- odd things in the file system ---------------------------------------------------------------------------


def test_odd_files_never_hang_and_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    put(folder / "a.txt", "good")
    os.mkfifo(folder / "pipe")
    (folder / "null").symlink_to("/dev/null")
    (folder / "loop").symlink_to("loop")
    (folder / "up").symlink_to("..")
    (folder / "dangling").symlink_to("nowhere")
    (folder / "x.warc.zst").write_bytes(b"(\xb5/\xfd")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "socket"))
        report = run(tmp_path, folder, tmp_path / "gone.html")
    assert sorted(failures(report)) == [
        ("dangling", "missing"),
        ("gone.html", "missing"),
        ("loop", "unreadable"),
        ("null", "not_a_file"),
        ("pipe", "not_a_file"),
        ("socket", "not_a_file"),
        ("x.warc.zst", "zstd_warc"),
    ]
    assert all(f.message for f in report.failures)
    assert any("met before" in note for note in report.notes)
    assert [b for _, b in captures(tmp_path)] == [b"good"]


def test_failures_alone_are_kept_with_the_run(tmp_path: Path) -> None:
    report = run(tmp_path, tmp_path / "gone.html")
    info, end = Archive(tmp_path / "archive").scan()
    facts = json.loads(end[1])
    assert info[0].run_id == facts["run_id"] == report.run_id
    assert facts["outcome"] == "finished"
    assert facts["failures"] == [{"path": "gone.html", "code": "missing", "message": report.failures[0].message}]
    assert facts["counters"] == {"added": 0, "already_there": 0, "skipped": 0, "failures": 1}


def test_names_that_are_no_text(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / os.fsdecode(b"\xff\n.txt")).write_bytes(b"good")
    (folder / os.fsdecode(b"\xfe\x1b[31m")).symlink_to("gone")
    report = run(tmp_path, folder)
    assert report.added == 1
    assert [f.path for f in report.failures] == [str(folder) + "/\\xfe\\x1b[31m"]


def test_deep_folders(tmp_path: Path) -> None:
    here = tmp_path / "in"
    for _ in range(300):
        here /= "d"
    put(here / "a.txt", "deep")
    assert run(tmp_path, tmp_path / "in").added == 1


def test_a_file_over_the_limit(tmp_path: Path) -> None:
    put(tmp_path / "in" / "a.bin", bytes(1000))
    put(tmp_path / "in" / "b.bin", bytes(1001))
    report = run(tmp_path, tmp_path / "in", limit=1000)
    assert failures(report) == [("b.bin", "too_big")]
    assert [len(b) for _, b in captures(tmp_path)] == [1000]


# ---- WARC ----------------------------------------------------------------------------------------------------

HTTP = b"HTTP/1.1 200 OK\nContent-Type: text/html\r\nX-Odd:  spaced \r\n\r\n<p>body\r\n\r\n"


def sha1(block: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(block).digest()).decode()


EVERY_KIND = [
    warc(0, b"software: other/1\r\n", kind="warcinfo", Content_Type="application/warc-fields", WARC_Target_URI=""),
    warc(1, HTTP, kind="response", WARC_Block_Digest=sha1(HTTP), WARC_IP_Address="192.0.2.1"),
    warc(2, b"GET / HTTP/1.1\r\n\r\n", kind="request", Content_Type="application/http;msgtype=request"),
    warc(3, b"fetchTime: 5", kind="metadata", Content_Type="application/warc-fields"),
    warc(4, b"plain text", kind="conversion", Content_Type="text/plain", WARC_Date="2026-11-19T01:02:03.456Z"),
    warc(5, PAGE, WARC_Target_URI="<https://example.org/5>", WARC_Truncated="length"),
    warc(
        6,
        b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n",
        kind="revisit",
        version="1.1",
        Content_Type="application/http;msgtype=response",
        WARC_Profile="http://netpreserve.org/warc/1.1/revisit/server-not-modified",
        WARC_Payload_Digest="sha1:AAAA",
        WARC_Refers_To_Date="2026-11-18T00:00:00Z",
    ),
    warc(7, b"part", WARC_Segment_Number="1"),
]


def pack_plain(records: Sequence[bytes]) -> bytes:
    return b"".join(records)


def pack_members(records: Sequence[bytes]) -> bytes:
    return b"".join(gzip.compress(record, mtime=7) for record in records)


def pack_whole(records: Sequence[bytes]) -> bytes:
    return gzip.compress(b"".join(records))


def pack_blocks(records: Sequence[bytes]) -> bytes:
    """Members that know nothing of records, as some parallel packers make them."""
    data = b"".join(records)
    return b"".join(gzip.compress(data[n : n + 100]) for n in range(0, len(data), 100))


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


# ---- killing, repeating, two at once -------------------------------------------------------------------------


def run_python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), *arguments],
        check=False,
        text=True,
        capture_output=True,
        timeout=120,
        cwd=ROOT,
    )


IMPORT = """
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    from crawler.archive import Archive
    from crawler.imports import import_paths
    clock = lambda: datetime(2026, 1, 1, tzinfo=UTC)
    import_paths(Archive(Path(sys.argv[1])), [Path(sys.argv[2])], captured_at="2026-11-19T00:00:00Z", url=None,
                 clock=clock)
"""


def test_killed_again_and_again_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    rnd = random.Random(11)
    expected = set()
    for number in range(240):
        data = rnd.randbytes(rnd.choice([0, 10, 20_000, 90_000])) + b"%d" % number
        put(tmp_path / "in" / f"{number:03}.bin", data)
        expected.add(data)
    folder = tmp_path / "archive"
    seen: set[bytes] = set()
    for step in range(6):
        size = sum(p.stat().st_size for p in folder.glob("*.warc.gz")) if folder.exists() else 0
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(IMPORT), str(folder), str(tmp_path / "in")], cwd=ROOT
        )
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            now = sum(p.stat().st_size for p in folder.glob("*.warc.gz")) if folder.exists() else 0
            if now > size + 300_000 * step:
                break
        process.send_signal(signal.SIGKILL)
        process.wait()
        found = [payload for _, payload in captures(tmp_path)]
        assert len(found) == len(set(found)), "nothing twice"
        assert seen <= set(found) <= expected, "what was there stays there"
        seen = set(found)
    assert seen != expected, "the last kill came before the end, or this test shows nothing"
    torn_names = {t.kept_as for t in Archive(folder).recover()}
    report = run(tmp_path, tmp_path / "in")
    assert {payload for _, payload in captures(tmp_path)} == expected
    assert (report.added + len(seen), report.already_there, report.failures) == (240, len(seen), ())
    assert all((folder / name).is_file() for name in torn_names)
    assert run(tmp_path, tmp_path / "in").added == 0


def test_a_torn_tail_is_set_aside_and_told_by_the_next_import(tmp_path: Path) -> None:
    for number in range(3):
        put(tmp_path / "in" / f"{number}.txt", f"text {number}")
    first = run(tmp_path, tmp_path / "in")
    path = tmp_path / "archive" / str(first.file)
    offset = captures(tmp_path)[2][0].offset
    path.write_bytes(path.read_bytes()[: offset + 40])
    report = run(tmp_path, tmp_path / "in")
    assert [(t.file, t.offset, t.size) for t in report.torn] == [(first.file, offset, 40)]
    assert (report.added, report.already_there) == (1, 2)
    assert sorted(b for _, b in captures(tmp_path)) == [b"text 0", b"text 1", b"text 2"]


def test_an_import_waits_for_no_one(tmp_path: Path) -> None:
    path = put(tmp_path / "a.txt", "x")
    with ArchiveLock(tmp_path / "archive"), pytest.raises(ArchiveBusy, match=str(os.getpid())):
        run(tmp_path, path)
    assert run(tmp_path, path).added == 1


def test_the_same_file_twice_in_one_import(tmp_path: Path) -> None:
    one, two = put(tmp_path / "1.txt", "same"), put(tmp_path / "2.txt", "same")
    report = run(tmp_path, one, two, one)
    assert (report.added, report.already_there) == (1, 2)


def test_two_imports_on_the_same_input_write_the_same_bytes(tmp_path: Path) -> None:
    path = put(tmp_path / "a.warc", pack_plain(EVERY_KIND))
    one, two = (run(tmp_path / name, path) for name in ("x", "y"))
    assert one.file is not None and one.file == two.file
    assert (tmp_path / "x" / "archive" / one.file).read_bytes() == (tmp_path / "y" / "archive" / one.file).read_bytes()


def test_progress(tmp_path: Path) -> None:
    put(tmp_path / "in" / "a.txt", "x")
    put(tmp_path / "in" / "b.warc", pack_plain([warc(n) for n in range(250)]))
    events: list[ImportEvent] = []
    import_paths(
        Archive(tmp_path / "archive"),
        [tmp_path / "in", tmp_path / "gone"],
        captured_at=AT,
        url=None,
        clock=clock,
        progress=events.append,
    )
    names = [str(tmp_path / name) for name in ("in/a.txt", "in/b.warc", "in/b.warc", "gone")]
    assert events == [
        ImportEvent(names[0], 1, 3, 1, 0, 0),
        ImportEvent(names[1], 1, 3, 201, 0, 0),
        ImportEvent(names[2], 2, 3, 251, 0, 0),
        ImportEvent(names[3], 3, 3, 251, 0, 1),
    ]


def test_planning_reads_no_more_than_it_must(tmp_path: Path) -> None:
    put(tmp_path / "a.html", PAGE)
    plan = make_plan([tmp_path], captured_at=AT, url=None)
    assert [getattr(item, "captured_at", None) for item in plan.items] == [AT]


def test_content_types_do_not_depend_on_the_machine() -> None:
    assert content_type_of("a.webp", b"\xff") == "application/octet-stream"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the captured pages of ../shared are not here")
def test_the_captured_pages(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in (SHARED / "manifest.jsonl").read_text().splitlines()]
    report = run(tmp_path, SHARED, at=None)
    assert (report.added, report.failures) == (len(lines), ())
    assert [(r.kind, r.url, r.captured_at, b) for r, b in captures(tmp_path)] == [
        ("conversion", x["url"], x["captured_at"], (SHARED / x["file"]).read_bytes()) for x in lines
    ]
    again = run(tmp_path, SHARED / "manifest.jsonl", at=None)
    assert (again.added, again.already_there) == (0, len(lines))
