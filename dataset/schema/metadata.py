"""Datasette's metadata: titles, descriptions, facets, sort orders and canned queries of the dataset.

All of it is made from `dataset.schema.tables` and `dataset.queries.canned`. ``metadata.yml`` at the top of the project
is its printed form, for people who publish the dataset with Datasette's own commands; `verdictlog serve` takes it from
here. ``python -m dataset.schema.metadata --write`` prints it anew, and a test fails when the two differ.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml

from dataset.place import DATABASE
from dataset.queries.canned import QUERIES
from dataset.schema.tables import TABLES, VIEWS, Column, Table, View

METADATA_FILE = Path(__file__).parents[2] / "metadata.yml"

TITLE = "verdictlog: what AI critics said of AI tools"
SUMMARY = (
    "Verdicts, scores, prices and reviews of AI tools, read off the pages of public review sites, each value "
    "with the capture that shows it."
)
CLAIMS = (
    "Reviews and descriptions are the source's claims about tools, some of which may not exist. The dataset "
    "records what was said, by whom, when and where it was read; it vouches for nothing more."
)
ABSENT = "An empty cell means that the source did not say, or that it could not be read for sure; never 0."
SOURCE = "The sites that the column source of the table captures names, as captured"
"""Which these are, only the dataset itself can tell (`dataset.asking.sources`)."""

LICENSE = "Facts and quotations of the source, for research; rights in its texts stay with the source"

HEADER = """\
# Datasette metadata of the dataset. Made by `python -m dataset.schema.metadata --write` from what is described in
# dataset/schema/ and dataset/queries/: change those, not this.
"""

UNIT_WORDS = {"%": "percent (0 to 100)"}


def column_text(column: Column) -> str:
    """The description of `column` with its unit."""
    if column.unit is None:
        return column.description
    unit = UNIT_WORDS.get(column.unit, column.unit)
    return f"{column.description.rstrip('.')}. Unit: {unit}."


def _columns(relation: Table | View) -> dict[str, str]:
    return {column.name: column_text(column) for column in relation.columns}


def _table(table: Table) -> dict[str, Any]:
    entry: dict[str, Any] = {"description": table.description, "columns": _columns(table)}
    if table.facets:
        entry["facets"] = list(table.facets)
    if table.sort:
        entry["sort"] = table.sort
    if table.sort_desc:
        entry["sort_desc"] = table.sort_desc
    if table.label:
        entry["label_column"] = table.label
    return entry


def _view(view: View) -> dict[str, Any]:
    return {"description": view.description, "columns": _columns(view)}


def metadata() -> dict[str, Any]:
    """The metadata as Datasette takes it; a new dict each time, because Datasette writes into it."""
    tables = {table.name: _table(table) for table in TABLES}
    tables.update({view.name: _view(view) for view in VIEWS})
    return {
        "title": TITLE,
        "description": f"{SUMMARY} {CLAIMS} {ABSENT}",
        "source": SOURCE,
        "license": LICENSE,
        "databases": {
            DATABASE: {
                "title": "verdictlog",
                "description": f"{SUMMARY} {CLAIMS} {ABSENT}",
                "tables": tables,
                "queries": {query.name: query.as_metadata() for query in QUERIES},
            }
        },
    }


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, so that SQL stays readable."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def yaml_text() -> str:
    """The metadata as YAML: the same text each time."""
    body = yaml.dump(metadata(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return HEADER + body


def write_or_check(path: Path, text: str, command: str, arguments: list[str] | None = None) -> int:
    """With ``--write`` bring `path` up to date with `text`; without, return 1 and say so where it is not."""
    parser = argparse.ArgumentParser(prog=f"python -m {command}", description=f"Check {path.name}, or write it.")
    parser.add_argument("--write", action="store_true", help="write the file instead of checking it")
    if parser.parse_args(arguments).write:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return 0
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        sys.stderr.write(f"{path.name} is not up to date; run `python -m {command} --write`.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(write_or_check(METADATA_FILE, yaml_text(), "dataset.schema.metadata"))
