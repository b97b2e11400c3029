"""Importing: everything once, byte for byte, and each bad input told by name while the rest goes in."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from crawler.archive import Archive, ArchiveBusy, ArchiveLock
from crawler.import_plan import make_plan
from crawler.imports import ImportEvent, UsageError, content_type_of, import_paths
from tests.captured import CAPTURES, MANIFEST, body_of, entries, needs_captures
from tests.crawler.importing import (
    AT,
    EVERY_KIND,
    PAGE,
    captures,
    clock,
    failures,
    manifest,
    pack_plain,
    put,
    run,
    urls,
    warc,
)
from tests.crawler.python import ROOT

# ---- plain files, folders, manifests --------------------------------------------------------------------------------


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


# ---- wrong usage ----------------------------------------------------------------------------------------------------


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


# ---- odd things in the file system ----------------------------------------------------------------------------------


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


# ---- killing, repeating, two at once --------------------------------------------------------------------------------


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


@needs_captures
def test_the_captured_pages(tmp_path: Path) -> None:
    lines = entries()
    report = run(tmp_path, CAPTURES, at=None)
    assert (report.added, report.failures) == (len(lines), ())
    assert [(r.kind, r.url, r.captured_at, b) for r, b in captures(tmp_path)] == [
        ("conversion", x["url"], x["captured_at"], body_of(x["file"])) for x in lines
    ]
    again = run(tmp_path, MANIFEST, at=None)
    assert (again.added, again.already_there) == (0, len(lines))
