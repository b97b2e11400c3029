"""``docs/command-line.md``: the same as the commands' own help, whatever the terminal, and whole."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dataset.schema.metadata import write_or_check
from tests.verdictlog.running import run
from verdictlog import cli, options
from verdictlog.reference import EXIT_CODES, REFERENCE_FILE, WIDTH, commands, markdown

COMMANDS = list(commands())


def section(call: str) -> str:
    text = REFERENCE_FILE.read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(call)}\n\n```text\n(.*?)\n```$", text, re.S | re.M)
    assert found, f"{REFERENCE_FILE.name} has no section on {call}"
    return found[1]


def test_the_file_is_up_to_date() -> None:
    assert REFERENCE_FILE.read_text(encoding="utf-8") == markdown(), "run `python -m verdictlog.reference --write`"


def test_every_command_is_there() -> None:
    registered = {f"verdictlog {each.name or each.callback.__name__}" for each in cli.app.registered_commands}  # type: ignore[union-attr]
    for group in cli.app.registered_groups:
        own = {f"verdictlog {group.name} {each.name}" for each in group.typer_instance.registered_commands}  # type: ignore[union-attr]
        registered |= own | {f"verdictlog {group.name}"}
    assert {call for call, _, _ in COMMANDS} == registered | {"verdictlog"}
    assert len(registered) >= 5


@pytest.mark.parametrize(("call", "command"), [each[:2] for each in COMMANDS], ids=[each[0] for each in COMMANDS])
def test_every_option_is_documented(call: str, command: object) -> None:
    text = section(call)
    for param in command.params:  # type: ignore[attr-defined]
        if param.param_type_name == "argument":
            assert re.search(rf"^  {re.escape(param.metavar)} .*  \S", text, re.M), f"{call}: {param.name}"
            continue
        for name in param.opts:
            assert re.search(rf"^  (?:-\w, )?{re.escape(name)}\b.*  \S", text, re.M), f"{call} {name} is not explained"
    assert "-h, --help" in text


@pytest.mark.parametrize("call", [each[0] for each in COMMANDS])
def test_it_is_what_the_program_prints(call: str) -> None:
    _, *name = call.split()
    ran = run(*name, "--help", env={"COLUMNS": str(WIDTH + 2)})  # two columns of a terminal stay free
    assert ran.code == 0
    # Run as a module the program is called otherwise.
    printed = ran.out.replace("python -m verdictlog", "verdictlog", 1)
    assert [line.rstrip() for line in printed.splitlines()] == section(call).splitlines()


def test_no_line_is_wider_than_promised_and_none_has_colour() -> None:
    for call, _, text in COMMANDS:
        assert "\x1b" not in text
        prose = [line for line in text.splitlines() if not line.startswith("    verdictlog ")]
        assert max(map(len, prose)) <= WIDTH, call


def test_exit_codes() -> None:
    assert set(EXIT_CODES) == {options.OK, options.TROUBLE, options.USAGE, options.CHANGED, 130}
    text = REFERENCE_FILE.read_text(encoding="utf-8")
    for code, meaning in EXIT_CODES.items():
        assert f"| {code} | {meaning} |" in text


@pytest.mark.parametrize("env", [{"COLUMNS": "50"}, {"FORCE_COLOR": "1", "TERM": "xterm-256color", "COLUMNS": "200"}])
def test_the_check_does_not_depend_on_the_terminal(env: dict[str, str]) -> None:
    done = subprocess.run([sys.executable, "-m", "verdictlog.reference"], env={**os.environ, **env}, check=False)
    assert done.returncode == 0


def test_drift_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "command-line.md"
    assert write_or_check(file, markdown(), "verdictlog.reference", []) == 1
    assert write_or_check(file, markdown(), "verdictlog.reference", ["--write"]) == 0
    assert write_or_check(file, markdown(), "verdictlog.reference", []) == 0
    file.write_text(file.read_text("utf-8").replace("--captured-at", "--captured-on"), encoding="utf-8")
    assert write_or_check(file, markdown(), "verdictlog.reference", []) == 1
