"""The description for search engines, with what no page should be able to do through it."""

from __future__ import annotations

import json

from dataset.asking.sources import Source
from dataset.exports.datapackage import Facts
from dataset.serving.web_about import data_block, json_ld


def test_no_text_ends_the_element() -> None:
    hostile = "</script><script>alert(1)</script><!-- & "
    block = data_block({"name": hostile})
    assert "<" not in block
    assert ">" not in block
    assert json.loads(str(block)) == {"name": hostile}


def test_an_empty_dataset_says_nothing_of_times() -> None:
    told = json_ld(Facts({}, [], None, None), lambda path: f"https://x.example{path}")
    assert "temporalCoverage" not in told
    assert "dateModified" not in told
    assert told["url"] == "https://x.example/"
    assert "isBasedOn" not in told


def test_the_sites_that_it_was_read_from() -> None:
    sources = [Source("saved", None), Source("shiporskip", "https://shiporskip.io/")]
    told = json_ld(Facts({}, sources, None, None), lambda path: f"https://x.example{path}")
    assert told["isBasedOn"] == [
        {"@type": "WebSite", "name": "saved"},
        {"@type": "WebSite", "name": "shiporskip.io", "url": "https://shiporskip.io/"},
    ]
