"""What matching is held against: ways that compare names as texts, each at the threshold that serves it best.

Each takes the names and the truth, and gives the best that it can do. Pairs count, not what would come of joining them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import combinations
from typing import Any

Pair = tuple[int, int]
"""Two names by their places, the lesser first."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best F1 of a way, as it is reached at one threshold."""

    precision: float
    recall: float
    threshold: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def true_pairs(truth: Sequence[str]) -> set[Pair]:
    """The pairs of places that bear the same label."""
    return {(one, other) for one, other in combinations(range(len(truth)), 2) if truth[one] == truth[other]}


def best_of(scored: Iterable[tuple[float, Pair]], wanted: set[Pair]) -> Best:
    """The threshold that gives the best F1: pairs of so much or more are taken for one."""
    best = Best(0.0, 0.0, 0.0)
    taken = right = 0
    ordered = sorted(scored, key=lambda each: -each[0])
    for place, (score, pair) in enumerate(ordered):
        taken += 1
        right += pair in wanted
        if place + 1 < len(ordered) and ordered[place + 1][0] == score:
            continue
        here = Best(right / taken, right / len(wanted), score)
        if here.f1 > best.f1:
            best = here
    return best


def folded(name: str) -> str:
    """A name with nothing but its letters and digits."""
    return re.sub(r"[\W_]+", "", name.casefold())


def exact(names: Sequence[str], wanted: set[Pair]) -> Best:
    """Equal but for case, punctuation and blanks."""
    keys = [folded(name) for name in names]
    return best_of(
        ((1.0, pair) for pair in combinations(range(len(names)), 2) if keys[pair[0]] == keys[pair[1]]), wanted
    )


def token_set(names: Sequence[str], wanted: set[Pair]) -> Best:
    """Rapidfuzz's token_set_ratio of the names in lower case, without punctuation."""
    from rapidfuzz import fuzz, utils  # noqa: PLC0415

    plain = [utils.default_process(name) for name in names]
    pairs = combinations(range(len(names)), 2)
    return best_of(((fuzz.token_set_ratio(plain[one], plain[other]), (one, other)) for one, other in pairs), wanted)


def tfidf(names: Sequence[str], wanted: set[Pair]) -> Best:
    """The cosine of TF-IDF vectors of two to four letters in a row."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]  # noqa: PLC0415

    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)).fit_transform(names)
    near = (vectors @ vectors.T).toarray()
    pairs = combinations(range(len(names)), 2)
    return best_of(((float(near[one, other]), (one, other)) for one, other in pairs), wanted)


def has_splink() -> bool:
    """Whether splink is installed (``make bench-setup``)."""
    return find_spec("splink") is not None


def splink(names: Sequence[str], truth: Sequence[str], wanted: set[Pair]) -> Best:
    """Splink on names, compact names and numbers, taught with the true labels: more than it could know elsewhere."""
    import logging  # noqa: PLC0415

    from splink import Linker, SettingsCreator, block_on  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415
    from splink import comparison_library as compare  # noqa: PLC0415
    from splink.backends.duckdb import DuckDBAPI  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

    logging.getLogger("splink").setLevel(logging.ERROR)
    rows: list[dict[str, Any]] = [
        {
            "unique_id": place,
            "name": " ".join(re.findall(r"[^\W_]+", name.casefold())),
            "compact": folded(name),
            "numbers": " ".join(re.findall(r"\d+", name)),
            "first": (re.findall(r"[^\W\d_]+", name.casefold()) or [""])[0],
            "truth": truth[place],
        }
        for place, name in enumerate(names)
    ]
    api = DuckDBAPI()
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            compare.JaroWinklerAtThresholds("name", [0.95, 0.88, 0.8]),
            compare.LevenshteinAtThresholds("compact", [1, 3]),
            compare.ExactMatch("numbers"),
        ],
        blocking_rules_to_generate_predictions=[block_on("first"), block_on("compact"), block_on("numbers")],
    )
    linker = Linker(api.register(_columns(rows)), settings, log_level="ERROR")
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_m_from_label_column("truth")
    found = linker.inference.predict(threshold_match_probability=0.0).as_record_list()
    scored = (
        (float(row["match_weight"]), tuple(sorted((int(row["unique_id_l"]), int(row["unique_id_r"]))))) for row in found
    )
    return best_of(((score, (pair[0], pair[1])) for score, pair in scored), wanted)


def _columns(rows: list[dict[str, Any]]) -> Any:
    import pyarrow  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415

    return pyarrow.Table.from_pylist(rows)
