"""The index of captures: what a crawl asks it is what the archive holds."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from crawler.archive import Archive, NewRecord
from crawler.capture_index import LastCapture
from tests.crawler.indexed import SITE, Data, stamp


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path)


# ---- the last capture -----------------------------------------------------------------------------------------------


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


# ---- the answers of a run -------------------------------------------------------------------------------------------


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


# ---- requests and runs ----------------------------------------------------------------------------------------------


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
