"""Pages kept in memory: made once for each key, bounded, and never a failure."""

from __future__ import annotations

import threading

import pytest

from dataset.serving.site.kept import Kept


def test_a_thing_is_made_once_for_each_key() -> None:
    numbers = iter(range(9))
    kept = Kept()
    assert [kept.get(key, lambda: next(numbers)) for key in ("one", "other", "one")] == [0, 1, 0]


def test_the_one_not_asked_for_the_longest_goes() -> None:
    kept = Kept(most=2)
    for key in ("one", "other"):
        kept.get(key, lambda: "old")
    kept.get("one", lambda: "new")
    kept.get("third", lambda: "old")
    assert kept.get("one", lambda: "new") == "old"
    assert kept.get("other", lambda: "new") == "new"


def test_a_failure_is_not_kept() -> None:
    kept = Kept()
    with pytest.raises(ZeroDivisionError):
        kept.get("one", lambda: 1 // 0)
    assert kept.get("one", lambda: "made") == "made"


def test_of_many_who_ask_at_once_one_makes_it() -> None:
    kept, begun, go = Kept(), threading.Event(), threading.Event()
    found: list[int] = []

    def make() -> int:
        begun.set()
        assert go.wait(10)
        return 1

    first = threading.Thread(target=lambda: found.append(kept.get("one", make)))
    others = [threading.Thread(target=lambda: found.append(kept.get("one", lambda: 2))) for _ in range(3)]
    first.start()
    assert begun.wait(10)
    for thread in others:
        thread.start()
    assert kept.get("other", lambda: 3) == 3, "what is made elsewhere holds up nobody"
    go.set()
    for thread in (first, *others):
        thread.join(10)
    assert found == [1, 1, 1, 1]
