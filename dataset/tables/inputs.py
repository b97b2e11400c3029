"""What a dataset is derived from, laid out for it: each capture once, with what it shows, from the cache.

An unchanged page (a *revisit*) shows what the capture that brought its content shows. That is the earliest one of the
same page that has the digest; where the record states none that can be compared, the one captured when it says. The
page is not read again. Where its content is not in the archive it shows nothing, with a problem.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from crawler.items import DATA_KINDS
from crawler.urls import pair_of
from dataset.folding.fold_reviews import Problem
from dataset.readings.cache import FACTS
from dataset.readings.times import HEADER_CODES

SHOWN = ("kind", "parser_version", "parse_status", "complete")
"""The columns of a capture that follow from the content it shows."""

LAYOUT = """
CREATE TEMP TABLE chosen (capture_id TEXT PRIMARY KEY, place INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TEMP TABLE content (capture_id TEXT PRIMARY KEY, content_id TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TEMP TABLE links (
  capture_id TEXT NOT NULL, side TEXT NOT NULL, named_id TEXT NOT NULL, identified_by TEXT NOT NULL,
  listing_id TEXT NOT NULL, reading INTEGER NOT NULL
) STRICT;
CREATE TEMP TABLE answers (
  capture_id TEXT NOT NULL, side TEXT NOT NULL, named_id TEXT NOT NULL, answer TEXT NOT NULL, moved_to TEXT
) STRICT;
"""
"""`chosen`: of each capture the place in the cache (its first in the archive); `content`: what revisits show; `links`:
which card stands where, with the listing that it counts for; `answers`: pages that do not show what they are about."""

CHOSEN = """
INSERT INTO chosen
SELECT capture_id, place FROM (
  SELECT c.capture_id, c.place, row_number() OVER (PARTITION BY c.capture_id ORDER BY c.file, c.offset) AS copy
    FROM cache.captures c JOIN json_each(:ends) f ON f.key = c.file AND c.offset < f.value WHERE c.reader = :reader)
 WHERE copy = 1 ORDER BY capture_id
"""

REVISITS = """
SELECT s.capture_id, c.url, c.answered_url, c.refers_sha256, c.refers_to_at
  FROM chosen s JOIN cache.captures c ON c.place = s.place WHERE c.is_revisit AND c.url IS NOT NULL
"""
CONTENTS = """
SELECT s.capture_id, c.url, c.answered_url, c.sha256, c.captured_at
  FROM chosen s JOIN cache.captures c ON c.place = s.place
 WHERE NOT c.is_revisit AND (c.http_status IS NULL OR c.http_status = 200) AND c.url IS NOT NULL
 ORDER BY c.captured_at, s.capture_id
"""

_FROM_CONTENT = ", ".join(f"iif(t.content_id IS NULL, c.{name}, o.{name})" for name in SHOWN)
_OWN = tuple(name for name in FACTS if name not in SHOWN)
CAPTURES = f"""
INSERT OR IGNORE INTO main.captures ({", ".join((*_OWN, *SHOWN))}, revisit_of, warc_file, warc_offset)
SELECT {", ".join(f"c.{name}" for name in _OWN)}, {_FROM_CONTENT}, t.content_id, c.file, c.offset
  FROM chosen s JOIN cache.captures c ON c.place = s.place
  LEFT JOIN content t ON t.capture_id = s.capture_id
  LEFT JOIN chosen p ON p.capture_id = t.content_id
  LEFT JOIN cache.captures o ON o.place = p.place
 ORDER BY s.capture_id
"""  # noqa: S608  (names of our own columns only)

SHOWING = "main.captures m JOIN chosen s ON s.capture_id = coalesce(m.revisit_of, m.capture_id)"
"""Each capture, with the one whose content it shows."""

LINKS = f"""
INSERT INTO links
SELECT m.capture_id, k.side, k.listing_id, iif(k.by_url, 'url', 'card'), k.listing_id, r.number
  FROM {SHOWING} JOIN cache.cards k ON k.place = s.place JOIN cache.readings r ON r.reading_id = k.reading_id
 ORDER BY m.capture_id, k.side;
CREATE INDEX links_listing ON links (listing_id);
CREATE INDEX links_named ON links (named_id);
INSERT INTO answers
SELECT s.capture_id, a.side, a.named_id, a.answer, a.moved_to
  FROM chosen s JOIN cache.answers a ON a.place = s.place ORDER BY s.capture_id, a.side;
CREATE INDEX answers_named ON answers (named_id);
CREATE INDEX answers_kind ON answers (answer);
"""  # noqa: S608  (no values)

REVIEWER_PAGES = f"""
SELECT c.persona, c.category, m.capture_id, m.complete, r.body
  FROM {SHOWING} JOIN cache.captures c ON c.place = s.place JOIN cache.readings r ON r.reading_id = c.reviewer_reading
 ORDER BY c.persona, m.observed_at, m.captured_at, m.capture_id
"""  # noqa: S608  (no values)

OWN_PROBLEMS = """
SELECT s.capture_id, c.problems FROM chosen s JOIN cache.captures c ON c.place = s.place
 WHERE c.problems IS NOT NULL ORDER BY s.capture_id
"""
SHOWN_AGAIN = """
SELECT t.capture_id, m.observed_at, c.problems
  FROM content t JOIN main.captures m ON m.capture_id = t.capture_id
  JOIN chosen s ON s.capture_id = t.content_id JOIN cache.captures c ON c.place = s.place
 WHERE c.problems IS NOT NULL ORDER BY t.capture_id
"""
WITHOUT_CONTENT = """
SELECT s.capture_id, c.url, c.sha256, c.observed_at, c.kind, c.refers_sha256, c.refers_digest AS digest,
       c.refers_to_at, c.refers_to_url
  FROM chosen s JOIN cache.captures c ON c.place = s.place LEFT JOIN content t ON t.capture_id = s.capture_id
 WHERE c.is_revisit AND t.capture_id IS NULL ORDER BY s.capture_id
"""
UNUSABLE = "SELECT capture_id FROM chosen WHERE capture_id NOT IN (SELECT capture_id FROM main.captures)"


def lay_out(con: sqlite3.Connection, reader: str, ends: Mapping[str, int]) -> None:
    """Write the captures of the cache attached to `con`, as `reader` read them, and lay out what they show.

    `ends` says for each file of the archive up to which byte its records count; others don't.
    """
    _run(con, LAYOUT)
    con.execute(CHOSEN, {"reader": reader, "ends": json.dumps(ends)})
    con.executemany("INSERT INTO content VALUES (?, ?)", sorted(_contents(con).items()))
    con.execute(CAPTURES)
    _run(con, LINKS)


def _run(con: sqlite3.Connection, script: str) -> None:
    """Run the statements of `script` one by one: ``executescript`` would end the transaction."""
    for statement in script.split(";"):
        con.execute(statement)


def _contents(con: sqlite3.Connection) -> dict[str, str]:
    """For each revisit the capture that brought its content, where there is one."""
    revisits = con.execute(REVISITS).fetchall()
    urls = {row[1] for row in revisits}
    candidates: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for content, url, answered, sha256, captured_at in con.execute(CONTENTS) if urls else ():
        if url in urls:
            candidates[url, sha256].append((content, answered))
            candidates[url, captured_at].append((content, answered))
    found = {}
    for revisit, url, answered, sha256, refers_to_at in revisits:
        # Two captures of one page show the same where their urls name the sides in the same order.
        pair = pair_of(answered)
        for content, its_url in candidates.get((url, sha256 or refers_to_at), ()):
            if its_url == answered or pair_of(its_url) == pair:
                found[revisit] = content
                break
    return found


def capture_problems(con: sqlite3.Connection) -> Iterator[tuple[str, list[Problem]]]:
    """What is wrong with captures, by the name under which it was met."""
    for capture, problems in con.execute(OWN_PROBLEMS):
        yield capture, [Problem._make(each) for each in json.loads(problems)]
    for revisit, observed_at, problems in con.execute(SHOWN_AGAIN):
        # What is wrong with the headers of the one answer says nothing of the other.
        of_content = [
            each for each in (Problem._make(each) for each in json.loads(problems)) if each.code not in HEADER_CODES
        ]
        yield _met_in(revisit), [each._replace(capture_id=revisit, seen_at=observed_at) for each in of_content]
    cursor = con.execute(WITHOUT_CONTENT)
    names = [each[0] for each in cursor.description]
    for row in cursor:
        facts = dict(zip(names, row, strict=True))
        if facts["kind"] in (*DATA_KINDS, "unknown"):
            yield _met_in(facts["capture_id"]), [_unknown(facts)]
    for (capture,) in con.execute(UNUSABLE):
        message = f"capture {capture}: what it says of itself can't be kept; it is left out. Please report this"
        yield f"unusable:{capture}", [Problem("error", "capture_unusable", capture, message)]


def _met_in(revisit: str) -> str:
    """Under what name the problems of a revisit's content are noted, apart from those of its own headers."""
    return f"revisit:{revisit}"


def _unknown(revisit: Mapping[str, Any]) -> Problem:
    """The problem of a revisit whose content isn't there."""
    subject = revisit["url"] or f"sha256:{revisit['sha256']}"
    names = (("digest", "digest"), ("refers_to_at", "captured at"), ("refers_to_url", "at"))
    said = [f"{words} {revisit[name]}" for name, words in names if revisit[name]]
    words = ", ".join(said) or "it does not say which"
    message = f"{subject}: it was found unchanged, but what it was before ({words}) is not in the archive"
    if revisit["digest"] and not revisit["refers_sha256"]:
        message += "; only digests of the kind sha256 can be compared"
    at = {"capture_id": revisit["capture_id"], "seen_at": revisit["observed_at"]}
    return Problem("warning", "revisit_of_unknown", subject, message, url=revisit["url"], **at)
