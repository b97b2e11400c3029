"""Describes exports for other programs, as a Frictionless Data Package.

The description is made from `dataset.schema.tables`, the texts of `dataset.schema.metadata`, and the facts in the table
``dataset_info``. The same dataset always gives the same description: nothing depends on the clock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, NamedTuple

from dataset.asking.sources import Source, sources_of
from dataset.exports.whole import MEDIA_TYPES, Relation
from dataset.place import DATABASE
from dataset.schema.metadata import ABSENT, CLAIMS, LICENSE, SUMMARY, TITLE, column_text
from dataset.schema.parts import TIME_SHAPE
from dataset.schema.tables import Column, Table

PACKAGE_FILE = "datapackage.json"
KEYWORDS = ("AI tools", "reviews", "verdicts", "prices", "web archive", "provenance")
FIELD_TYPES = {"TEXT": "string", "INTEGER": "integer", "REAL": "number"}

RIGHTS = {"name": "notspecified", "title": LICENSE}
"""The licence as the standard requires it: ``notspecified`` is the Open Definition's name for any unlisted licence."""

GUARD_RULE = (
    "In CSV, a text that a spreadsheet could take for a formula is written with a leading apostrophe, and so is a text "
    "that is empty or begins with an apostrophe. To get the exact text, remove one leading apostrophe from each cell "
    "of a text column."
)


class Facts(NamedTuple):
    """Facts about a dataset for its description."""

    info: Mapping[str, str | None]
    """The rows of dataset_info."""
    sources: Sequence[Source]
    """The sites of the captures."""
    first: str | None
    """The time of the oldest capture."""
    last: str | None
    """The time of the newest capture."""

    @classmethod
    def of(cls, con: sqlite3.Connection) -> Facts:
        """Read the facts of the dataset in `con`."""
        info = {row[0]: row[1] for row in con.execute("SELECT key, value FROM dataset_info ORDER BY key")}
        # Two queries: SQLite finds each value at the end of an index, but for both in one query it reads all rows.
        [[first]] = con.execute("SELECT min(captured_at) FROM captures")
        [[last]] = con.execute("SELECT max(captured_at) FROM captures")
        return cls(info, sources_of(con), first, last)


@dataclass(frozen=True)
class FileMade:
    """A file of an export: its name, number of rows and bytes, and digest (hex)."""

    name: str
    rows: int
    bytes: int
    sha256: str


def software() -> str:
    """Return the name and version of this program."""
    return f"verdictlog {version('verdictlog')}"


def citation(facts: Facts) -> str:
    """Return the citation of this state of the dataset."""
    told = facts.info.get
    parts = (
        f"verdictlog dataset of {', '.join(each.name for each in facts.sources) or 'no source'}",
        f"newest capture {facts.last or '-'}",
        f"input digest {told('input_digest') or '-'}",
        f"schema {told('schema_version') or '-'}",
        f"rules {told('rules_version') or '-'}",
        f"parser {told('parser_version') or '-'}",
    )
    return f"{', '.join(parts)}. Made with {software()}."


def _field(column: Column) -> dict[str, Any]:
    is_time = column.check is not None and TIME_SHAPE in column.check
    field: dict[str, Any] = {
        "name": column.name,
        "type": "datetime" if is_time else FIELD_TYPES[column.type],
        "description": column_text(column),
    }
    if not column.nullable:
        field["constraints"] = {"required": True}
    return field


def table_schema(of: Relation, together: Iterable[str]) -> dict[str, Any]:
    """Return the Table Schema of a table or view; its foreign keys can refer to the tables `together`."""
    present = {*together}
    schema: dict[str, Any] = {"fields": [_field(column) for column in of.columns], "missingValues": [""]}
    if isinstance(of, Table):
        schema["primaryKey"] = list(of.primary_key)
        if of.unique:
            schema["uniqueKeys"] = [list(names) for names in of.unique]
    keys = []
    for column in of.columns:
        target, _, field = (column.references or "").partition(".")
        if target in present:
            to = "" if target == of.name else target  # in the standard, '' means the table itself
            keys.append({"fields": column.name, "reference": {"resource": to, "fields": field}})
    if keys:
        schema["foreignKeys"] = keys
    return schema


def resource(
    of: Relation, form: str, together: Iterable[str], *, raw: bool = False, made: FileMade | None = None
) -> dict[str, Any]:
    """Describe one file of the package: `of` in the format `form`, with facts about the file if it was `made`."""
    told: dict[str, Any] = {
        "name": of.name,
        "path": made.name if made else f"{of.name}.{form}",
        "profile": "tabular-data-resource",
        "title": of.name,
        "description": f"{of.description}. {GUARD_RULE}" if form == "csv" and not raw else f"{of.description}.",
        "format": form,
        "mediatype": MEDIA_TYPES[form],
    }
    if form != "parquet":
        told["encoding"] = "utf-8"
    if form == "csv":
        told["dialect"] = {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True}
    if made is not None:
        told |= {"bytes": made.bytes, "hash": f"sha256:{made.sha256}", "rows": made.rows}
    return told | {"schema": table_schema(of, together), "licenses": [RIGHTS]}


def package(facts: Facts, resources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Describe the package: what the dataset is, how to cite it, and its files."""
    told = facts.info.get
    about: dict[str, Any] = {
        "name": DATABASE,
        "title": TITLE,
        "description": f"{SUMMARY} {CLAIMS} {ABSENT}",
        "profile": "data-package",
        "keywords": list(KEYWORDS),
    }
    if content := told("input_digest"):
        about["version"] = content
    versions = ("input_digest", "schema_version", "rules_version", "parser_version")
    about["licenses"] = [RIGHTS]
    if facts.sources:
        about["sources"] = [
            {"title": each.shown} | ({"path": each.home} if each.home else {}) for each in facts.sources
        ]
    about["citation"] = citation(facts)
    about["verdictlog"] = {"software": software(), **{name: told(name) for name in versions}}
    about["resources"] = list(resources)
    return about
