"""A page whose every text holds signs that steer a terminal: no command lets one of them through as it is."""

from __future__ import annotations

import re

import pytest

from dataset.signs import steers
from tests.verdictlog.bad_pages import HTML
from tests.verdictlog.running import SAMPLES, SITE, Folder, in_terminal, manifest, run
from verdictlog.reference import commands

HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b2J\u202egnp.exe\u2066\u200b\u2028"
BESIDE = {"import", "crawl", "run", "serve", "match review", "match judge", "match undo"}
"""What writes, or runs until it is stopped. What `import` and `build` print is looked at on the way."""

OWN_ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\r")


def hostile(page: str) -> str:
    """`page` with hostile signs in the middle of each of its texts."""
    head, body = page.split("<body", 1)
    return head + "<body" + re.sub(r">([^<>]*\w{3})(\w[^<>]*)<", rf">\1{HOSTILE}\2<", body)


def partly(page: str) -> str:
    """`page` with hostile signs in its longer texts alone, so that labels are known and values are read."""
    head, body = page.split("<body", 1)
    return head + "<body" + re.sub(r">([^<>]{30,}\w)( [^<>]+)<", rf">\1{HOSTILE}\2<", body)


def steering(text: str) -> set[str]:
    return {f"{ord(sign):04x}" for sign in text if steers(sign)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A dataset of hostile pages, of two days, made by the commands themselves."""
    pages = tmp_path_factory.mktemp(f"pages-{HOSTILE}".replace("\u2028", "\n"))
    entries = []
    for name in ("fernway-vs-gatepost", "fernway-vs-harrow"):
        page = (SAMPLES / f"{name}.html").read_text("utf-8")
        for kind, text in {
            "whole": hostile(page),
            "first": partly(page),
            "then": partly(page.replace("e ", "a ")),
        }.items():
            (pages / f"{name}-{kind}.html").write_text(text, "utf-8")
            entries.append(
                {
                    "file": f"{name}-{kind}.html",
                    "url": f"{SITE}/compare/{name}" + ("-whole" if kind == "whole" else ""),
                    "captured_at": f"2026-10-0{7 if kind == 'then' else 5}T08:00:00Z",
                    "content_type": HTML,
                }
            )
    entries.append({"file": f"absent-{HOSTILE}", "url": SITE, "captured_at": "2026-10-05T08:00:00Z"})
    folder = Folder(tmp_path_factory.mktemp("data") / "data")
    for words in (["import", manifest(pages, entries)], ["build"]):
        done = folder.run(str(words[0]), *words[1:])
        assert not steering(done.out + done.err), ascii(done.out + done.err)
        assert done.code == 1, "a file is missing"
    return folder


def arguments(name: str, folder: Folder) -> list[list[str]]:
    """What the command `name` is called with, besides the folder: once each."""
    listings = [str(each) for each in folder.column("SELECT listing_id FROM listings")]
    if name == "evidence":
        return [
            [str(each)]
            for each in folder.column("SELECT capture_id FROM captures UNION ALL SELECT change_id FROM changes LIMIT 6")
        ]
    if name == "show":
        return [*([each] for each in listings), [f"nothing{HOSTILE}"]]
    if name == "match explain":
        return [listings[:2]]
    if name == "build":
        return [["--diff"]]
    if name == "export":
        return [["--table", "captures", "--format", "json"]]
    if name == "changes":
        return [[], ["--format", "atom"]]
    return [[]]


READING = [call.removeprefix("verdictlog ") for call, each, _ in commands() if not hasattr(each, "commands")]
READING = [name for name in READING if name not in BESIDE and name != "verdictlog"]


def test_the_pages_are_hostile(folder: Folder) -> None:
    columns = {"listings": "tagline", "reviews": "quote", "changes": "new_value", "problems": "message"}
    for table in columns:
        assert folder.column(f"SELECT count(*) FROM {table}") != [0], f"nothing in {table}: this shows nothing"
    stored = "".join(str(row) for table in columns for row in folder.column(f"SELECT {columns[table]} FROM {table}"))
    assert steering(stored), "what is stored holds no hostile sign: this shows nothing"


@pytest.mark.parametrize("name", READING)
def test_no_command_prints_what_steers(folder: Folder, name: str) -> None:
    has_json = any(
        "--json" in option.opts
        for call, each, _ in commands()
        if call == f"verdictlog {name}"
        for option in each.params
    )
    for words in arguments(name, folder):
        if name != "export":  # on a pipe it gives the very bytes
            for json in ["", "--json"] if has_json and "--format" not in words else [""]:
                done = run(*name.split(), *words, *filter(None, [json]), "--data", folder.path)
                assert not steering(done.out + done.err), (words, ascii(done.out + done.err))
        if words == arguments(name, folder)[0]:
            _, screen = in_terminal(*name.split(), *words, "--data", folder.path)
            text = OWN_ESCAPES.sub(b"", screen).decode("utf-8")
            assert b"\x1b[2J" not in screen, ascii(screen)
            assert not steering(text), ascii(text)
