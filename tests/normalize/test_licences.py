"""Licences: how people spell them, and what names none for sure."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from license_expression import get_spdx_licensing  # type: ignore[import-untyped]

from normalize.licences import TABLE, is_open, licences_in, open_licences, the_one

NAMED = {
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache-2.0.": "Apache-2.0",
    "free (apache\u00a02.0)": "Apache-2.0",
    "Open source (MIT)": "MIT",
    "Open source under the MIT License": "MIT",
    "An MIT-licensed editor": "MIT",
    "GPLv3": "GPL-3.0-only",
    "GPL-3.0": "GPL-3.0-only",
    "GPLv3 or later": "GPL-3.0-or-later",
    "GNU General Public License v3": "GPL-3.0-only",
    "LGPL-2.1-or-later": "LGPL-2.1-or-later",
    "3-clause BSD": "BSD-3-Clause",
    "MPL 2.0": "MPL-2.0",
    "EUPL-1.2": "EUPL-1.2",
    "CC BY-NC 4.0": "CC-BY-NC-4.0",
    "Business Source License 1.1": "BUSL-1.1",
    "Source available (Elastic License 2.0)": "Elastic-2.0",
}
NOT_NAMED = (
    *("GPL", "BSD", "Apache", "Creative Commons", "proprietary", "", "a community licence", "Summit by mit"),
    *("Free for MIT students", "MIT-style", "modified MIT license", "was MIT, now BUSL-1.1", "not Apache 2.0"),
    *("MIT / Apache 2.0", "MIT or Apache-2.0", "Apache 2.0 with Commons Clause", "Apache 2.0.5", "Python 3.0"),
)


def licence_of(text: str) -> str | None:
    return the_one(licences_in(text))


@pytest.mark.parametrize("text", NAMED)
def test_it_is_named(text: str) -> None:
    assert licence_of(text) == NAMED[text]


@pytest.mark.parametrize("text", NOT_NAMED)
def test_it_is_not_named_for_sure(text: str) -> None:
    assert licence_of(text) is None


def test_two_are_both_found() -> None:
    assert licences_in("MIT / Apache 2.0") == {"MIT", "Apache-2.0"}


@pytest.mark.parametrize(
    ("spdx_id", "expected"),
    [("MIT", True), ("AGPL-3.0-only", True), ("CC-BY-NC-4.0", False), ("BUSL-1.1", False), ("Nonsense-1.0", False)],
)
def test_open(spdx_id: str, expected: bool) -> None:
    assert is_open(spdx_id) is expected


def test_the_list_of_open_licences_leaves_out_the_others() -> None:
    assert {"MIT", "Apache-2.0"} <= set(open_licences())
    assert "BUSL-1.1" not in open_licences()


def test_every_id_of_the_table_is_in_the_list_of_spdx() -> None:
    known = get_spdx_licensing()
    ids = [each for section in yaml.safe_load(TABLE.read_text("utf-8")).values() for each in section]
    assert [each for each in ids if str(known.parse(each, validate=True)) != each] == []


def test_every_spelling_of_the_table_is_read() -> None:
    said = {
        spelling: spdx_id
        for section in yaml.safe_load(TABLE.read_text("utf-8")).values()
        for spdx_id, spellings in section.items()
        for spelling in spellings
    }
    assert {spelling: licence_of(f"Open source ({spelling} license)") for spelling in said} == said


@given(st.text())
def test_any_text_can_be_asked(text: str) -> None:
    named = licence_of(text)
    assert named is None or licences_in(text) == {named}
