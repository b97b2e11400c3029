"""Files that are not ours in the places of ours, and archives that have lost something, through the real command.

Nothing that is not ours is cut, written or waited for, and no good dataset is replaced by a poorer one.
"""

from __future__ import annotations

import gzip
import os
import random
import shutil
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.verdictlog.bad_pages import CAPTURED_AT, good, warc_response
from tests.verdictlog.running import SAMPLES, SITE, Folder

PAGES = SAMPLES / "manifest.jsonl"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A data folder with the samples in it, and built."""
    folder = Folder(tmp_path / "data")
    assert folder.run("import", PAGES).code == 0
    assert folder.run("build").code == 0
    return folder


def archive_file(folder: Folder) -> Path:
    [path] = sorted((folder.path / "archive").glob("*.warc.gz"))
    return path


def add_page(folder: Folder, tmp_path: Path, name: str = "more") -> None:
    """One more page, in an archive file of its own."""
    (tmp_path / f"{name}.html").write_bytes(good())
    url = f"{SITE}/compare/{name}-a-vs-{name}-b"
    folder.run("import", tmp_path / f"{name}.html", "--url", url, "--captured-at", CAPTURED_AT)


def foreign_warc(size: int = 2) -> bytes:
    """A sound WARC of another tool: all records in one gzip member, as none of ours is."""
    return gzip.compress(b"".join(warc_response(f"{SITE}/tool/foreign-{n}", good()) for n in range(size)))


JUNK = {
    "text": b"my diary, the only copy\n" * 1000,
    "noise": random.Random(1).randbytes(50_000),
    "gzip": gzip.compress(b"my diary, the only copy\n" * 1000),
    "warc of another tool": foreign_warc(),
    "cut warc of another tool": foreign_warc()[:-20],
    # As every record of ours begins, but nothing of what follows.
    "gzip with our header": gzip.compress(b"my diary", mtime=0)[:9] + b"\xff" + gzip.compress(b"my diary")[10:],
    "header of gzip and noise": b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + random.Random(2).randbytes(500),
}


QUICK = {("text", "link"), ("cut warc of another tool", "file"), ("gzip with our header", "hard link")}
"""The cases of every run; the others take minutes."""


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        pytest.param(kind, how, marks=() if (kind, how) in QUICK else pytest.mark.long)
        for kind in JUNK
        for how in ("file", "link", "hard link")
    ],
)
def test_what_is_no_archive_of_ours_is_left_and_named(folder: Folder, tmp_path: Path, kind: str, how: str) -> None:
    diary = tmp_path / "diary"
    diary.write_bytes(JUNK[kind])
    strange = folder.path / "archive" / "20200101T000000Z-0badcafe.warc.gz"
    if how == "file":
        shutil.copyfile(diary, strange)
    elif how == "link":
        strange.symlink_to(diary)
    else:
        strange.hardlink_to(diary)
    add_page(folder, tmp_path)
    for words in (["build"], ["build"], ["build", "--full"], ["import", PAGES]):
        done = folder.run(*words)
        assert done.code == 1, (words, done)
        assert strange.name in done.err
        assert "archive" in done.err
        assert diary.read_bytes() == strange.read_bytes() == JUNK[kind], words
    assert strange.is_symlink() == (how == "link")
    assert folder.column("SELECT count(*) FROM listings WHERE listing_id LIKE '%:more-_'") == [2]
    strange.unlink()
    assert folder.run("build", "--full", "--allow-loss").code == 0


@pytest.mark.parametrize("how", ["link", "hard link"])
def test_a_torn_file_of_ours_is_read_but_not_cut_where_it_is_shared(folder: Folder, tmp_path: Path, how: str) -> None:
    path = archive_file(folder)
    elsewhere = tmp_path / path.name
    shutil.move(path, elsewhere)
    whole = elsewhere.read_bytes()
    elsewhere.write_bytes(whole[:-9])
    if how == "link":
        path.symlink_to(elsewhere)
    else:
        path.hardlink_to(elsewhere)
    for words in (["build", "--full"], ["import", PAGES]):
        done = folder.run(*words)
        assert done.code == 1
        assert path.name in done.err
        assert "link" in done.err
        assert elsewhere.read_bytes() == whole[:-9]
    assert folder.column("SELECT count(*) FROM captures") == [14]
    path.unlink()
    shutil.copyfile(elsewhere, path)
    folder.run("import", PAGES)
    assert elsewhere.read_bytes() == whole[:-9]
    assert len(path.read_bytes()) < len(whole) - 9
    assert [kept.name for kept in (folder.path / "archive" / "torn").glob("*.warc.gz.*")] != []


def test_nothing_is_written_through_links_in_the_places_of_small_files(folder: Folder, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    diary.write_bytes(JUNK["text"])
    path = archive_file(folder)
    path.write_bytes(path.read_bytes()[:-9])
    torn = folder.path / "archive" / "torn"
    torn.mkdir(exist_ok=True)
    (torn / ".part").symlink_to(diary)
    assert folder.run("import", PAGES).code == 0
    assert diary.read_bytes() == JUNK["text"]
    for name, words in ((".build.lock", ["build"]), ("archive/.lock", ["import", PAGES])):
        lock = folder.path / name
        lock.unlink()
        lock.symlink_to(diary)
        refused = folder.run(*words)
        assert refused.code == 1
        assert f"{lock}: a link lies here" in refused.err
        assert diary.read_bytes() == JUNK["text"]
        lock.unlink()
        assert folder.run(*words).code == 0


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket must be short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def make_folder(path: Path) -> None:
    path.mkdir()
    (path / "kept").write_text("kept")


def make_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def make_circle(path: Path) -> None:
    path.symlink_to(path.name)


ODD: dict[str, Callable[[Path], None]] = {
    "pipe": make_pipe,
    "socket": make_socket,
    "folder": make_folder,
    "device": make_device,
    "link": make_circle,
}
PLACES: dict[str, list[list[Any]]] = {
    "verdictlog.db": [["build"], ["build", "--full"], ["status"], ["changes"], ["build", "--diff"]],
    ".build.lock": [["build"]],
    "archive/.lock": [["import", PAGES]],
    "judgements.jsonl": [["build"]],
    "archive/20200101T000000Z-0badcafe.warc.gz": [["build"], ["import", PAGES]],
}


@pytest.mark.parametrize("kind", ["pipe", *(pytest.param(kind, marks=pytest.mark.long) for kind in list(ODD)[1:])])
def test_what_is_no_file_is_refused_at_once_and_stays(folder: Folder, kind: str) -> None:
    for place, commands in PLACES.items():
        path = folder.path / place
        saved = path.with_name("saved")
        if path.exists():
            path.rename(saved)
        ODD[kind](path)
        before = path.lstat()
        for words in commands:
            done = folder.run(*words)
            # Where a link leads nowhere, there is no dataset: `status` may just say so.
            assert done.code == 1 or (words == ["status"] and kind == "link"), (place, words, done)
            assert path.name in done.err + done.out or words == ["status"], (place, words, done)
            assert "Free some" not in done.err
            assert "room" not in done.err
        assert path.lstat().st_ino == before.st_ino
        if kind == "folder":
            assert (path / "kept").read_text() == "kept"
            shutil.rmtree(path)
        else:
            path.unlink()
        if saved.exists():
            saved.rename(path)
    assert folder.run("build").code == 0


@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "link"])
def test_what_is_no_file_is_not_imported(folder: Folder, tmp_path: Path, kind: str) -> None:
    odd = tmp_path / "odd.html"
    ODD[kind](odd)
    done = folder.run("import", odd, PAGES, "--captured-at", CAPTURED_AT)
    assert done.code == 1
    assert "odd.html" in done.err


@pytest.mark.parametrize("words", [[], ["--full"]])
def test_another_programs_database_is_refused_by_every_build(folder: Folder, words: list[str]) -> None:
    folder.database.unlink()
    with closing(sqlite3.connect(folder.database)) as con:
        con.execute("CREATE TABLE recipes (name TEXT)")
    before = folder.database.read_bytes()
    refused = folder.run("build", *words)
    assert refused.code == 1
    assert f"{folder.database}: this is a database, but not one of verdictlog" in refused.err
    assert folder.database.read_bytes() == before


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        ("all", []),
        ("one", ["--full"]),
        pytest.param("all", ["--full"], marks=pytest.mark.long),
        pytest.param("one", [], marks=pytest.mark.long),
    ],
)
def test_a_build_that_would_lose_captures_is_refused(
    folder: Folder, tmp_path: Path, lost: str, words: list[str]
) -> None:
    first = archive_file(folder)
    add_page(folder, tmp_path)
    assert folder.run("build").code == 0
    before = folder.database.read_bytes()
    archive, aside = folder.path / "archive", tmp_path / "aside"
    if lost == "all":
        archive.rename(aside)
        archive.mkdir()
    else:
        aside.mkdir()
        first.rename(aside / first.name)
    refused = folder.run("build", *words)
    assert refused.code == 1
    assert f"{15 if lost == 'all' else 14} captures" in refused.err
    assert f"{first.name} (14, and the file is missing)" in refused.err
    assert "--allow-loss" in refused.err
    assert folder.database.read_bytes() == before
    assert [path.name for path in folder.path.glob(".verdictlog.db*")] == []
    # New pages do not make up for it.
    add_page(folder, tmp_path, "newer")
    assert folder.run("build", *words).code == 1
    assert folder.database.read_bytes() == before
    assert folder.run("build", *words, "--allow-loss").code == 0
    assert folder.column("SELECT count(*) FROM captures") == [1 if lost == "all" else 2]
    for path in aside.glob("*.warc.gz"):
        path.rename(archive / path.name)
    assert folder.run("build").code == 0
    assert folder.column("SELECT count(*) FROM captures") == [16]


def test_an_archive_that_was_packed_anew_has_lost_nothing(folder: Folder, tmp_path: Path) -> None:
    path = archive_file(folder)
    moved = tmp_path / "old.warc.gz"
    shutil.move(path, moved)
    assert folder.run("import", moved).code == 0
    assert archive_file(folder).name != path.name
    assert folder.run("build").code == 0
    assert folder.column("SELECT count(*) FROM captures") == [14]
    assert folder.column("SELECT DISTINCT warc_file FROM captures") == [archive_file(folder).name]
