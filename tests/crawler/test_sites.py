"""The seam for other sites: what a site claims, how it is loaded, and that all else stays as it is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler import sites
from crawler.archive import Archive
from crawler.capture_index import CaptureIndex
from crawler.pages import PARSER_VERSION, parser_version, read_page
from crawler.sites import Site, SiteError, Sites
from crawler.urls import Pair, canonical_url, kind_of, pair_of, persona_of, site_of, slug_of, source_of
from tests.sites import forget
from tests.verdictlog.running import ROOT, Folder, environment

MODULE = """
    from crawler.items import PageReading
    from crawler.sites import Site

    def read(body, *, url, content_type):
        if body == b"boom":
            raise KeyError("a label")
        return PageReading(kind="tool", status="ignored", leftovers=(f"{body!r} {url} {content_type}",))

    SITE = Site(
        name="duel",
        hosts=("duel.example", "old-duel.example", "127.0.0.1:87*"),
        kinds={
            "compare": "/x/(?P<right>[^/]+)/against/(?P<left>[^/]+)",
            "tool": "/x/(?P<slug>[^/]+)",
            "reviewer": "/judges/(?P<persona>[^/]+)",
            "index": "/all",
            "category": "/about/(?P<slug>[^/]+)",
        },
        read=read,
        version="3",
        query=("page",),
    )
"""
DUEL = "https://duel.example"
Load = Callable[[str], None]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Loads the site of a module with the text that it is given, by the environment."""
    count = 0

    def load_module(text: str) -> None:
        nonlocal count
        count += 1
        name = f"site_{tmp_path.name}_{count}".replace("-", "_")
        (tmp_path / f"{name}.py").write_text(dedent(text), "utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setenv("VERDICTLOG_SITES", name)
        forget()
        sites.loaded()

    monkeypatch.delenv("VERDICTLOG_SITES", raising=False)
    forget()
    yield load_module
    monkeypatch.undo()
    forget()


@pytest.fixture
def duel(load: Load) -> None:
    load(MODULE)


def site(name: str = "duel", hosts: tuple[str, ...] = ("duel.example",), **kinds: str) -> Site:
    return Site(name, hosts, kinds, read_page)


@pytest.mark.usefixtures("load")
def test_without_other_sites_nothing_is_claimed() -> None:
    assert sites.loaded() is None
    assert site_of(f"{DUEL}/x/a") is None
    assert parser_version() == PARSER_VERSION


@pytest.mark.usefixtures("duel")
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "home"),
        ("/robots.txt", "robots"),
        ("/sitemap.xml", "sitemap"),
        ("/x/b/against/a", "compare"),
        ("/x/b/against/a/", "compare"),
        ("/x/a", "tool"),
        ("/judges/Ann", "reviewer"),
        ("/all", "index"),
        ("/compare/a-vs-b", None),
        ("/tool/a", None),
        ("/guides/x", None),
    ],
)
def test_a_site_says_what_its_urls_mean(path: str, kind: str | None) -> None:
    assert kind_of(DUEL + path) == kind


@pytest.mark.usefixtures("duel")
def test_slugs_and_sides_are_those_of_the_site() -> None:
    assert pair_of(f"{DUEL}/x/b/against/a") == Pair("a", "b")
    assert pair_of(f"{DUEL}/x/a/against/b/") == Pair("b", "a")
    assert pair_of(f"{DUEL}/x/A/against/b") is None
    assert pair_of(f"{DUEL}/x/a") is None
    assert slug_of(f"{DUEL}/x/ember-7b") == "ember-7b"
    assert slug_of(f"{DUEL}/tool/ember-7b") is None
    assert slug_of(f"{DUEL}/about/ember-7b") is None
    assert persona_of(f"{DUEL}/judges/Ann") == "ann"


@pytest.mark.usefixtures("duel")
def test_other_hosts_keep_the_present_grammar() -> None:
    other = "https://verdicts.example"
    assert kind_of(f"{other}/x/a") is None
    assert kind_of(f"{other}/tool/a") == "tool"
    assert pair_of(f"{other}/compare/b-vs-a") == Pair("b", "a")
    assert slug_of(f"{other}/tool/a") == "a"
    assert canonical_url(f"{other}/compare/b-vs-a?x=1") == f"{other}/compare/a-vs-b"
    assert source_of(f"{other}/") == "verdicts.example"
    assert source_of("https://shiporskip.io/") == source_of(None) == "shiporskip"
    assert read_page(b"<html><p>boom</p></html>", url=f"{other}/tool/a", content_type="text/html").kind == "unknown"


