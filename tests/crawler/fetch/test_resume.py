"""What a crawl goes on with, and which answers settle a page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.capture_index import Answer, KnownRun
from crawler.fetch.resume import MAX_AGE, is_final, spec_of, unfinished

NOW = datetime(2026, 11, 19, 12, 0, 0, tzinfo=UTC)
SPEC = spec_of(["https://verdicts.example/"], ["compare"])
FINISHED = {"outcome": "finished"}


def at(hours: float) -> str:
    """The time so many hours ago."""
    return (NOW - timedelta(hours=hours)).isoformat().replace("+00:00", "Z")


def known(
    run_id: str, hours: float = 1, continues: str = "", *, end: dict[str, Any] | None = None, spec: str = SPEC
) -> KnownRun:
    facts = {"spec": spec, "started_at": at(hours)} | ({"continues": continues} if continues else {})
    return KnownRun(run_id, facts, end)


# ---- the task ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "urls",
    [
        ["https://verdicts.example/"],
        ["https://verdicts.example"],
        ["http://www.verdicts.example/#top"],
        ["https://verdicts.example/", "http://verdicts.example"],
    ],
)
def test_the_same_start_is_the_same_task(urls: list[str]) -> None:
    assert spec_of(urls, ["compare"]) == SPEC


def test_the_order_of_urls_and_kinds_is_no_matter() -> None:
    one, other = "https://verdicts.example/tool/a", "https://verdicts.example/tool/b"
    assert spec_of([one, other], ["tool", "compare"]) == spec_of([other, one], ["compare", "tool"])


@pytest.mark.parametrize(
    "spec",
    [
        spec_of(["https://verdicts.example/"], ["tool"]),
        spec_of(["https://verdicts.example/"], ["compare", "tool"]),
        spec_of(["https://other.example/"], ["compare"]),
        spec_of(["https://verdicts.example/", "https://verdicts.example/tool/a"], ["compare"]),
        spec_of(["https://verdicts.example/"], ["compare"], dry_run=True),
    ],
)
def test_another_task_is_told_apart(spec: str) -> None:
    assert spec != SPEC
    assert unfinished([known("a", spec=spec)], SPEC, NOW) == []


# ---- which runs ----------------------------------------------------------------------------------------------


def test_nothing_is_there_to_go_on_with() -> None:
    assert unfinished([], SPEC, NOW) == []


@pytest.mark.parametrize("end", [None, {}, {"outcome": "stopped"}, {"outcome": "failed"}, {"outcome": 7}], ids=str)
def test_a_run_that_did_not_finish_is_continued(end: dict[str, Any] | None) -> None:
    assert unfinished([known("a", end=end)], SPEC, NOW) == ["a"]


def test_a_run_that_finished_is_not() -> None:
    assert unfinished([known("a", end=FINISHED)], SPEC, NOW) == []


def test_what_finished_last_hides_what_did_not() -> None:
    assert unfinished([known("b", 1, end=FINISHED), known("a", 2)], SPEC, NOW) == []


def test_a_run_of_another_task_hides_nothing() -> None:
    assert unfinished([known("b", 1, end=FINISHED, spec="other"), known("a", 2)], SPEC, NOW) == ["a"]


def test_a_dry_run_goes_on_with_a_dry_run_only() -> None:
    dry = spec_of(["https://verdicts.example/"], ["compare"], dry_run=True)
    assert unfinished([known("b", 1, spec=dry), known("a", 2)], dry, NOW) == ["b"]


def test_the_runs_before_it_come_too_the_oldest_first() -> None:
    runs = [known("c", 1, "b"), known("b", 2, "a"), known("a", 3)]
    assert unfinished(runs, SPEC, NOW) == ["a", "b", "c"]


def test_a_run_begun_afresh_does_not_bring_those_before_it() -> None:
    assert unfinished([known("c", 1, "b"), known("b", 2), known("a", 3)], SPEC, NOW) == ["b", "c"]


def test_a_link_to_a_run_that_is_lost_ends_the_chain() -> None:
    assert unfinished([known("c", 1, "lost"), known("a", 3)], SPEC, NOW) == ["c"]


def test_a_link_to_a_run_of_another_task_ends_the_chain() -> None:
    assert unfinished([known("c", 1, "b"), known("b", 2, spec="other")], SPEC, NOW) == ["c"]


def test_a_run_that_continues_itself_is_taken_once() -> None:
    assert unfinished([known("a", 1, "a")], SPEC, NOW) == ["a"]


def test_runs_that_continue_each_other_are_taken_once() -> None:
    assert unfinished([known("b", 1, "a"), known("a", 2, "b")], SPEC, NOW) == ["a", "b"]


@pytest.mark.parametrize(("hours", "is_continued"), [(0, True), (23.99, True), (24, False), (500, False), (-1, False)])
def test_a_run_is_continued_for_a_day(hours: float, is_continued: bool) -> None:
    assert unfinished([known("a", hours)], SPEC, NOW) == (["a"] if is_continued else [])


def test_the_day_begins_with_the_first_run_of_the_chain() -> None:
    assert unfinished([known("b", 1, "a"), known("a", 25)], SPEC, NOW) == []


@pytest.mark.parametrize("started", ["", "yesterday", "2026-11-19T11:00:00", "2026-13-45T00:00:00Z"])
def test_a_run_of_which_no_one_knows_when_it_began_is_not_continued(started: str) -> None:
    assert unfinished([KnownRun("a", {"spec": SPEC, "started_at": started}, None)], SPEC, NOW) == []


def test_a_run_without_facts_is_not_continued() -> None:
    assert unfinished([KnownRun("a", {}, None), KnownRun("b", {"spec": SPEC}, None)], SPEC, NOW) == []


names = st.sampled_from("abcdef")


@given(st.dictionaries(names, st.tuples(names | st.just(""), st.floats(0, 30), st.booleans()), max_size=6))
def test_any_tangle_of_runs_comes_to_an_end(tangle: dict[str, tuple[str, float, bool]]) -> None:
    runs = [
        known(name, hours, continues, end=FINISHED if is_finished else None)
        for name, (continues, hours, is_finished) in sorted(tangle.items(), key=lambda each: each[1][1])
    ]
    chain = unfinished(runs, SPEC, NOW)
    assert len(set(chain)) == len(chain)
    if chain:
        assert chain[-1] == runs[0].run_id
        assert runs[0].end is None
        assert tangle[chain[0]][1] < MAX_AGE / timedelta(hours=1)
        assert all(tangle[after][0] == before for before, after in pairwise(chain))


# ---- which answers -------------------------------------------------------------------------------------------


def answer(
    status: int | None, *, whole: bool = True, url: str = "https://verdicts.example/tool/a", location: str | None = None
) -> Answer:
    return Answer(url, status, whole, "f.warc.gz", 0, location)


@pytest.mark.parametrize("status", [200, 204, 300, 304, 400, 401, 403, 404, 405, 410, 418, 451, 499])
def test_what_settles_a_page(status: int) -> None:
    assert is_final(answer(status))


@pytest.mark.parametrize("status", [None, 408, 425, 429, 500, 502, 503, 504, 520, 999])
def test_what_is_asked_again(status: int | None) -> None:
    assert not is_final(answer(status))


@pytest.mark.parametrize("status", [200, 304, 404])
def test_an_answer_that_was_cut_off_is_asked_again(status: int) -> None:
    assert not is_final(answer(status, whole=False))


def test_a_redirect_to_another_page_settles_this_one() -> None:
    assert is_final(answer(301, location="https://verdicts.example/tool/b"))


@pytest.mark.parametrize(
    "location",
    ["https://www.verdicts.example/tool/a", "http://verdicts.example/tool/a", "https://verdicts.example/tool/a/"],
)
def test_a_redirect_to_another_address_of_the_page_does_not(location: str) -> None:
    assert not is_final(answer(301, location=location))


def test_a_redirect_that_leads_nowhere_settles_the_page() -> None:
    assert is_final(answer(302))
