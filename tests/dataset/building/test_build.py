"""The build as a whole: what it takes in, when it starts anew, what it leaves alone, and what it says."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive import Archive, ArchiveLock, ArchiveWriter, Failure, NewRecord
from dataset.asking.status import status
from dataset.building import build as build_module
from dataset.building import info as info_module
from dataset.building.build import BuildError, BuildReport
from dataset.readings.parsing import POOL_FROM
from tests.dataset.captures import SITE, START, Capture, Data, answered, built, card, compared, day, says, tool_page

ALDER = card("alder", says("Solid joinery.", "builder", 80, "ship"), name="Alder", tagline="Shelves, sorted")
OTHER = card("zinc", name="Zinc")


def many(count: int) -> list[Capture]:
    """`count` comparison pages, each of two listings of its own."""
    return [
        compared(
            card(f"a{number}", says(f"Fine, {number} times.", "builder", number % 100, "ship"), name=f"A {number}"),
            card(f"b{number}", name=f"B {number}", panel_ship_pct=number % 100),
            number / 100,
        )
        for number in range(count)
    ]


def test_where_nothing_is_new_nothing_is_written(tmp_path: Path) -> None:
    data = built(tmp_path, compared(ALDER, OTHER, 1))
    before = data.database.stat()
    report = data.build()
    assert (report.changed, report.captures) == (False, 0)
    after = data.database.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    data.add([compared(ALDER, OTHER, 1)])
    report = data.build()
    assert (report.changed, report.captures, report.repeated) == (True, 0, 1)


def test_an_empty_archive_gives_an_empty_dataset_and_none_is_an_error(tmp_path: Path) -> None:
    data = Data(tmp_path / "a")
    assert data.build().changed
    assert data.rows("SELECT * FROM captures") == []
    (tmp_path / "b").mkdir()
    with pytest.raises(BuildError, match="Import pages first"):
        build_module.build(tmp_path / "b")
    assert list((tmp_path / "b").iterdir()) == []


def test_nothing_but_the_dataset_and_its_lock_is_left_behind(tmp_path: Path) -> None:
    data = built(tmp_path, compared(ALDER, OTHER, 1))
    assert {path.name for path in tmp_path.iterdir()} == {"archive", "cache.db", "verdictlog.db", ".build.lock"}
    with closing(sqlite3.connect(data.database)) as con:
        assert con.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_every_value_is_found_again_in_the_archive(tmp_path: Path) -> None:
    data = built(tmp_path, compared(ALDER, OTHER, 1))
    row = data.row("SELECT warc_file, warc_offset, sha256, run_id FROM captures")
    record, payload = Archive(tmp_path / "archive").read(row["warc_file"], row["warc_offset"])
    assert (record.sha256, record.run_id) == (row["sha256"], row["run_id"])
    assert b"Solid joinery." in payload


@pytest.mark.parametrize("change", ["parser", "schema", "rules", "archive", "garbage", "empty"])
def test_it_starts_anew_where_it_must_and_says_why(
    tmp_path: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = built(tmp_path, compared(ALDER, OTHER, 1))
    data.add([tool_page(ALDER, 2)])
    data.build()
    expected = "a part of it"
    options: dict[str, object] = {}
    if change == "parser":
        options, expected = {"parser_version": "other"}, "parser version was test, the present one is other"
    elif change in ("schema", "rules"):
        monkeypatch.setattr(info_module, f"{change.upper()}_VERSION", 99)
        expected = f"{change} version was"
    elif change == "archive":
        options = {"allow_loss": True}
        sorted((tmp_path / "archive").glob("*.gz"))[0].unlink()
    elif change == "garbage":
        data.database.write_bytes(b"not a database at all, whoever wrote it" * 100)
        expected = "could not be read"
    else:
        data.database.write_bytes(b"")
        expected = "was empty"
    report: BuildReport = data.build(**options)
    assert report.changed
    assert expected in str(report.rebuilt_because)
    assert report.captures == (1 if change == "archive" else 2)
    assert data.rows("SELECT listing_id FROM listings WHERE name = 'Alder'") == [{"listing_id": "alder"}]


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    data = Data(tmp_path)
    with closing(sqlite3.connect(data.database)) as con:
        con.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(BuildError, match="not one of verdictlog"):
        data.build(full=False)
    assert data.rows("SELECT name FROM recipes") == []


def test_worker_processes_give_what_one_process_gives(tmp_path: Path) -> None:
    data = built(tmp_path, *many(POOL_FROM + 5))
    alone = data.content()
    report = data.build(full=True, workers=2)
    assert report.captures == POOL_FROM + 5
    assert data.content() == alone


def test_runs_tell_how_they_went_and_what_failed(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add([compared(ALDER, OTHER, 1)], [Failure("pages/gone.html", "missing_file", "there is no such file")])
    at = START + timedelta(days=300)
    writer = ArchiveWriter(tmp_path / "archive", command="crawl", source="shiporskip", clock=lambda: at)
    writer.__enter__()
    writer.write(tool_page(ALDER, 3).record())
    data.build()
    first, second = data.rows("SELECT * FROM runs ORDER BY started_at")
    assert (first["outcome"], first["command"], first["source"]) == ("finished", "import pages", None)
    assert (second["outcome"], second["source"], second["finished_at"]) == ("died", "shiporskip", None)
    problem = data.row("SELECT * FROM problems")
    assert (problem["severity"], problem["code"], problem["path"]) == ("error", "missing_file", "pages/gone.html")
    assert problem["message"] == "pages/gone.html: there is no such file"
    writer.counters.update(requests=7, responses_200=6, pages_failed=1)
    writer.end_as("stopped", "told to")
    writer.__exit__(None, None, None)
    data.build()
    second = data.row("SELECT * FROM runs WHERE run_id = ?", second["run_id"])
    assert (second["outcome"], second["reason"], second["requests"]) == ("stopped", "told to", 7)
    assert (second["started_at"], second["finished_at"]) == ("2026-12-26T00:00:00Z", "2026-12-26T00:00:00Z")
    assert data.row("SELECT count(*) AS n FROM captures WHERE run_id = ?", second["run_id"]) == {"n": 1}


def test_answers_that_are_no_pages_are_captures_that_are_not_read(tmp_path: Path) -> None:
    page = compared(ALDER, OTHER, 1)
    data = Data(tmp_path)
    data.add(
        [
            answered(page, 500),
            Capture(f"{SITE}/robots.txt", day(2), None, status=200, content_type="text/plain2"),
            Capture(f"{SITE}/tool/alder", day(3), None, status=200, content_type="application/pdf"),
            Capture(None, day(4), None, content_type="image/png"),
        ]
    )
    report = data.build()
    assert report.statuses == {"ignored": 4}
    kinds = data.rows("SELECT kind, parse_status, parser_version, complete FROM captures ORDER BY captured_at")
    assert [row["kind"] for row in kinds] == ["compare", "robots", "tool", "unknown"]
    assert {(row["parse_status"], row["parser_version"], row["complete"]) for row in kinds} == {("ignored", None, None)}
    problems = data.rows("SELECT severity, code, url FROM problems ORDER BY url")
    assert [tuple(row.values()) for row in problems] == [
        ("warning", "not_a_page", None),
        ("warning", "not_a_page", f"{SITE}/tool/alder"),
    ]


def test_a_body_that_can_not_be_decoded_is_an_error_and_what_can_is_read(tmp_path: Path) -> None:
    body = gzip.compress(compared(ALDER, OTHER, 1).record().block)
    data = Data(tmp_path)
    url = f"{SITE}/compare/alder-vs-zinc"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n"
    http = "application/http; msgtype=response"
    at = START + timedelta(days=100)
    with ArchiveWriter(tmp_path / "archive", command="test", source=None, clock=lambda: at) as writer:
        writer.write(NewRecord("response", url, day(1), http, head + body))
        writer.write(NewRecord("response", url, day(2), http, head + body[:-4]))
        writer.write(NewRecord("response", url, day(3), http, head + b"no gzip at all"))
        writer.write(NewRecord("response", url, day(4), http, head + gzip.compress(bytes(80 << 20), 9)))
    report = data.build()
    assert report.statuses == {"failed": 2, "incomplete": 1, "ok": 1}
    rows = data.rows("SELECT captured_at, parse_status, complete FROM captures ORDER BY captured_at")
    assert [(row["parse_status"], row["complete"]) for row in rows] == [
        ("ok", 1), ("incomplete", 0), ("failed", None), ("failed", None),
    ]  # fmt: skip
    problems = data.rows("SELECT severity, code FROM problems ORDER BY code")
    assert [tuple(row.values()) for row in problems] == [
        ("error", "bad_encoding"), ("error", "too_big"), ("error", "torn_body"),
    ]  # fmt: skip


def test_a_torn_tail_is_set_aside_and_told_and_the_rest_is_built(tmp_path: Path) -> None:
    data = Data(tmp_path)
    data.add([compared(ALDER, OTHER, 1)])
    [file] = (tmp_path / "archive").glob("*.warc.gz")
    whole = file.read_bytes()
    file.write_bytes(whole + whole[:40])
    with ArchiveLock(tmp_path / "archive"):
        report = data.build()
        assert (report.captures, report.torn, report.archive_busy) == (1, [], True)
    [tail] = data.build().torn
    assert (tail.file, tail.size) == (file.name, 40)
    assert file.read_bytes() == whole
    assert data.build().torn == []


def test_a_capture_from_a_source_without_a_name_has_its_hosts_name(tmp_path: Path) -> None:
    page = compared(ALDER, OTHER, 1, url="https://verdicts.example/compare/alder-vs-zinc")
    data = built(tmp_path, page)
    assert data.rows("SELECT listing_id, source FROM listings ORDER BY 1") == [
        {"listing_id": "verdicts.example:alder", "source": "verdicts.example"},
        {"listing_id": "verdicts.example:zinc", "source": "verdicts.example"},
    ]
    assert data.row("SELECT persona, source FROM personas") == {
        "persona": "verdicts.example:builder",
        "source": "verdicts.example",
    }
    assert data.row("SELECT comparison_id FROM comparisons") == {
        "comparison_id": "verdicts.example:alder~verdicts.example:zinc"
    }


def test_status_tells_what_there_is(tmp_path: Path) -> None:
    data = Data(tmp_path)
    assert status(tmp_path)["dataset"] is None
    data.add([compared(ALDER, OTHER, 1, leftovers=["Cookies"])], [Failure("x.html", "missing_file", "gone")])
    waiting = status(tmp_path)["archive"]
    assert waiting["files"] == 1
    assert waiting["bytes"] == waiting["unbuilt_bytes"] > 0
    data.build()
    found = status(tmp_path)
    assert found["archive"]["unbuilt_bytes"] == 0
    dataset = found["dataset"]
    assert dataset["captures"] == {"compare": {"ok": 1}}
    assert (dataset["rows"]["listings"], dataset["newest_capture"]) == (2, day(1))
    assert {severity: each["count"] for severity, each in dataset["problems"].items()} == {
        "error": 1, "warning": 0, "info": 1,
    }  # fmt: skip
    assert dataset["problems"]["error"]["first"][0]["message"] == "x.html: gone"
    assert dataset["last_run"]["outcome"] == "finished"
    data.database.write_bytes(b"garbage" * 1000)
    assert "to rebuild it" in status(tmp_path)["dataset"]["unreadable"]
