"""A dataset as a busy site leaves it after years, put straight into the tables from a seed.

Every tool has five reviews, every review ten versions; every tenth tool has two listings. Each new version is a change
with the two captures between which it came. Indexes come last, as that is quicker than keeping them up.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from typing import Any

from crawler.items import CARD_FIELDS
from dataset.ids import short_hash
from dataset.readings.times import utc_text
from dataset.schema import ddl
from dataset.schema.agreement import AGREEMENT_SQL
from dataset.schema.tables import TABLES, table

CRITICS = ("builder", "skeptic", "founder", "futurist", "designer", "operator", "investor", "student")
REVIEWS = 5
VERSIONS = 10
CRAWLS = VERSIONS
SECOND_LISTING = 10
"""Every so manieth tool has a second listing."""

CATEGORIES = 40
SOURCE = "shiporskip"
SITE = "https://shiporskip.io"
START = datetime(2024, 1, 1, tzinfo=UTC)
WORDS = (
    *("agent", "sync", "price", "model", "editor", "quick", "slow", "team", "local", "cloud", "draft", "search"),
    *("notes", "plugin", "budget", "latency", "export", "privacy", "review", "ship", "skip", "support", "beta", "docs"),
)
VOCABULARY = (*WORDS, *(f"{one}{other}" for one in WORDS for other in WORDS))
"""Six hundred words; the first ones are by far the most frequent, as in any language."""

WEIGHTS = tuple(accumulate(1 / place for place in range(1, len(VOCABULARY) + 1)))
PRICES: tuple[dict[str, Any], ...] = (
    {"entry": "Paid", "pricing": "$9 a month", "pricing_model": "subscription", "has_free_tier": 0, "price_min": 9.0},
    {"entry": "Free", "pricing": "Open source (MIT)", "pricing_model": "free", "has_free_tier": 1, "license": "MIT"},
    {"entry": "Paid", "pricing": "Free tier, then $20 a month", "pricing_model": "subscription", "price_min": 20.0},
    {"entry": "Paid", "pricing": "$99 once", "pricing_model": "one-off", "has_free_tier": 0, "price_min": 99.0},
)
Row = dict[str, Any]


@dataclass(frozen=True)
class Sizes:
    """How many rows the tables that count have."""

    tools: int
    reviews: int
    versions: int
    bytes: int


@cache
def at(crawl: int, number: int = 0) -> str:
    """When a crawl asks for the page of a tool."""
    return utc_text(START + timedelta(days=30 * crawl, seconds=4 * number))


def make(path: Path, tools: int) -> Sizes:
    """Write a dataset of so many tools to `path`; what was there is gone."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as con:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536", "temp_store = MEMORY"):
            con.execute(f"PRAGMA {pragma}")
        con.execute("BEGIN")
        ddl.create_tables(con)
        _fill(con, tools)
        for name, sql in AGREEMENT_SQL.items():
            con.execute(f"INSERT INTO {name} {sql}")
        ddl.create_rest(con)
        con.execute("COMMIT")
    return Sizes(tools, tools * REVIEWS, tools * REVIEWS * VERSIONS, path.stat().st_size)


def made(path: Path, tools: int) -> Sizes | None:
    """The sizes of the dataset at `path`, if it is the one that `make` would make there now; None where it is not."""
    if not path.is_file():
        return None
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as con:
        try:
            facts = dict(con.execute("SELECT key, value FROM dataset_info"))
        except sqlite3.DatabaseError:
            return None
    if (facts.get("input_digest"), facts.get("rows_tools")) != (_recipe(), str(tools)):
        return None
    return Sizes(tools, tools * REVIEWS, tools * REVIEWS * VERSIONS, path.stat().st_size)


def _recipe() -> str:
    """What tells the datasets that are made now from those of former times."""
    parts = [Path(__file__).read_bytes(), *(ddl.table_sql(table).encode() for table in TABLES)]
    return sha256(b"\0".join(parts)).hexdigest()


