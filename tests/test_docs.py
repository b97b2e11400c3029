"""The documentation: what it says of commands, codes, tables and files is so, and its links lead somewhere."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from crawler.imports import MAX_RECORD_BYTES
from crawler.items import DATA_KINDS
from crawler.pages.cost import MAX_BYTES, MAX_DEPTH
from crawler.urls import KIND_OF_PATH
from dataset.readings.observe import BODY_LIMIT
from dataset.schema.tables import TABLES, VIEWS, Table, View
from verdictlog.reference import commands

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SHELLS = ("sh", "bash", "console")
TO_BE_MADE = {"crawler/pages/news.py", "tests/fixtures/html/no-tagline"}
"""What the instructions ask their reader to make."""


class Block(NamedTuple):
    """A fenced block: the language that it names, and its text."""

    language: str
    text: str


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(text: str) -> list[Block]:
    found = re.findall(r"^( *)```(\w*)\n(.*?)^\1```$", text, re.S | re.M)
    return [Block(language, body) for _, language, body in found]


def prose(text: str) -> str:
    return re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.S | re.M)


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", prose(text_of(page)), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def ids(pages: list[Path]) -> list[str]:
    return [page.relative_to(ROOT).as_posix() for page in pages]


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(text_of(page))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name}: {target}"
        assert file.is_relative_to(ROOT), f"{page.name}: {target}"
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file), f"{page.name}: {target}"


def test_every_picture_is_shown_and_small() -> None:
    shown = {
        (page.parent / each).resolve() for page in PAGES for each in re.findall(r"\]\(([^)\s]+\.png)\)", text_of(page))
    }
    pictures = set((ROOT / "docs" / "images").iterdir())
    assert shown == pictures
    assert max(each.stat().st_size for each in pictures) <= 180 * 1000


def test_the_index_names_every_page() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {(index.parent / target).resolve() for target in re.findall(r"\]\(([^)#\s]+)", text_of(index))}
    assert set(PAGES) - {index, ROOT / "README.md"} <= linked


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_files_that_are_named_exist(page: Path) -> None:
    named = re.findall(r"`((?:crawler|dataset|deploy|docs|samples|scripts|tests|verdictlog)/[\w./*-]*)`", text_of(page))
    missing = [name for name in named if not any(ROOT.glob(name.rstrip("/"))) and name.rstrip("/") not in TO_BE_MADE]
    assert missing == []


def command_lines(page: Path) -> Iterator[str]:
    """Every command that a page tells people to run: in shell blocks, in printed help, and in the text."""
    text = text_of(page)
    for block in blocks(text):
        lines = re.sub(r"<<'(\w+)'\n.*?^\s*\1$", "", block.text, flags=re.S | re.M).splitlines()
        if block.language == "console":
            yield from (line[2:] for line in lines if line.startswith("$ "))
        elif block.language in SHELLS:
            yield from (line.strip() for line in lines if line.strip())
        elif block.language == "text":
            yield from (line.strip() for line in lines if line.startswith("    verdictlog "))
    for code in re.findall(r"`([^`\n]+)`", prose(text)):
        if re.match(r"(verdictlog|make|python -m) [\w-]", code):
            yield code


@cache
def options() -> dict[str, set[str]]:
    """The options of each command."""
    return {
        call: {option for param in command.params for option in param.opts} | {"--help", "-h"}
        for call, command, _ in commands()
    }


def options_of(call: str) -> set[str]:
    assert call in options(), f"there is no command {call!r}"
    return options()[call]


def check_verdictlog(words: list[str]) -> None:
    names = {call.split()[1] for call in options() if " " in call}
    at = next((n for n, word in enumerate(words) if word in names), len(words))
    rest = [word for word in words[:at] if not word.startswith("-")]
    assert not rest or words[:1] == ["--data"], f"{rest[0]!r} is no command"
    call = f"verdictlog {words[at]}" if at < len(words) else "verdictlog"
    below = {other.removeprefix(f"{call} ") for other in options() if other.startswith(f"{call} ")}
    if at + 1 < len(words) and call != "verdictlog" and below:
        assert words[at + 1] in below, f"{call} has no command {words[at + 1]!r}"
        call, at = f"{call} {words[at + 1]}", at + 1
    for part, known in ((words[:at], options_of("verdictlog")), (words[at + 1 :], options_of(call))):
        given = {word.partition("=")[0] for word in part if word.startswith("-")}
        assert given <= known, f"{call} has no {given - known}"


def check_command(line: str) -> None:
    for part in re.split(r"\s(?:&&|\|\|?|;)\s", line):
        words = shlex.split(part, comments=True)
        if not words:
            continue
        program, *rest = words
        if program == "verdictlog":
            check_verdictlog(rest)
        elif program == "make":
            targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
            assert {word for word in rest if "=" not in word} <= targets, line
        elif program == "python" and rest[:1] == ["-m"]:
            assert find_spec(rest[1]) is not None, line
            paths = [word for word in rest[2:] if word.startswith("tests/")]
            assert all((ROOT / path).exists() for path in paths), line
        elif program == "datasette":
            assert {word for word in rest if word.startswith("-")} <= {"-m", "--get"}, line


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_commands_have_the_options_that_are_named(page: Path) -> None:
    for line in command_lines(page):
        check_command(line)


@pytest.mark.parametrize(
    "line",
    [
        "verdictlog imports x",
        "verdictlog build --fully",
        "verdictlog --port 1 serve",
        "verdictlog build && verdictlog serve --prot 1",
        "make demos",
        "python -m dataset.metadatas --write",
        "python -m pytest tests/nowhere",
    ],
)
def test_a_wrong_command_is_noticed(line: str) -> None:
    with pytest.raises(AssertionError):
        check_command(line)


def test_every_page_with_shell_blocks_is_read() -> None:
    lines = {page.name: list(command_lines(page)) for page in PAGES}
    assert len(lines["README.md"]) >= 7
    assert len(lines["tutorial.md"]) >= 16
    assert any("make generate" in line for line in lines["CONTRIBUTING.md"])
    assert any("verdictlog build --full" in line for line in lines["how-it-works.md"])


def test_the_two_commands() -> None:
    first = next(block for block in blocks(text_of(ROOT / "README.md")) if block.language == "sh")
    assert [shlex.split(line, comments=True) for line in first.text.splitlines()] == [
        ["make", "demo"],
        ["make", "test"],
    ]
    assert (ROOT / ".ci" / "run").read_text("utf-8").splitlines()[-1] == "make test"


@pytest.mark.parametrize("thing", [*TABLES, *VIEWS], ids=lambda thing: str(getattr(thing, "name", thing)))
def test_every_table_is_documented(thing: Table | View) -> None:
    assert f"\n### {thing.name}\n" in text_of(ROOT / "docs" / "data-dictionary.md")


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_columns_and_tables_that_are_named_exist(page: Path) -> None:
    """A word in code style that looks like a table's (``listing_versions``) is one, where the text says so."""
    named = re.findall(r"\btables? `(\w+)`", prose(text_of(page)))
    known: set[str] = {table.name for table in TABLES} | {view.name for view in VIEWS}
    assert set(named) <= known


