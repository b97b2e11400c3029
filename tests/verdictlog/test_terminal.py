"""On a terminal: colour and progress, Ctrl-C at any moment, and hostile text that must not reach it as it is."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from dataset.readings.parsing import POOL_FROM, usable_cores
from tests.verdictlog.bad_pages import CAPTURED_AT, HTML
from tests.verdictlog.running import (
    CTRL_C,
    SAMPLES,
    SITE,
    Folder,
    Keys,
    Process,
    in_terminal,
    manifest,
    many_pages,
    started,
    wait_until,
)

COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
CURSOR = re.compile(rb"\x1b\[[0-9;?]*[A-HJKhl]")

HOSTILE = "wipe\x1b[2J title\x1b]0;owned\x07 bell\x07 csi\x9b2J turned\u202egnp.exe hidden\u2066\u200b lines\u2028end"
RAW = ("\x1b[2J", "\x1b]", "\x07", "\x9b", "\u202e", "\u2066", "\u200b", "\u2028")


def test_colour_and_progress_only_on_a_terminal(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    pages = many_pages(tmp_path / "pages")
    code, screen = in_terminal("import", "--data", folder.path, pages, tmp_path / "absent")
    assert code == 1
    assert b"importing" in screen
    assert CURSOR.search(screen), "no progress was shown"
    assert COLOUR.search(screen), "no colour was shown"
    code, screen = in_terminal("build", "--data", folder.path)
    assert code == 1, "the import met a file that is missing"
    assert CURSOR.search(screen), "no progress was shown"
    assert re.search(rb"\d+/", screen), "the progress showed no count"
    piped = folder.run("build", "--full")
    assert "\x1b" not in piped.out + piped.err
    missing = folder.run("import", tmp_path / "absent", "--captured-at", CAPTURED_AT)
    assert missing.code == 1
    assert "\x1b" not in missing.out + missing.err


def test_json_on_a_terminal_has_no_colour(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    folder.run("import", SAMPLES / "manifest.jsonl")
    code, screen = in_terminal("status", "--json", "--data", folder.path)
    assert code == 0
    assert screen.startswith(b"{")
    assert b"\x1b" not in screen


def test_hostile_text_never_reaches_the_terminal_as_it_is(tmp_path: Path) -> None:
    words = HOSTILE.replace("<", "")
    page = f"<!doctype html><html><body><h1>{words}</h1><p>{words}</p></body></html>".encode()
    good = (SAMPLES / "fernway-vs-gatepost.html").read_text("utf-8")
    (tmp_path / "wall.html").write_bytes(page)
    (tmp_path / "block.html").write_text(good.replace("</main>", f"<p>An odd block: {words}</p></main>"), "utf-8")
    entries = [
        {"file": f"{name}.html", "url": url, "captured_at": CAPTURED_AT, "content_type": HTML}
        for name, url in (
            ("wall", f"{SITE}/compare/wall-a-vs-wall-b"),
            ("block", f"{SITE}/compare/block-a-vs-block-b"),
        )
    ]
    folder = Folder(tmp_path / "data")
    screens = [in_terminal("import", "--data", folder.path, manifest(tmp_path, entries))[1]]
    folder.run("build")
    status = in_terminal("status", "--data", folder.path, columns=200)[1]
    in_json = in_terminal("status", "--json", "--data", folder.path)[1]
    messages = " ".join(folder.column("SELECT message FROM problems"))
    assert any(sign in messages for sign in RAW), "the messages quote nothing hostile: this test shows nothing"
    for screen in (*screens, status, in_json):
        text = CURSOR.sub(b"", screen).decode("utf-8") if screen in screens else screen.decode("utf-8")
        for sign in RAW:
            assert sign not in text, ascii(sign)
    assert "\\u202e" in status.decode()


# Ctrl-C


def end_by_ctrl_c(process: Process) -> str:
    """Send what Ctrl-C sends, to the whole group as a terminal does; what it said on standard error."""
    os.killpg(process.pid, signal.SIGINT)
    try:
        _, err = process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        pytest.fail("Ctrl-C did not end it within 20 seconds")
    assert process.returncode == 130, err
    assert "Traceback" not in err, err
    assert err.endswith("stopped\n")
    return err


def test_ctrl_c_in_an_import_loses_nothing(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    pages = many_pages(tmp_path / "pages", 800)
    with started("import", "--data", folder.path, pages) as process:
        files = folder.path / "archive"
        wait_until(lambda: any(each.stat().st_size > 40_000 for each in files.glob("*.gz")), process, "the first pages")
        end_by_ctrl_c(process)
    assert folder.run("verify").code == 0
    there = len(list((folder.path / "archive").glob("*.warc.gz")))
    again = folder.run("import", pages, "--json").json
    assert there == 1
    assert again["already_there"] > 0
    assert again["added"] > 0
    assert again["added"] + again["already_there"] == 800


def busy_workers(process: Process, seconds: float) -> bool:
    """Whether two processes under `process` have each worked for so long."""
    busy = 0
    for child in psutil.Process(process.pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):
            busy += child.cpu_times().user >= seconds
    return busy >= 2


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(None, id="one process"),
        pytest.param(0.15, id="workers starting"),
        pytest.param(1.0, id="workers reading", marks=pytest.mark.long),
    ],
)
def test_ctrl_c_in_a_build_leaves_the_last_good_dataset(tmp_path: Path, seconds: float | None) -> None:
    if seconds is not None and usable_cores() < 2:
        pytest.skip("with one core there are no workers")
    pages = 200 if seconds is None else POOL_FROM + 800
    folder = Folder(tmp_path / "data")
    folder.run("import", SAMPLES / "manifest.jsonl")
    assert folder.run("build").code == 0
    before = folder.database.read_bytes()
    folder.run("import", many_pages(tmp_path / "pages", pages))
    lock = folder.path / ".build.lock"
    unfinished = folder.path / ".verdictlog.db.building"
    with started("build", "--data", folder.path) as process:
        wait_until(lambda: lock.read_text() == f"{process.pid}\n", process, "its lock")
        if seconds is None:
            wait_until(unfinished.exists, process, "the file that it makes")
        else:
            wait_until(lambda: busy_workers(process, seconds), process, "the work of its workers")
        end_by_ctrl_c(process)
    assert folder.database.read_bytes() == before
    assert not unfinished.exists()
    last = folder.run("build", "--json")
    assert (last.code, last.json["captures"]) == (0, pages)


def test_ctrl_c_typed_on_a_terminal(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    pages = many_pages(tmp_path / "pages", 800)
    code, screen = in_terminal("import", "--data", folder.path, pages, keys=Keys(after=b"/800", typed=CTRL_C))
    assert code == 130
    assert b"stopped" in screen
    assert screen.rstrip().endswith((b"stopped", b"\x1b[?25h", b"\x1b[0m")), "the cursor must come back"
