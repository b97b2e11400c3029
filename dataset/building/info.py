"""`dataset_info`: what a dataset says of itself, so that nobody has to guess which rules it was made by."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

from dataset.building.known import facts_of
from dataset.readings.times import MAX_LAG
from dataset.schema.tables import RULES_VERSION, SCHEMA_VERSION, TABLES, table
from dataset.tables.rows import Rows
from normalize.matching.decide import rules_version as matching_version

COUNTED = tuple(each.name for each in TABLES if not each.hidden and each.name != "dataset_info")
"""The tables of which a dataset says how many rows they have: those for people."""


def newest_capture(con: sqlite3.Connection) -> str | None:
    """When the newest capture was made; None where there is none."""
    newest: str | None = con.execute("SELECT max(captured_at) FROM captures").fetchone()[0]
    return newest


def persona_coverage(con: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """For each source, of how many reviews the critic is known, and how."""
    found: dict[str, dict[str, int]] = {}
    for source, known, count in con.execute(
        "SELECT source, CASE persona_source WHEN '' THEN 'none' ELSE persona_source END, sum(reviews) "
        "FROM review_tallies GROUP BY 1, 2 ORDER BY 1, 2"
    ):
        found.setdefault(source, dict.fromkeys(("labelled", "aligned", "none"), 0))[known] = count
    return found


def write_facts(rows: Rows, versions: Mapping[str, str], built_at: str, archive_files: int) -> None:
    """Bring `dataset_info` up to date. Only ``built_at`` depends on when the build ran."""
    info = table("dataset_info")
    before = facts_of(rows.con)
    counted = {f"rows_{name}": int(before.get(f"rows_{name}") or 0) + rows.more[name] for name in COUNTED}
    facts: dict[str, str | None] = {
        **versions,
        "newest_capture": newest_capture(rows.con),
        "content_hash": rows.content.text(),
        "max_lag_days": str(MAX_LAG.days),
        "built_from": str(archive_files),
        "built_at": built_at,
        **{f"persona_coverage:{source}": json.dumps(each) for source, each in persona_coverage(rows.con).items()},
        **{name: str(count) for name, count in counted.items()},
    }
    rows.replace(info, list(before.items()), [{"key": key, "value": value} for key, value in facts.items()])


def present_versions(parser_version: str) -> dict[str, str]:
    """The versions that a build with the parser `parser_version` makes a dataset of, as `dataset_info` has them."""
    return {
        "schema_version": str(SCHEMA_VERSION),
        "rules_version": str(RULES_VERSION),
        "parser_version": parser_version,
        "matching_version": matching_version(),
    }