@pytest.mark.usefixtures("duel")
@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        (f"{DUEL}/x/a/against/b", f"{DUEL}/x/b/against/a"),
        (f"{DUEL}/x/b/against/a", f"{DUEL}/x/b/against/a"),
        ("http://www.old-duel.example//x//ash/?utm=1#top", f"{DUEL}/x/ash"),
        (f"{DUEL}/all?page=2&utm=1", f"{DUEL}/all?page=2"),
        (f"{DUEL}/search?b=2&a=1", f"{DUEL}/search?a=1&b=2"),
        ("http://127.0.0.1:8701/x/a/against/b", "http://127.0.0.1:8701/x/b/against/a"),
        ("http://127.0.0.1:9001/compare/b-vs-a", "http://127.0.0.1:9001/compare/a-vs-b"),
    ],
)
def test_canonical_url(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.usefixtures("duel")
def test_canonical_is_a_fixed_point() -> None:
    @given(
        st.sampled_from(["duel.example", "www.duel.example", "old-duel.example", "127.0.0.1:8701"]),
        st.text(alphabet="ab/x%20?&=+#é", max_size=40)
        | st.sampled_from(["x/b/against/a", "x/a/against/b", "x/ä/against/b"]),
    )
    def check(host: str, rest: str) -> None:
        once = canonical_url(f"http://{host}/{rest}")
        assert canonical_url(once) == once

    check()


@pytest.mark.usefixtures("duel")
def test_a_claimed_host_is_of_the_site_and_one_on_trial_its_own() -> None:
    assert source_of(f"{DUEL}/x/a") == source_of("http://old-duel.example/x/a") == "duel"
    assert source_of("http://127.0.0.1:8701/x/a") == "127.0.0.1:8701"


@pytest.mark.usefixtures("duel")
def test_pages_are_read_by_the_site() -> None:
    url = f"{DUEL}/x/a"
    assert read_page(b"page", url=url, content_type="text/html").leftovers == (f"b'page' {url} text/html",)


@pytest.mark.usefixtures("duel")
def test_a_reader_that_stops_gives_a_problem() -> None:
    reading = read_page(b"boom", url=f"{DUEL}/x/a", content_type=None)
    assert (reading.kind, reading.status) == ("tool", "failed")
    [problem] = reading.problems
    assert (problem.severity, problem.code) == ("error", "reader_failed")
    assert "duel" in problem.message
    assert "a label" in problem.message


@pytest.mark.usefixtures("duel")
def test_the_version_of_the_reader_is_part_of_the_parsers() -> None:
    assert parser_version() == f"{PARSER_VERSION}+duel.3"


def test_what_a_crawl_knows_is_made_anew_for_other_sites(tmp_path: Path, load: Load) -> None:
    archive, path = Archive(tmp_path / "archive"), tmp_path / "index.db"

    def layout() -> int:
        with CaptureIndex(archive, path) as index:
            version: int = index._con.execute("PRAGMA user_version").fetchone()[0]
            return version

    (tmp_path / "archive").mkdir()
    plain = layout()
    load(MODULE)
    third = layout()
    load(MODULE.replace('"3"', '"4"'))
    assert len({plain, third, layout()}) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nothing_of_that_name", "No module named 'nothing_of_that_name'"),
        ("def broken(:", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("x = 1", "has no SITE that is a crawler.sites.Site"),
        ("SITE = 'duel.example'", "has no SITE that is a crawler.sites.Site"),
        (MODULE.replace("(?P<slug>", "(?P<slug"), "has a pattern that can't be read"),
        (MODULE.replace('"duel"', '"The Duel"'), "is no name for a site"),
        (MODULE.replace('"duel.example"', '"www.duel.example"'), "can't claim 'www.duel.example'"),
        (MODULE.replace('"duel.example"', '"*.example"'), "can't claim '*.example'"),
        (MODULE.replace('"duel.example"', '"duel.example:*"'), "can't claim 'duel.example:*'"),
    ],
)
def test_a_module_that_cannot_be_loaded_says_why(load: Load, text: str, said: str) -> None:
    with pytest.raises(SiteError) as error:
        load(text)
    assert said in str(error.value)
    assert "VERDICTLOG_SITES: the module site_" in str(error.value)


