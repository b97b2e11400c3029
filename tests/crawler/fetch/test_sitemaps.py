"""Sitemaps as sites write them, damaged in all ways, and written in bad faith."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.fetch import sitemaps
from crawler.fetch.sitemaps import SitemapError, urls_of

NS = ' xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
PAGES = [f"https://verdicts.example/tool/t{number}" for number in range(2000)]


def urlset(*urls: str, root: str = "urlset", entry: str = "url", ns: str = NS, before: str = "") -> bytes:
    entries = "".join(f"<{entry}><loc>{url}</loc><lastmod>2026-11-19</lastmod></{entry}>\n" for url in urls)
    return f"{before}<{root}{ns}>{entries}</{root}>".encode()


def read(body: bytes) -> tuple[list[str], str | None]:
    """The urls, and what was wrong."""
    try:
        return urls_of(body), None
    except SitemapError as error:
        return error.urls, str(error)


# ---- sound ones ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        urlset(*PAGES[:3]),
        urlset(*PAGES[:3], root="sitemapindex", entry="sitemap"),
        urlset(*PAGES[:3], ns=""),
        urlset(*PAGES[:3], ns=' xmlns="http://www.google.com/schemas/sitemap/0.84"'),
        urlset(*PAGES[:3], before='<?xml version="1.0" encoding="UTF-8"?>\n<?xml-stylesheet href="a.xsl"?>\n'),
        urlset(*PAGES[:3], before="\n  <?xml version='1.0'?><!-- made by a plugin -->"),
        urlset(*PAGES[:3], before="\ufeff"),
        urlset(*PAGES[:3], before="<?xml version='1.0' encoding='utf-16'?>").decode().encode("utf-16"),
        urlset(*PAGES[:3]).replace(b"<loc>", b"<loc>\n  ").replace(b"</loc>", b"\t</loc>"),
        urlset(*PAGES[:3]).replace(b"<loc>", b"<loc><![CDATA[").replace(b"</loc>", b"]]></loc>"),
        urlset(*PAGES[:3]).replace(b"/tool/", b"/to<!-- a remark -->ol/"),
        urlset(*PAGES[:3]).replace(b"</url>", b"<loc></loc><loc> </loc></url>"),
        b'<s:urlset xmlns:s="urn:s">'
        + b"".join(b"<s:url><s:loc>%s</s:loc></s:url>" % url.encode() for url in PAGES[:3])
        + b"</s:urlset>",
    ],
    ids=(
        *("urlset", "index", "no-namespace", "old-namespace", "stylesheet", "blank-before", "bom", "utf-16"),
        *("white-space", "cdata", "remark", "empty-loc", "prefix"),
    ),
)
def test_urls_in_order(body: bytes) -> None:
    assert read(body) == (PAGES[:3], None)


@pytest.mark.parametrize("members", [1, 2, 7])
def test_gzip(members: int) -> None:
    body = urlset(*PAGES)
    size = len(body) // members + 1
    packed = b"".join(gzip.compress(body[start : start + size]) for start in range(0, len(body), size))
    assert read(packed) == (PAGES, None)


def test_gzip_with_padding() -> None:
    assert read(gzip.compress(urlset(*PAGES)) + b"\0" * 500) == (PAGES, None)


def test_escapes_are_undone() -> None:
    assert urls_of(urlset("https://v.example/reviewer/a?x=1&amp;category=A&#38;B")) == [
        "https://v.example/reviewer/a?x=1&category=A&B"
    ]


def test_pictures_are_no_pages() -> None:
    body = urlset(PAGES[0]).replace(
        b"</url>", b'<i:image xmlns:i="urn:i"><i:loc>https://v.example/a.png</i:loc></i:image></url>'
    )
    assert read(body) == (PAGES[:1], None)


def test_an_empty_sitemap_is_one() -> None:
    assert read(urlset()) == ([], None)


def test_urls_keep_their_signs() -> None:
    assert urls_of(urlset("https://v.example/tool/é-ü")) == ["https://v.example/tool/é-ü"]


def test_declared_encodings() -> None:
    body = urlset("https://v.example/tool/é", before="<?xml version='1.0' encoding='iso-8859-1'?>")
    assert urls_of(body.decode().encode("latin-1")) == ["https://v.example/tool/é"]


urls = st.from_regex(r"https://v\.example/[a-z0-9/-]{1,20}", fullmatch=True)


@given(st.lists(urls, max_size=20), st.booleans())
def test_what_was_written_is_read(urls: list[str], packed: bool) -> None:
    body = urlset(*urls)
    assert urls_of(gzip.compress(body) if packed else body) == urls


# ---- damaged ones --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "trouble"),
    [
        (b"", "no sound XML"),
        (b" \n ", "no sound XML"),
        (b"<!doctype html><html><p>Not found<br></html>", "no sound XML"),
        (b"<html><body><p>Not found</p></body></html>", "no sitemap"),
        (b'{"urls": []}', "no sound XML"),
        (b"https://verdicts.example/tool/a\n", "no sound XML"),
        (b"<rss><channel><item><loc>x</loc></item></channel></rss>", "no sitemap"),
        (b"<loc>https://verdicts.example/</loc>", "no sitemap"),
        (b"<!-- a --><url/>", "no sitemap"),
        (b"\0" * 50, "no sound XML"),
        (b"\x1f\x8b", "cut off"),
        (b"\x1f\x8brubbish", "damaged"),
        (gzip.compress(b"", mtime=0), "no sound XML"),
    ],
)
def test_what_is_no_sitemap_says_so(body: bytes, trouble: str) -> None:
    found, said = read(body)
    assert found == []
    assert trouble in (said or "")


@pytest.mark.parametrize("rubbish", [b"<url><loc>https://v.example/x", b"</nothing>", b"& ", b"\xff\xfe", b"\0", b"<<"])
def test_urls_before_the_damage_are_kept(rubbish: bytes) -> None:
    parts = urlset(*PAGES).split(b"</url>\n")
    found, said = read(b"</url>\n".join([*parts[:1000], rubbish, *parts[1000:]]))
    assert found[:1000] == PAGES[:1000]
    assert len(found) <= 1001
    assert "no sound XML" in (said or "")


def test_what_is_wrong_is_said_in_one_line() -> None:
    assert "\n" not in str(read(b"<urlset>\0</urlset>")[1])


def test_an_encoding_that_is_not_what_it_says() -> None:
    body = urlset(*PAGES[:3], "https://v.example/é", before="<?xml version='1.0' encoding='utf-8'?>")
    found, said = read(body.decode().encode("latin-1"))
    assert found == PAGES[:3]
    assert "encoding" in (said or "")


def test_an_encoding_that_no_one_knows() -> None:
    assert "no sound XML" in (read(urlset(PAGES[0], before="<?xml version='1.0' encoding='martian'?>"))[1] or "")


@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_urls_before_the_end_of_a_cut_gzip_are_kept(share: float) -> None:
    packed = gzip.compress(urlset(*PAGES))
    found, said = read(packed[: int(len(packed) * share)])
    assert found == PAGES[: len(found)]
    assert len(found) > len(PAGES) * share / 2
    assert said == "its gzip is cut off"


def test_a_gzip_that_ends_before_its_checksum() -> None:
    assert read(gzip.compress(urlset(*PAGES))[:-4]) == (PAGES, "its gzip is cut off")


def test_a_gzip_with_a_wrong_checksum() -> None:
    found, said = read(gzip.compress(urlset(*PAGES))[:-8] + bytes(8))
    assert found == PAGES[: len(found)]
    assert "damaged" in (said or "")


@given(st.data())
def test_a_cut_sitemap_gives_its_beginning(data: st.DataObject) -> None:
    body = urlset(*PAGES[:50])
    found, said = read(body[: data.draw(st.integers(0, len(body) - 1))])
    assert found == PAGES[: len(found)]
    assert said is not None


pieces = st.sampled_from(
    [
        *(b"<urlset>", b"</urlset>", b"<url>", b"</url>", b"<loc>", b"</loc>", b"https://v.example/a", b"<!--", b"-->"),
        *(b"<url/>", b"<x:loc>", b"<x:y", b">", b"<![CDATA[", b"]]>", b"&amp;", b"&x;", b"<?pi ?>", b"\xff", b"\0"),
        *(b"<!DOCTYPE a [<!ENTITY x 'y'>]>", b"\x1f\x8b", b"<a b='", b"{}", b"{urn}"),
    ]
)


@given(st.lists(pieces, max_size=14).map(b"".join) | st.binary(max_size=60))
def test_nothing_raises_anything_else(body: bytes) -> None:
    read(body)
    read(gzip.compress(body))


# ---- written in bad faith ------------------------------------------------------------------------------------


def laughs(where: str) -> bytes:
    entities = "<!ENTITY l0 'ha'>" + "".join(f"<!ENTITY l{level} '{f'&l{level - 1};' * 10}'>" for level in range(1, 20))
    return f"<!DOCTYPE urlset [{entities}]>{where}".encode()


@pytest.mark.parametrize(
    "where",
    [
        "<urlset><url><loc>&l19;</loc></url></urlset>",
        "<urlset a='&l19;'><url><loc>https://v.example/</loc></url></urlset>",
        "<urlset>&l19;<url><loc>https://v.example/</loc></url></urlset>",
    ],
)
def test_entities_do_not_grow(where: str) -> None:
    before = time.process_time()
    found, _ = read(laughs(where))
    assert time.process_time() - before < 1
    assert sum(map(len, found)) < 100


def test_a_url_with_an_entity_in_it_is_left_out() -> None:
    body = urlset("https://v.example/&x;b", PAGES[0], before="<!DOCTYPE urlset [<!ENTITY x 'a'>]>")
    assert urls_of(body) == PAGES[:1]


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE urlset [<!ENTITY x SYSTEM '{file}'>]>",
        "<!DOCTYPE urlset [<!ENTITY % p SYSTEM '{file}'> %p;]>",
        "<!DOCTYPE urlset SYSTEM '{file}'>",
    ],
)
def test_no_file_is_read(tmp_path: Path, doctype: str) -> None:
    secret = tmp_path / "secret.dtd"
    secret.write_text("<!ENTITY x 'https://v.example/secret'>", "utf-8")
    body = urlset("&x;", PAGES[0], before=doctype.format(file=secret.as_uri()))
    assert "https://v.example/secret" not in read(body)[0]


def test_nothing_is_asked_for_over_the_network() -> None:
    before = time.monotonic()
    body = urlset("&x;", PAGES[0], before="<!DOCTYPE u [<!ENTITY x SYSTEM 'http://192.0.2.1/x'>]>")
    assert read(body) == (PAGES[:1], None)
    assert time.monotonic() - before < 1


def test_a_deep_sitemap() -> None:
    assert "no sound XML" in (read(b"<urlset>" + b"<a>" * 100_000)[1] or "")


def test_a_gzip_that_grows_is_read_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "MAX_SITEMAP", 1 << 20)
    body = urlset(*PAGES[:10]).replace(b"</urlset>", b"<x> </x>" * (1 << 17))
    assert read(gzip.compress(body)) == (PAGES[:10], "it is longer than 1,048,576 bytes")


def test_a_gzip_of_very_many_members_takes_no_long_time() -> None:
    before = time.process_time()
    read(gzip.compress(b"") * 20_000)
    assert time.process_time() - before < 2


def test_as_many_urls_as_a_sitemap_may_have() -> None:
    many = [f"https://verdicts.example/compare/a{number}-vs-b{number}" for number in range(50_000)]
    assert urls_of(urlset(*many)) == many


def test_more_urls_are_not_taken() -> None:
    many = [f"https://verdicts.example/tool/a{number}" for number in range(50_001)]
    assert read(urlset(*many)) == (many[:-1], "it names more than 50,000 addresses")


def test_an_endless_url_is_not_taken() -> None:
    assert urls_of(urlset(PAGES[0], PAGES[0] + "x" * 3000, PAGES[1])) == PAGES[:2]
