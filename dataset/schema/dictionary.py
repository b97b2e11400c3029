"""The data dictionary: ``docs/data-dictionary.md``, made from the schema and the canned queries.

``python -m dataset.schema.dictionary --write`` prints it anew; a test fails when the file differs from the code.
"""

from __future__ import annotations

import sys
from pathlib import Path

from dataset.place import DATABASE_FILE
from dataset.queries.canned import QUERIES, Query
from dataset.schema.metadata import ABSENT, CLAIMS, write_or_check
from dataset.schema.tables import SCHEMA_VERSION, TABLES, VIEWS, Column, Table, View

DICTIONARY_FILE = Path(__file__).parents[2] / "docs" / "data-dictionary.md"

HEADER = """\
<!-- Made by `python -m dataset.schema.dictionary --write` from the schema and the canned queries: change those. -->

# Data dictionary
"""

WORDS = {
    "capture": "One stored answer or file, from one moment, kept byte for byte in the archive, never edited.",
    "source": "A site that publishes verdicts.",
    "listing": (
        "What a site calls a tool: one slug, one card. `listing_id` is the slug alone for the first source, "
        "and `source:slug` for any other. A card read without an address has an id that begins with `~`."
    ),
    "tool": "The real tool that one or more listings speak of.",
    "persona": "A critic of the panel, such as `builder` or `skeptic`.",
    "review": "What one persona says of one listing: a score, a verdict, a quote.",
    "observation": (
        "What one capture shows of one field: a value, or a slot that is shown empty. A field that a page "
        "does not show is no observation at all."
    ),
    "panel": "The critics of the site together; its percentage is the share that would ship the tool.",
    "community": "The readers of the site, who vote too.",
    "entry": "The site's own label, Free or Paid. It is unreliable: the words of the price say more.",
}
"""The words that the descriptions use."""


def _cell(text: str) -> str:
    """`text` inside a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")


def _anchor(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def _column_row(column: Column, primary_key: tuple[str, ...]) -> str:
    key = "primary key" if column.name in primary_key else ""
    if column.references:
        target, _, field = column.references.partition(".")
        points_to = f"→ {_anchor(target)}" + (f".{field}" if field else "")
        key = f"{key}, {points_to}" if key else points_to
    empty = "yes" if column.nullable and column.name not in primary_key else "no"
    cells = (f"`{column.name}`", column.type, column.unit or "", empty, key, _cell(column.description))
    return f"| {' | '.join(cells)} |"


def _columns(columns: tuple[Column, ...], primary_key: tuple[str, ...] = ()) -> list[str]:
    return [
        "| column | type | unit | may be empty | key | meaning |",
        "|---|---|---|---|---|---|",
        *(_column_row(column, primary_key) for column in columns),
    ]


def _table(entry: Table) -> list[str]:
    lines = [f"### {entry.name}", "", entry.description, "", *_columns(entry.columns, entry.primary_key), ""]
    if entry.unique:
        together = "; ".join(" + ".join(f"`{name}`" for name in names) for names in entry.unique)
        lines += [f"Unique: {together}.", ""]
    if entry.search:
        searched = ", ".join(f"`{name}`" for name in entry.search)
        lines += [f"Full-text search over {searched}.", ""]
    return lines


def _view(entry: View) -> list[str]:
    return [f"### {entry.name}", "", entry.description, "", *_columns(entry.columns), ""]


def _query(entry: Query) -> list[str]:
    params = ", ".join(f"`{name}`" for name in entry.params) or "none"
    return [f"### {entry.title}", "", f"`{entry.name}`. Parameters: {params}.", "", entry.description, ""]


def markdown() -> str:
    """The data dictionary as Markdown: the same text each time."""
    lines = [
        HEADER,
        f"The dataset is one SQLite file, `{DATABASE_FILE}`, schema version {SCHEMA_VERSION}. Times are ISO "
        "8601 in UTC; percentages and scores are whole numbers from 0 to 100.",
        "",
        f"{ABSENT} {CLAIMS}",
        "",
        "## Words",
        "",
        *(f"- **{word}**: {meaning}" for word, meaning in WORDS.items()),
        "",
        "## Tables",
        "",
    ]
    for entry in TABLES:
        lines += _table(entry)
    if VIEWS:
        lines += ["## Views", ""]
        for view in VIEWS:
            lines += _view(view)
    lines += [
        "## Questions",
        "",
        "Canned queries: `verdictlog serve` shows each as a page with a form. "
        "An empty parameter means all, or what the description says.",
        "",
    ]
    for query in QUERIES:
        lines += _query(query)
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    sys.exit(write_or_check(DICTIONARY_FILE, markdown(), "dataset.schema.dictionary"))
