"""How far critics agree: the views are held against the reviews themselves, paired here one by one."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from crawler.items import Card
from tests.dataset.alpha import alpha, interval, nominal, pairable
from tests.dataset.captures import Capture, Data, built, card, compared, fresh, gone, says, tool_page

CRITICS = ("builder", "founder", "futurist", "skeptic")
Judged = dict[str, dict[str, dict[str, Any]]]


def opinion(slug: str, *said: tuple[str | None, int | None, str | None]) -> Card:
    """A card on which critics say what they say."""
    reviews = [says(f"{slug} as {who or 'somebody'} {at} sees it", who, score, verdict)
               for at, (who, score, verdict) in enumerate(said)]  # fmt: skip
    return card(slug, *reviews, name=slug.title())


BEFORE = (
    opinion("alder", ("builder", 80, "ship"), ("skeptic", 20, "skip"), ("founder", 60, "ship")),
    opinion("birch", ("builder", 50, "ship"), ("skeptic", 40, "ship"), (None, 10, "skip")),
    opinion("cedar", ("builder", 30, "skip"), ("founder", None, "skip")),
    opinion("dogwood", ("builder", 90, "ship"), ("skeptic", 90, "ship"), ("futurist", 70, None)),
)


def pages(cards: Sequence[Card], at: float) -> list[Capture]:
    return [fresh(tool_page(each, at)) for each in cards]


def judged(data: Data) -> Judged:
    """What each critic says of each standing listing, by measure: named critics with one standing review of it."""
    found: defaultdict[str, defaultdict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in data.rows(
        "SELECT r.listing_id, r.persona, r.score, r.verdict FROM reviews r JOIN listings l USING (listing_id) "
        "WHERE r.withdrawn_at IS NULL AND l.withdrawn_at IS NULL AND r.persona IS NOT NULL"
    ):
        found[row["listing_id"]][row["persona"]].append(row)
    return {
        measure: {
            listing: {
                persona: rows[0][measure]
                for persona, rows in sorted(by_persona.items())
                if len(rows) == 1 and rows[0][measure] is not None
            }
            for listing, by_persona in found.items()
        }
        for measure in ("verdict", "score")
    }


def rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 4)


def check(data: Data) -> None:
    """Both views say what the reviews say."""
    by_measure = judged(data)
    panels = {row["measure"]: row for row in data.rows("SELECT * FROM panel_agreement")}
    for measure, difference in (("verdict", nominal), ("score", interval)):
        units = pairable([list(unit.values()) for unit in by_measure[measure].values()])
        row = panels.get(measure, {"listings": 0, "judgements": 0, "alpha": None})
        assert row["listings"] == len(units)
        assert row["judgements"] == sum(len(unit) for unit in units)
        assert row["alpha"] == pytest.approx(rounded(alpha(units, difference)), abs=0.0001)
    pairs = {(row["persona_a"], row["persona_b"]): row for row in data.rows("SELECT * FROM persona_agreement")}
    for one, other in combinations(CRITICS, 2):
        shared = {
            measure: [(unit[one], unit[other]) for unit in units.values() if one in unit and other in unit]
            for measure, units in by_measure.items()
        }
        if not shared["verdict"] and not shared["score"]:
            assert (one, other) not in pairs
            continue
        row = pairs.pop((one, other))
        assert row["shared_verdicts"] == len(shared["verdict"])
        assert row["shared_scores"] == len(shared["score"])
        if shared["verdict"]:
            assert row["same_verdicts"] == sum(mine == theirs for mine, theirs in shared["verdict"])
        assert row["verdict_alpha"] == pytest.approx(rounded(alpha(shared["verdict"], nominal)), abs=0.0001)
        assert row["score_alpha"] == pytest.approx(rounded(alpha(shared["score"], interval)), abs=0.0001)
        if shared["score"]:
            mean = sum(abs(mine - theirs) for mine, theirs in shared["score"]) / len(shared["score"])
            assert row["mean_score_difference"] == pytest.approx(mean, abs=0.01)
    assert not pairs


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return built(tmp_path_factory.mktemp("agreement"), *pages(BEFORE, 0))


def test_the_views_say_what_the_reviews_say(data: Data) -> None:
    check(data)


def test_a_pair_by_hand(data: Data) -> None:
    row = data.row("SELECT * FROM persona_agreement WHERE persona_a = 'builder' AND persona_b = 'skeptic'")
    assert row["shared_verdicts"] == 3
    assert row["same_verdicts"] == 2
    assert row["same_verdict_pct"] == 66.7
    assert row["shared_scores"] == 3
    assert row["mean_score_difference"] == 23.33
    assert row["verdict_alpha"] == 0.0
    assert row["source"] == "shiporskip"


def test_a_pair_that_shares_no_score_has_none(data: Data) -> None:
    row = data.row("SELECT * FROM persona_agreement WHERE persona_a = 'founder' AND persona_b = 'skeptic'")
    assert (row["shared_verdicts"], row["shared_scores"], row["mean_score_difference"]) == (1, 1, 40.0)
    row = data.row("SELECT * FROM persona_agreement WHERE persona_a = 'builder' AND persona_b = 'futurist'")
    assert (row["shared_verdicts"], row["same_verdicts"], row["same_verdict_pct"]) == (0, None, None)


def test_who_is_not_named_does_not_count(data: Data) -> None:
    row = data.row("SELECT listings, judgements FROM panel_agreement WHERE measure = 'verdict'")
    assert row == {"listings": 4, "judgements": 9}


def test_both_orders_are_whole(data: Data) -> None:
    names = data.rows("SELECT source, persona_a, persona_b FROM persona_agreement")
    assert names == sorted(names, key=lambda row: (row["source"], row["persona_a"], row["persona_b"]))


def test_what_is_edited_withdrawn_or_gone_is_taken_off(tmp_path: Path) -> None:
    first = pages(BEFORE, 0)
    later = [
        *pages([opinion("alder", ("builder", 10, "skip"), ("skeptic", 20, "skip"), ("founder", 60, "ship"))], 5),
        *pages([opinion("birch", ("builder", 50, "ship"), ("skeptic", 40, "ship"))], 6),
        gone("tool/dogwood", 6),
    ]
    data = built(tmp_path / "steps", *first)
    data.add(later)
    data.build()
    check(data)
    at_once = built(tmp_path / "once", *first, *later)
    for name in ("persona_agreement", "panel_agreement"):
        assert data.rows(f"SELECT * FROM {name}") == at_once.rows(f"SELECT * FROM {name}") != []


def test_a_critic_with_two_standing_reviews_of_a_listing_is_left_out(tmp_path: Path) -> None:
    twice = card("alder", says("It sags.", "builder", 20, "skip"), says("It holds.", "builder", 80, "ship"),
                 says("Keep it.", "skeptic", 70, "ship"))  # fmt: skip
    data = built(tmp_path, fresh(tool_page(twice, 0)))
    assert data.row("SELECT count(*) AS n FROM reviews WHERE persona = 'builder'") == {"n": 2}
    assert data.rows("SELECT * FROM persona_agreement") == data.rows("SELECT * FROM panel_agreement") == []


@pytest.mark.parametrize("seed", range(3))
def test_any_panel(seed: int, tmp_path: Path) -> None:
    """Panels by chance, in two builds; each page may say something else later."""
    chance = random.Random(seed)
    captures = []
    for at in (0, 5):
        for number in range(7):
            said = [
                (who, chance.choice((None, *range(0, 101, 7))), chance.choice((None, "ship", "skip")))
                for who in chance.sample(CRITICS, chance.randrange(len(CRITICS) + 1))
            ]
            captures.append(fresh(tool_page(opinion(f"tool-{number}", *said), at)))
    data = Data(tmp_path)
    for part in (captures[:7], captures[7:]):
        data.add(part)
        data.build()
        check(data)


def test_a_comparison_counts_both_its_sides(tmp_path: Path) -> None:
    data = built(tmp_path, fresh(compared(BEFORE[0], BEFORE[1], 0)))
    check(data)
    assert data.row("SELECT listings FROM panel_agreement WHERE measure = 'score'") == {"listings": 2}
