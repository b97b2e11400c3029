"""What runs record of themselves: the command and the site, nothing of the machine and its folders."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive import Archive, ArchiveError, ArchiveWriter
from crawler.imports import Failure, import_paths
from dataset.asking.opening import opened
from dataset.building.build import build
from dataset.schema.tables import TABLES


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
    assert runs == ["import"]
    assert [tuple(row) for row in problems] == [
        ("missing.warc.gz", "missing.warc.gz: there is no such file; check its name and place"),
        (
            "pages/gone.html",
            "pages/gone.html: there is no such file; check its name and place (named in pages/manifest.jsonl, line 1)",
        ),
    ]


def test_a_run_that_fails_does_not_record_where_the_archive_lies(tmp_path: Path) -> None:
    archive, clock = tmp_path / "archive", datetime(2026, 5, 2, tzinfo=UTC)
    archive.mkdir()
    with (
        pytest.raises(ArchiveError),
        ArchiveWriter(archive, command="crawl", source="site.example", clock=lambda: clock) as writer,
    ):
        writer.fail(Failure("https://site.example/", "site_failing", "it answers 503"))
        raise ArchiveError(f"{archive}: no room left")
    build(tmp_path)
    with opened(tmp_path) as con:
        [[reason]] = con.execute("SELECT reason FROM runs")
    assert reason == "archive: no room left"
    assert str(tmp_path).encode() not in b"".join(block for _, block in Archive(archive).scan())
