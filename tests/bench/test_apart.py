"""Measurements in a process of their own: what it says is told, and that it failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.apart import say, told_by


def test_what_a_process_says_is_told_fact_by_fact(tmp_path: Path) -> None:
    words = tmp_path / "words"
    words.write_text('{"what": "one", "value": 1}\n{"what": "two", "value": 2.5}\n', "utf-8")
    said = list(told_by("json.tool", "--json-lines", "--no-indent", words))
    assert said == [{"what": "one", "value": 1}, {"what": "two", "value": 2.5}]


def test_that_a_process_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"^python -m json\.tool failed; its words stand above$"):
        list(told_by("json.tool", tmp_path / "absent"))


def test_a_fact_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    say(what="one", value=1)
    assert capsys.readouterr().out == '{"what": "one", "value": 1}\n'
