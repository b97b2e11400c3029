"""The index of captures: what a crawl asks it is what the archive holds, however the index came to be."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archive import ARCHIVE, Archive, ArchiveError, ArchiveWriter, NewRecord, StoredRecord
from crawler.capture_index import VERSION, CaptureIndex, LastCapture
from crawler.fetch.keep import NOT_MODIFIED, SAME_BYTES
from crawler.warc_writer import http_content_type

SITE = "https://verdicts.example"
START = datetime(2026, 11, 19, 12, 0, 0, tzinfo=UTC)


def moment(seconds: float = 0) -> datetime:
    return START + timedelta(seconds=seconds)


def stamp(seconds: float = 0) -> str:
    return moment(seconds).isoformat(timespec="seconds").replace("+00:00", "Z")


class Run:
    """A run of a crawl into an archive, which writes what `crawler.fetch.keep` writes."""

    def __init__(self, writer: ArchiveWriter) -> None:
        self.writer = writer

    def _write(
        self, kind: str, path: str, seconds: float, block: str, body: bytes = b"", extra: dict[str, str] | None = None
    ) -> StoredRecord:
        at = moment(seconds).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        content_type = http_content_type(kind)
        record = NewRecord(
            kind, f"{SITE}{path}", at, content_type, block.encode() + b"\r\n\r\n" + body, tuple((extra or {}).items())
        )
        return self.writer.write(record)

    def ask(self, path: str, seconds: float = 0) -> StoredRecord:
        return self._write("request", path, seconds, f"GET {path} HTTP/1.1\r\nUser-Agent: verdictlog/0")

    def answer(
        self,
        path: str,
        seconds: float = 0,
        body: bytes = b"<p>page</p>",
        *,
        status: int = 200,
        truncated: str | None = None,
        length: str | None = "right",
        **headers: str,
    ) -> StoredRecord:
        if length is not None:
            headers["Content_Length"] = str(len(body)) if length == "right" else length
        head = "".join(f"\r\n{name.replace('_', '-')}: {value}" for name, value in headers.items())
        extra = {"WARC-Truncated": truncated} if truncated else {}
        return self._write("response", path, seconds, f"HTTP/1.1 {status} X{head}", body, extra)

    def unchanged(
        self, path: str, seconds: float, of: StoredRecord, *, status: int = 304, **headers: str
    ) -> StoredRecord:
        head = "".join(f"\r\n{name.replace('_', '-')}: {value}" for name, value in headers.items())
        extra = {
            "WARC-Profile": NOT_MODIFIED if status == 304 else SAME_BYTES,
            "WARC-Refers-To-Target-URI": of.url or "",
            "WARC-Refers-To-Date": of.captured_at,
            "WARC-Payload-Digest": f"sha256:{of.sha256}",
        }
        return self._write("revisit", path, seconds, f"HTTP/1.1 {status} X{head}", b"", extra)


class Data:
    """A data folder with an archive and its index."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.archive = path / ARCHIVE
        self.file = path / ".captures.db"

    @contextmanager
    def run(
        self, seconds: float = 0, command: str = "crawl", source: str | None = "verdicts.example", **facts: str
    ) -> Iterator[Run]:
        facts = facts or {"spec": "{}"}
        with ArchiveWriter(
            self.archive, command=command, source=source, clock=lambda: moment(seconds), facts=facts, compression=1
        ) as writer:
            yield Run(writer)

    @contextmanager
    def index(self, file: Path | None = None) -> Iterator[CaptureIndex]:
        with CaptureIndex(Archive(self.archive), file or self.file) as index:
            yield index

    def last(self, path: str) -> LastCapture | None:
        with self.index() as index:
            return index.last_capture(f"{SITE}{path}")

    def all(self, file: Path | None = None) -> list[tuple[object, ...]]:
        """All rows of the index, made ready first."""
        path = file or self.file
        with self.index(path):
            pass
        with closing(sqlite3.connect(path)) as con:
            names = [name for (name,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows = [(name, *row) for name in names for row in con.execute(f"SELECT * FROM {name}")]
        return sorted(rows, key=repr)

    def from_scratch(self) -> list[tuple[object, ...]]:
        with TemporaryDirectory() as folder:
            return self.all(Path(folder) / "new.db")


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path)


# ---- the last capture ----------------------------------------------------------------------------------------


def test_a_page_that_was_never_asked_for(data: Data) -> None:
    assert data.last("/tool/a") is None


def test_the_last_capture_of_a_page(data: Data) -> None:
    with data.run() as run:
        run.ask("/tool/a")
        stored = run.answer("/tool/a", 1, ETag='"1"', Last_Modified="Thu, 19 Nov 2026 00:00:00 GMT")
    assert data.last("/tool/a") == LastCapture(
        url=f"{SITE}/tool/a",
        captured_at=stamp(1),
        sha256=sha256(b"<p>page</p>").hexdigest(),
        file=stored.file,
        offset=stored.offset,
        etag='"1"',
        last_modified="Thu, 19 Nov 2026 00:00:00 GMT",
    )


def test_it_can_be_read_from_the_archive(data: Data) -> None:
    with data.run() as run:
        run.answer("/tool/a", body=b"the page")
    last = data.last("/tool/a")
    assert last is not None
    assert Archive(data.archive).read(last.file, last.offset)[1] == b"the page"


def test_of_several_captures_the_newest_counts(data: Data) -> None:
    with data.run() as run:
        run.answer("/tool/a", 1, b"old")
    with data.run(100) as run:
        run.answer("/tool/a", 101, b"new")
    last = data.last("/tool/a")
    assert last is not None
    assert last.sha256 == sha256(b"new").hexdigest()


def test_an_old_capture_that_came_late_does_not_count(data: Data) -> None:
    with data.run() as run:
        run.answer("/tool/a", 1, b"new")
    with data.run(100, command="import", source=None, note="x") as run:
        run.answer("/tool/a", -500, b"old")
    last = data.last("/tool/a")
    assert last is not None
    assert last.sha256 == sha256(b"new").hexdigest()


def test_of_two_captures_in_a_second_the_later_counts(data: Data) -> None:
    with data.run() as run:
        run.answer("/tool/a", 1.1, b"first", ETag='"1"')
        run.answer("/tool/a", 1.9, b"second", ETag='"2"')
    last = data.last("/tool/a")
    assert last is not None
    assert (last.sha256, last.etag) == (sha256(b"second").hexdigest(), '"2"')


def test_validators_go_with_their_capture(data: Data) -> None:
    with data.run() as run:
        run.answer("/tool/a", 1, b"old", ETag='"1"')
        run.answer("/tool/a", 2, b"new")
    last = data.last("/tool/a")
    assert last is not None
    assert last.etag is None


def test_each_address_has_a_capture_of_its_own(data: Data) -> None:
    with data.run() as run:
        run.answer("/tool/a")
    assert data.last("/tool/a/") is None


@pytest.mark.parametrize("status", [301, 304, 404, 410, 429, 500, 503])
def test_answers_other_than_200_bring_no_content(data: Data, status: int) -> None:
    with data.run() as run:
        run.answer("/tool/a", status=status)
    assert data.last("/tool/a") is None


@pytest.mark.parametrize(
    "words",
    [
        {"length": "5000"},
        {"truncated": "disconnect", "length": None},
        {"truncated": "length", "length": None},
        {"truncated": "time"},
    ],
    ids=str,
)
def test_an_answer_that_was_cut_off_is_no_capture(data: Data, words: dict[str, Any]) -> None:
    """Else its ETag would go out, and the answer 304 would make the half page stand for the whole."""
    with data.run() as run:
        run.answer("/tool/a", ETag='"1"', **words)
    assert data.last("/tool/a") is None
    with data.index() as index:
        assert [each.whole for each in index.answers(run.writer.run_id)] == [False]


@pytest.mark.parametrize(
    "words",
    [
        {"length": None},
        {"length": "3"},
        {"length": "0"},
        {"length": "many"},
        {"length": "-1"},
        {"length": "٣"},
        {"length": "9" * 5000},
        {"length": "5000", "Transfer_Encoding": "chunked"},
    ],
    ids=lambda words: str(words)[:40],
)
def test_an_answer_of_which_nothing_says_that_it_was_cut(data: Data, words: dict[str, Any]) -> None:
    with data.run() as run:
        run.answer("/tool/a", **words)
    assert data.last("/tool/a") is not None


@pytest.mark.parametrize("status", [200, 304])
def test_a_revisit_is_no_new_content(data: Data, status: int) -> None:
    with data.run() as run:
        first = run.answer("/tool/a", 1)
        run.unchanged("/tool/a", 9, first, status=status)
    last = data.last("/tool/a")
    assert last is not None
    assert (last.captured_at, last.offset) == (stamp(1), first.offset)


@pytest.mark.parametrize("seconds", [1, 9])
def test_a_revisit_brings_newer_validators(data: Data, seconds: float) -> None:
    with data.run() as run:
        first = run.answer("/tool/a", 1, ETag='"1"', Last_Modified="Thu, 19 Nov 2026 00:00:00 GMT")
        run.unchanged("/tool/a", seconds, first, ETag='"2"')
    last = data.last("/tool/a")
    assert last is not None
    assert (last.etag, last.last_modified) == ('"2"', "Thu, 19 Nov 2026 00:00:00 GMT")


def test_a_revisit_of_older_content_brings_none(data: Data) -> None:
    with data.run() as run:
        first = run.answer("/tool/a", 1, b"old", ETag='"1"')
        run.answer("/tool/a", 5, b"new", ETag='"2"')
        run.unchanged("/tool/a", 9, first, ETag='"1"')
    last = data.last("/tool/a")
    assert last is not None
    assert last.etag == '"2"'


def test_content_that_came_back_is_found_unchanged_no_more(data: Data) -> None:
    with data.run() as run:
        for seconds, body in enumerate((b"one", b"two", b"one")):
            run.answer("/tool/a", seconds, body, ETag=f'"{seconds}"')
    last = data.last("/tool/a")
    assert last is not None
    assert (last.captured_at, last.etag) == (stamp(2), '"2"')


def test_the_pages_of_a_site(data: Data) -> None:
    with data.run() as run:
        for path in ("/tool/b/", "/tool/b", "/compare/z-vs-a", "/"):
            run.answer(path)
        run.answer("/tool/gone", status=404)
    with data.index() as index:
        assert index.known_urls("verdicts.example") == [f"{SITE}/", f"{SITE}/compare/a-vs-z", f"{SITE}/tool/b"]
        assert index.known_urls("other.example") == []


# ---- the answers of a run ------------------------------------------------------------------------------------


def test_answers_come_in_order(data: Data) -> None:
    paths = [f"/tool/{name}" for name in "zyxabc"]
    with data.run() as run:
        for seconds, path in enumerate(paths):
            run.ask(path, seconds)
            run.answer(path, seconds)
    with data.index() as index:
        assert [each.url for each in index.answers(run.writer.run_id)] == [f"{SITE}{path}" for path in paths]


def test_requests_are_no_answers(data: Data) -> None:
    with data.run() as run:
        run.ask("/tool/a")
    with data.index() as index:
        assert index.answers(run.writer.run_id) == []


def test_statuses_are_told(data: Data) -> None:
    with data.run() as run:
        first = run.answer("/a")
        run.unchanged("/a", 1, first)
        run.answer("/b", status=404)
    with data.index() as index:
        assert [each.status for each in index.answers(run.writer.run_id)] == [200, 304, 404]


def test_runs_are_held_apart(data: Data) -> None:
    with data.run() as one:
        one.answer("/a")
    with data.run(10) as other:
        other.answer("/b")
    with data.index() as index:
        assert [each.url for each in index.answers(other.writer.run_id)] == [f"{SITE}/b"]


def test_a_revisit_came_to_its_end(data: Data) -> None:
    with data.run() as run:
        run.unchanged("/a", 1, run.answer("/a"), status=200, Content_Length="5000")
    with data.index() as index:
        assert [each.whole for each in index.answers(run.writer.run_id)] == [True, True]


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/tool/b", f"{SITE}/tool/b"),
        ("b#top", f"{SITE}/tool/b"),
        ("https://www.verdicts.example/tool/a", "https://www.verdicts.example/tool/a"),
        ("http://[broken", None),
        ("", None),
    ],
)
def test_where_a_redirect_leads(data: Data, location: str, expected: str | None) -> None:
    with data.run() as run:
        run.answer("/tool/a", status=301, Location=location)
    with data.index() as index:
        assert [each.location for each in index.answers(run.writer.run_id)] == [expected]