def _fill(con: sqlite3.Connection, tools: int) -> None:
    rng = random.Random(5)
    _put(con, "runs", (_run(crawl) for crawl in range(CRAWLS)))
    _put(con, "personas", (_critic(each, tools) for each in CRITICS))
    _put(con, "dataset_info", _facts(tools))
    numbers = range(tools)
    _put(con, "tools", (_tool(number) for number in numbers))
    _put(con, "tool_aliases", (_alias(number) for number in numbers if _listings(number) > 1))
    listings = [(number, place) for number in numbers for place in range(_listings(number))]
    _put(con, "listings", (_listing(*each) for each in listings))
    _put(con, "match_decisions", (_decision(number, tools) for number in numbers if number))
    _put(con, "comparisons", (_comparison(number, tools) for number in numbers))
    _put(con, "captures", (_capture(number, crawl) for number in numbers for crawl in range(CRAWLS)))
    _put(con, "listing_versions", (version for each in listings for version in _listing_versions(*each)))
    _put(con, "field_evidence", (proof for each in listings for proof in _proofs(*each)))
    _put(con, "problems", (_problem(number) for number in numbers if number % 4 == 0))
    for number in numbers:
        reviews, versions, changes = _reviews(number, rng)
        _put(con, "reviews", reviews)
        _put(con, "review_versions", versions)
        _put(con, "changes", changes)
        _put(con, "field_evidence", (proof for each in reviews for proof in _review_proofs(number, each)))


def _put(con: sqlite3.Connection, name: str, rows: Iterator[Row] | list[Row]) -> None:
    names = table(name).column_names
    sql = f"INSERT INTO {name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608
    con.executemany(sql, (tuple(row.get(each) for each in names) for row in rows))


@cache
def words(seed: int, count: int) -> str:
    """So many words."""
    rng = random.Random(seed)
    return " ".join(rng.choices(VOCABULARY, cum_weights=WEIGHTS, k=count))


def slug(number: int, place: int = 0) -> str:
    """The slug of a tool's listing."""
    return f"tool-{number:06}" + (f"-{place + 1}" if place else "")


@cache
def tool_id(number: int) -> str:
    """The id of a tool."""
    return short_hash("tool", slug(number))


def capture_id(number: int, crawl: int) -> str:
    """The id of the capture that a crawl made of a tool's page."""
    return short_hash("capture", slug(number), str(crawl))


def review_id(number: int, place: int) -> str:
    """The id of one of a tool's reviews."""
    return short_hash("review", slug(number, place % _listings(number)), str(place))


def change_id(number: int, place: int = 0, crawl: int = 1) -> str:
    """The id of the change that a crawl brought to one of a tool's reviews."""
    return short_hash("change", review_id(number, place), str(crawl))


def _listings(number: int) -> int:
    return 2 if number % SECOND_LISTING == 0 else 1


def name_of(number: int) -> str:
    """The name of a tool, and of its listings."""
    return f"{WORDS[number % len(WORDS)].title()} {WORDS[number // 7 % len(WORDS)].title()} {number}"


def _share(number: int, place: int = 0) -> int:
    return (25, 50, 75, 100, 0)[(number + place) % 5]


def _seen(number: int) -> Row:
    return {"first_seen": at(0, number), "last_seen": at(CRAWLS - 1, number)}


def _facts(tools: int) -> Iterator[Row]:
    counted = {"tools": tools, "reviews": tools * REVIEWS, "captures": tools * CRAWLS}
    facts = {"input_digest": _recipe(), **{f"rows_{name}": n for name, n in counted.items()}}
    return ({"key": key, "value": str(value)} for key, value in facts.items())


def _run(crawl: int) -> Row:
    return {
        "run_id": f"run-{crawl}",
        "source": SOURCE,
        "command": "crawl",
        "started_at": at(crawl),
        "finished_at": at(crawl),
        "outcome": "finished",
    }


