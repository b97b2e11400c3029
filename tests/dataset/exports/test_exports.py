"""Exports read back are the rows that SQL gives: in every format, for every table and view, with hostile text."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dataset.exports.datapackage import FIELD_TYPES, Facts, package, resource
from dataset.exports.folder import ExportError, export_folder, write_table
from dataset.exports.parquet import GROUP, ParquetError, parquet_pieces, write_parquet
from dataset.exports.whole import (
    ROWS,
    NoSuchTableError,
    Relation,
    batches,
    for_people,
    guarded,
    raw_csv,
    relation,
    select_sql,
    writer_of,
)
from dataset.schema import ddl
from dataset.schema.parts import text
from dataset.schema.tables import TABLES, VIEWS, View, table
from tests.publishing import insert, make_dataset

HOSTILE = (
    '=HYPERLINK("http://x.example","y")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "'",
    "'=1",
    'a "quoted", text\r\nof two lines',
    "a\x00b",
    "\u202eright to left\u2066",
    "line\u2028separator\x85next",
    "🚢" * 3,
    "x" * 10_000,
    "\ufeffbom",
    "NULL",
    "1e5",
)
TEXTS = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
NUMBERS = st.integers(-(2**63), 2**63 - 1)
REALS = st.floats(allow_nan=False, allow_infinity=False)
FORMATS = ("csv", "json", "jsonl", "parquet")


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("data") / "verdictlog.db"
    make_dataset(path)
    with closing(sqlite3.connect(path, check_same_thread=False)) as opened:
        yield opened


def unguarded(cell: str) -> str | None:
    """The text that a CSV cell stands for by the rule that users are told, None for an empty one."""
    return cell.removeprefix("'") if cell else None


def typed(of: Relation, cells: list[str], *, raw: bool = False) -> tuple[Any, ...]:
    """The values that a row of CSV stands for."""
    read = {"INTEGER": int, "REAL": float}
    values: list[Any] = []
    for column, cell in zip(of.columns, cells, strict=True):
        if column.type == "TEXT":
            values.append((cell or None) if raw else unguarded(cell))
        else:
            values.append(read[column.type](cell) if cell else None)
    return tuple(values)


def read_back(of: Relation, form: str, content: bytes, *, raw: bool = False) -> list[tuple[Any, ...]]:
    names = [column.name for column in of.columns]
    if form == "csv":
        header, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
        assert header == names
        return [typed(of, row, raw=raw) for row in rows]
    if form == "parquet":
        frame = polars.read_parquet(io.BytesIO(content))
        assert frame.columns == names
        return frame.rows()
    found = json.loads(content) if form == "json" else [json.loads(line) for line in content.split(b"\n")[:-1]]
    assert all(list(row) == names for row in found)
    return [tuple(row.values()) for row in found]


def content_of(con: sqlite3.Connection, of: Relation, form: str, folder: Path) -> bytes:
    target = folder / f"{of.name}.{form}"
    made = write_table(con, of, form, target, progress=lambda _: None)
    content = target.read_bytes()
    assert made.bytes == len(content)
    return content


@pytest.mark.parametrize("form", FORMATS)
def test_every_table_and_view_comes_back(con: sqlite3.Connection, form: str, tmp_path: Path) -> None:
    with_rows = 0
    for of in for_people():
        expected = con.execute(select_sql(of)).fetchall()
        assert read_back(of, form, content_of(con, of, form, tmp_path)) == expected, of.name
        with_rows += bool(expected)
    assert with_rows > 10


@pytest.mark.parametrize("form", FORMATS)
@example(rows=[(text, text, number, number / 7) for number, text in enumerate(HOSTILE)])
@given(rows=st.lists(st.tuples(TEXTS, st.none() | TEXTS, st.none() | NUMBERS, st.none() | REALS), max_size=8))
def test_hostile_text_comes_back(
    tmp_path_factory: pytest.TempPathFactory, form: str, rows: list[tuple[Any, ...]]
) -> None:
    of = table("runs")  # it has all three types, and no check on its texts but that they are not empty
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as con:
        con.execute(ddl.table_sql(of))
        con.execute("PRAGMA ignore_check_constraints = 1")  # for numbers below 0
        for number, (text, maybe, whole, real) in enumerate(rows):
            insert(
                con,
                "runs",
                run_id=f"{text}{number}",
                outcome=text,
                reason=maybe,
                requests=whole,
                delay_kept_seconds=real,
            )
        expected = con.execute("SELECT * FROM runs ORDER BY run_id").fetchall()
        assert read_back(of, form, content_of(con, of, form, tmp_path_factory.mktemp("out"))) == expected


@given(text=st.one_of(TEXTS, st.just("")))
def test_a_guarded_cell_is_no_formula_and_comes_back(text: str) -> None:
    cell = guarded(text)
    assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))
    assert unguarded(cell) == text


@pytest.mark.parametrize("sign", "=+-@\t\r\n＝＋－＠")
def test_what_a_spreadsheet_runs_is_guarded(sign: str) -> None:
    assert guarded(f"{sign}1+1") == f"'{sign}1+1"
    assert guarded(f"1{sign}1") == f"1{sign}1"


def test_only_what_needs_it_is_guarded() -> None:
    assert [guarded(value) for value in (None, -5, -0.5, "fine", "a=b", "", "-5")] == [
        None,
        -5,
        -0.5,
        "fine",
        "a=b",
        "'",
        "'-5",
    ]
    assert unguarded("") is None


def test_raw_csv_is_as_it_is() -> None:
    of = table("dataset_info")
    (header, body) = b"".join(raw_csv(of, [[("=1", "'x")]])).splitlines()
    assert (header, body) == (b"key,value", b"=1,'x")
    assert writer_of("csv", raw=True) is raw_csv


@pytest.mark.parametrize("form", FORMATS)
def test_many_rows_in_the_order_of_the_key_and_the_same_bytes_each_time(form: str, tmp_path: Path) -> None:
    of = table("dataset_info")
    number = ROWS * 3 + 1
    contents = []
    for turn, keys in enumerate((range(number), reversed(range(number)))):
        with closing(sqlite3.connect(":memory:", check_same_thread=False)) as con:
            ddl.create_tables(con)
            ddl.create_rest(con)
            con.executemany("INSERT INTO dataset_info VALUES (?, ?)", ((f"{key:06}", "v" * 9) for key in keys))
            (tmp_path / str(turn)).mkdir()
            contents.append(content_of(con, of, form, tmp_path / str(turn)))
            assert max(len(rows) for rows in batches(con, of)) == ROWS
    assert contents[0] == contents[1]
    assert [row[0] for row in read_back(of, form, contents[0])] == [f"{key:06}" for key in range(number)]


def test_json_of_no_rows_is_json() -> None:
    assert json.loads(b"".join(writer_of("json")(table("tools"), []))) == []


def test_those_for_people() -> None:
    names = {each.name for each in for_people()}
    assert names == {each.name for each in TABLES} | {view.name for view in VIEWS}
    with pytest.raises(NoSuchTableError, match=r"'listingz'.*listings"):
        relation("listingz")


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: str(view.name))
def test_every_view_has_an_order_of_its_own(view: View, con: sqlite3.Connection) -> None:
    assert "ORDER BY" in view.sql.rpartition(")")[2] or "ORDER BY" in view.sql.rpartition("\n")[2]
    assert [each[0] for each in con.execute(view.sql).description] == [column.name for column in view.columns]


def test_polars_is_only_loaded_where_it_is_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with (
        closing(sqlite3.connect(":memory:")) as con,
        pytest.raises(ParquetError, match=r"pip install 'verdictlog\[export\]'"),
    ):
        write_parquet(con, table("tools"), tmp_path / "x.parquet")


def test_parquet_keeps_types(con: sqlite3.Connection, tmp_path: Path) -> None:
    write_parquet(con, table("personas"), tmp_path / "p.parquet")
    schema = dict(polars.read_parquet_schema(tmp_path / "p.parquet"))
    assert (schema["persona"], schema["review_count"], schema["mean_score"]) == (
        polars.String(),
        polars.Int64(),
        polars.Float64(),
    )


def test_pieces_of_parquet_are_made_no_further_ahead_than_they_are_taken() -> None:
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {100 * GROUP})"
    sql = f"{numbers} SELECT hex(randomblob(50)) FROM n"
    many = View("many", "Noise", sql, (text("noise", "What nothing can compress"),))
    read = [0]
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as con:
        pieces = parquet_pieces(con, many, progress=lambda rows: read.append(read[-1] + rows))
        assert next(pieces)[:4] == b"PAR1"
        deadline = time.monotonic() + 20
        before = 0
        while before < (before := len(read)):
            assert time.monotonic() < deadline, "it is read though nobody takes it"
            time.sleep(0.2)
        pieces.close()
        assert read[-1] < 10 * GROUP
        assert not [each for each in threading.enumerate() if each.name == "parquet"]
        assert con.execute("SELECT 1").fetchone() == (1,), "nobody is at work on it"


def test_trouble_while_reading_is_told_as_it_is(tmp_path: Path) -> None:
    with (
        closing(sqlite3.connect(":memory:", check_same_thread=False)) as con,
        pytest.raises(sqlite3.OperationalError, match="no such table"),
    ):
        write_parquet(con, table("tools"), tmp_path / "x.parquet")
    with (
        closing(sqlite3.connect(":memory:", check_same_thread=False)) as con,
        pytest.raises(sqlite3.OperationalError, match="no such table"),
    ):
        list(parquet_pieces(con, table("tools")))


# The folder


def test_a_folder_describes_itself(con: sqlite3.Connection, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    made = export_folder(con, out, for_people(), "csv")
    told = json.loads((out / "datapackage.json").read_text("utf-8"))
    assert {path.name for path in out.iterdir()} == {each.name for each in made} | {"datapackage.json", "README.md"}
    assert [each["path"] for each in told["resources"]] == [f"{each.name}.csv" for each in for_people()]
    for each, of in zip(told["resources"], for_people(), strict=True):
        content = (out / each["path"]).read_bytes()
        assert each["bytes"] == len(content)
        assert each["hash"] == f"sha256:{sha256(content).hexdigest()}"
        assert each["rows"] == len(con.execute(select_sql(of)).fetchall())
        assert each["licenses"]
        fields = each["schema"]["fields"]
        assert [field["name"] for field in fields] == [column.name for column in of.columns]
        assert all(field["description"] for field in fields)
        for key in each["schema"].get("foreignKeys", ()):
            target = key["reference"]["resource"] or each["name"]
            (other,) = (other for other in told["resources"] if other["name"] == target)
            assert key["reference"]["fields"] in {field["name"] for field in other["schema"]["fields"]}
    readme = (out / "README.md").read_text("utf-8")
    assert told["citation"] in readme
    assert "Source: shiporskip.io." in readme
    assert "apostrophe" in readme


def test_field_types(con: sqlite3.Connection) -> None:
    fields = {each["name"]: each for each in resource(table("reviews"), "csv", ())["schema"]["fields"]}
    assert fields["score"]["type"] == FIELD_TYPES["INTEGER"] == "integer"
    assert fields["first_seen"]["type"] == "datetime"
    assert fields["quote"]["constraints"] == {"required": True}
    assert "constraints" not in fields["persona"]
    alone = resource(table("reviews"), "jsonl", ["reviews"])
    assert "foreignKeys" not in alone["schema"], "what it points into is not in this package"
    assert "apostrophe" not in alone["description"]
    assert package(Facts.of(con), [])["sources"] == [{"title": "shiporskip.io", "path": "https://shiporskip.io/"}]


def test_an_export_goes_over_the_one_before_and_takes_its_rest_away(con: sqlite3.Connection, tmp_path: Path) -> None:
    export_folder(con, tmp_path, [table("tools"), table("runs")], "csv")
    (tmp_path / "notes.txt").write_text("mine")
    export_folder(con, tmp_path, [table("tools")], "jsonl")
    assert {path.name for path in tmp_path.iterdir()} == {"tools.jsonl", "datapackage.json", "README.md", "notes.txt"}


def test_foreign_files_are_not_overwritten(con: sqlite3.Connection, tmp_path: Path) -> None:
    (tmp_path / "tools.csv").write_text("mine")
    (tmp_path / "datapackage.json").write_text('{"resources": [{"path": "tools.csv"}]}')
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ExportError, match=r"no export made datapackage\.json, tools\.csv.*--force"):
        export_folder(con, tmp_path, [table("tools")], "csv")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    export_folder(con, tmp_path, [table("tools")], "csv", force=True)
    assert (tmp_path / "tools.csv").read_text("utf-8").startswith("tool_id,")


def test_a_description_cannot_name_files_elsewhere(con: sqlite3.Connection, tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("mine")
    out = tmp_path / "out"
    export_folder(con, out, [table("tools")], "csv")
    told = json.loads((out / "datapackage.json").read_text("utf-8"))
    told["resources"].append({"path": "../victim"})
    (out / "datapackage.json").write_text(json.dumps(told))
    export_folder(con, out, [table("tools")], "csv")
    assert (tmp_path / "victim").read_text() == "mine"


def test_an_export_that_fails_leaves_the_one_before(con: sqlite3.Connection, tmp_path: Path) -> None:
    export_folder(con, tmp_path, [table("tools")], "csv")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(_rows: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        export_folder(con, tmp_path, [table("tools"), table("runs")], "jsonl", progress=full)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    with pytest.raises(OSError, match="No space"):
        export_folder(con, tmp_path / "new", [table("tools")], "csv", progress=full)
    assert not (tmp_path / "new").exists()


def test_two_exports_to_one_folder_do_not_mix(con: sqlite3.Connection, tmp_path: Path) -> None:
    def second(_rows: int) -> None:
        with pytest.raises(ExportError, match="another export"):
            export_folder(con, tmp_path, [table("runs")], "csv")

    export_folder(con, tmp_path, [table("tools")], "csv", progress=second)
    assert not (tmp_path / "runs.csv").exists()
