"""The command line: exit codes, what goes to which stream, options, and what an import and a build give."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from crawler.items import CARD_FIELDS
from tests.captured import MANIFEST, cards, needs_captures
from tests.verdictlog.running import SAMPLES, SITE, Folder, command, environment, run

COMMANDS = ("import", "build", "run", "changes", "show", "evidence", "categories", "serve", "status", "verify")


# Help and usage


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_an_example(name: str) -> None:
    done = run(name, "--help")
    assert (done.code, done.err) == (0, "")
    examples = done.out.partition("Example")[2].partition("Options:")[0]
    assert f"\n    verdictlog {name}" in examples
    assert "--data DIR" in done.out


def test_help_of_the_program_lists_every_command() -> None:
    done = run("--help")
    assert (done.code, done.err) == (0, "")
    for name in COMMANDS:
        assert f"\n  {name} " in done.out
    assert "\n    verdictlog build\n" in done.out
    assert "Exit codes: 0" in done.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["status", "--bogus"], "--bogus"),
        (["bogus"], "bogus"),
        (["import"], "PATH"),
        (["serve", "--port", "65536"], "--port"),
        (["import", str(SAMPLES / "tool-fernway.html")], f"{SAMPLES / 'tool-fernway.html'}: nothing tells when"),
    ],
    ids=["option", "command", "no-path", "port", "no-time"],
)
def test_wrong_usage_is_2_and_writes_nothing(tmp_path: Path, words: list[str], says: str) -> None:
    done = run("--data", tmp_path / "data", *words)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert not (tmp_path / "data").exists()


def test_the_command_is_installed() -> None:
    found = shutil.which("verdictlog", path=str(Path(command()[0]).parent))
    assert found is not None
    done = subprocess.run([found, "--version"], capture_output=True, text=True, check=True, env=environment())
    assert done.stdout.startswith("verdictlog 0.")


# The data folder


@pytest.mark.parametrize("place", ["before", "after", "environment", "before and environment", "after and both"])
def test_the_data_folder_can_be_named_in_each_way(tmp_path: Path, built: Folder, place: str) -> None:
    right, wrong = str(built.path), str(tmp_path / "elsewhere")
    words, env = {
        "before": (["--data", right, "status"], {}),
        "after": (["status", "--data", right], {}),
        "environment": (["status"], {"VERDICTLOG_DATA": right}),
        "before and environment": (["--data", right, "status"], {"VERDICTLOG_DATA": wrong}),
        "after and both": (["--data", wrong, "status", "--data", right], {"VERDICTLOG_DATA": wrong}),
    }[place]
    done = run(*words, "--json", env=env)
    assert (done.code, done.json["folder"]) == (0, right)


def test_without_any_the_folder_is_data_here(tmp_path: Path) -> None:
    done = subprocess.run(
        command("status", "--json"), cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["folder"] == "data"


# What each command prints


def test_import_build_status_verify_in_words_and_in_json(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    first = folder.run("import", SAMPLES / "manifest.jsonl")
    assert (first.code, first.out) == (0, f"imported into {folder.path / 'archive'}: 14 added, 0 already there\n")
    assert first.err == "next: verdictlog build\n"
    before = {path: path.read_bytes() for path in (folder.path / "archive").iterdir()}
    again = folder.run("import", SAMPLES / "manifest.jsonl", "--json")
    assert (again.code, again.err) == (0, "")
    assert (again.json["added"], again.json["already_there"]) == (0, 14)
    after = {path: path.read_bytes() for path in before}
    assert {path: each for path, each in after.items() if path.name != ".lock"} == {
        path: each for path, each in before.items() if path.name != ".lock"
    }
    assert sorted(path.name for path in (folder.path / "archive").iterdir()) == sorted(path.name for path in before)

    assert folder.run("status").code == 0
    build = folder.run("build")
    assert build.code == 0
    assert build.out == f"{folder.database}: 14 new captures (1 incomplete, 13 ok)\n"
    assert "there was no dataset yet" in build.err
    nothing_new = folder.run("build", "--json")
    assert (nothing_new.code, nothing_new.err, nothing_new.json["changed"]) == (0, "", False)
    verify = folder.run("verify", "--json")
    assert (verify.code, verify.err, verify.json["findings"]) == (0, "", [])
    assert folder.run("verify").out.endswith("all is well\n")


def test_status_tells_what_is_there(built: Folder) -> None:
    done = built.run("status")
    assert (done.code, done.err) == (0, "")
    for text in ("newest page  2026-10-12T08:40:00Z", "page_cut", f"{SITE}/tool/murmur-notes-offline-meetings"):
        assert text in done.out, text
    told = built.run("status", "--json").json
    counts = {name: built.column(f"SELECT count(*) FROM {name}")[0] for name in ("listings", "reviews", "captures")}
    assert {name: told["dataset"]["rows"][name] for name in counts} == counts
    assert told["archive"]["unbuilt_bytes"] == 0


def test_trouble_is_1_and_on_standard_error(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "nothing here")
    for words in (
        ["build", "--json"],
        ["import", "--json", tmp_path / "absent.html", "--captured-at", "2026-01-01T00:00:00Z"],
    ):
        done = folder.run(*map(str, words))
        assert done.code == 1, words
        if done.out:
            assert [each["code"] for each in done.json["failures"]] == ["missing"]
        else:
            assert str(folder.path) in done.err
            assert "verdictlog import" in done.err
    assert folder.run("serve", "--port", "0").code == 1
    folder.database.write_bytes(b"no database at all " * 400)
    done = folder.run("status")
    assert done.code == 1
    assert str(folder.database) in done.err


def test_verify_finds_a_changed_byte(built: Folder, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    shutil.copytree(built.path, folder.path)
    [path] = (folder.path / "archive").glob("*.warc.gz")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    done = folder.run("verify")
    assert done.code == 1
    assert f"error: {path.name} at " in done.out
    assert [each["file"] for each in folder.run("verify", "--json").json["findings"]] == [path.name]


# Where output can't go


@pytest.mark.parametrize("words", [["status"], ["status", "--json"], ["--help"]], ids=" ".join)
def test_a_closed_pipe_ends_it_quietly(built: Folder, words: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = write_to(writer, "--data", built.path, *words)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("words", [["status", "--json"], ["verify"]], ids=" ".join)
def test_a_full_device_is_named(built: Folder, words: list[str]) -> None:
    done = write_to(os.open("/dev/full", os.O_WRONLY), "--data", built.path, *words)
    assert (done.returncode, done.stderr) == (1, "error: standard output: No space left on device\n")


def write_to(out: int, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command with its output to the file descriptor `out`, which is closed then."""
    try:
        return subprocess.run(
            command(*words), stdout=out, stderr=subprocess.PIPE, text=True, env=environment(), check=False
        )
    finally:
        os.close(out)


