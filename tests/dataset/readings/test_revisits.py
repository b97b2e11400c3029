"""Revisits: each shows, at its own time, what the content that it found unchanged showed. Nothing is read twice."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.items import PageProblem, PageReading
from tests.dataset.captures import (
    SITE,
    Capture,
    Data,
    answered,
    built,
    card,
    compared,
    day,
    digest,
    read_json,
    reviewer_page,
    says,
    tool_page,
)
from tests.dataset.crawls import Revisit, codes, digest_of, revisit

URL = f"{SITE}/compare/alder-vs-birch"
ALDER = card("alder", says("Solid joinery.", "builder", 80, "ship"), name="Alder", panel_ship_pct=75)
BIRCH = card("birch", name="Birch", panel_ship_pct=50)
PAGE = answered(compared(ALDER, BIRCH, 1))
NOT_READ = {"kind": "compare", "parser_version": None, "parse_status": "ignored", "complete": None, "revisit_of": None}


def shown(data: Data, at: float) -> dict[str, object]:
    """What the capture of day `at` shows, but for the capture itself."""
    return data.row(
        "SELECT kind, parser_version, parse_status, complete, revisit_of FROM captures WHERE captured_at = ?", day(at)
    )


def id_of(data: Data, at: float) -> str:
    return str(data.row("SELECT capture_id FROM captures WHERE captured_at = ?", day(at))["capture_id"])


@pytest.mark.parametrize("status", [304, 200])
def test_a_revisit_shows_again_what_the_content_showed(tmp_path: Path, status: int) -> None:
    data = built(tmp_path, PAGE, revisit(PAGE, day(9), status))
    assert shown(data, 9) == {
        "kind": "compare", "parser_version": "test", "parse_status": "ok", "complete": 1, "revisit_of": id_of(data, 1),
    }  # fmt: skip
    own = data.row("SELECT http_status, bytes, observed_at, made_from FROM captures WHERE captured_at = ?", day(9))
    assert own == {"http_status": status, "bytes": 0, "observed_at": day(9), "made_from": day(7)}
    links = data.rows(
        "SELECT captured_at, side, listing_id, identified_by FROM listing_captures "
        "JOIN captures USING (capture_id) ORDER BY captured_at, side"
    )
    assert [(row["captured_at"], row["side"], row["listing_id"], row["identified_by"]) for row in links] == [
        (day(1), "left", "alder", "url"),
        (day(1), "right", "birch", "url"),
        (day(9), "left", "alder", "url"),
        (day(9), "right", "birch", "url"),
    ]
    seen = data.row("SELECT first_seen, last_seen, last_changed FROM listings WHERE listing_id = 'alder'")
    assert seen == {"first_seen": day(1), "last_seen": day(9), "last_changed": None}
    review = data.row("SELECT first_seen, last_seen, withdrawn_at, position FROM reviews")
    assert review == {"first_seen": day(1), "last_seen": day(9), "withdrawn_at": None, "position": 1}
    evidence = data.row("SELECT * FROM field_evidence WHERE evidence_id = 'alder/panel_ship_pct'")
    assert (evidence["first_capture_id"], evidence["last_capture_id"]) == (id_of(data, 1), id_of(data, 9))
    comparison = data.row("SELECT first_seen, last_seen, http_status FROM comparisons")
    assert comparison == {"first_seen": day(1), "last_seen": day(9), "http_status": 200}
    assert codes(data) == []


def test_a_persons_page_that_is_unchanged_is_the_newest_one(tmp_path: Path) -> None:
    page = answered(reviewer_page("builder", "Shelves", 1, ("Shelves, sorted", "Keeps."), motto="Measure twice."))
    other = answered(reviewer_page("builder", "Shelves", 4, ("Shelves, sorted", "Broke."), motto="Cut once."))
    data = built(tmp_path, page, other, revisit(page, day(9)))
    assert data.row("SELECT quote, capture_id FROM reviewer_verdicts") == {
        "quote": "Keeps.",
        "capture_id": id_of(data, 9),
    }
    assert data.row("SELECT motto FROM personas") == {"motto": "Measure twice."}
    data.add([revisit(other, day(10))])
    data.build()
    assert data.row("SELECT quote, capture_id FROM reviewer_verdicts") == {
        "quote": "Broke.", "capture_id": id_of(data, 10),
    }  # fmt: skip


def test_a_revisit_has_its_own_window_and_its_own_header_problems(tmp_path: Path) -> None:
    page = answered(compared(ALDER, BIRCH, 1), age="soon")
    data = built(
        tmp_path, page, revisit(page, day(9), age="86400"), revisit(page, day(20), date="Sat, 02 May 2026 00:00:00 GMT")
    )
    rows = data.rows("SELECT captured_at, made_from, observed_at FROM captures ORDER BY captured_at")
    assert [tuple(row.values()) for row in rows] == [
        (day(1), day(-1), day(1)),
        (day(9), day(8), day(8)),
        (day(20), day(18), day(20)),
    ]
    problems = data.rows("SELECT code, occurrences, first_seen, last_seen FROM problems ORDER BY code")
    assert [tuple(row.values()) for row in problems] == [
        ("bad_age", 1, day(1), day(1)),
        ("late_date", 1, day(20), day(20)),
    ]


def test_nothing_is_read_twice(tmp_path: Path) -> None:
    bodies: list[bytes] = []

    def read(body: bytes, *, url: str | None, content_type: str | None) -> PageReading:
        bodies.append(body)
        return read_json(body, url=url, content_type=content_type)

    data = Data(tmp_path)
    data.add([PAGE, revisit(PAGE, day(2)), revisit(PAGE, day(3), 200)])
    report = data.build(read=read)
    data.add([revisit(PAGE, day(4))])
    data.build(read=read)
    assert len(bodies) == 1
    assert report.statuses == {"ok": 3}


def test_a_revisit_that_comes_before_its_content_is_completed_when_that_arrives(tmp_path: Path) -> None:
    data = built(tmp_path / "bit by bit", revisit(PAGE, day(9)))
    assert shown(data, 9) == NOT_READ
    assert data.rows("SELECT * FROM listings") == []
    assert data.row("SELECT severity, code, subject, url, message, first_seen FROM problems") == {
        "severity": "warning",
        "code": "revisit_of_unknown",
        "subject": URL,
        "url": URL,
        "message": f"{URL}: it was found unchanged, but what it was before (digest sha256:{digest_of(PAGE)}, captured "
        f"at {day(1)}, at {URL}) is not in the archive",
        "first_seen": day(9),
    }
    # The page did answer, whatever it showed.
    assert data.row("SELECT last_seen, http_status, left_listing_id FROM comparisons") == {
        "last_seen": day(9), "http_status": 304, "left_listing_id": None,
    }  # fmt: skip
    data.add([PAGE])
    report = data.build()
    assert codes(data) == []
    assert shown(data, 9)["revisit_of"] == id_of(data, 1)
    assert data.row("SELECT last_seen, http_status, left_listing_id FROM comparisons") == {
        "last_seen": day(9), "http_status": 200, "left_listing_id": "alder",
    }  # fmt: skip
    at_once = Data(tmp_path / "at once")
    at_once.add([PAGE, revisit(PAGE, day(9))])
    assert digest(at_once.build()) == digest(report)
    assert at_once.content() == data.content()


def test_the_earliest_capture_with_the_content_counts_whichever_came_first(tmp_path: Path) -> None:
    again = replace(PAGE, captured_at=day(3))
    data = built(tmp_path, again, revisit(again, day(9)))
    assert shown(data, 9)["revisit_of"] == id_of(data, 3)
    data.add([PAGE])
    data.build()
    assert shown(data, 9)["revisit_of"] == id_of(data, 1)


def test_revisits_are_no_content_of_each_other(tmp_path: Path) -> None:
    empty = "sha256:" + digest_of(replace(PAGE, reading=None))
    sha1 = Revisit(URL, day(3), "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", day(1), URL)
    data = built(tmp_path, Revisit(URL, day(1), empty, status=200), Revisit(URL, day(2), empty, status=200), sha1)
    assert [shown(data, at) for at in (1, 2, 3)] == [NOT_READ] * 3


def test_what_an_answer_without_the_page_brought_is_no_content(tmp_path: Path) -> None:
    empty = "sha256:" + digest_of(replace(PAGE, reading=None))
    gone = answered(Capture(URL, day(1), None), 404)
    data = built(tmp_path, gone, Revisit(URL, day(2), empty, day(1), URL))
    assert shown(data, 2) == NOT_READ
    assert codes(data) == ["revisit_of_unknown"]


def test_the_same_page_under_a_url_that_names_the_sides_the_other_way_round_is_no_content(tmp_path: Path) -> None:
    turned = replace(PAGE, url=f"{SITE}/compare/birch-vs-alder")
    data = built(tmp_path, turned, replace(revisit(turned, day(9)), url=URL))
    assert shown(data, 9) == NOT_READ
    assert codes(data).count("revisit_of_unknown") == 1
    # Another spelling of the same address is the same page.
    data.add([replace(PAGE, url=URL.replace("https://", "http://www.") + "/", captured_at=day(2))])
    data.build()
    assert shown(data, 9)["revisit_of"] == id_of(data, 2)


def test_the_content_of_another_page_is_not_shown(tmp_path: Path) -> None:
    other = answered(compared(card("cedar", name="Cedar"), BIRCH, 1, url=f"{SITE}/compare/cedar-vs-birch"))
    data = built(tmp_path, other, replace(revisit(other, day(9)), url=URL))
    assert shown(data, 9) == NOT_READ
    problem = data.row("SELECT message FROM problems WHERE code = 'revisit_of_unknown'")
    assert f"at {SITE}/compare/cedar-vs-birch" in problem["message"]


def test_content_that_could_not_be_read_stays_unread(tmp_path: Path) -> None:
    wall = PageProblem(severity="warning", code="not_recognised", message="it begins: 'Before you go on'")
    failed = PageReading(kind="unknown", status="failed", problems=(wall,))
    page = answered(Capture(URL, day(1), failed))
    data = built(tmp_path, page, revisit(page, day(9)))
    assert shown(data, 9) == {
        "kind": "unknown", "parser_version": "test", "parse_status": "failed", "complete": None,
        "revisit_of": id_of(data, 1),
    }  # fmt: skip
    assert data.row("SELECT code, occurrences, first_seen, last_seen, capture_id FROM problems") == {
        "code": "not_recognised", "occurrences": 2, "first_seen": day(1), "last_seen": day(9),
        "capture_id": id_of(data, 1),
    }  # fmt: skip
    assert data.rows("SELECT * FROM comparisons") == []


@pytest.mark.parametrize("kind", ["compare", "unknown"])
def test_a_page_that_answered_turns_out_to_show_nothing(tmp_path: Path, kind: str) -> None:
    page = answered(Capture(URL, day(1), PageReading(kind=kind, status="failed")))
    data = built(tmp_path, revisit(page, day(9)))
    assert data.row("SELECT http_status FROM comparisons") == {"http_status": 304}
    data.add([page])
    data.build()
    assert data.rows("SELECT * FROM comparisons") == []


def test_content_that_is_no_page_stays_ignored(tmp_path: Path) -> None:
    robots = answered(Capture(f"{SITE}/robots.txt", day(1), PageReading(kind="robots", status="ignored")))
    image = answered(replace(PAGE, content_type="image/png", captured_at=day(2)))
    data = built(tmp_path, robots, image, revisit(robots, day(8)), revisit(image, day(9)))
    rows = data.rows("SELECT kind, parse_status FROM captures ORDER BY captured_at")
    assert [tuple(row.values()) for row in rows] == [("robots", "ignored"), ("compare", "ignored")] * 2
    assert data.rows("SELECT code, occurrences FROM problems") == [{"code": "not_a_page", "occurrences": 2}]


def test_an_incomplete_page_that_is_unchanged_is_incomplete(tmp_path: Path) -> None:
    whole = answered(compared(ALDER, BIRCH, 1))
    cut = answered(compared(card("alder", says("Other words."), name="Alder"), BIRCH, 2, complete=False))
    data = built(tmp_path, whole, cut, revisit(cut, day(9)))
    assert (shown(data, 9)["parse_status"], shown(data, 9)["complete"]) == ("incomplete", 0)
    assert data.rows("SELECT quote FROM reviews WHERE withdrawn_at IS NOT NULL") == []


def test_a_page_that_is_shown_again_ends_what_another_showed_in_between(tmp_path: Path) -> None:
    between = answered(
        compared(card("alder", says("It creaks.", "builder", 40, "skip"), name="Alder", panel_ship_pct=25), BIRCH, 5)
    )
    data = built(tmp_path, PAGE, between, revisit(PAGE, day(9)))
    assert data.row("SELECT panel_ship_pct, last_changed FROM listings WHERE listing_id = 'alder'") == {
        "panel_ship_pct": 75, "last_changed": day(9),
    }  # fmt: skip
    assert data.row("SELECT quote, score, last_seen, last_changed FROM reviews") == {
        "quote": "Solid joinery.", "score": 80, "last_seen": day(9), "last_changed": day(9),
    }  # fmt: skip


TEXTS = {"name": "Alder", "tagline": "Shelves, sorted", "description": "It sorts shelves."}


def test_cards_without_a_slug_are_settled_for_revisits_too(tmp_path: Path) -> None:
    bare = replace(
        PAGE, url=f"{SITE}/compare/three-way", reading=compared(card(None, **TEXTS), BIRCH, 1, url=None).reading
    )
    data = built(tmp_path, bare, revisit(bare, day(9)))
    [listing] = data.rows("SELECT listing_id, last_seen FROM listings WHERE name = 'Alder'")
    assert (str(listing["listing_id"])[0], listing["last_seen"]) == ("~", day(9))
    data.add([tool_page(card("alder", **TEXTS), 10)])
    data.build()
    assert data.row("SELECT listing_id, first_seen FROM listings WHERE name = 'Alder'") == {
        "listing_id": "alder", "first_seen": day(1),
    }  # fmt: skip
    assert data.row("SELECT count(*) AS n FROM listing_captures WHERE identified_by = 'card'") == {"n": 2}
    # With a second slug nobody can tell; and that stays told when only a revisit comes.
    data.add([tool_page(card("alder-2", **TEXTS), 11)])
    data.build()
    assert codes(data) == ["card_of_several_slugs"]
    data.add([revisit(bare, day(12))])
    report = data.build()
    assert codes(data) == ["card_of_several_slugs"]
    assert digest(data.build(full=True)) == digest(report)


SHA256 = digest_of(PAGE)
BASE32 = base64.b32encode(bytes.fromhex(SHA256)).decode()


@pytest.mark.parametrize(
    ("digest", "refers_at", "found"),
    [
        (f"sha256:{SHA256}", None, True),
        (f"sha-256:{SHA256.upper()}", None, True),
        (f"sha256:{BASE32}", None, True),
        (f"SHA256:{BASE32.rstrip('=').lower()}", None, True),
        ("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", None, False),
        ("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", day(1), True),
        ("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", "2026-03-02T00:00:00.250Z", True),
        ("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", day(2), False),
        ("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", "yesterday", False),
        ("sha256:abc", None, False),
        ("sha256:" + "A" * 56, None, False),
        (f"sha256:{SHA256}", day(5), True),
        ("sha256:" + "ab" * 32, day(1), False),
        (None, day(1), True),
        (None, None, False),
    ],
)
@pytest.mark.parametrize("status", [304, 200, None])
def test_revisits_of_other_makers(
    tmp_path: Path, digest: str | None, refers_at: str | None, found: bool, status: int | None
) -> None:
    data = built(tmp_path, PAGE, Revisit(URL, day(9), digest, refers_at, None, status))
    assert (shown(data, 9)["parse_status"] == "ok") is found
    assert codes(data) == ([] if found else ["revisit_of_unknown"])
    if digest and digest.startswith("sha1") and not found:
        assert "only digests of the kind sha256 can be compared" in data.row("SELECT message FROM problems")["message"]


def test_a_revisit_of_an_answer_that_is_no_page_brings_its_status_alone(tmp_path: Path) -> None:
    data = built(tmp_path, PAGE, Revisit(URL, day(9), "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", status=404))
    assert data.row("SELECT last_seen, http_status FROM comparisons") == {"last_seen": day(9), "http_status": 404}
    assert data.row("SELECT last_seen FROM listings WHERE listing_id = 'alder'") == {"last_seen": day(1)}
    assert codes(data) == []


def test_a_revisit_without_an_address_is_unknown(tmp_path: Path) -> None:
    data = built(tmp_path, Revisit(None, day(9), f"sha256:{SHA256}"))
    [problem] = data.rows("SELECT code, subject, url FROM problems")
    assert (problem["code"], problem["url"]) == ("revisit_of_unknown", None)
    assert str(problem["subject"]).startswith("sha256:")


@pytest.mark.parametrize("path", ["robots.txt", "sitemap.xml", "", "categories"])
def test_unknown_content_of_a_page_without_data_is_no_problem(tmp_path: Path, path: str) -> None:
    data = built(tmp_path, Revisit(f"{SITE}/{path}", day(9), f"sha256:{SHA256}"))
    assert codes(data) == []
