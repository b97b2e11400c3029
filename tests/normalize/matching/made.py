"""Made-up listings: few names, so that they meet, in all the forms that the rules tell apart."""

from __future__ import annotations

from hypothesis import strategies as st

from normalize.matching.ids import birth_id
from normalize.matching.judgements import Answer, Card, Judgement
from normalize.matching.listing import Listing
from normalize.matching.matcher import Matcher

NAMES = (
    "Quandor",
    "quandor",
    "Google Quandor",
    "Quandor 2",
    "Quandor 3",
    "QUANDOR-2",
    "Google Quandor 2",
    "Adobe Quandor 2",
    "Quandor 2 (free)",
    "Quandor 2 Pro",
    "Quandor 2 FP8",
    "Quandor 2 7B",
    "Quandor 2 9B",
    "Drizzle Hub",
    "DrizzleHub",
    "Hub Drizzle",
    "Drizzle Hub AI",
    "Drizzlewrite",
    "Drizzelwrite",
    "DeepSeek R7",
    "R7",
    "Zellow (Quandor 2)",
)
TEXTS = (
    None,
    "Sorts gravel by the sound that each pebble makes",
    "Gravel is sorted: every pebble is known by sound",
    "Forecasts ferry delays for harbour crews",
)
IDS = tuple("abcdefghij")
DAYS = tuple(f"2026-11-0{day}T00:00:00Z" for day in range(1, 5))


def listings(ids: tuple[str, ...] = IDS) -> st.SearchStrategy[Listing]:
    """A listing under one of these ids."""
    return st.builds(
        Listing,
        st.sampled_from(ids),
        st.sampled_from(NAMES),
        st.sampled_from(DAYS),
        st.sampled_from(TEXTS),
        st.none(),
        st.sampled_from([None, "Sieves"]),
    )


def judgement(
    number: int, left: Listing, right: Listing, answer: Answer | None, *, revokes: str | None = None
) -> Judgement:
    """What somebody said of two listings as they are, as the line of this number."""
    said = {"id": f"j{number:03}", "time": f"2026-11-10T00:{number // 60:02}:{number % 60:02}Z", "who": "wren"}
    if answer is None:
        return Judgement(**said, revokes=revokes)
    return Judgement(
        **said,
        left=left.listing_id,
        right=right.listing_id,
        answer=answer,
        revokes=revokes,
        left_card=Card(name=left.name, tagline=left.tagline),
        right_card=Card(name=right.name, tagline=right.tagline),
    )


def redirects(matcher: Matcher) -> dict[str, str]:
    """Birth ids that are no tool's id, each with the id of the tool that its listing is now."""
    listed = [each for members in matcher.partition().values() for each in members]
    tools = {birth_id(each): matcher.tool_of(each) for each in listed}
    return {birth: tool for birth, tool in tools.items() if birth != tool}