def test_an_answer_that_is_no_redirect_leads_nowhere(data: Data) -> None:
    with data.run() as run:
        run.answer("/tool/a", status=200, Location="/tool/b")
    with data.index() as index:
        assert [each.location for each in index.answers(run.writer.run_id)] == [None]


# ---- requests and runs ---------------------------------------------------------------------------------------


def test_requests_are_counted_by_day_and_site(data: Data) -> None:
    with data.run() as run:
        for seconds in (0, 1, 2, 43199, 43200, 43201):  # the day begins at the second last
            run.ask("/a", seconds)
    with data.index() as index:
        assert index.requests_on("2026-11-19", "verdicts.example") == 4
        assert index.requests_on("2026-11-20", "verdicts.example") == 2
        assert index.requests_on("2026-11-19", "other.example") == 0


def test_a_second_look_counts_no_request_twice(data: Data) -> None:
    with data.run() as run:
        run.ask("/a")
    for _ in range(3):
        with data.index() as index:
            assert index.requests_on("2026-11-19", "verdicts.example") == 1


def test_requests_of_several_runs_add_up(data: Data) -> None:
    for seconds in (0, 100, 200):
        with data.run(seconds) as run:
            run.ask("/a", seconds)
            run.ask("/b", seconds)
        with data.index() as index:
            assert index.requests_on("2026-11-19", "verdicts.example") == 2 + seconds / 50