def _critic(persona: str, tools: int) -> Row:
    return {
        "persona": persona,
        "source": SOURCE,
        "name": persona.title(),
        "motto": "Ship it or skip it.",
        "review_count": tools * REVIEWS // len(CRITICS),
        "ship_rate": 50.0,
        "mean_score": 55.0,
    }


def _tool(number: int) -> Row:
    return {
        "tool_id": tool_id(number),
        "slug": slug(number),
        "name": name_of(number),
        "category": f"Category {number % CATEGORIES}",
        "category_canonical": f"Category {number % CATEGORIES}",
        "tagline": words(number % 997, 8),
        "vendor": f"Maker {number % 300}",
        "listing_count": _listings(number),
        "panel_ship_pct_min": _share(number),
        "panel_ship_pct_max": max(_share(number, place) for place in range(_listings(number))),
        **_seen(number),
    }


def _alias(number: int) -> Row:
    former = slug(number, 1)
    return {"alias_id": former, "kind": "slug", "tool_id": tool_id(number), "reason": "same_tool", "at": at(0, number)}


def _listing(number: int, place: int) -> Row:
    share = _share(number, place)
    price = PRICES[(number + place) % len(PRICES)]
    paid = {"price_currency": "USD", "price_period": "month"} if "price_min" in price else {}
    return {
        "listing_id": slug(number, place),
        "name": name_of(number),
        "category": f"Category {number % CATEGORIES}",
        "category_canonical": f"Category {number % CATEGORIES}",
        "panel_verdict": "ship" if share > 50 else "mixed" if share == 50 else "skip",
        "panel_ship_pct": share,
        "panel_ships": share // 25,
        "panel_skips": 4 - share // 25,
        "community_ship_pct": number * 7 % 101,
        "community_ships": number % 50,
        "community_votes": number % 90,
        **price,
        **paid,
        "tagline": words(number % 997, 8),
        "description": words(number % 4999, 40),
        "best_for": words(number % 101, 6),
        "website": f"https://example.org/{number}",
        "complete": 1,
        "source": SOURCE,
        "url": f"{SITE}/tool/{slug(number, place)}",
        "tool_id": tool_id(number),
        **_seen(number),
    }


