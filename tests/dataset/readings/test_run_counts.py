"""What `runs` says of crawls: those that ended, died, or are at work; what they told, and what the archive holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import ArchiveLock, ArchiveWriter, NewRecord
from crawler.items import PageReading
from dataset.asking.status import status
from tests.dataset.captures import SITE, Capture, Data, Storable, answered, card, compared, day, tool_page
from tests.dataset.crawls import Request, Revisit, codes, crawling, digest_of, everything, revisit, run_id_of

ALDER = card("alder", name="Alder")
PAGE = answered(compared(ALDER, card("birch", name="Birch"), 1))
ROBOTS = answered(Capture(f"{SITE}/robots.txt", day(0), PageReading(kind="robots", status="ignored")))
WALL = answered(Capture(f"{SITE}/tool/cedar", day(1.4), PageReading(kind="tool", status="failed")))


def crawl() -> list[Storable]:
    """What a crawl writes: a request and its answer each, and a request that was never answered."""
    answers: list[Capture | Revisit] = [
        ROBOTS,
        answered(Capture(f"{SITE}/tool/birch", day(1.1), None), 301, location="/tool/alder"),
        answered(tool_page(ALDER, 1.2)),
        answered(Capture(f"{SITE}/tool/cedar", day(1.3), None), 503),
        WALL,
        answered(Capture(f"{SITE}/tool/dogwood", day(1.5), None), 404),
        answered(Capture(f"{SITE}/tool/elder", day(1.6), None), 429),
        revisit(PAGE, day(1.7)),
        revisit(PAGE, day(1.8), 200),
    ]
    records: list[Storable] = []
    for each in answers:
        records += [Request(str(each.url), each.captured_at), each]
    return [*records, Request(f"{SITE}/tool/fir", day(1.9))]


SIZE = sum(len(each.record().block.partition(b"\r\n\r\n")[2]) for each in crawl() if not isinstance(each, Request))
HELD = {
    "requests": 10, "responses_200": 4, "responses_304": 1, "responses_3xx": 1, "responses_4xx": 2, "responses_5xx": 1,
    "bytes": SIZE, "pages_parsed": 1, "pages_failed": 1,
}  # fmt: skip


def write(writer: ArchiveWriter, records: Iterable[Storable]) -> None:
    for each in records:
        writer.write(each.record())


def counted(data: Data, run_id: str) -> dict[str, Any]:
    return data.row(f"SELECT {', '.join(HELD)} FROM runs WHERE run_id = ?", run_id)


def test_a_run_that_died_is_counted_from_what_it_left(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add([PAGE])
    with crawling(data, dies=True) as writer:
        write(writer, crawl())
    data.build()
    assert counted(data, writer.run_id) == HELD
    rest = data.row(
        "SELECT source, command, started_at, finished_at, outcome, reason, continues, retries, redirects, "
        "delay_kept_seconds, robots_txt_sha256, counters FROM runs WHERE run_id = ?",
        writer.run_id,
    )
    assert rest == dict.fromkeys(rest) | {
        "source": "shiporskip", "command": "crawl", "started_at": writer.started_at, "outcome": "died",
    }  # fmt: skip
    assert codes(data) == []


def test_a_run_that_died_before_any_answer_has_a_row(tmp_path: Path) -> None:
    data = Data(tmp_path)
    with crawling(data, dies=True) as writer:
        write(writer, [Request(f"{SITE}/robots.txt", day(1))])
    data.build()
    assert counted(data, writer.run_id) == dict.fromkeys(HELD, 0) | {"requests": 1}
    assert data.row("SELECT outcome FROM runs") == {"outcome": "died"}


def test_counting_bit_by_bit_gives_what_counting_at_once_gives(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add([PAGE])
    with crawling(data, dies=True) as writer:
        for number, each in enumerate(crawl(), 1):
            writer.write(each.record())
            data.build()
            found = counted(data, writer.run_id)
            assert found["requests"] == (number + 1) // 2
    data.build()
    assert counted(data, writer.run_id) == HELD
    increments = everything(data)
    data.build(full=True)
    assert everything(data) == increments


def test_a_build_after_each_record_of_a_crawl_counts_each_once(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add([PAGE])
    with crawling(data) as writer:
        for each in crawl():
            writer.write(each.record())
            data.build()
            assert data.row("SELECT outcome FROM runs WHERE run_id = ?", writer.run_id) == {"outcome": "died"}
    assert data.build().changed
    assert counted(data, writer.run_id) == HELD


def test_a_capture_that_two_runs_brought_counts_for_both(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add([PAGE])
    data.add([PAGE])
    data.build()
    assert data.rows("SELECT responses_200, pages_parsed FROM runs") == [{"responses_200": 1, "pages_parsed": 1}] * 2


def test_the_end_record_counts_and_the_archive_fills_it_up(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add([PAGE])
    told = {**HELD, "bytes": 123_456, "pages_parsed": 3, "pages_failed": 0, "retries": 1, "redirects": 1, "queue": 7}
    told.pop("responses_5xx")
    end_facts = {"delay_kept_seconds": 1.25, "robots_txt_sha256": digest_of(ROBOTS)}
    with crawling(data, counters=told, end_facts=end_facts) as writer:
        write(writer, crawl())
    data.build()
    assert counted(data, writer.run_id) == HELD | {"bytes": 123_456, "pages_parsed": 3, "pages_failed": 0}
    row = data.row("SELECT * FROM runs WHERE run_id = ?", writer.run_id)
    assert (row["retries"], row["redirects"], row["delay_kept_seconds"]) == (1, 1, 1.25)
    assert (row["outcome"], row["robots_txt_sha256"]) == ("finished", digest_of(ROBOTS))
    assert '"queue": 7' in row["counters"]
    assert codes(data) == []


@pytest.mark.parametrize(
    ("value", "kept"), [(1, 1.0), (0, 0.0), (-1, None), ("2", None), (True, None), (10**400, None), (None, None)]
)
def test_a_delay_that_is_no_number_of_seconds_is_none(tmp_path: Path, value: object, kept: float | None) -> None:
    data = Data(tmp_path)
    with crawling(data, end_facts={"delay_kept_seconds": value}) as writer:
        write(writer, [PAGE])
    data.build()
    assert data.row("SELECT delay_kept_seconds FROM runs") == {"delay_kept_seconds": kept}


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_a_delay_that_only_python_writes_is_none(tmp_path: Path, word: str) -> None:
    data = Data(tmp_path)
    with crawling(data, dies=True) as writer:
        facts = f'{{"run_id": "{writer.run_id}", "outcome": "finished", "delay_kept_seconds": {word}}}'
        writer.write(NewRecord("metadata", None, day(2), "application/json", facts.encode()))
    data.build()
    assert data.row("SELECT outcome, delay_kept_seconds FROM runs") == {
        "outcome": "finished", "delay_kept_seconds": None,
    }  # fmt: skip


def test_an_end_record_that_counts_otherwise_is_told(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add([PAGE])
    with crawling(data, counters=HELD | {"requests": 1007, "responses_304": 0}) as writer:
        write(writer, crawl())
    data.build()
    assert (counted(data, writer.run_id)["requests"], counted(data, writer.run_id)["responses_304"]) == (1007, 0)
    problem = data.row("SELECT severity, code, subject, message, occurrences, first_seen FROM problems")
    assert run_id_of(problem.pop("message")) == (
        "run RUN: its end record counts otherwise than the archive: requests 1,007 (the archive holds 10), "
        "responses_304 0 (the archive holds 1)"
    )
    assert problem == {
        "severity": "warning", "code": "run_facts_differ", "subject": f"run {writer.run_id}", "occurrences": 1,
        "first_seen": writer.started_at,
    }  # fmt: skip


def test_a_run_without_an_end_record_died_and_status_says_where_it_is_still_at_work(tmp_path: Path) -> None:
    def outcomes() -> list[str]:
        return [row["outcome"] for row in data.rows("SELECT outcome FROM runs ORDER BY started_at")]

    def now() -> str:
        return str(status(tmp_path)["dataset"]["last_run"]["outcome"])

    data = Data(tmp_path)
    with crawling(data, dies=True) as writer:
        write(writer, [PAGE])
    with crawling(data, dies=True) as writer:
        write(writer, [replace(PAGE, captured_at=day(2))])
        data.build()
        assert outcomes() == ["died", "died"]
        assert now() == "running"
    assert now() == "died"
    assert not data.build().changed
    with crawling(data) as writer:
        write(writer, [replace(PAGE, captured_at=day(3))])
        data.build()
        assert now() == "running"
    data.build()
    assert outcomes() == ["died", "died", "finished"]
    with ArchiveLock(tmp_path / "archive"):
        assert now() == "finished"


def test_a_build_disturbs_no_crawl_that_starts_and_needs_no_lock_file(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add([PAGE])
    (tmp_path / "archive" / ".lock").unlink()
    data.build()
    assert not (tmp_path / "archive" / ".lock").exists()
    with crawling(data) as writer:
        write(writer, [replace(PAGE, captured_at=day(2))])
        data.build()
        write(writer, [replace(PAGE, captured_at=day(3))])
    assert data.build().captures == 1


def test_a_run_names_the_one_that_it_continues(tmp_path: Path) -> None:
    data = Data(tmp_path)
    with crawling(data, dies=True) as first:
        write(first, [PAGE])
    with crawling(data, facts={"continues": first.run_id, "spec": "comparisons"}) as second:
        write(second, [replace(PAGE, captured_at=day(2))])
    with crawling(data, facts={"continues": "20200101T000000Z-00000000"}) as third:
        write(third, [replace(PAGE, captured_at=day(3))])
        data.build()
    data.build()
    rows = data.rows("SELECT run_id, continues, outcome FROM runs ORDER BY run_id")
    assert [tuple(row.values()) for row in rows] == [
        ("20200101T000000Z-00000000", None, "died"),  # nothing but its name is known
        (first.run_id, None, "died"),
        (second.run_id, first.run_id, "finished"),
        (third.run_id, "20200101T000000Z-00000000", "finished"),
    ]
    assert counted(data, "20200101T000000Z-00000000") == dict.fromkeys(HELD)
    with ArchiveLock(tmp_path / "archive"):
        # Whoever is at work, a run that another went on with is not.
        data.build(full=True)
        assert data.rows("SELECT run_id, continues, outcome FROM runs ORDER BY run_id") == rows
    increments = everything(data)
    data.build(full=True)
    assert everything(data) == increments


def test_a_file_that_comes_while_the_archive_is_read_is_counted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataset.building import build as build_module

    data = Data(tmp_path)
    data.add([PAGE])
    where_to_start = build_module._Build._where_to_start

    def and_a_crawl_comes(self: Any, *words: Any) -> Any:
        data.add([replace(PAGE, captured_at=day(2))])
        return where_to_start(self, *words)

    with monkeypatch.context() as patch:
        patch.setattr(build_module._Build, "_where_to_start", and_a_crawl_comes)
        assert data.build().captures == 2
    assert not data.build().changed
    assert data.rows("SELECT responses_200 FROM runs") == [{"responses_200": 1}] * 2
