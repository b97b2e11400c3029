"""`dataset_info`: what a dataset says of itself, so that nobody has to guess which rules it was made by."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping

from dataset.judging.judged import Judged
from dataset.readings.times import MAX_LAG
from dataset.schema.tables import RULES_VERSION, SCHEMA_VERSION, TABLES
from normalize.matching.decide import rules_version as matching_version

COUNTED = tuple(each.name for each in TABLES if each.name != "dataset_info")
"""The tables of which a dataset says how many rows they have."""

DIGEST = "input_digest"
"""The fact that names what a dataset was derived from."""


def newest_capture(con: sqlite3.Connection) -> str | None:
    """When the newest capture was made; None where there is none."""
    newest: str | None = con.execute("SELECT max(captured_at) FROM captures").fetchone()[0]
    return newest


def persona_coverage(con: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """For each source, of how many reviews the critic is known, and how."""
    found: dict[str, dict[str, int]] = {}
    for source, known, count in con.execute(
        "SELECT l.source, coalesce(r.persona_source, 'none'), count(*) "
        "FROM reviews r JOIN listings l ON l.listing_id = r.listing_id GROUP BY 1, 2 ORDER BY 1, 2"
    ):
        found.setdefault(source, dict.fromkeys(("labelled", "aligned", "none"), 0))[known] = count
    return found


def input_digest(con: sqlite3.Connection, versions: Mapping[str, str], judged: Judged) -> str:
    """A hash of all that the dataset in `con` follows from: versions, judgements and the ids of its captures."""
    digest = hashlib.sha256(json.dumps([sorted(versions.items()), judged.state]).encode())
    for (capture,) in con.execute("SELECT capture_id FROM captures ORDER BY capture_id"):
        digest.update(capture.encode())
    return digest.hexdigest()


def fact_rows(con: sqlite3.Connection, versions: Mapping[str, str], judged: Judged) -> list[dict[str, str | None]]:
    """The rows of `dataset_info`. None of them depends on when the build ran."""
    counts = {}
    for name in COUNTED:
        [[counts[f"rows_{name}"]]] = con.execute(f'SELECT count(*) FROM main."{name}"')  # noqa: S608  (our own names)
    facts: dict[str, str | None] = {
        **versions,
        **judged.facts(),
        "sqlite_version": sqlite3.sqlite_version,
        "newest_capture": newest_capture(con),
        DIGEST: input_digest(con, versions, judged),
        "max_lag_days": str(MAX_LAG.days),
        **{f"persona_coverage:{source}": json.dumps(each) for source, each in persona_coverage(con).items()},
        **{name: str(count) for name, count in counts.items()},
    }
    return [{"key": key, "value": value} for key, value in facts.items()]


def present_versions(parser_version: str) -> dict[str, str]:
    """The versions that a build with the parser `parser_version` makes a dataset of, as `dataset_info` has them."""
    return {
        "schema_version": str(SCHEMA_VERSION),
        "rules_version": str(RULES_VERSION),
        "parser_version": parser_version,
        "matching_version": matching_version(),
    }
