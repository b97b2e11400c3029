"""Torn and damaged files of the archive: whatever happens to them, no whole record is lost, and none is made up."""

from __future__ import annotations

import gzip
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archive import Archive, ArchiveError
from crawler.warc_records import GZIP_HEADER
from tests.crawler.archives import captures, members, only_file, page, write, writer

pytestmark = pytest.mark.usefixtures("no_file_left_open")


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
