"""``docs/data-dictionary.md``: the same as the code makes it, with every table, column, view and question."""

from __future__ import annotations

import re

import pytest

from dataset.queries.canned import QUERIES, Query
from dataset.schema.dictionary import DICTIONARY_FILE, markdown
from dataset.schema.tables import TABLES, VIEWS, Table, View

RELATIONS: tuple[Table | View, ...] = (*TABLES, *VIEWS)


def section(name: str) -> str:
    found = re.search(rf"^### {re.escape(name)}\n(.*?)(?=^##|\Z)", markdown(), re.S | re.M)
    assert found, f"no section on {name}"
    return found[1]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_the_file_is_up_to_date() -> None:
    assert DICTIONARY_FILE.read_text(encoding="utf-8") == markdown(), (
        "run `python -m dataset.schema.dictionary --write`"
    )


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.name)
def test_every_column_has_its_line(relation: Table | View) -> None:
    text = section(relation.name)
    assert relation.description in text
    rows = {cells(line)[0].strip("`"): cells(line) for line in text.splitlines() if line.startswith("| `")}
    assert list(rows) == [column.name for column in relation.columns]
    for column in relation.columns:
        row = rows[column.name]
        assert len(row) == 6, f"{relation.name}.{column.name}: {row}"
        assert row[1] == column.type
        assert row[2] == (column.unit or "")
        assert row[5], f"{relation.name}.{column.name} has no meaning"
        if column.references:
            assert column.references.partition(".")[0] in row[4]


def test_null_or_not() -> None:
    rows = {cells(line)[0]: cells(line) for line in section("reviews").splitlines() if line.startswith("| `")}
    assert rows["`quote`"][3] == "no"
    assert rows["`score`"][3] == "yes"


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_every_question_is_there(query: Query) -> None:
    text = section(query.title)
    assert f"`{query.name}`" in text
    assert query.description in text
    for param in query.params:
        assert f"`{param}`" in text


def test_links_lead_somewhere() -> None:
    text = markdown()
    headings = {heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", text, re.M)}
    for anchor in re.findall(r"\]\(#([^)]+)\)", text):
        assert anchor in headings
