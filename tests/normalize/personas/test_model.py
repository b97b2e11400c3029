"""The frozen classifier as a file: the same bytes, read strictly, and nothing hostile gets in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from normalize.personas import model as models
from normalize.personas.model import Measured, ModelError, read_model, written
from tests.normalize.personas.texts import model, weights

WHOLE = model({"site": weights({"w ab": (1.5, 0.25, -1.0, 0.0), "p  ab": (2.0, 0.0, 0.5, 1e-06)})})


def test_it_comes_back_as_it_was() -> None:
    assert read_model(written(WHOLE), "1") == WHOLE
    assert written(read_model(written(WHOLE), "1")) == written(WHOLE)


def test_it_is_plain_json() -> None:
    said = json.loads(written(WHOLE))
    assert said["sources"]["site"]["weights"]["features"]["w ab"] == [1.5, 0.25, -1.0, 0.0]


def changed(change: Callable[[Any], object]) -> bytes:
    said = json.loads(written(WHOLE))
    change(said)
    return json.dumps(said).encode()


def site(said: Any) -> Any:
    return said["sources"]["site"]


HOSTILE = {
    "empty": (b"", "no model of personas"),
    "no json": (b"\x80\x04\x95pickle", "no model of personas"),
    "deep": (b"[" * 200_000, "no model of personas"),
    "a list": (b"[]", "no model of personas"),
    "cut": (written(WHOLE)[:-40], "no model of personas"),
    "of another kind": (changed(lambda said: said.update(format="x")), "that this version of verdictlog can use"),
    "of other rules": (
        changed(lambda said: said.update(rules_version="7" * 99)),
        "rules version 77777777777777777777,",
    ),
    "no threshold": (changed(lambda said: said.pop("threshold")), "threshold: Field required"),
    "a threshold of 0": (changed(lambda said: said.update(threshold=0)), "greater than 0"),
    "more than it should say": (changed(lambda said: said.update(code="import os")), "code: Extra inputs"),
    "no sources": (changed(lambda said: said.update(sources={})), "sources"),
    "a text as a number": (changed(lambda said: site(said)["weights"].update(intercepts=["1", "2", "3"])), "number"),
    "not a number": (changed(lambda said: site(said)["weights"].update(intercepts=[float("nan"), 0, 0])), "damaged"),
    "too few numbers": (changed(lambda said: site(said)["weights"]["features"].update({"w ab": [1.0]})), "3 scores"),
    "too few intercepts": (changed(lambda said: site(said)["weights"]["intercepts"].pop()), "3 scores"),
    "one persona twice": (changed(lambda said: site(said)["weights"].update(personas=["a", "a", "b"])), "twice"),
    "one persona": (changed(lambda said: site(said)["weights"].update(personas=["a"])), "at least 2"),
    "counts that can't be": (changed(lambda said: site(said)["measured"].update(sure=3)), "add up"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_anything_else_is_refused_with_a_reason(name: str) -> None:
    body, why = HOSTILE[name]
    with pytest.raises(ModelError) as raised:
        read_model(body, "1")
    assert why in str(raised.value)
    assert len(str(raised.value)) < 300


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "MOST_BYTES", 100)
    with pytest.raises(ModelError, match="larger than"):
        read_model(written(WHOLE), "1")


def test_shares_follow_from_the_counts() -> None:
    measured = Measured(quotes=10, correct=9, sure=8, sure_correct=6)
    assert (measured.accuracy, measured.coverage, measured.sure_accuracy) == (0.9, 0.8, 0.75)
    assert Measured(quotes=10, correct=9, sure=0, sure_correct=0).sure_accuracy is None