def _listing_versions(number: int, place: int) -> Iterator[Row]:
    whole = _listing(number, place)
    facts = {name: whole.get(name) for name in ("listing_id", *CARD_FIELDS)}
    for version in (1, 2):
        began = at((version - 1) * CRAWLS // 2, number)
        ended = at(CRAWLS // 2, number) if version == 1 else None
        spread = {"valid_from": began, "last_confirmed": began, "valid_to": ended, "version": version}
        yield {**facts, **spread, "community_votes": number % 90 + version - 2 if number % 90 else 0}


def _decision(number: int, tools: int) -> Row:
    is_one = _listings(number) > 1
    left, right = slug(number), slug(number, 1) if is_one else slug((number + 1) % tools)
    return {
        "left_listing_id": left,
        "right_listing_id": right,
        "decision": "merge" if is_one else "apart",
        "sentence": f"“{name_of(number)}” and another are {'one tool' if is_one else 'two tools'}.",
        "rule": "same_name" if is_one else "version",
        "decided_by": "rules",
        "at": at(number % CRAWLS, number),
        "reasons": "{}",
    }


def _comparison(number: int, tools: int) -> Row:
    left, right = sorted((slug(number), slug((number + 1) % tools)))
    return {
        "comparison_id": f"{left}~{right}",
        "source": SOURCE,
        "url": f"{SITE}/compare/{left}-vs-{right}",
        "left_listing_id": left,
        "right_listing_id": right,
        "http_status": 200,
        **_seen(number),
    }


def _capture(number: int, crawl: int) -> Row:
    key = capture_id(number, crawl)
    kind = "compare" if number % 4 == 0 else "tool"
    return {
        "capture_id": key,
        "source": SOURCE,
        "url": f"{SITE}/{kind}/{slug(number)}",
        "kind": kind,
        **dict.fromkeys(("captured_at", "made_from", "observed_at"), at(crawl, number)),
        "content_type": "text/html",
        "http_status": 200,
        "sha256": key * 4,
        "bytes": 60_000,
        "warc_file": f"{crawl}.warc.gz",
        "warc_offset": 9000 * number,
        "run_id": f"run-{crawl}",
        "parser_version": "1",
        "parse_status": "ok" if number % 50 else "incomplete",
        "complete": 1,
    }


def _problem(number: int) -> Row:
    code, severity = (("price_unread", "info"), ("votes_clash", "warning"), ("slot_lost", "error"))[number // 4 % 3]
    return {
        "problem_id": short_hash("problem", slug(number)),
        "severity": severity,
        "code": code,
        "message": words(number % 31, 9),
        "occurrences": 1,
        "url": f"{SITE}/tool/{slug(number)}",
        "listing_id": slug(number),
        "capture_id": capture_id(number, 0),
        "subject": slug(number),
        **_seen(number),
    }


def _proof(number: int, listing: str, review: str | None, field: str, value: object) -> Row:
    return {
        "evidence_id": f"{review or listing}/{field}",
        "listing_id": listing,
        "review_id": review,
        "field": field,
        "value": None if value is None else str(value),
        "first_capture_id": capture_id(number, 0),
        "last_capture_id": capture_id(number, CRAWLS - 1),
    }


def _proofs(number: int, place: int) -> Iterator[Row]:
    facts = _listing(number, place)
    return (_proof(number, slug(number, place), None, field, facts.get(field)) for field in CARD_FIELDS)


def _review_proofs(number: int, review: Row) -> Iterator[Row]:
    for field in ("score", "verdict", "quote"):
        yield _proof(number, review["listing_id"], review["review_id"], field, review[field])


def _reviews(number: int, rng: random.Random) -> tuple[list[Row], list[Row], list[Row]]:
    """The reviews of a tool, their versions, and the changes from each version to the next."""
    reviews, versions, changes = [], [], []
    for place in range(REVIEWS):
        listing = slug(number, place % _listings(number))
        key = review_id(number, place)
        who = CRITICS[(number + place) % len(CRITICS)]
        quote = words(rng.randrange(20_000), 25)
        scores = [rng.randrange(101) for _ in range(VERSIONS)]
        stands = rng.random() > 0.03
        for index, score in enumerate(scores):
            is_last = index == VERSIONS - 1
            facts = {
                "review_id": key,
                "listing_id": listing,
                "persona": who,
                "score": score,
                "verdict": "ship" if score >= 50 else "skip",
                "quote": quote,
            }
            seen = at(index, number)
            span = {"valid_from": seen, "last_confirmed": seen, "valid_to": None if is_last else at(index + 1, number)}
            versions.append({**facts, **span, "version": index + 1})
            if index:
                changes.append(_change(number, facts, index, scores[index - 1]))
        told = {
            "persona_source": "labelled",
            "position": place + 1,
            "withdrawn_at": None if stands else at(CRAWLS, number),
        }
        reviews.append(
            {**facts, **_seen(number), **told, "last_changed": at(CRAWLS - 1, number), "tool_id": tool_id(number)}
        )
    return reviews, versions, changes


def _change(number: int, review: Row, crawl: int, before: int) -> Row:
    old = "ship" if before >= 50 else "skip"
    flipped = old != review["verdict"]
    return {
        "change_id": short_hash("change", review["review_id"], str(crawl)),
        "kind": "verdict_flip" if flipped else "score",
        "listing_id": review["listing_id"],
        "persona": review["persona"],
        "field": "verdict" if flipped else "score",
        "old_value": old if flipped else str(before),
        "new_value": review["verdict"] if flipped else str(review["score"]),
        "seen_before": at(crawl - 1, number),
        "seen_after": at(crawl, number),
        "confirmed": int(crawl % 3 > 0),
        "review_id": review["review_id"],
        "tool_id": tool_id(number),
        "before_capture_id": capture_id(number, crawl - 1),
        "after_capture_id": capture_id(number, crawl),
    }
