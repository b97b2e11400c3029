"""What runs tell of themselves: enough to know what was run, nothing of the machine, its folders and its people."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archive import Archive, ArchiveWriter
from crawler.imports import import_paths
from crawler.machine_paths import PRIVATE, public_command, public_message, public_path
from crawler.warc_writer import Failure
from dataset.asking.opening import opened
from dataset.building.build import build
from dataset.schema.tables import TABLES

SITE = "https://site.example/"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/home/jane/old pages/a.warc.gz", "a.warc.gz"),
        ("/srv/verdicts/", "verdicts"),
        ("/home/jane", "~"),
        ("/Users/jane/", "~"),
        ("/root", "~"),
        ("~/pages", "pages"),
        ("~jane", "~"),
        ("../../jane/pages", "pages"),
        ("pages/../../jane/x", "x"),
        ("..", "/"),
        ("file:///home/jane/a.html", "a.html"),
        ("pages/may/a.html", "pages/may/a.html"),
        ("./pages", "./pages"),
        ("a..b/c", "a..b/c"),
        ("https://site.example/tool/x", "https://site.example/tool/x"),
    ],
)
def test_paths(path: str, shown: str) -> None:
    assert public_path(path) == shown


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        (f"verdictlog crawl {SITE} --data /home/jane/x --budget 5", f"verdictlog crawl {SITE} --budget 5"),
        (f"verdictlog --data=/home/jane/x run {SITE} --contact jane@site.example", f"verdictlog run {SITE}"),
        (
            "verdictlog crawl https://jane:secret@site.example:8080/a",
            "verdictlog crawl https://site.example:8080/a",
        ),
        (
            f"verdictlog crawl {SITE} --only=compare --cluster redis://:pw@h/0",
            f"verdictlog crawl {SITE} --only=compare",
        ),
        ("verdictlog crawl --list=/home/jane/list.txt", "verdictlog crawl --list=list.txt"),
        ("import '/home/jane/old pages/may' samples/pages", "import may samples/pages"),
        ("import pages --data", "import pages"),
        ("verdictlog crawl 'http://jane:pw@[' --delay 1", "verdictlog crawl http: --delay 1"),
        ("scrapy crawl tools", "scrapy crawl tools"),
        ("import 'no end", None),
    ],
)
def test_commands(command: str, shown: str | None) -> None:
    assert public_command(command) == shown


@pytest.mark.parametrize(
    ("message", "about", "shown"),
    [
        ("/x y/a.html: it can't be read", "/x y/a.html", "a.html: it can't be read"),
        ("[Errno 2] No such file: '/home/jane/my pages/a.html'", None, "[Errno 2] No such file: 'a.html'"),
        ("/srv/verdicts/archive: no room left", None, "archive: no room left"),
        ("it may not be read (named in /tmp/x/manifest.jsonl, line 3)", None,
         "it may not be read (named in manifest.jsonl, line 3)"),
        ("robots.txt keeps us out of /compare/a-vs-b and /tool/", None,
         "robots.txt keeps us out of /compare/a-vs-b and /tool/"),
        ("http://site.example/home/jane: 503", None, "http://site.example/home/jane: 503"),
        ("/compare/a-vs-b is gone", SITE, "/compare/a-vs-b is gone"),
    ],
)  # fmt: skip
def test_messages(message: str, about: str | None, shown: str) -> None:
    assert public_message(message, about) == shown


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=12)


@given(
    folders=st.lists(NAMES, min_size=1, max_size=4), option=st.sampled_from((*PRIVATE, "--other")), joined=st.booleans()
)
def test_no_folder_above_is_ever_told(folders: list[str], option: str, joined: bool) -> None:
    hidden = [f"QX{name}" for name in folders]
    path = "/" + "/".join([*hidden, "last"])
    words = [f"{option}={path}"] if joined else [option, path]
    shown = public_command(shlex.join(["verdictlog", *words, path]))
    assert shown is not None
    assert "QX" not in shown
    assert shlex.split(shown)[-1] == "last"
    assert public_command(shown) == shown
    assert "QX" not in public_message(f"{path}: it can't be read", path)


def cells(data: Path) -> list[str]:
    """Every text of the dataset in `data`."""
    with opened(data) as con:
        rows = (row for each in TABLES for row in con.execute(f"SELECT * FROM {each.name}"))  # noqa: S608
        return [cell for row in rows for cell in row if isinstance(cell, str)]


def test_an_import_leaves_no_folder_of_the_machine(tmp_path: Path) -> None:
    secret = tmp_path / "jane private"
    pages = secret / "pages"
    pages.mkdir(parents=True)
    (pages / "manifest.jsonl").write_text('{"file": "gone.html", "captured_at": "2026-05-01T00:00:00Z"}\n')
    told = import_paths(
        Archive(tmp_path / "archive"),
        [pages, secret / "missing.warc.gz"],
        captured_at=None,
        url=None,
        clock=lambda: datetime(2026, 5, 2, tzinfo=UTC),
    )
    assert [each.path for each in told.failures] == [str(pages / "gone.html"), str(secret / "missing.warc.gz")]
    assert all(str(secret) in f"{each.path} {each.message}" for each in told.failures), "the person sees where"
    build(tmp_path)
    with opened(tmp_path) as con:
        runs = [row[0] for row in con.execute("SELECT command FROM runs")]
        problems = con.execute("SELECT path, message FROM problems ORDER BY path").fetchall()
    assert not [cell for cell in cells(tmp_path) if "jane" in cell or str(tmp_path) in cell]
    records = b"".join(block for _, block in Archive(tmp_path / "archive").scan())
    assert b"jane" not in records
    assert b"pages/gone.html" in records
    assert runs == ["import pages missing.warc.gz"]
    assert [tuple(row) for row in problems] == [
        ("missing.warc.gz", "missing.warc.gz: there is no such file; check its name and place"),
        (
            "pages/gone.html",
            "pages/gone.html: there is no such file; check its name and place (named in pages/manifest.jsonl, line 1)",
        ),
    ]


def test_a_dataset_tells_none_of_an_archive_that_does(tmp_path: Path) -> None:
    """As the records of earlier versions may."""
    archive, clock = tmp_path / "archive", datetime(2026, 5, 2, tzinfo=UTC)
    archive.mkdir()
    command = f"verdictlog crawl {SITE} --data /home/jane/x --contact jane@site.example --budget 5"
    with ArchiveWriter(archive, command=command, source="site.example", clock=lambda: clock) as writer:
        writer.fail(Failure("/home/jane/x/a b.html", "unreadable", "see '/home/jane/x' and /home/jane/x/a b.html"))
        writer.end_as("failed", "/home/jane/x/archive: no room left")
    build(tmp_path)
    assert b"jane" in b"".join(block for _, block in Archive(archive).scan())
    assert not [cell for cell in cells(tmp_path) if "jane" in cell]
    with opened(tmp_path) as con:
        run = con.execute("SELECT command, reason FROM runs").fetchone()
        problem = con.execute("SELECT path, subject, message FROM problems").fetchone()
    assert tuple(run) == (f"verdictlog crawl {SITE} --budget 5", "archive: no room left")
    assert tuple(problem) == ("a b.html", "a b.html", "see 'x' and a b.html")
