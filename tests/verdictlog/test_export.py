"""`verdictlog export`: the real command, on real folders, pipes and terminals."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from dataset.exports.whole import for_people
from tests.publishing import HOSTILE, make_dataset
from tests.verdictlog.running import Folder, command, environment, in_terminal


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    path = tmp_path_factory.mktemp("data")
    make_dataset(path / "verdictlog.db")
    with closing(sqlite3.connect(path / "verdictlog.db")) as con:
        con.execute("UPDATE tools SET name = '=1+1' || char(27) || '[31m' WHERE tool_id = 't-gravel-db'")
        con.commit()
    return Folder(path)


def test_everything_into_a_folder(folder: Folder, tmp_path: Path) -> None:
    ran = folder.run("export", "--out", tmp_path / "out")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{tmp_path / 'out'}: {len(for_people())} files, ")
    assert {path.stem for path in (tmp_path / "out").glob("*.csv")} == {each.name for each in for_people()}


def test_what_was_written_as_json(folder: Folder, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ("--table", "tools", "--table", "personas", "--format", "jsonl")
    ran = folder.run("export", *words, "--out", out, "--json")
    assert (ran.code, ran.err) == (0, "")
    files = [(out / f"{name}.jsonl").read_bytes() for name in ("tools", "personas")]
    assert ran.json == {
        "folder": str(out),
        "format": "jsonl",
        "files": [
            {
                "name": f"{name}.jsonl",
                "rows": 2,
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for name, content in zip(("tools", "personas"), files, strict=True)
        ],
        "rows": 4,
        "bytes": sum(map(len, files)),
    }


def test_one_table_to_a_pipe(folder: Folder) -> None:
    ran = folder.run("export", "--table", "tools", "--out", "-")
    assert (ran.code, ran.err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(ran.out, newline="")))
    assert [row["name"] for row in rows] == ["'=1+1\x1b[31m", "Lantern Notes"]
    raw = folder.run("export", "--table", "tools", "--raw")
    assert "\nt-gravel-db,gravel-db,=1+1\x1b[31m," in raw.out.replace("\r\n", "\n")


def test_formats(folder: Folder, tmp_path: Path) -> None:
    lines = folder.run("export", "--table", "listings", "--format", "jsonl").out.splitlines()
    assert [json.loads(line)["listing_id"] for line in lines] == ["gravel-db", "lantern-notes", "lantern-notes-2"]
    assert folder.run("export", "--table", "listings", "--format", "json").json[0]["name"] == HOSTILE
    ran = folder.run("export", "--format", "parquet", "--table", "runs", "--table", "vote_gap", "--out", tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert {path.name for path in tmp_path.iterdir()} >= {"runs.parquet", "vote_gap.parquet"}
    piped = subprocess.run(
        command("export", "--data", folder.path, "--table", "runs", "--format", "parquet"),
        capture_output=True,
        env=environment(),
        check=True,
    )
    assert (piped.stdout, piped.stderr) == ((tmp_path / "runs.parquet").read_bytes(), b"")


def test_a_terminal_gets_no_sign_that_steers_it(folder: Folder) -> None:
    code, screen = in_terminal("export", "--data", folder.path, "--table", "tools")
    assert code == 0
    assert b"'=1+1\\u001b[31m" in screen
    assert b"\x1b[31m" not in screen


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--table", "toolz"], "no table or view 'toolz'; choose from tools, "),
        (["--format", "xlsx"], "choose from csv, json, jsonl, parquet"),
        ([], "standard output takes one table"),
        (["--format", "json", "--raw", "--table", "tools"], "only CSV"),
        (["--json", "--table", "tools"], "name the folder for them with --out"),
    ],
)
def test_wrong_usage(folder: Folder, words: list[str], told: str) -> None:
    ran = folder.run("export", *words)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err


def test_trouble(folder: Folder, tmp_path: Path) -> None:
    assert "there is no dataset yet" in Folder(tmp_path).run("export", "--table", "tools").err
    (tmp_path / "file").write_text("mine")
    ran = folder.run("export", "--out", tmp_path / "file")
    assert (ran.code, "not a folder" in ran.err) == (1, True)
    (tmp_path / "README.md").write_text("mine")
    ran = folder.run("export", "--out", tmp_path, "--table", "tools")
    assert (ran.code, "no export made README.md" in ran.err) == (1, True)
    assert folder.run("export", "--out", tmp_path, "--table", "tools", "--force").code == 0
