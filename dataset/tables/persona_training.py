"""Training the classifier of personas on the labelled reviews of a dataset, and keeping it beside the dataset.

A model is only kept if it did as well as it claims on tools that it had not seen. Only printed names teach: what was
inferred before never does.
"""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from dataset.asking.opening import opened
from dataset.building.lock import cannot_write
from dataset.schema.tables import RULES_VERSION
from dataset.tables.inferred import MODEL, name_at
from normalize.personas.model import FORMAT, PersonaModel, SourceModel, written
from normalize.personas.train import Example, TooFewError, chosen, digest_of, train

LABELLED_SQL = """
SELECT l.source, r.persona, r.tool_id, r.quote
  FROM reviews r JOIN listings l ON l.listing_id = r.listing_id
 WHERE r.persona_source = 'labelled'
"""


@dataclass
class Trained:
    """What a training gave: the model (None where there is none), and for sources without one, why."""

    model: PersonaModel | None
    left_out: dict[str, str] = field(default_factory=dict)


def examples_of(con: sqlite3.Connection) -> dict[str, list[Example]]:
    """What each source's classifier is trained on: the quotes beside which its pages print names."""
    found: dict[str, list[Example]] = defaultdict(list)
    for source, persona, tool, quote in con.execute(LABELLED_SQL):
        found[source].append(Example(name_at(source, persona), tool, quote))
    return {source: chosen(found[source]) for source in sorted(found)}


def train_personas(data: Path, threshold: float, trained_at: str) -> Trained:
    """Train on the dataset in the folder `data`, and write the model there if any source has one that holds.

    Raises `DatasetError` where there is no dataset, `MissingExtraError` without scikit-learn, `BuildError` where the
    model can't be written.
    """
    with opened(data) as con:
        examples = examples_of(con)
    sources: dict[str, SourceModel] = {}
    left_out: dict[str, str] = {}
    for source, each in examples.items():
        try:
            found = train(each, threshold)
        except TooFewError as error:
            left_out[source] = str(error)
            continue
        fault = _fault(found, threshold)
        if fault is None:
            sources[source] = found
        else:
            left_out[source] = fault
    if not sources:
        return Trained(None, left_out)
    digests = [Example(source, "", digest_of(examples[source])) for source in sources]
    model = PersonaModel(
        format=FORMAT,
        rules_version=str(RULES_VERSION),
        trained_at=trained_at,
        training_digest=digest_of(digests),
        threshold=threshold,
        sources=sources,
    )
    _keep(data, written(model))
    return Trained(model, left_out)


def _fault(found: SourceModel, threshold: float) -> str | None:
    """Why a classifier is not kept; None where it is."""
    right = found.measured.sure_accuracy
    if right is None:
        return f"on tools that it had not seen, the classifier was never as sure as {threshold:g}"
    if right < threshold:
        return (
            f"on tools that it had not seen, the classifier was right in only {right:.1%} of the cases where it was at "
            f"least {threshold:.1%} sure. A higher --threshold may hold"
        )
    return None


def _keep(data: Path, body: bytes) -> None:
    """Put the model into place in one step."""
    unfinished = data / f".{MODEL}.writing"
    try:
        with unfinished.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(data / MODEL)
    except OSError as error:
        raise cannot_write(data / MODEL, error) from error
    finally:
        unfinished.unlink(missing_ok=True)
