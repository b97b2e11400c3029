"""Training a classifier of personas, and measuring it on tools that it has not seen. Needs scikit-learn.

Texts are weighed by TF-IDF and told apart by logistic regression. Its scores become probabilities by a curve for each
persona (Platt's), fitted on texts that the classifier had not seen; it keeps some doubt also where all of them were
named rightly. Texts about one tool are never on both sides of a split, for they share names and subjects. All is done
in a fixed order by one thread, and the numbers are cut to a few digits: the same texts give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from normalize.personas.features import features_of
from normalize.personas.judge import guess
from normalize.personas.model import Measured, SourceModel, Weights

if TYPE_CHECKING:
    from sklearn.calibration import CalibratedClassifierCV  # type: ignore[import-untyped]

LEAST_QUOTES = 20
LEAST_TOOLS = 10
"""Each persona must have so many texts, about so many tools."""

MOST_QUOTES = 1000
"""So many texts of a persona are taken at most: more would take longer, and teach little."""

MOST_FEATURES = 20_000
LEAST_TEXTS = 2
"""A feature that fewer texts show is left out."""

PARTS, INNER_PARTS = 5, 3
"""In how many parts the texts are split to measure a classifier, and within that to fit its curves."""

DIGITS = 6


class Example(NamedTuple):
    """A text, whose it is (the persona's name as printed), and which tool it is about (any id)."""

    persona: str
    tool: str
    text: str


class MissingExtraError(ImportError):
    """scikit-learn is not installed."""


class TooFewError(ValueError):
    """There are too few texts to train on. The text says of whom."""


def chosen(examples: Iterable[Example]) -> list[Example]:
    """What of `examples` is trained on, in order: each text once, none that two personas share, not too many of one.

    Which ones are taken where there are too many, a hash decides: it does not depend on order or on chance.
    """
    by_text: dict[str, set[Example]] = defaultdict(set)
    for each in examples:
        by_text[" ".join(each.text.split())].add(each)
    single = [min(these) for these in by_text.values() if len({each.persona for each in these}) == 1]
    single.sort(key=lambda each: hashlib.sha256(json.dumps(each).encode()).digest())
    taken: Counter[str] = Counter()
    found = []
    for each in single:
        taken[each.persona] += 1
        if taken[each.persona] <= MOST_QUOTES:
            found.append(each)
    return sorted(found)


def digest_of(examples: Iterable[Example]) -> str:
    """A hash of `examples`, whatever their order."""
    return hashlib.sha256(json.dumps(sorted(examples)).encode()).hexdigest()


def train(examples: Sequence[Example], threshold: float) -> SourceModel:
    """A classifier trained on `examples` (as `chosen` gives them), and how it does where it must reach `threshold`.

    Raises `TooFewError` where there are too few, `MissingExtraError` without scikit-learn.
    """
    _check_enough(examples)
    counts: Counter[str] = Counter()
    with _one_thread():
        features = [features_of(each.text) for each in examples]
        for rest, held in _splits(examples, PARTS):
            weights = freeze(_fit([examples[place] for place in rest], [features[place] for place in rest]))
            for place in held:
                counts.update(_judged(weights, examples[place], threshold))
        weights = freeze(_fit(examples, features))
    measured = Measured(quotes=len(examples), **{name: counts[name] for name in ("correct", "sure", "sure_correct")})
    trained_on = Counter(each.persona for each in examples)
    return SourceModel(weights=weights, trained_on=dict(sorted(trained_on.items())), measured=measured)


def _one_thread() -> Any:
    """So that sums are made in the same order everywhere; it holds for libraries that are loaded already."""
    try:
        import sklearn.linear_model  # type: ignore[import-untyped]  # noqa: F401, PLC0415
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError(
            "training needs scikit-learn, which is not installed: pip install 'verdictlog[classify]'"
        ) from error
    return threadpool_limits(limits=1)


def _check_enough(examples: Sequence[Example]) -> None:
    """Raises `TooFewError` where a persona has too few examples, or there are not two."""
    tools: dict[str, set[str]] = defaultdict(set)
    for each in examples:
        tools[each.persona].add(each.tool)
    counts = Counter(each.persona for each in examples)
    if len(counts) < 2:
        raise TooFewError("pages print the names of fewer than two critics")
    few = [
        f"{persona} has {counts[persona]:,} of {len(tools[persona]):,}"
        for persona in sorted(counts)
        if counts[persona] < LEAST_QUOTES or len(tools[persona]) < LEAST_TOOLS
    ]
    if few:
        raise TooFewError(
            f"each critic needs {LEAST_QUOTES} labelled quotes about {LEAST_TOOLS} tools; {', '.join(few)}"
        )


def _splits(examples: Sequence[Example], parts: int) -> Iterator[tuple[list[int], list[int]]]:
    """Ways to hold a part of `examples` back, all texts about a tool together: what is left, and what is held back."""
    from sklearn.model_selection import StratifiedGroupKFold  # type: ignore[import-untyped]  # noqa: PLC0415

    personas = [each.persona for each in examples]
    for rest, held in StratifiedGroupKFold(parts).split(examples, personas, [each.tool for each in examples]):
        if {personas[place] for place in rest} != set(personas):
            raise TooFewError("all labelled quotes of a critic are about tools that can't be told apart from others")
        yield rest.tolist(), held.tolist()


def _as_it_is(features: list[str]) -> list[str]:
    return features


def fit(examples: Sequence[Example]) -> CalibratedClassifierCV:
    """scikit-learn's classifier for `examples`, which takes lists of features; its numbers are cut to a few digits."""
    with _one_thread():
        return _fit(examples, [features_of(each.text) for each in examples])


def _fit(examples: Sequence[Example], features: Sequence[list[str]]) -> CalibratedClassifierCV:
    from sklearn.calibration import CalibratedClassifierCV  # noqa: PLC0415
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]  # noqa: PLC0415

    weigh = TfidfVectorizer(
        analyzer=_as_it_is, min_df=LEAST_TEXTS, max_features=MOST_FEATURES, sublinear_tf=True, norm="l2"
    )
    pipeline = make_pipeline(weigh, LogisticRegression(C=10.0, max_iter=1000))
    splits = list(_splits(examples, INNER_PARTS))
    classifier = CalibratedClassifierCV(pipeline, method="sigmoid", cv=splits, ensemble=False)
    classifier.fit(features, [each.persona for each in examples])
    [calibrated] = classifier.calibrated_classifiers_
    fitted, regression = calibrated.estimator[0], calibrated.estimator[1]
    fitted.idf_ = fitted.idf_.round(DIGITS)
    regression.coef_ = regression.coef_.round(DIGITS)
    regression.intercept_ = regression.intercept_.round(DIGITS)
    for curve in calibrated.calibrators:
        curve.a_, curve.b_ = round(float(curve.a_), DIGITS), round(float(curve.b_), DIGITS)
    return classifier


def freeze(classifier: CalibratedClassifierCV) -> Weights:
    """The numbers of `classifier`, as `fit` gives it."""
    [calibrated] = classifier.calibrated_classifiers_
    weigh, regression = calibrated.estimator[0], calibrated.estimator[1]
    columns = [weigh.idf_.tolist(), *regression.coef_.tolist()]
    return Weights(
        personas=tuple(map(str, classifier.classes_)),
        intercepts=tuple(regression.intercept_.tolist()),
        curves=tuple((curve.a_, curve.b_) for curve in calibrated.calibrators),
        features={
            str(name): tuple(column[place] for column in columns)
            for place, name in enumerate(weigh.get_feature_names_out())
        },
    )


def _judged(weights: Weights, example: Example, threshold: float) -> Iterator[str]:
    """What is to be counted of `example`, which `weights` have not seen."""
    found = guess(weights, example.text)
    if found is None:
        return
    correct, sure = found.persona == example.persona, found.confidence >= threshold
    names = (("correct", correct), ("sure", sure), ("sure_correct", correct and sure))
    yield from (name for name, is_so in names if is_so)
