"""Canned queries about the dataset's own making: which pages were read, and what could not be read."""

# ruff: noqa: S608  (only names of our own columns are put into SQL here; what people type is bound)

from __future__ import annotations

from dataset.queries.parts import ROWS, ROWS_HELP, Query, number_typed, query, same_as

DAYS = f"min({number_typed('days', 7)}, 100000)"
"""SQL: the number of days, limited to what SQLite can subtract from a date."""


UPKEEP: tuple[Query, ...] = (
    query(
        "pages_per_day",
        "Pages read per day",
        """The number of captures of each kind for each day (UTC), newest day first. kind: compare, tool,
        reviewer, …; empty for all. days: the number of days before the newest capture; empty for 7.""",
        f"""
        SELECT substr(captured_at, 1, 10) AS day, kind, count(*) AS pages, count(DISTINCT url) AS addresses,
               sum(parse_status = 'ok') AS read_well,
               sum(parse_status IN ('incomplete', 'failed')) AS not_well, sum(bytes) AS bytes
          FROM captures
         WHERE {same_as("kind", "kind")}
           AND captured_at >= (SELECT date(max(captured_at), '1 day', -{DAYS} || ' days') FROM captures)
         GROUP BY day, kind
         ORDER BY day DESC, kind
        """,
        "kind",
        "days",
    ),
    query(
        "newest_captures",
        "Newest captures",
        f"""The latest captures, newest first, with the archive file and offset of each. kind: compare, tool,
        reviewer, …; empty for all. {ROWS_HELP}""",
        f"""
        SELECT captured_at, kind, url, http_status, parse_status, bytes, warc_file, warc_offset, capture_id
          FROM captures
         WHERE {same_as("kind", "kind")}
         ORDER BY captured_at DESC, capture_id
         LIMIT {ROWS}
        """,
        "kind",
        "rows",
    ),
    query(
        "open_problems",
        "Open problems",
        f"""Things that could not be read or reconciled, the most severe first. An error means that data was lost or
        a person must act; a warning, that a value is missing or doubtful; info, that the source contradicts itself.
        severity, code: as in the table; empty for all. {ROWS_HELP}""",
        f"""
        SELECT severity, code, message, field, url, path, occurrences, first_seen, listing_id, capture_id
          FROM problems
         WHERE {same_as("severity", "severity")}
           AND {same_as("code", "code")}
         ORDER BY CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, code, url, problem_id
         LIMIT {ROWS}
        """,
        "severity",
        "code",
        "rows",
    ),
)
"""Pages and problems."""
