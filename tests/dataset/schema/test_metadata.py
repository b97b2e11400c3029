"""The metadata that Datasette gets: complete, true to the schema, and the same as ``metadata.yml``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from dataset.place import DATABASE
from dataset.queries.canned import QUERIES
from dataset.schema.metadata import METADATA_FILE, metadata, write_or_check, yaml_text
from dataset.schema.tables import TABLES, VIEWS, Table, View
from tests.publishing import make_dataset

RELATIONS: tuple[Table | View, ...] = (*TABLES, *VIEWS)


def test_the_file_is_up_to_date() -> None:
    assert METADATA_FILE.read_text(encoding="utf-8") == yaml_text(), "run `python -m dataset.schema.metadata --write`"


def test_the_file_says_what_the_code_says() -> None:
    assert yaml.safe_load(METADATA_FILE.read_text(encoding="utf-8")) == metadata()


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.name)
def test_every_table_and_column_is_described(relation: Table | View) -> None:
    entry = metadata()["databases"][DATABASE]["tables"][relation.name]
    assert entry["description"].strip()
    assert list(entry["columns"]) == [column.name for column in relation.columns]
    for name, text in entry["columns"].items():
        assert len(text.strip()) >= 6, f"{relation.name}.{name} has no description"
        assert "\n" not in text, f"{relation.name}.{name}: one line, please"


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: relation.name)
def test_units_are_told(relation: Table | View) -> None:
    entry = metadata()["databases"][DATABASE]["tables"][relation.name]
    assert "units" not in entry, "Datasette's own units break filters such as __in"
    for column in relation.columns:
        if column.unit:
            assert "Unit: " in entry["columns"][column.name]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_what_is_named_exists(table: Table) -> None:
    entry = metadata()["databases"][DATABASE]["tables"][table.name]
    named = [*entry.get("facets", []), *(entry[key] for key in ("sort", "sort_desc", "label_column") if key in entry)]
    assert set(named) <= set(table.column_names)
    assert not ("sort" in entry and "sort_desc" in entry)


def test_each_call_gives_a_fresh_copy() -> None:
    """Datasette writes into the metadata it is given."""
    first = metadata()
    first["databases"][DATABASE]["queries"].clear()
    assert len(metadata()["databases"][DATABASE]["queries"]) == len(QUERIES)


def test_the_source_of_the_facts_is_named() -> None:
    top = metadata()
    assert "captures" in top["source"]
    assert top["license"]
    assert "claims" in top["description"]
    assert "doesn't vouch for anything else" in top["description"]


def test_datasette_itself_takes_the_file(tmp_path: Path) -> None:
    """For people who publish the dataset with Datasette's own commands."""
    make_dataset(tmp_path / f"{DATABASE}.db")
    ask = f"/{DATABASE}/persona_strictness.json?_shape=array"
    command = [sys.executable, "-m", "datasette", str(tmp_path / f"{DATABASE}.db")]
    done = subprocess.run(
        [*command, "--metadata", str(METADATA_FILE), "--get", ask], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert [row["persona"] for row in json.loads(done.stdout)] == ["skeptic", "builder"]


def test_write_and_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "docs" / "made.yml"
    assert write_or_check(target, "a: 1\n", "dataset.schema.metadata", []) == 1
    assert "python -m dataset.schema.metadata --write" in capsys.readouterr().err
    assert write_or_check(target, "a: 1\n", "dataset.schema.metadata", ["--write"]) == 0
    assert write_or_check(target, "a: 1\n", "dataset.schema.metadata", []) == 0
    assert write_or_check(target, "a: 2\n", "dataset.schema.metadata", []) == 1


@pytest.mark.parametrize("module", ["dataset.schema.metadata", "dataset.schema.dictionary"])
def test_the_commands_check_the_files(module: str) -> None:
    done = subprocess.run([sys.executable, "-m", module], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
