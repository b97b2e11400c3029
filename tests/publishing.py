"""What the tests of the published dataset share: a small dataset about invented tools, and a real server."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from crawler.items import CARD_FIELDS
from dataset.schema import ddl
from tests.verdictlog.running import start

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)> "quoted" & done'
DAY = "2026-03-0{}T10:00:00Z"
TOOL_OF = {"lantern-notes-2": "t-lantern-notes"}
"""The tools of listings that are not the earliest of theirs."""
LISTINGS: tuple[dict[str, Any], ...] = (
    {
        "listing_id": "lantern-notes",
        "name": "Lantern Notes",
        "category": "Writing",
        "panel_verdict": "ship",
        "panel_ship_pct": 75,
        "panel_ships": 3,
        "panel_skips": 1,
        "community_ship_pct": 20,
        "community_ships": 1,
        "community_votes": 5,
        "entry": "Paid",
        "pricing": "Open Source (MIT)",
        "category_canonical": "Writing",
        "pricing_model": "free",
        "license": "MIT",
        "url": "https://shiporskip.io/tool/lantern-notes",
    },
    {
        "listing_id": "lantern-notes-2",
        "name": "lantern notes",
        "category": "Writing & Notes",
        "panel_verdict": "mixed",
        "panel_ship_pct": 50,
        "entry": "Free",
        "pricing": "$9 a month",
        "category_canonical": "Writing",
        "pricing_model": "subscription",
        "price_min": 9.0,
        "price_currency": "USD",
        "price_period": "month",
    },
    {
        "listing_id": "gravel-db",
        "name": HOSTILE,
        "category": "Databases",
        "panel_verdict": "skip",
        "panel_ship_pct": 25,
        "community_ship_pct": 100,
        "community_ships": 1,
        "community_votes": 1,
        "entry": "Free",
        "pricing": "Free forever",
        "category_canonical": "Databases",
        "pricing_model": "free",
        "tagline": "javascript:alert(2)",
        "website": "javascript:alert(3)",
    },
)
REVIEWS: tuple[tuple[str, str | None, int | None, str | None, str], ...] = (
    ("lantern-notes", "builder", 88, "ship", "Notes that sync while you sleep; the API is a pleasure."),
    ("lantern-notes", "skeptic", 41, "skip", "Another notebook. My pencil syncs too."),
    ("lantern-notes-2", None, None, None, "No one told me who I am, but the notes are fine."),
    ("gravel-db", "builder", 0, "skip", HOSTILE),
)


def insert(con: sqlite3.Connection, table: str, **row: Any) -> None:
    """Put one row into `table`."""
    names = ", ".join(row)
    con.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def make_dataset(path: Path, *, marker: str = "first build") -> None:
    """Write a dataset to `path` in the way of a build: aside, then moved into place. `marker` is told in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name("aside.db")
    aside.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(aside)) as con:
        ddl.create_tables(con)
        _fill(con)
        insert(con, "dataset_info", key="marker", value=marker)
        insert(con, "dataset_info", key="marker_again", value=marker)
        ddl.create_rest(con)
        con.commit()
    aside.replace(path)


