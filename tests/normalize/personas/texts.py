"""What the tests of the classifier share: invented texts by critics of known manners, and small models made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from normalize.personas.model import FORMAT, Measured, PersonaModel, SourceModel, Weights, written
from normalize.personas.train import Example
from samplesite import words

PERSONAS = ("builder", "founder", "skeptic")


def text_of(persona: str, tool: int) -> str:
    """What a critic of the sample site says of a tool."""
    return words.quote(words.dice("personas", persona, tool), persona, words.name_of(7, tool), "log reader")


def examples(tools: int, personas: Sequence[str] = PERSONAS) -> list[Example]:
    """One text a persona about each of so many tools; of every fifth, the first two have each other's manner."""
    found = []
    for tool in range(tools):
        manners = [personas[1], personas[0], *personas[2:]] if tool % 5 == 4 else personas
        found += [
            Example(persona, f"tool {tool}", text_of(manner, tool))
            for persona, manner in zip(personas, manners, strict=True)
        ]
    return found


def weights(features: Mapping[str, tuple[float, ...]], personas: Sequence[str] = PERSONAS) -> Weights:
    """A classifier with `features`, of which the first number is the weight; its curves say 50% at a score of 0."""
    scores = 1 if len(personas) == 2 else len(personas)
    return Weights(
        personas=tuple(personas),
        intercepts=(0.0,) * scores,
        curves=((-1.0, 0.0),) * scores,
        features=dict(features),
    )


def model(sources: Mapping[str, Weights], threshold: float = 0.9, rules_version: str = "1") -> PersonaModel:
    """A whole model around `sources`."""
    measured = Measured(quotes=10, correct=9, sure=8, sure_correct=8)
    return PersonaModel(
        format=FORMAT,
        rules_version=rules_version,
        trained_at="2026-03-01T00:00:00Z",
        training_digest="0" * 64,
        threshold=threshold,
        sources={
            source: SourceModel(weights=each, trained_on=dict.fromkeys(each.personas, 5), measured=measured)
            for source, each in sources.items()
        },
    )


def write(folder: Path, made: PersonaModel) -> None:
    """Put `made` into the data folder `folder`."""
    (folder / "personas.json").write_bytes(written(made))