def test_requests_that_were_imported_are_none_of_ours(data: Data) -> None:
    with data.run(command="import", source=None, note="no task") as run:
        run.ask("/a")
    with data.index() as index:
        assert index.requests_on("2026-11-19", "verdicts.example") == 0


def test_runs_of_the_site_newest_first(data: Data) -> None:
    for seconds in (0, 100, 200):
        with data.run(seconds) as run:
            run.answer("/a")
    with data.run(300, source="other.example") as run:
        run.answer("/a")
    with data.index() as index:
        assert [each.facts["started_at"] for each in index.runs("verdicts.example")] == [
            stamp(200),
            stamp(100),
            stamp(0),
        ]


def test_the_facts_of_a_run(data: Data) -> None:
    with data.run(spec='{"kinds": ["tool"]}', continues="before") as run:
        run.answer("/a")
        run.writer.end_facts["fill"] = {"tool": {"pages": 3}}
    with data.index() as index:
        (known,) = index.runs("verdicts.example")
    assert known.run_id == run.writer.run_id
    assert (known.facts["spec"], known.facts["continues"]) == ('{"kinds": ["tool"]}', "before")
    assert known.end is not None
    assert (known.end["outcome"], known.end["fill"]) == ("finished", {"tool": {"pages": 3}})


def test_a_run_that_died_has_no_end(data: Data) -> None:
    with data.run() as run:
        stored = run.answer("/a")
    file = data.archive / stored.file
    with file.open("rb+") as handle:
        handle.truncate(Archive(data.archive).end_of(stored.file) - 40)  # in the end record
    with data.index() as index:
        assert [each.end for each in index.runs("verdicts.example")] == [None]


