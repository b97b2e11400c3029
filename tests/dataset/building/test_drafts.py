"""Two files take turns: what a build begins from, and what is never written to because somebody reads it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from dataset.building.lock import BuildError
from tests.dataset.captures import Data, Storable, card, compared, fresh, gone, says, tool_page
from tests.dataset.hashing import count_afresh
from tests.dataset.tables.test_retractions import BETWEEN, GAP, retracted, with_gap

HOLD_OPEN = "import sys; file = open(sys.argv[1], 'rb'); print('open', flush=True); sys.stdin.read()"


def spares(data: Data) -> list[Path]:
    return sorted(data.folder.glob(".verdictlog.db.spare.*"))


def page(number: int, at: float) -> Storable:
    quote = says(f"Quote {number} of day {at}", "Builder", int(at) % 100, "ship")
    return fresh(tool_page(card(f"alder-{number}", quote, name=f"Alder {number}", community_votes=int(at)), at))


def inode(path: Path) -> int:
    return path.stat().st_ino


@pytest.fixture
def data(tmp_path: Path) -> Data:
    """A dataset that was built three times: there is a spare, one build behind."""
    data = Data(tmp_path)
    for day in range(3):
        data.add([page(number, day) for number in range(3)])
        data.build()
    assert len(spares(data)) == 1
    return data


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What builds copied; they do copy."""
    found: list[object] = []
    copy = shutil.copyfile

    def copied(source: Path, target: Path) -> None:
        found.append(source)
        copy(source, target)

    monkeypatch.setattr("dataset.building.drafts.shutil.copyfile", copied)
    return found


def add_and_build(data: Data, day: int = 10) -> None:
    data.add([page(number, day) for number in range(3)])
    data.build()


def assert_right(data: Data) -> None:
    """The published dataset is what a build from nothing makes, and counts what it holds."""
    facts = {row["key"]: row["value"] for row in data.rows("SELECT key, value FROM dataset_info")}
    with closing(sqlite3.connect(data.database)) as con:
        assert count_afresh(con) == facts["content_hash"]
        assert con.execute("PRAGMA foreign_key_check").fetchall() == []
        assert con.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    content = data.content()
    data.build(full=True)
    assert data.content() == content
    again = {row["key"]: row["value"] for row in data.rows("SELECT key, value FROM dataset_info")}
    assert again == facts


def test_the_spare_becomes_the_next_dataset_without_a_copy(data: Data, copies: list[object]) -> None:
    [spare] = spares(data)
    before, former = inode(spare), inode(data.database)
    add_and_build(data)
    assert inode(data.database) == before
    assert [inode(each) for each in spares(data)] == [former]
    assert copies == []
    assert_right(data)


def test_many_builds_use_two_files(data: Data) -> None:
    seen = []
    for day in range(10, 16):
        add_and_build(data, day)
        seen.append(inode(data.database))
    assert len(set(seen)) == 2
    assert all(one != other for one, other in pairwise(seen))
    assert_right(data)


def test_a_spare_that_somebody_reads_is_left_alone(data: Data) -> None:
    [spare] = spares(data)
    content = spare.read_bytes()
    command = [sys.executable, "-c", HOLD_OPEN, str(spare)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None and reader.stdin is not None
        reader.stdout.readline()
        kept = data.folder / "kept"
        kept.hardlink_to(spare)
        add_and_build(data)
        assert inode(data.database) != inode(kept)
        assert kept.read_bytes() == content
        reader.stdin.close()
    assert_right(data)


@pytest.mark.parametrize("harm", ["copied", "touched", "cut", "not a database"])
def test_a_spare_that_is_not_what_it_was_is_not_used(data: Data, harm: str, copies: list[object]) -> None:
    [spare] = spares(data)
    if harm == "copied":
        (data.folder / "copy").write_bytes(spare.read_bytes())
        (data.folder / "copy").replace(spare)
    elif harm == "touched":
        spare.touch()
    elif harm == "cut":
        spare.write_bytes(spare.read_bytes()[:5000])
    else:
        spare.write_text("nothing of the kind")
    add_and_build(data)
    assert len(copies) == 1
    assert_right(data)


def test_a_spare_of_another_parser_is_not_used(data: Data) -> None:
    data.build(parser_version="another")
    assert spares(data) == []
    data.add([page(1, 20)])
    data.build(parser_version="another")
    assert data.row("SELECT value FROM dataset_info WHERE key = 'parser_version'") == {"value": "another"}


def test_only_what_is_news_is_counted(data: Data) -> None:
    data.add([page(7, 11), page(8, 11)])
    report = data.build()
    assert (report.captures, report.repeated, report.statuses) == (2, 0, {"ok": 2})


def test_what_the_published_dataset_told_is_retracted_also_from_the_spare(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add([page(1, 0)])
    data.build()
    data.add([page(1, 1)])
    data.build()
    with_gap(tmp_path)
    [spare] = spares(data)
    with closing(sqlite3.connect(spare)) as con:
        assert con.execute("SELECT count(*) FROM changes WHERE field = 'entry'").fetchone() == (0,)
    data.add(BETWEEN)
    data.build()
    assert [row[:-1] for row in retracted(data)] == [GAP[:-1]]
    add_and_build(data)
    assert [row[:-1] for row in retracted(data)] == [GAP[:-1]]


def test_what_has_gone_in_between_is_right_too(data: Data) -> None:
    data.add([gone("/tool/alder-1", 4), compared(card("alder-0"), card("alder-2"), 4)])
    data.build()
    data.add([page(1, 6)])
    data.build()
    assert_right(data)


def test_a_link_to_nothing_stops_an_incremental_build(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    before = data.database.read_bytes()
    monkeypatch.setattr("dataset.building.derive.sum_personas", lambda *_: None)
    data.add([fresh(tool_page(card("elm", says("New", "Nobody", 3, "skip"), name="Elm"), 30))])
    with pytest.raises(BuildError, match="FOREIGN KEY"):
        data.build()
    assert data.database.read_bytes() == before
    monkeypatch.undo()
    data.build()
    assert_right(data)
