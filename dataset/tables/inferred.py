"""Names of critics that no page tells: a frozen classifier (``personas.json`` in the data folder) may infer them.

Only reviews of which neither labels nor rows of scorecards tell the critic are looked at, one listing at a time, after
everything else about it is settled: so an inferred name joins no quotes, and makes no id, version or change. It is
left out where two reviews of one critic would have stood on a listing at the same time.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.urls import FIRST_SOURCE, listing_id
from dataset.folding.fold_reviews import Problem
from dataset.ids import problem_id_of
from dataset.schema.tables import RULES_VERSION, table
from dataset.tables.rows import Rows

if TYPE_CHECKING:
    from normalize.personas.model import PersonaModel

MODEL = "personas.json"
"""The frozen classifier, in the data folder."""

FACT = "persona_model"
"""The fact that names the model which a dataset was built with: its SHA-256, or why there is none that can be used."""

INFERRED = "inferred"

Row = dict[str, Any]


@dataclass(frozen=True)
class Inference:
    """What infers the critics of reviews in one build. `state` differs from that of any other; None: there is no model.

    `trouble` says why the model can't be used, if it can't.
    """

    model: PersonaModel | None = None
    state: str | None = None
    trouble: str | None = None

    def infer(self, source: str, reviews: Sequence[Row]) -> list[Row]:
        """`reviews`, all those of one listing of `source`, with the critic and the confidence where they are sure."""
        if self.model is None or source not in self.model.sources:
            return list(reviews)
        from normalize.personas.judge import guess  # noqa: PLC0415

        weights = self.model.sources[source].weights
        claims: dict[int, Row] = {}
        for place, review in enumerate(reviews):
            found = guess(weights, review["quote"]) if review["persona"] is None else None
            if found is not None and found.confidence >= self.model.threshold:
                named = listing_id(source, found.persona)
                sure = {"persona": named, "persona_source": INFERRED, "persona_confidence": found.confidence}
                claims[place] = review | sure
        all_named = [claims.get(place, review) for place, review in enumerate(reviews)]
        return [
            review if place not in claims or _is_doubted(place, all_named) else claims[place]
            for place, review in enumerate(reviews)
        ]

    def affected(self, con: sqlite3.Connection) -> set[str]:
        """The listings in `con` of which it may name other critics than the model that they were built with did."""
        known = con.execute("SELECT value FROM dataset_info WHERE key = ?", (FACT,)).fetchone()
        if (known[0] if known else None) == self.state:
            return set()
        sql = "SELECT DISTINCT listing_id FROM reviews WHERE persona IS NULL OR persona_source = ?"
        return {row[0] for row in con.execute(sql, (INFERRED,))}

    def note_trouble(self, rows: Rows) -> set[str]:
        """Bring what is told of the model's trouble up to date. Gives the ids of the problems that may have changed."""
        problem_id = problem_id_of("persona_model_unusable", MODEL)
        new = []
        if self.trouble is not None:
            told = Problem("warning", "persona_model_unusable", MODEL, self.trouble, path=MODEL)
            new.append({"problem_id": problem_id, "met_in": f"file:{MODEL}", "position": 0, **told._asdict()})
        sightings = table("problem_sightings")
        rows.replace(sightings, rows.select(sightings, "met_in", [f"file:{MODEL}"]), new)
        return {problem_id}

    def facts(self) -> dict[str, str]:
        """What `dataset_info` says of the model."""
        found = {} if self.state is None else {FACT: self.state}
        if self.model is not None:
            found["persona_model_trained_at"] = self.model.trained_at
            found["persona_model_threshold"] = str(self.model.threshold)
            for source, figures in figures_of(self.model).items():
                found[f"{FACT}:{source}"] = json.dumps(figures)
        return found


def _is_doubted(place: int, reviews: Sequence[Row]) -> bool:
    """Whether another of `reviews` bears the name that the one at `place` would, and stood at the same time."""
    own = reviews[place]
    return any(
        other["persona"] == own["persona"] and _began_within(own, other) and _began_within(other, own)
        for at, other in enumerate(reviews)
        if at != place
    )


def _began_within(one: Row, other: Row) -> bool:
    """Whether `one` was first seen before `other` was withdrawn, if it ever was."""
    return other["withdrawn_at"] is None or bool(one["first_seen"] < other["withdrawn_at"])


def figures_of(model: PersonaModel) -> dict[str, dict[str, Any]]:
    """For each source of `model`: what it was trained on, and how it did on tools it had not seen (shares, 0–1)."""
    figures: dict[str, dict[str, Any]] = {}
    for source, each in sorted(model.sources.items()):
        measured = each.measured
        right = measured.sure_accuracy
        figures[source] = {
            "quotes": measured.quotes,
            "accuracy": round(measured.accuracy, 4),
            "coverage": round(measured.coverage, 4),
            "accuracy_where_sure": None if right is None else round(right, 4),
            "trained_on": dict(each.trained_on),
        }
    return figures


def name_at(source: str, persona: str) -> str:
    """The name that `source` prints for the persona whose id is `persona`."""
    return persona if source == FIRST_SOURCE else persona.removeprefix(f"{source}:")


def inference_of(data: Path) -> Inference:
    """What the model in the folder `data` infers. Where it can't be used, that is told, and nothing is inferred."""
    path = data / MODEL
    try:
        body = model_bytes(path)
    except FileNotFoundError:
        return Inference()
    except OSError as error:
        return _unusable(f"it can't be read ({error.strerror or error})")
    from normalize.personas.model import ModelError, read_model  # noqa: PLC0415

    try:
        model = read_model(body, str(RULES_VERSION))
    except ModelError as error:
        return _unusable(str(error))
    return Inference(model, hashlib.sha256(body).hexdigest())


def model_bytes(path: Path) -> bytes:
    """The content of the model at `path`, and no more than a model can have. Raises `OSError`."""
    from normalize.personas.model import MOST_BYTES  # noqa: PLC0415

    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(None, "it is no file")
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _unusable(why: str) -> Inference:
    words = f"{MODEL}: {why}. No critic was inferred; train it anew with verdictlog personas train, or remove the file"
    return Inference(state=f"unusable: {why}", trouble=words)
