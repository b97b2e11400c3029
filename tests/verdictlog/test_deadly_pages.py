"""Pages that kill or stop the process that reads them, through the real command: each costs itself and nothing else.

The site whose reader does it is a module that the tests write, named in VERDICTLOG_SITES like any other.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.verdictlog.running import TIMEOUT, Folder, command, environment, manifest
from tests.waiting import wait_until

SITE = '''
"""A site whose pages say what becomes of those who read them."""

import ctypes, os, signal, time
from pathlib import Path

import dataset.readings.parsing.pool as pool
from crawler.items import Card, PageReading, ToolPage
from crawler.sites import Site

pool.WALL_SECONDS = 10.0
pool.DEATHS = 10


def read(body, *, url, content_type):
    word, _, rest = body.decode().strip().partition(" ")
    if word == "kill" or word == "kill-while" and Path(rest).exists():
        os.kill(os.getpid(), signal.SIGKILL)
    elif word == "segfault":
        ctypes.string_at(0)
    elif word == "exit":
        os._exit(0)
    elif word == "loop":
        while True:
            pass
    elif word == "stuck":
        sum(range(10**14))
    elif word == "sleep":
        time.sleep(3600)
    elif word == "memory":
        bytearray(64 << 30)
    elif word == "raise":
        raise RuntimeError("no \\ud800 good")
    slug = url.rpartition("/")[2]
    card = Card(slug=slug, name=slug.title(), shown=("name",))
    return PageReading(kind="tool", status="ok", page=ToolPage(url=url, card=card, complete=True))


SITE = Site("trouble", ("trouble.example",), {"tool": r"/tool/(?P<slug>[^/]+)"}, read)
'''

CODES = {
    "kill": "reader_died",
    "segfault": "reader_died",
    "exit": "reader_died",
    "loop": "too_costly",
    "stuck": "reader_died",
    "sleep": "reader_died",
    "memory": "too_costly",
    "raise": "reader_failed",
}


class Trouble(Folder):
    """A data folder with pages of the site, and its environment."""

    def __init__(self, path: Path) -> None:
        super().__init__(path / "data")
        (path / "modules").mkdir()
        (path / "modules" / "trouble_site.py").write_text(SITE, "utf-8")
        self.pages = path / "pages"
        self.pages.mkdir()
        self.env = {"PYTHONPATH": str(path / "modules"), "VERDICTLOG_SITES": "trouble_site"}

    def add(self, pages: dict[str, str]) -> None:
        """Import `pages`, given by slug; the good ones say nothing."""
        entries = []
        for number, (slug, text) in enumerate(pages.items()):
            (self.pages / f"{slug}.html").write_text(f"{text}\n", "utf-8")
            at = f"2026-01-{1 + number // 1440:02}T{number // 60 % 24:02}:{number % 60:02}:00Z"
            url = f"https://trouble.example/tool/{slug}"
            entries.append({"file": f"{slug}.html", "url": url, "captured_at": at, "content_type": "text/html"})
        assert self.run("import", manifest(self.pages, entries)).code == 0

    def run(self, name: str, *words: str | Path, **options: Any) -> Any:
        return super().run(name, *words, env=self.env, **options)

    def listings(self) -> set[str]:
        return set(self.column("SELECT listing_id FROM listings"))


@pytest.fixture
def folder(tmp_path: Path) -> Trouble:
    return Trouble(tmp_path)


def test_each_costs_itself_and_is_named(folder: Trouble) -> None:
    pages = {"first": ""} | {f"bad-{word}": word for word in CODES} | {"last": ""}
    folder.add(pages)
    start = time.monotonic()
    built = folder.run("build", "--json")
    assert time.monotonic() - start < 60
    assert built.code == 1
    assert built.json["problems"]["error"] == len(CODES)
    assert folder.listings() == {"trouble:first", "trouble:last"}
    problems = folder.rows("SELECT code, url, message, capture_id FROM problems WHERE severity = 'error'")
    assert {each["url"].rpartition("/bad-")[2]: each["code"] for each in problems} == CODES
    failed = folder.column("SELECT capture_id FROM captures WHERE parse_status = 'failed'")
    assert sorted(each["capture_id"] for each in problems) == sorted(failed)
    assert all(each["url"] in each["message"] for each in problems)
    assert folder.run("build", "--json").json["changed"] is False


def test_among_many_pages_in_several_processes_too(folder: Trouble) -> None:
    pages = {f"page-{number}": "" for number in range(460)}
    pages |= {"page-3": "kill", "page-230": "segfault", "page-459": "exit"}
    folder.add(pages)
    assert folder.run("build").code == 1
    assert folder.listings() == {f"trouble:{slug}" for slug, text in pages.items() if not text}
    codes = folder.rows("SELECT code, count(*) AS n FROM problems WHERE severity = 'error' GROUP BY code")
    assert codes == [{"code": "reader_died", "n": 3}]


def test_the_next_build_tries_it_again(folder: Trouble) -> None:
    flag = folder.pages / "flag"
    flag.touch()
    folder.add({"good": "", "bad": f"kill-while {flag}"})
    assert folder.run("build").code == 1
    assert folder.run("build", "--json").json["changed"] is False
    flag.unlink()
    built = folder.run("build", "--json")
    assert (built.code, built.json["changed"]) == (0, True)
    assert folder.listings() == {"trouble:good", "trouble:bad"}
    assert folder.rows("SELECT * FROM problems WHERE severity = 'error'") == []


def test_where_every_reader_dies_the_build_says_so_and_the_dataset_stands(folder: Trouble) -> None:
    folder.add({"good": ""})
    assert folder.run("build").code == 0
    before = folder.database.read_bytes()
    folder.add({f"bad-{number}": "kill" for number in range(8)})
    built = folder.run("build")
    assert built.code == 1
    assert "die one after the other" in built.err
    assert "last good dataset is untouched" in built.err
    assert folder.database.read_bytes() == before


@pytest.mark.parametrize(
    "sent", [signal.SIGKILL, *(pytest.param(each, marks=pytest.mark.long) for each in (signal.SIGINT, signal.SIGTERM))]
)
def test_readers_end_with_the_build(folder: Trouble, sent: int) -> None:
    folder.add({"bad": "sleep"})
    env = environment(**folder.env)
    with psutil.Popen(command("build", "--data", folder.path, warns=False), env=env, stderr=-3) as build:
        wait_until(lambda: bool(build.children(recursive=True)), "a reader is at work")
        readers = build.children(recursive=True)
        os.kill(build.pid, sent)
        build.wait(TIMEOUT)
        _, alive = psutil.wait_procs(readers, timeout=10)
    assert alive == []
