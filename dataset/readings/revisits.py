"""Revisits: captures that found a page unchanged. Each shows again, at its own time, what the known content showed.

The page is not read again: the readings of the capture that brought the content are linked. That is the earliest one
of the same page that has the digest; where the record states none that can be compared, the one captured when it says.
Which it is follows from what is stored alone, so it doesn't matter what came first: a revisit that is built before its
content shows nothing, with a problem, until the content arrives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crawler.items import DATA_KINDS
from crawler.urls import kind_of, pair_of
from dataset.folding.fold_reviews import Problem
from dataset.readings.times import HEADER_CODES
from dataset.schema.tables import Table, table
from dataset.tables.refold import problem_sighting_rows
from dataset.tables.rows import Rows, in_parts, marks
from dataset.tables.touched import Touched

Row = dict[str, Any]

BATCH = 500
"""How many revisits are linked at a time."""

SHOWN = ("kind", "parser_version", "parse_status", "complete")
"""The columns of a capture that follow from the content it shows."""

# Two captures of one page show the same where their urls name the sides in the same order, which SQL can't tell.
CONTENT_SQL = """
SELECT v.capture_id, r.answered_url, o.answered_url, o.captured_at, o.capture_id
  FROM revisits v
  JOIN captures r ON r.capture_id = v.capture_id
  JOIN captures o ON o.url = r.url AND {same}
 WHERE v.capture_id IN ({marks}) AND (o.http_status IS NULL OR o.http_status = 200)
   AND NOT EXISTS (SELECT 1 FROM revisits x WHERE x.capture_id = o.capture_id)
 ORDER BY v.capture_id, o.captured_at, o.capture_id