def _fill(con: sqlite3.Connection) -> None:
    seen = {"first_seen": DAY.format(1), "last_seen": DAY.format(2)}
    insert(con, "runs", run_id="run-1", outcome="finished", command="import", started_at=DAY.format(2))
    for number, kind in ((1, "compare"), (2, "tool")):
        at = DAY.format(number)
        insert(
            con,
            "captures",
            capture_id=f"capture-{number}",
            source="shiporskip",
            url=f"https://shiporskip.io/{kind}/{number}",
            kind=kind,
            captured_at=at,
            made_from=at,
            observed_at=at,
            sha256=f"{number}" * 64,
            bytes=4000 + number,
            warc_file="2026-03.warc.gz",
            warc_offset=100 * number,
            run_id="run-1",
            parse_status="ok",
            complete=1,
        )
    for card in LISTINGS:
        slug = card["listing_id"]
        name = card["name"]
        tool = TOOL_OF.get(slug, f"t-{slug}")
        if slug not in TOOL_OF:
            count = 1 + sum(each == tool for each in TOOL_OF.values())
            insert(con, "tools", tool_id=tool, slug=slug, name=name, listing_count=count, **seen)
        insert(con, "listings", source="shiporskip", tool_id=tool, complete=1, **card, **seen)
        for field in ("name", "panel_ship_pct"):
            insert(
                con,
                "field_evidence",
                evidence_id=f"{slug}/{field}",
                listing_id=slug,
                field=field,
                value=str(card[field]),
                first_capture_id="capture-1",
                last_capture_id="capture-2",
            )
        known = {"version": 1, "valid_from": DAY.format(1), "last_confirmed": DAY.format(2)}
        fields = {key: value for key, value in card.items() if key in ("listing_id", *CARD_FIELDS)}
        insert(con, "listing_versions", **fields, **known)
    for slug, tool in TOOL_OF.items():
        former = {"id": f"t-{slug}", "slug": slug}
        for kind, alias in former.items():
            insert(
                con, "tool_aliases", alias_id=alias, kind=kind, tool_id=tool, reason="same_tool", at=seen["first_seen"]
            )
        insert(
            con,
            "match_decisions",
            left_listing_id=tool.removeprefix("t-"),
            right_listing_id=slug,
            decision="merge",
            sentence=f"“{HOSTILE}” and “x” are one tool.",
            rule="same_name",
            decided_by="rules",
            at=seen["first_seen"],
            reasons="{}",
        )
    for persona in ("builder", "skeptic"):
        insert(con, "personas", persona=persona, source="shiporskip", name=persona.title(), review_count=1)
    for number, (slug, who, score, verdict, quote) in enumerate(REVIEWS):
        insert(
            con,
            "reviews",
            review_id=f"review-{number}",
            listing_id=slug,
            tool_id=TOOL_OF.get(slug, f"t-{slug}"),
            persona=who,
            score=score,
            verdict=verdict,
            quote=quote,
            **seen,
        )
        insert(
            con,
            "review_versions",
            review_id=f"review-{number}",
            listing_id=slug,
            persona=who,
            score=score,
            verdict=verdict,
            quote=quote,
            **known,
        )
    for number, (field, old, new) in enumerate((("panel_verdict", "ship", "skip"), ("tagline", HOSTILE, "plain"))):
        insert(
            con,
            "changes",
            change_id=f"change-{number}",
            kind="verdict_flip" if number == 0 else "text",
            listing_id="gravel-db",
            tool_id="t-gravel-db",
            field=field,
            old_value=old,
            new_value=new,
            seen_before=DAY.format(1),
            seen_after=DAY.format(2),
            confirmed=1,
            before_capture_id="capture-1",
            after_capture_id="capture-2",
        )
    insert(
        con,
        "comparisons",
        comparison_id="gravel-db~lantern-notes",
        source="shiporskip",
        url="https://shiporskip.io/compare/gravel-db-vs-lantern-notes",
        left_listing_id="gravel-db",
        right_listing_id="lantern-notes",
        **seen,
    )
    for number, severity in enumerate(("info", "error", "warning")):
        insert(
            con,
            "problems",
            problem_id=f"p-{number}",
            severity=severity,
            code=f"code_{severity}",
            subject="gravel-db",
            listing_id="gravel-db",
            message=f"An example of {severity}.",
            occurrences=1,
        )


class Server:
    """A server process; `address` without the closing slash, once it has told it."""

    def __init__(self, data: Path, *, base_url: str = "/", robots: str = "allow") -> None:
        words = ("--data", data, "serve", "--port", "0", "--base-url", base_url, "--robots", robots)
        self.process = start(*words, warns=True)
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()

    @property
    def address(self) -> str:
        assert " at http://" in self.first_line, f"no address: {self.first_line!r}"
        return self.first_line.split(" at ")[1].split()[0].rstrip("/")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """End it; its exit code, and what it printed after the first line and as complaints."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        return self.process.wait(), out, err


@contextlib.contextmanager
def served(data: Path, *, base_url: str = "/", robots: str = "allow") -> Iterator[Server]:
    """A running server on `data`, ended for sure."""
    server = Server(data, base_url=base_url, robots=robots)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
        with server.process:
            pass


def get(url: str) -> tuple[int, str]:
    """Status and body of `url`."""
    try:
        with urlopen(url, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()
