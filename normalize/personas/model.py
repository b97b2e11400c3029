"""The frozen classifier: plain numbers in JSON, read strictly. It holds no code: a file of any origin is harmless."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

FORMAT = "verdictlog persona model 1"
"""What a model calls itself. The number goes up when a model of the old kind would be applied otherwise."""

MOST_BYTES = 64 << 20
"""No model is larger."""

Number = Annotated[float, Field(allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class ModelError(ValueError):
    """A file that can't be used as a model. The text says why, in words without the file's name."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Measured(_Strict):
    """How a model did on texts about tools that it had not seen: of `quotes` texts it named `correct` rightly; it was
    sure of `sure`, and of these named `sure_correct` rightly.
    """

    quotes: Annotated[int, Field(ge=1)]
    correct: Count
    sure: Count
    sure_correct: Count

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if not (self.sure_correct <= self.sure <= self.quotes and self.sure_correct <= self.correct <= self.quotes):
            raise ValueError("the counts don't add up")
        return self

    @property
    def accuracy(self) -> float:
        """The share of all texts that it names rightly (0–1)."""
        return self.correct / self.quotes

    @property
    def coverage(self) -> float:
        """The share of all texts of which it is sure (0–1)."""
        return self.sure / self.quotes

    @property
    def sure_accuracy(self) -> float | None:
        """The share that it names rightly of those of which it is sure (0–1); None where it never is."""
        return self.sure_correct / self.sure if self.sure else None


class Weights(_Strict):
    """A trained classifier of one site's critics.

    `personas` are their names, as the site prints them. `features` gives for each feature its weight in a text and then
    one coefficient for each score, `intercepts` one number for each score. `curves` (slope and place of a sigmoid) make
    scores into probabilities. There is a score for each persona; of two, for the second one alone.
    """

    personas: Annotated[tuple[Name, ...], Field(min_length=2)]
    intercepts: tuple[Number, ...]
    curves: tuple[tuple[Number, Number], ...]
    features: dict[str, tuple[Number, ...]]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if len(set(self.personas)) < len(self.personas):
            raise ValueError("a persona stands there twice")
        scores = 1 if len(self.personas) == 2 else len(self.personas)
        if {len(self.intercepts), len(self.curves), *(len(each) - 1 for each in self.features.values())} != {scores}:
            raise ValueError(f"there must be numbers for {scores} scores")
        return self


class SourceModel(_Strict):
    """One site's classifier, the number of texts of each persona that it was trained on, and how it did."""

    weights: Weights
    trained_on: dict[Name, Count]
    measured: Measured


class PersonaModel(_Strict):
    """The classifiers of all sites, frozen.

    `training_digest` is a hash of all texts that they were trained on; `trained_at` a time as the caller writes it;
    `rules_version` that of the rules which named those texts. A persona is only told from a confidence of `threshold`.
    """

    format: str
    rules_version: str
    trained_at: str
    training_digest: str
    threshold: Annotated[Number, Field(gt=0, le=1)]
    sources: Annotated[Mapping[Name, SourceModel], Field(min_length=1)]


class _Head(BaseModel):
    """What is looked at first: whether it is one of ours at all."""

    model_config = ConfigDict(extra="ignore", strict=True)

    format: str
    rules_version: str


def written(model: PersonaModel) -> bytes:
    """`model` as JSON: a line for each feature, the same bytes for the same model."""
    text = model.model_dump_json(indent=None)
    return (text.replace('],"', '],\n"') + "\n").encode()


def read_model(body: bytes, rules_version: str) -> PersonaModel:
    """The model in `body`. Raises `ModelError` where it is none, is damaged, or is of other rules."""
    if len(body) > MOST_BYTES:
        raise ModelError(f"it is larger than {MOST_BYTES >> 20} MB, and no model is")
    try:
        head = _Head.model_validate_json(body)
    except ValidationError as error:
        raise ModelError(f"it is no model of personas ({_words(error)})") from error
    if head.format != FORMAT:
        raise ModelError("it is no model of personas that this version of verdictlog can use")
    if head.rules_version != rules_version:
        raise ModelError(
            f"it was trained under rules version {head.rules_version[:20]}, the present one is {rules_version}"
        )
    try:
        return PersonaModel.model_validate_json(body)
    except ValidationError as error:
        raise ModelError(f"it is damaged ({_words(error)})") from error


def _words(error: ValidationError) -> str:
    """The first flaw, and where it is."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(each)[:40] for each in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])