def test_status_into_head(built: Folder) -> None:
    line = f"{command()[0]} -W error -m verdictlog status --data '{built.path}' | head -n 1"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, env=environment(), check=False)
    assert (done.stdout, done.stderr) == (f"data folder  {built.path}\n", "")


@pytest.mark.parametrize("encoding", ["ascii", pytest.param("latin-1", marks=pytest.mark.long)])
def test_a_terminal_that_knows_few_signs(built: Folder, encoding: str) -> None:
    env = {"PYTHONUTF8": "0", "PYTHONIOENCODING": encoding}
    said = built.run("status", env=env)
    assert said.code == 0
    assert "no rule knows this block: \\u201c" in " ".join(said.out.split())
    told = built.run("status", "--json", env=env)
    messages = [each["message"] for each in told.json["dataset"]["problems"]["info"]["first"]]
    assert any("“" in message for message in messages)


# The real captured pages


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    folder = Folder(tmp_path_factory.mktemp("shared") / "data")
    assert folder.run("import", MANIFEST).code == 0
    assert folder.run("build").code == 0
    return folder


@needs_captures
def test_the_captured_pages_give_six_listings_with_every_value(shared: Folder) -> None:
    by_slug = cards("compare")
    assert len(by_slug) == 6
    listed = shared.column(
        "SELECT DISTINCT listing_id FROM listing_captures JOIN captures USING (capture_id) WHERE kind = 'compare'"
    )
    assert sorted(listed) == sorted(by_slug)
    for slug, shown in by_slug.items():
        [row] = shared.rows("SELECT * FROM listings WHERE listing_id = ?", slug)
        wanted = dict.fromkeys(CARD_FIELDS)
        for card in shown:
            wanted |= {name: card[name] for name in card["shown"] if name != "reviews"}
        assert {name: row[name] for name in CARD_FIELDS} == wanted
        reviews: dict[str, dict[str, Any]] = {}
        for card in shown:
            for review in card["reviews"]:
                known = reviews.setdefault(review["quote"], dict(review))
                known |= {name: value for name, value in review.items() if value is not None}
        rows = shared.rows(
            "SELECT iif(persona_source = 'aligned', NULL, persona) AS persona, score, verdict, quote FROM reviews"
            " WHERE listing_id = ?",
            slug,
        )
        assert sorted(rows, key=lambda each: each["quote"]) == sorted(reviews.values(), key=lambda each: each["quote"])
        assert len(rows) == 4
    # One page prints the critics' names; through shared scorecard rows they name the reviews of the others.
    assert shared.column(
        "SELECT count(*) FROM reviews WHERE persona IS NULL AND listing_id IN (SELECT listing_id"
        " FROM listing_captures JOIN captures USING (capture_id) WHERE kind = 'compare')"
    ) == [0]