@pytest.mark.parametrize(
    "block", [b"", b"no json", b"[]", b"7", b'{"run_id": 7}', b'{"run_id": "\\ud800"}', b"[" * 9999]
)
def test_strange_end_records_are_stepped_over(data: Data, block: bytes) -> None:
    with data.run() as run:
        run.answer("/a")
        run.writer.write(NewRecord("metadata", None, stamp(), "application/json", block))
    with data.index() as index:
        assert [(each.end or {}).get("outcome") for each in index.runs("verdicts.example")] == ["finished"]


# ---- brought up to date = made anew --------------------------------------------------------------------------


def test_what_was_added_is_found(data: Data) -> None:
    with data.run() as run:
        run.answer("/a")
    assert data.last("/b") is None
    with data.run(100) as run:
        run.answer("/b", 100)
    assert data.last("/b") is not None
    assert data.last("/a") is not None


def test_a_file_that_grows(data: Data) -> None:
    with data.run() as run:
        first = run.answer("/a")
        assert data.last("/a") is not None
        run.unchanged("/a", 5, first, ETag='"2"')
        last = data.last("/a")
    assert last is not None
    assert last.etag == '"2"'
    assert data.all() == data.from_scratch()


def test_only_what_is_new_is_read(data: Data) -> None:
    with data.run() as run:
        for number in range(1200):
            run.answer(f"/{number}")
    told: list[int] = []
    for _ in range(2):
        with CaptureIndex(Archive(data.archive), data.file, told.append):
            pass
    assert told == [500, 1000]


