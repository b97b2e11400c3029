"""Crawls in any order and any split, with revisits, deaths and builds in between: the same dataset as at once.

And a dataset of revisits says what one would say for which the site had sent every page in full.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.archive import ArchiveWriter
from dataset.readings.times import utc_moment, utc_text
from tests.dataset.building.test_build_order import captures
from tests.dataset.captures import SITE, Capture, Data, Storable, answered, digest
from tests.dataset.crawls import Request, Revisit, crawling, digest_of, everything
from tests.dataset.cutting import cut

DAYS = st.sampled_from([0, 1, 1.5, 2, 3, 6])


def later(at: str, seconds: int) -> str:
    return utc_text(utc_moment(at) + timedelta(seconds=seconds))


@dataclass(frozen=True)
class Again:
    """A visit that found the page of `of` unchanged: as the revisit that is stored, and as the page in full."""

    of: Capture
    revisit: Revisit
    copy: Capture

    def record(self) -> Any:
        return self.revisit.record()


@st.composite
def visits(draw: st.DrawFn) -> list[Storable]:
    """Requests and answers, no two at the same second: the same address at one second is one capture."""
    found: list[Storable] = []
    pages: list[Capture] = []
    for number in range(draw(st.integers(1, 9))):
        kind = draw(st.sampled_from(["page", "page", "again", "again", "again", "lost", "moved"]))
        if kind == "again" and pages:
            of = draw(st.sampled_from(pages))
            at = later(of.captured_at, draw(st.sampled_from([-1, 1, 2, 3])) * 86400 + 100 + number)
            status = draw(st.sampled_from([304, 200]))
            header = draw(st.sampled_from([(), (("Age", "0"),), (("Age", "86400"),), (("Age", "soon"),)]))
            how = draw(st.sampled_from(["whole", "whole", "digest", "date"]))
            digest = "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ" if how == "date" else f"sha256:{digest_of(of)}"
            told = (None, None) if how == "digest" else (of.captured_at, of.url)
            stored = Revisit(of.url, at, digest, told[0], told[1], status, header)
            found.append(Again(of, stored, replace(of, captured_at=at, status=200, headers=header)))
            continue
        one = draw(captures())
        one = replace(one, captured_at=later(one.captured_at, number))
        if kind == "lost":
            found.append(Revisit(f"{SITE}/compare/alder-vs-birch", one.captured_at, f"sha256:{'ab' * 32}"))
        elif kind == "moved":
            target = draw(
                st.sampled_from(["/compare/alder-vs-birch", "/compare/birch-vs-alder", "/", "http://[", None])
            )
            gone = Capture(f"{SITE}/compare/birch-vs-alder", one.captured_at, None)
            found.append(answered(gone, 301, **({"location": target} if target else {})))
        else:
            found.append(one)
            if one.url is not None and one.status in (None, 200) and one.reading is not None:
                pages.append(one)
    requests = [
        Request(f"{SITE}/tool/alder", day) for day in draw(st.lists(st.just("2026-03-01T00:00:00Z"), max_size=2))
    ]
    return found + requests


@dataclass(frozen=True)
class Run:
    """One crawl: what it stored, after how many records a build was made, and how it ended."""

    records: list[Storable]
    builds: set[int]
    dies: bool
    requests: int | None


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Storable], list[Run]]:
    """Some records, and the same ones (some of them twice) in another order, in several runs."""
    found = draw(visits())
    order = draw(st.permutations(found)) + draw(st.lists(st.sampled_from(found), max_size=2))
    parts = cut(draw, order, 3)
    return found, [
        Run(
            part, draw(st.sets(st.integers(0, 9), max_size=2)), draw(st.booleans()), draw(st.sampled_from([None, 0, 2]))
        )
        for part in parts
    ]


def write(writer: ArchiveWriter, data: Data, run: Run) -> None:
    for number, each in enumerate(run.records):
        writer.write(each.record())
        if number in run.builds:
            data.build()


@given(histories())
def test_crawls_bit_by_bit_in_any_order_give_what_one_build_gives(history: tuple[list[Storable], list[Run]]) -> None:
    at_once, runs = history
    with TemporaryDirectory() as folder:
        whole = Data(Path(folder) / "whole")
        whole.add(at_once)
        expected = digest(whole.build())
        data = Data(Path(folder) / "parts")
        for run in runs:
            with crawling(data, dies=run.dies) as writer:
                write(writer, data, run)
        assert digest(data.build()) == expected
        assert data.content() == whole.content()
        increments = everything(data)
        assert digest(data.build(full=True)) == expected
        assert everything(data) == increments


@pytest.mark.long
@given(histories())
def test_what_runs_tell_does_not_depend_on_when_they_were_built(history: tuple[list[Storable], list[Run]]) -> None:
    _, runs = history
    with TemporaryDirectory() as folder:
        data = Data(Path(folder))
        before = None
        for run in runs:
            counters = {} if run.requests is None else {"requests": run.requests, "responses_200": 1}
            facts: dict[str, str] = {"continues": before} if before and run.dies else {}
            with crawling(data, counters=counters, facts=facts, dies=run.dies) as writer:
                write(writer, data, run)
                before = writer.run_id
            if run.builds:
                data.build()
        data.build()
        increments = everything(data)
        data.build(full=True)
        assert everything(data) == increments


SAID = {
    "listings": "*",
    "reviews": "*",
    "tools": "*",
    "personas": "*",
    "comparisons": "*",
    "listing_aliases": "*",
    "review_aliases": "*",
    "reviewer_verdicts": "verdict_id, persona, category, position, tagline, quote",
    "field_evidence": "evidence_id, value",
    "captures": "url, kind, captured_at, made_from, observed_at, parser_version, parse_status, complete",
    "problems": "problem_id, severity, message, occurrences, url, first_seen, last_seen, listing_id, field",
}


def said(data: Data, records: Iterable[Storable]) -> dict[str, list[dict[str, Any]]]:
    """All that a dataset of `records` says, but for which captures say it."""
    data.add(records)
    data.build()
    rows = {table: data.rows(f"SELECT {columns} FROM {table}") for table, columns in SAID.items()}
    return {table: sorted(found, key=repr) for table, found in rows.items()}


@given(visits())
def test_revisits_say_what_the_pages_in_full_would_say(records: list[Storable]) -> None:
    with TemporaryDirectory() as folder:
        revisits = said(Data(Path(folder) / "revisits"), records)
        in_full = [each.copy if isinstance(each, Again) else each for each in records]
        assert revisits == said(Data(Path(folder) / "in full"), in_full)