def test_page_kinds_and_limits() -> None:
    text = " ".join(text_of(ROOT / "docs" / "reading-pages.md").split())
    read, ignored = re.search(r"Kinds that are read: (.*?)\. .*?status `ignored`\): (.*?)\.", text).groups()  # type: ignore[union-attr]
    assert set(re.findall(r"`(\w+)`", read)) == set(DATA_KINDS)
    assert set(re.findall(r"`(\w+)`", ignored)) == {kind for kind, _ in KIND_OF_PATH} - set(DATA_KINDS)
    assert f"more than {MAX_BYTES >> 20} MiB, bodies that unpack to more than {BODY_LIMIT >> 20} MiB" in text
    assert f"more than {MAX_DEPTH:,} deep" in text
    assert f"Nothing over {MAX_RECORD_BYTES >> 20} MiB is taken" in text_of(ROOT / "docs" / "archive.md")


def test_the_citation_fits_the_project() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert (cited["version"], cited["license"]) == (project["version"], project["license"])
    assert [each["name"] for each in cited["authors"]] == [each["name"] for each in project["authors"]]
    assert f"Made with verdictlog {project['version']}." in text_of(ROOT / "docs" / "citing.md")
    assert f"[Unreleased] {project['version']}" in text_of(ROOT / "CHANGELOG.md")