actions = st.lists(
    st.tuples(
        st.sampled_from(["answer", "same", "304", "404", "moved", "cut", "ask"]),
        st.sampled_from(["/tool/a", "/tool/a/", "/compare/b-vs-a", "/robots.txt"]),
        st.integers(0, 3),  # which content, and which validators
        st.integers(-2, 5),  # by how much the clock moves
    ),
    max_size=6,
)


@given(st.lists(st.tuples(actions, st.sampled_from([-50, 0, 0, 1, 100]), st.booleans()), max_size=4))
def test_up_to_date_is_as_made_anew(runs: list[tuple[list[tuple[str, str, int, int]], int, bool]]) -> None:
    with TemporaryDirectory() as folder:
        data, now = Data(Path(folder)), 0
        stored: dict[str, StoredRecord] = {}
        for number, (acts, later, looks) in enumerate(runs):
            now += later
            with data.run(now, command=f"crawl {number}") as run:
                for act, path, which, step in acts:
                    now += step
                    body, etag = b"content %d" % (which // 2), f'"{which}"'
                    match act:
                        case "ask":
                            run.ask(path, now)
                        case "answer":
                            stored[path] = run.answer(path, now, body, ETag=etag)
                        case "same" | "304" if path in stored:
                            status = 304 if act == "304" else 200
                            run.unchanged(path, now, stored[path], status=status, ETag=etag)
                        case "moved":
                            run.answer(path, now, b"", status=301, Location="/tool/b")
                        case "cut":
                            run.answer(path, now, body, length="999", ETag=etag)
                        case _:
                            run.answer(path, now, b"", status=404)
            if looks:
                data.all()
        assert data.all() == data.from_scratch()


# ---- trouble -------------------------------------------------------------------------------------------------


def two_runs(data: Data) -> list[tuple[object, ...]]:
    """An archive of two runs with its index, and what the index must hold."""
    for seconds in (0, 100):
        with data.run(seconds) as run:
            for number in range(60):
                run.ask(f"/tool/t{number}", seconds)
                run.answer(f"/tool/t{number}", seconds, b"page %d" % number, ETag=f'"{number}"')
        data.all()
    return data.from_scratch()


def foreign(file: Path, *, version: int = 0) -> None:
    file.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as con:
        con.executescript(f"CREATE TABLE notes (text TEXT); PRAGMA user_version = {version}")


def older(file: Path) -> None:
    with closing(sqlite3.connect(file)) as con:
        con.execute("DELETE FROM last_captures")
        con.execute(f"PRAGMA user_version = {VERSION - 1}")
        con.commit()


def damaged(file: Path) -> None:
    data = bytearray(file.read_bytes())
    for page in range(4096, len(data), 4096):
        data[page : page + 200] = b"\xa5" * 200
    file.write_bytes(bytes(data))


def damaged_in_one_place(file: Path) -> None:
    data = bytearray(file.read_bytes())
    middle = len(data) // 8192 * 4096
    data[middle : middle + 4096] = bytes(4096)
    file.write_bytes(bytes(data))


SPOILERS: list[Callable[[Path], object]] = [
    lambda file: file.unlink(),
    lambda file: file.write_bytes(b""),
    lambda file: file.write_bytes(b"rubbish" * 999),
    lambda file: file.write_bytes(file.read_bytes()[:5000]),
    lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    damaged,
    damaged_in_one_place,
    foreign,
    lambda file: foreign(file, version=VERSION),
    older,
]


@pytest.mark.parametrize("spoil", SPOILERS, ids=range(len(SPOILERS)))
def test_a_spoiled_index_is_made_anew(data: Data, spoil: Callable[[Path], object]) -> None:
    expected = two_runs(data)
    spoil(data.file)
    assert data.all() == expected


def test_what_a_dead_crawl_left_beside_the_index_does_no_harm(data: Data) -> None:
    expected = two_runs(data)
    data.file.with_name(".captures.db-wal").write_bytes(b"rubbish" * 5000)
    data.file.with_name(".captures.db-shm").write_bytes(b"rubbish" * 5000)
    assert data.all() == expected


def test_an_index_that_was_left_open(data: Data) -> None:
    expected = two_runs(data)
    with data.index(), TemporaryDirectory() as folder:
        for path in data.path.glob(".captures.db*"):
            shutil.copy(path, folder)
        assert data.all(Path(folder) / ".captures.db") == expected


def test_a_file_of_the_archive_that_is_lost(data: Data) -> None:
    two_runs(data)
    sorted(data.archive.glob("*.warc.gz"))[1].unlink()
    assert data.all() == data.from_scratch()
    last = data.last("/tool/t1")
    assert last is not None
    assert last.captured_at == stamp(0)


def test_a_file_of_the_archive_that_is_shorter(data: Data) -> None:
    two_runs(data)
    file = sorted(data.archive.glob("*.warc.gz"))[1]
    with file.open("rb+") as handle:
        handle.truncate(file.stat().st_size // 2)
    assert data.all() == data.from_scratch()
    with data.index() as index:
        assert index.requests_on("2026-11-19", "verdicts.example") < 120


def test_a_whole_archive_that_is_lost(data: Data) -> None:
    two_runs(data)
    shutil.rmtree(data.archive)
    assert [row for row in data.all() if row[0] != "files"] == []


def test_a_file_that_comes_before_the_others(data: Data) -> None:
    with data.run(100) as run:
        first = run.answer("/a", 100, ETag='"1"')
    data.all()
    with data.run(0) as run:  # its clock was wrong
        run.unchanged("/a", 200, first, ETag='"2"')
    assert data.all() == data.from_scratch()


def test_damage_in_the_archive_is_stepped_over(data: Data) -> None:
    with data.run() as run:
        run.answer("/a")
        bad = run.answer("/b")
        run.answer("/c")
    file = data.archive / bad.file
    content = bytearray(file.read_bytes())
    content[bad.offset + 30] ^= 255
    file.write_bytes(bytes(content))
    assert data.all() == data.from_scratch()
    assert [data.last(path) is None for path in ("/a", "/b", "/c")] == [False, True, False]


def test_a_place_that_can_not_be_written(data: Data) -> None:
    data.archive.mkdir()
    data.file.mkdir()
    with pytest.raises(ArchiveError, match=r"captures\.db: can't be written"), data.index():
        pass


def test_an_archive_that_can_not_be_read_leaves_no_half_index(data: Data) -> None:
    two_runs(data)
    file = sorted(data.archive.glob("*.warc.gz"))[1]
    with data.run(200) as run:
        run.answer("/z", 200)
    (data.archive / "99999999T000000Z-00000000.warc.gz").symlink_to("/proc/self/mem")  # opens, and can't be read
    with pytest.raises(ArchiveError), data.index():
        pass
    (data.archive / "99999999T000000Z-00000000.warc.gz").unlink()
    assert file.exists()
    assert data.all() == data.from_scratch()