"""
SAME_CONTENT = ("o.sha256 = v.sha256", "v.sha256 IS NULL AND o.captured_at = v.refers_to_at")


def link_revisits(rows: Rows, touched: Touched) -> None:
    """Give new revisits, and those whose content may have come, what they show. What changed goes into `touched`."""
    waiting = set(touched.revisits)
    for part in in_parts(sorted(touched.content_urls)):
        waiting.update(
            row[0]
            for row in rows.con.execute(
                "SELECT v.capture_id FROM captures c JOIN revisits v ON v.capture_id = c.capture_id "  # noqa: S608
                f"WHERE c.url IN ({marks(part)})",
                part,
            )
        )
    for part in in_parts(sorted(waiting), BATCH):
        _Batch(rows, part).link(touched)


def _content_of(rows: Rows, revisits: Sequence[str]) -> dict[str, str]:
    """For each of `revisits` the capture that brought its content, where there is one."""
    found: dict[str, str] = {}
    for same in SAME_CONTENT:
        for revisit, url, content_url, _, content in rows.con.execute(
            CONTENT_SQL.format(same=same, marks=marks(revisits)), revisits
        ):
            if pair_of(url) == pair_of(content_url):
                found.setdefault(revisit, content)
    return found


class _Batch:
    """Some revisits that are linked together."""

    def __init__(self, rows: Rows, revisits: Sequence[str]) -> None:
        self.rows = rows
        self.revisits = revisits
        self.content = _content_of(rows, revisits)

    def link(self, touched: Touched) -> None:
        captures, changed = self._captures()
        # A capture never shows anything else than before: what refers to the same one as before is as it was.
        self.revisits = [each for each in self.revisits if each in changed or each in touched.revisits]
        links = self._copies(table("listing_captures"))
        reviewers = self._copies(table("reviewer_captures"))
        touched.problems.update(self._problems(captures))
        new = (captures[each] for each in self.revisits if each in touched.revisits)
        touched.statuses.update(row["parse_status"] for row in new if touched.is_news(row))
        touched.comparison_urls.update(captures[each]["url"] for each in changed)
        touched.listings.update(row["listing_id"] for row in links)
        touched.card_keys.update(self._card_keys(links, captures))
        touched.personas.update(row["persona"] for row in reviewers)

    def _select(self, kind: Table, column: str, values: Iterable[str]) -> dict[str, list[Row]]:
        """The rows of `kind` whose `column` is one of `values`, by that column."""
        found: dict[str, list[Row]] = defaultdict(list)
        for each in self.rows.select(kind, column, sorted(set(values))):
            row = dict(zip(kind.column_names, each, strict=True))
            found[row[column]].append(row)
        return found

    def _replace(self, kind: Table, old: Iterable[Row], new: Iterable[Row]) -> None:
        self.rows.replace(kind, [tuple(row[name] for name in kind.column_names) for row in old], new)

    def _captures(self) -> tuple[dict[str, Row], set[str]]:
        """Bring the rows of the revisits themselves up to date. Gives them, and the ids of those that changed."""
        captures = table("captures")
        old = self._select(captures, "capture_id", self.revisits)
        shown = self._select(captures, "capture_id", self.content.values())
        new: dict[str, Row] = {}
        for capture_id, [before] in old.items():
            content = self.content.get(capture_id)
            if content is None:
                kind = kind_of(before["answered_url"]) or "unknown"
                after = {"kind": kind, "parser_version": None, "parse_status": "ignored", "complete": None}
            else:
                after = {name: shown[content][0][name] for name in SHOWN}
            new[capture_id] = before | after | {"revisit_of": content}
        self._replace(captures, (row for each in old.values() for row in each), new.values())
        return new, {each for each, [before] in old.items() if new[each] != before}

    def _copies(self, kind: Table) -> list[Row]:
        """Make the revisits' rows of `kind` those of their content. Gives all that were and are."""
        old = self._select(kind, "capture_id", self.revisits)
        shown = self._select(kind, "capture_id", (self.content[each] for each in self.revisits if each in self.content))
        before = [row for each in old.values() for row in each]
        after = [
            row | {"capture_id": each} for each in self.revisits for row in shown.get(self.content.get(each, ""), ())
        ]
        self._replace(kind, before, after)
        return before + after

    def _card_keys(self, links: Iterable[Row], captures: Mapping[str, Row]) -> set[tuple[str, str]]:
        sources = {(row["reading_id"], captures[row["capture_id"]]["source"]) for row in links}
        found = self._select(table("readings"), "reading_id", (reading for reading, _ in sources))
        return {(source, found[reading][0]["card_key"]) for reading, source in sources if found[reading][0]["card_key"]}

    def _problems(self, captures: Mapping[str, Row]) -> set[str]:
        """Bring what is wrong with the revisits' content up to date. Gives the ids of the problems involved."""
        sightings = table("problem_sightings")
        old = self._select(sightings, "met_in", (_met_in(each) for each in self.revisits))
        shown = self._select(sightings, "met_in", self.content.values())
        references = self._select(table("revisits"), "capture_id", self.revisits)
        new: list[Row] = []
        for capture_id in self.revisits:
            row, content = captures[capture_id], self.content.get(capture_id)
            if content is None:
                problems = _unknown(row, references[capture_id][0])
            else:
                # What is wrong with the headers of the one answer says nothing of the other.
                of_content = (each for each in _by_place(shown.get(content, [])) if each["code"] not in HEADER_CODES)
                problems = [_seen_again(each, row) for each in of_content]
            new += problem_sighting_rows(_met_in(capture_id), problems)
        before = [row for each in old.values() for row in each]
        self._replace(sightings, before, new)
        return {row["problem_id"] for row in (*before, *new)}


def _met_in(revisit: str) -> str:
    """Under what name the problems of a revisit's content are noted, apart from those of its own headers."""
    return f"revisit:{revisit}"


def _by_place(sightings: Iterable[Row]) -> list[Row]:
    return sorted(sightings, key=lambda row: int(row["position"]))


def _seen_again(sighting: Row, revisit: Row) -> Problem:
    """A problem of the content, as the revisit meets it."""
    told = Problem._make(sighting[name] for name in Problem._fields)
    return told._replace(capture_id=revisit["capture_id"], seen_at=revisit["observed_at"])


def _unknown(revisit: Row, reference: Row) -> list[Problem]:
    """The problem of a revisit whose content isn't there; none where its page would hold no data anyway."""
    if revisit["kind"] not in (*DATA_KINDS, "unknown"):
        return []
    subject = revisit["url"] or f"sha256:{revisit['sha256']}"
    names = (("digest", "digest"), ("refers_to_at", "captured at"), ("refers_to_url", "at"))
    said = [f"{words} {reference[name]}" for name, words in names if reference[name]]
    words = ", ".join(said) or "it does not say which"
    message = f"{subject}: it was found unchanged, but what it was before ({words}) is not in the archive"
    if reference["digest"] and not reference["sha256"]:
        message += "; only digests of the kind sha256 can be compared"
    return [
        Problem(
            "warning",
            "revisit_of_unknown",
            subject,
            message,
            url=revisit["url"],
            capture_id=revisit["capture_id"],
            seen_at=revisit["observed_at"],
        )
    ]