def test_two_sites_do_not_share_a_name_or_a_host() -> None:
    both = Sites()
    first = site()
    both.add(first)
    both.add(first)
    assert both.sites == [first]
    with pytest.raises(SiteError, match="two sites are called duel"):
        both.add(site(hosts=("other.example",)))
    with pytest.raises(SiteError, match=r"duel\.example is claimed by two sites, duel and other"):
        both.add(site("other"))
    with pytest.raises(SiteError, match="claims no host"):
        site(hosts=())


def test_sides_are_swapped_only_where_that_names_the_same_pair() -> None:
    swapping = site(compare="/(?P<left>[a-z]+)-or-(?P<right>[a-z]+)")
    assert swapping.in_order("/b-or-a") == "/a-or-b"
    lopsided = site(compare="/(?P<left>[a-z]+)/(?P<right>[a-b])")
    assert lopsided.in_order("/z/a") == "/z/a"
    unclear = site(compare="/(?P<left>.+)-or-(?P<right>.+)")
    assert unclear.in_order("/b-or-c-or-a") == "/b-or-c-or-a"


def test_a_port_of_this_machine_is_always_on_trial() -> None:
    both = Sites()
    both.add(site(hosts=("127.0.0.1:8700", "duel.example")))
    assert both.at("127.0.0.1:8700") is both.at("duel.example") is both.sites[0]
    assert (both.source_at("127.0.0.1:8700"), both.source_at("duel.example")) == (None, "duel")
    assert both.at("127.0.0.1:87000") is None


PACKAGE = {
    "METADATA": "Metadata-Version: 2.1\nName: duel-reader\nVersion: 1\n",
    "entry_points.txt": "[verdictlog.sites]\nduel = {value}\n",
}


def package(folder: Path, value: str) -> None:
    """An installed package with the entry point `value`."""
    info = folder / "duel_reader-1.dist-info"
    info.mkdir()
    for name, text in PACKAGE.items():
        (info / name).write_text(text.format(value=value), "utf-8")
    (folder / "duel_reader.py").write_text(dedent(MODULE), "utf-8")


@pytest.mark.usefixtures("load")
@pytest.mark.parametrize("value", ["duel_reader:SITE", "duel_reader"])
def test_installed_packages_bring_sites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    package(tmp_path, value)
    monkeypatch.syspath_prepend(tmp_path)
    forget()
    assert kind_of(f"{DUEL}/x/a") == "tool"
    assert parser_version() == f"{PARSER_VERSION}+duel.3"


@pytest.mark.usefixtures("load")
def test_a_package_that_cannot_be_loaded_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package(tmp_path, "duel_reader:NOWHERE")
    monkeypatch.syspath_prepend(tmp_path)
    forget()
    with pytest.raises(SiteError, match=r"the site duel of the package duel-reader \(duel_reader:NOWHERE\) can't be"):
        kind_of(DUEL)


@pytest.mark.parametrize("words", [("build",), ("status",), ("crawl", "http://127.0.0.1:9/")])
def test_the_command_says_which_module_is_missing(tmp_path: Path, words: tuple[str, ...]) -> None:
    ran = Folder(tmp_path / "data").run(*words, env={"VERDICTLOG_SITES": "no_such_site"})
    message = "error: VERDICTLOG_SITES: the module no_such_site can't be loaded: No module named 'no_such_site'\n"
    assert (ran.code, ran.err, ran.out) == (2, message, "")
    assert not (tmp_path / "data").exists()


def test_scrapys_own_command_says_so_too(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "tools", "-a", "url=http://127.0.0.1:9/"],
        cwd=ROOT,
        env=environment(VERDICTLOG_SITES="no_such_site", VERDICTLOG_DATA=str(tmp_path / "data")),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr
        == "error: VERDICTLOG_SITES: the module no_such_site can't be loaded: No module named 'no_such_site'\n"
    )
