"""The index of captures, brought up to date or made anew: it is the same, however it came to be."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archive import Archive, ArchiveError, StoredRecord
from crawler.capture_index import VERSION, CaptureIndex
from tests.crawler.indexed import Data, stamp


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path)


# ---- brought up to date = made anew ---------------------------------------------------------------------------------


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


# ---- trouble --------------------------------------------------------------------------------------------------------


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
    with pytest.raises(ArchiveError, match=r"captures\.db: a folder lies here"), data.index():
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
