"""Every argument that names a file or folder, given what is none: a message in one line that names it, and no hang."""

from __future__ import annotations

import os
import random
import re
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.verdictlog.running import IS_LONG, SAMPLES, Folder, run
from verdictlog.reference import commands

ARGUMENTS = {
    "crawl": ["http://127.0.0.1:9/", "--dry-run"],
    "run": ["http://127.0.0.1:9/"],
    "import": [str(SAMPLES / "manifest.jsonl")],
    "evidence": ["f0e871746a2b626b"],
    "show": ["Gatepost"],
    "export": ["--table", "captures"],
    "match explain": ["Fernway", "Gatepost"],
    "match judge": ["Fernway", "Gatepost", "no"],
}
"""What each command needs beside the argument. Nothing listens on port 9."""

QUICK = 4
"""How many of the kinds each argument is given in `make test`."""

METAVARS = ("DIR", "FILE", "PATH")
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066]")


def arguments() -> list[tuple[str, str]]:
    """Every command with each of its arguments that names a file or folder; an argument without option as ''."""
    return [
        (call.removeprefix("verdictlog "), option.opts[0] if option.opts[0].startswith("-") else "")
        for call, command, _ in commands()
        if call != "verdictlog" and not hasattr(command, "commands")
        for option in command.params
        if option.metavar in METAVARS and "--base-url" not in option.opts  # that is a path of addresses
    ]


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as end:
        here = Path.cwd()
        os.chdir(path.parent)  # the name of a socket may be no longer than 107 bytes
        end.bind(path.name)
        os.chdir(here)


THINGS: dict[str, tuple[bytes, Callable[[Path], object]]] = {
    "fifo": (b"thing", os.mkfifo),
    "socket": (b"thing", _socket),
    "folder": (b"thing", Path.mkdir),
    "file": (b"thing", Path.touch),
    "below a file": (b"thing/below", lambda path: path.parent.touch()),
    "missing": (b"thing/below", lambda path: None),
    "unreadable": (b"thing", lambda path: path.mkdir(mode=0)),
    "a link to itself": (b"thing", lambda path: path.symlink_to(path)),
    "not UTF-8": (b"thing-\xe9", lambda path: path.touch()),
    "long": (b"thing" * 60, lambda path: None),
    "very long": (b"thing/" * 1000 + b"below", lambda path: None),
    "control characters": ("thing\x1b[2J\nerror: forged\u202e".encode(), Path.touch),
    "a device": (b"thing", lambda path: path.symlink_to("/dev/zero")),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Folder(tmp_path_factory.mktemp("built") / "data")
    folder.run("import", SAMPLES / "manifest.jsonl")
    assert folder.run("build").code == 0
    return folder.path


@pytest.mark.parametrize(("name", "option"), arguments())
def test_an_argument_that_names_no_usable_file(tmp_path: Path, built: Path, name: str, option: str) -> None:
    failed = []
    kinds = list(THINGS) if IS_LONG else random.Random(f"{name} {option}").sample(list(THINGS), QUICK)
    for number, kind in enumerate(kinds):
        ending, make = THINGS[kind]
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / os.fsdecode(ending)
        make(path)
        data = folder / "data"
        words: list[str | Path]
        if option == "--data":
            words = [*name.split(), *ARGUMENTS.get(name, []), "--data", path]
        elif option:
            shutil.copytree(built, data)
            words = [*name.split(), *ARGUMENTS.get(name, []), option, path, "--data", data]
        else:
            words = [*name.split(), path, "--captured-at", "2026-01-01T00:00:00Z", "--data", data]
        try:
            done = run(*words)
        except AssertionError as error:
            failed.append(f"{kind}: {str(error)[-300:]}")
            continue
        says = done.err + done.out
        wrong = []
        if done.code not in (0, 1, 2):
            wrong.append(f"code {done.code}")
        if STEERING.search(says):
            wrong.append("a control character")
        if re.search(r"^error: forged", done.err, re.MULTILINE):
            wrong.append("a forged line")
        if re.search(r"\w+Error\(|PosixPath|Errno|a mistake in verdictlog", says):
            wrong.append("a repr")
        if done.code == 0 and kind in ("fifo", "socket", "a device"):
            wrong.append("not refused")
        if done.code and not re.search(r"^(error|warning): .*thing", done.err, re.MULTILINE):
            wrong.append("the name is missing")
        if wrong:
            failed.append(f"{kind} ({done.code}): {', '.join(wrong)}: {done.err[-400:]!a}")
    assert not failed, "\n".join(failed)
