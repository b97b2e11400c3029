"""Categories: spellings of one are one, the rest passes through."""

from __future__ import annotations

from pathlib import Path

import pytest

from normalize import categories
from normalize.categories import Category, category_of, mapping

MAPPED = {
    "Voice & Audio": "Audio & Voice",
    "VOICE AND AUDIO": "Audio & Voice",
    "Audio & Speech": "Audio & Voice",
    "Foundation Models": "AI Models",
    "developer  tools": "Developer Tools",
    "Local AI / Distributed Inference": "AI Infrastructure",
}


@pytest.mark.parametrize("printed", MAPPED)
def test_mapped(printed: str) -> None:
    assert category_of(printed) == Category(MAPPED[printed], is_known=True)


def test_what_is_not_listed_passes_through() -> None:
    assert category_of(" Shelving\u00a0Aids ") == Category("Shelving Aids", is_known=False)


@pytest.mark.parametrize("printed", [None, "", "  "])
def test_nothing_is_none(printed: str | None) -> None:
    assert category_of(printed) is None


def test_every_canonical_name_is_its_own() -> None:
    assert [name for name in mapping() if category_of(name) != Category(name, is_known=True)] == []


def test_a_spelling_listed_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "categories.yml"
    path.write_text("Audio: [Voice]\nSpeech: [VOICE]\n")
    monkeypatch.setattr(categories, "TABLE", path)
    with pytest.raises(ValueError, match="'VOICE' is listed for 'Audio' and for 'Speech'"):
        mapping.__wrapped__()
