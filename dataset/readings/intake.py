"""What one build takes in: from the archive's new records to stored sightings, some hundreds at a time.

Only what captures say by themselves is written here; what they say together (`dataset.tables.refold`,
`dataset.tables.sums`) is worked out afterwards, for exactly what was touched.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from crawler.archive import Archive
from dataset.readings.observe import CAPTURE_KINDS, Observed
from dataset.readings.parsing import Job
from dataset.readings.run_counts import RunCounts
from dataset.readings.runs import Runs
from dataset.schema.tables import table
from dataset.tables.refold import problem_sighting_rows
from dataset.tables.rows import Rows, as_tuples, in_parts, marks
from dataset.tables.touched import Touched

BATCH = 500
"""How many captures are written at a time."""


def jobs_of(records: Iterable[Job], runs: Runs, counts: RunCounts, files: set[str]) -> Iterator[Job]:
    """The captures among `records`; those records that open and close runs go into `runs`.

    Every record is counted in `counts`, and its file noted in `files`.
    """
    for record, payload in records:
        files.add(record.file)
        counts.record(record)
        if record.kind in CAPTURE_KINDS:
            yield record, payload
        elif record.kind == "warcinfo":
            runs.start(payload)
        elif record.kind == "metadata":
            runs.end(payload)


def take_in(rows: Rows, observed: Iterable[Observed], touched: Touched, counts: RunCounts) -> Iterator[int]:
    """Write what captures say by themselves, noting in `touched` what has to be worked out anew.

    A capture that is known already is passed over, but counted in `counts`: its run brought it too. Gives, after each
    batch, how many captures it had.
    """
    pending = iter(observed)
    while batch := list(islice(pending, BATCH)):
        ids = sorted({each.capture["capture_id"] for each in batch})
        known = {
            row[0]
            for part in in_parts(ids)
            for row in rows.con.execute(
                f"SELECT capture_id FROM captures WHERE capture_id IN ({marks(part)})",  # noqa: S608
                part,
            )
        }
        fresh: dict[str, Observed] = {}
        for each in batch:
            counts.page(each.capture)
            capture_id = each.capture["capture_id"]
            if capture_id in known or capture_id in fresh:
                touched.repeated += touched.is_news(each.capture)
            else:
                fresh[capture_id] = each
        _write(rows, list(fresh.values()), touched)
        yield len(batch)


def _write(rows: Rows, batch: list[Observed], touched: Touched) -> None:
    links, reviewers, problems, revisits, paired, answers, readings = [], [], [], [], [], [], {}
    bare: set[tuple[str, str]] = set()
    for each in batch:
        capture = each.capture
        capture_id, source = capture["capture_id"], capture["source"]
        if each.refers is not None:
            revisits.append((capture_id, *each.refers))
            touched.revisits.add(capture_id)
        else:
            touched.statuses[capture["parse_status"]] += touched.is_news(capture)
            if capture["url"] and capture["http_status"] in (None, 200):
                touched.content_urls.add(capture["url"])
        if capture["kind"] == "compare" and capture["url"]:
            touched.comparison_urls.add(capture["url"])
        for card in each.cards:
            readings[card.reading.reading_id] = card.reading
            identified = "url" if card.by_url else "card"
            links.append((capture_id, card.side, card.listing_id, identified, card.listing_id, card.reading.reading_id))
            touched.listings.add(card.listing_id)
            touched.cards.add((card.listing_id, card.reading.reading_id))
            if card.reading.card_key is not None:
                touched.card_keys.add((source, card.reading.card_key))
                if not card.by_url:
                    bare.add((source, card.reading.card_key))
        if each.pairs:
            paired.append((capture_id, json.dumps(each.pairs)))
            touched.paired.add(capture_id)
        if each.reviewer is not None:
            seen = each.reviewer
            readings[seen.reading.reading_id] = seen.reading
            reviewers.append((capture_id, seen.persona, seen.category, seen.reading.reading_id))
            touched.personas.add(seen.persona)
        for side, named, answer, moved_to in each.answers:
            answers.append((capture_id, side, named, answer, moved_to))
            touched.listings.add(named)
        problems += problem_sighting_rows(capture_id, each.problems)
    touched.captures += sum(touched.is_news(each.capture) for each in batch)
    touched.problems.update(row["problem_id"] for row in problems)
    rows.insert(table("captures"), as_tuples(table("captures"), [each.capture for each in batch]))
    rows.con.executemany(
        "INSERT OR IGNORE INTO readings (reading_id, kind, card_key, body) VALUES (?, ?, ?, ?)",
        readings.values(),
    )
    rows.con.executemany("INSERT OR IGNORE INTO bare_cards (source, card_key) VALUES (?, ?)", sorted(bare))
    rows.insert(table("listing_captures"), links)
    rows.insert(table("reviewer_captures"), reviewers)
    rows.insert(table("paired_captures"), paired)
    rows.insert(table("revisits"), revisits)
    rows.insert(table("listing_answers"), answers)
    rows.insert(table("problem_sightings"), as_tuples(table("problem_sightings"), problems))


def write_progress(rows: Rows, archive: Archive, names: Sequence[str]) -> None:
    """Note how far the files called `names` have been read, all of which `archive` has scanned."""
    files = table("archive_files")
    new = [{"file": name, "read_to": archive.end_of(name)} for name in names]
    rows.replace(files, rows.select(files, "file", names), new)
