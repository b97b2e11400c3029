"""What a dataset answers to questions that take long: kept for as long as it is served, for it answers nothing else.

A table's counts by facet, or a question of the catalogue with nothing typed, are asked by everybody who comes along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataset.serving.site.kept import Kept

if TYPE_CHECKING:
    from datasette.database import Results  # type: ignore[import-untyped]

LONG = 0.005
"""Seconds of CPU; an answer that took less is as soon made anew."""

MOST_ANSWERS = 128
MOST_SIGNS = 64 * 1024
"""An answer is kept if its values are no longer than so many signs together."""

Question = tuple[str, str, bool, int | None]


class Answers:
    """The answers of one dataset; each to a question that `question` names."""

    def __init__(self) -> None:
        self._kept = Kept(MOST_ANSWERS)

    @staticmethod
    def question(sql: str, values: Any, *, truncate: bool, page_size: int | None) -> Question:
        """All that an answer depends on, beside the dataset: the SQL, its values, and how many rows are wanted."""
        return sql, repr(values), truncate, page_size

    def known(self, question: Question) -> Results | None:
        """The answer, if it is kept."""
        return self._kept.known(question)

    def add(self, question: Question, answer: Results, seconds: float) -> None:
        """Keep the `answer`, which took so many `seconds` of CPU, if that is worth while and it is short."""
        if seconds >= LONG and sum(len(str(value)) for row in answer.rows for value in row) <= MOST_SIGNS:
            self._kept.keep(question, answer)
