"""One derivation, whole: the same inputs make the same bytes, and nothing that one page says stops a build."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dataset.building.build import BuildError
from dataset.folding import fold
from dataset.tables import listing_rows
from tests.dataset.building.test_build import many
from tests.dataset.captures import (
    Data,
    Storable,
    built,
    card,
    compared,
    digest,
    fresh,
    gone,
    moved,
    reviewer_page,
    says,
    tool_page,
)
from tests.dataset.crawls import revisit
from tests.dataset.scorecards import quotes, short

ALDER = card("alder", says("Solid joinery.", "builder", 80, "ship"), name="Alder", tagline="Shelves, sorted")
OTHER = card("zinc", says("It bends.", "skeptic", 30, "skip"), name="Zinc", panel_ship_pct=25)
PAGE = fresh(compared(ALDER, OTHER, 1))
RUNS: tuple[list[Storable], ...] = (
    [
        PAGE,
        tool_page(ALDER, 2),
        reviewer_page("builder", "Shelves", 2, ("Shelves, sorted", "Keeps."), motto="Cut once."),
    ],
    [revisit(PAGE, "2026-03-09T00:00:00Z"), short("alder", "ab", "birch", "xy", 3)],
    [tool_page(quotes("birch", "xy", "builder", "skeptic"), 4), moved("zinc", "zinc-hq", 6), *many(30)],
    [fresh(compared(card("alder", name="Alder 2", entry=None), OTHER, 8)), gone("tool/alder", 12), PAGE],
)


def folder_of_runs(folder: Path) -> Data:
    """A data folder with the archive files of `RUNS`."""
    data = Data(folder)
    for run in RUNS:
        data.add(run)
    return data


def test_three_ways_of_building_give_the_same_bytes(tmp_path: Path) -> None:
    whole = folder_of_runs(tmp_path / "whole")
    assert whole.build().problems.get("error") is None
    expected = whole.sha256()
    files = sorted((whole.folder / "archive").glob("*.warc.gz"))
    assert len(files) == len(RUNS)
    for name, order in (("forth", files), ("back", files[::-1])):
        parts = Data(tmp_path / name)
        for file in order:
            shutil.copy(file, parts.folder / "archive")
            parts.build()
        assert parts.sha256() == expected, name
    whole.build(full=True)
    assert whole.sha256() == expected
    whole.build(full=True, workers=2)
    assert whole.sha256() == expected


def test_the_cache_may_be_deleted_at_any_time(tmp_path: Path) -> None:
    data = folder_of_runs(tmp_path)
    data.build()
    expected = data.sha256()
    (tmp_path / "cache.db").unlink()
    assert not data.build().changed, "nothing is new, so nothing is read"
    data.database.unlink()
    assert data.build().changed
    assert data.sha256() == expected


def test_an_archive_laid_out_otherwise_says_the_same(tmp_path: Path) -> None:
    whole, other = folder_of_runs(tmp_path / "whole"), Data(tmp_path / "other")
    other.add(capture for run in reversed(RUNS) for capture in run)
    assert digest(whole.build()) == digest(other.build())


def test_a_damaged_cache_is_filled_anew_and_a_foreign_one_is_left_alone(tmp_path: Path) -> None:
    data = folder_of_runs(tmp_path)
    data.build()
    expected = data.sha256()
    cache = tmp_path / "cache.db"
    with cache.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (cache.stat().st_size - 4096))
    data.database.unlink()
    report = data.build()
    assert report.cache_refilled_because is not None
    assert data.sha256() == expected
    for foreign in (b"my own notes\n", None):
        cache.unlink()
        if foreign is None:
            with closing(sqlite3.connect(cache)) as con:
                con.execute("CREATE TABLE recipes (name TEXT)")
        else:
            cache.write_bytes(foreign)
        before = cache.read_bytes()
        for full in (False, True):
            data.add([tool_page(ALDER, 20)])
            with pytest.raises(BuildError, match=r"cache\.db: this file is not a cache of verdictlog"):
                data.build(full=full)
        assert cache.read_bytes() == before
        assert data.sha256() == expected


def test_the_cache_keeps_the_readings_of_each_parser(tmp_path: Path) -> None:
    data = folder_of_runs(tmp_path)
    data.build()
    expected = data.sha256()
    data.build(parser_version="other")
    assert data.sha256() != expected

    def unread(body: bytes, *, url: str | None, content_type: str | None) -> None:
        raise AssertionError("a page is read again")

    data.build(read=unread)
    assert data.sha256() == expected


def test_nothing_private_is_published(tmp_path: Path) -> None:
    data = folder_of_runs(tmp_path)
    data.build()
    names = {row["name"] for row in data.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert (
        not {name for name in names if "_fts" not in name}
        - set(data.content())
        - {
            "runs",
            "dataset_info",
            "archive_files",
        }
    )
    facts = {row["key"]: row["value"] for row in data.rows("SELECT * FROM dataset_info")}
    assert facts["sqlite_version"] == sqlite3.sqlite_version
    assert len(str(facts["input_digest"])) == 64
    assert "built_at" not in facts


def test_a_listing_that_can_not_be_derived_is_a_problem_and_the_rest_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(listing: str, *words: object, **more: object) -> fold.ListingRows:
        if listing == "zinc":
            raise KeyError("panel")
        return fold.fold_listing(listing, *words, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(listing_rows, "fold_listing", failing)
    data = built(tmp_path, PAGE)
    assert [row["listing_id"] for row in data.rows("SELECT listing_id FROM listings")] == ["alder"]
    capture = data.row("SELECT capture_id FROM captures")["capture_id"]
    problem = data.row("SELECT severity, code, message, capture_id, listing_id FROM problems")
    assert (problem["severity"], problem["code"], problem["capture_id"]) == ("error", "listing_failed", capture)
    assert problem["listing_id"] is None
    assert capture in problem["message"]
    assert data.row("SELECT right_listing_id FROM comparisons") == {"right_listing_id": None}


def test_a_listing_that_the_tables_refuse_is_a_problem_and_the_rest_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_range(listing: str, *words: object, **more: object) -> fold.ListingRows:
        rows = fold.fold_listing(listing, *words, **more)  # type: ignore[arg-type]
        for review in rows.reviews if listing == "zinc" else ():
            review["score"] = 101
        return rows

    monkeypatch.setattr(listing_rows, "fold_listing", out_of_range)
    data = built(tmp_path, PAGE, tool_page(OTHER, 2))
    assert [row["listing_id"] for row in data.rows("SELECT listing_id FROM listings")] == ["alder"]
    problem = data.row("SELECT severity, message FROM problems WHERE code = 'listing_failed'")
    assert problem["severity"] == "error"
    assert "reviews does not take it" in problem["message"]
    for row in data.rows("SELECT capture_id FROM captures"):
        assert row["capture_id"] in problem["message"]
