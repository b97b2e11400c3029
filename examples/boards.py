"""The URLs and the page reader of *boards*, the sample server's second site (docs/another-site.md explains it)."""

from __future__ import annotations

import re
from functools import partial
from itertools import groupby

from crawler.items import ComparePage, Review, Verdict
from crawler.pages import read_by
from crawler.pages.decode import LOST
from crawler.pages.sheet import CardDraft, Sheet, clip
from crawler.sites import Site
from crawler.urls import pair_of

# The labels that visitors see.
HOME = "Boards"
COST = "Cost: "
JUROR = "Juror "
RATING = re.compile(r"Rating (\d|10(?=\.0))\.(\d) of 10")
WORDS: dict[str, Verdict] = {"Keep": "ship", "Drop": "skip"}


def is_versus(sheet: Sheet) -> bool:
    """Whether the page uses the labels of a comparison on boards."""
    return any(text.startswith((COST, JUROR)) for text in sheet.texts)


def read_versus(sheet: Sheet) -> ComparePage | None:
    """Return the record of a page, or None and a problem if it doesn't have two contenders."""
    heads = [n for n, block in enumerate(sheet.blocks) if block.tag == "h2"]
    title = next((n for n, block in enumerate(sheet.blocks) if block.tag == "h1"), len(sheet))
    if len(heads) != 2 or title > heads[0]:
        sheet.problem("error", "card_unreadable", f"below its title the page has {len(heads)} contenders, not two")
        return None
    pair = pair_of(sheet.url)
    left = CardDraft(sheet, "left", pair.left if pair else None)
    right = CardDraft(sheet, "right", pair.right if pair else None)
    if sheet.texts[:title] == [HOME]:
        sheet.mark(0)
    question = sheet.take(title)
    if question == " or ".join(sheet.texts[n] for n in heads) + "?":
        left.put("name", sheet.take(heads[0]))
        right.put("name", sheet.take(heads[1]))
    else:
        sheet.problem("warning", "title_mismatch", f"the title does not ask for the two: {question!r}", field="name")
    read_contender(sheet, heads[0], heads[1], left)
    read_contender(sheet, heads[1], len(sheet), right)
    stopped_at = None if sheet.whole else "contenders"
    cards = {"left": left.card(), "right": right.card()}
    return ComparePage(url=sheet.url, title=question, **cards, complete=sheet.whole, stopped_at=stopped_at)


def read_contender(sheet: Sheet, head: int, end: int, draft: CardDraft) -> None:
    """Read a contender between the name at `head` and `end`: motto, cost, then a table of jurors."""
    table = next((n for n in range(head + 1, end) if sheet.blocks[n].tag == "td"), end)
    if table == head + 3 and sheet.texts[head + 2].startswith(COST):
        draft.put("tagline", sheet.take(head + 1))
        draft.put("pricing", sheet.take(head + 2).removeprefix(COST))
    else:
        doubt(draft, "pricing", "a motto and 'Cost: …'", sheet.texts[head + 1 : table])
    for _, row in groupby(range(table, end), key=lambda n: sheet.blocks[n].holder):
        read_juror(sheet, list(row), draft)


def read_juror(sheet: Sheet, row: list[int], draft: CardDraft) -> None:
    """Read one row of the table: who, the rating, the word, the reason."""
    cells = [sheet.texts[n] for n in row]
    if len(cells) != 4 or not cells[0].startswith(JUROR) or LOST in cells[3]:
        doubt(draft, "reviews", "'Juror …', a rating, a word and a reason", cells)
        return
    sheet.mark(row[0], row[-1] + 1)
    rating, word = RATING.fullmatch(cells[1]), WORDS.get(cells[2])
    score = int(rating[1] + rating[2]) if rating else None
    if score is None:
        doubt(draft, "score", "'Rating 7.5 of 10'", cells[1:2])
    if word is None:
        doubt(draft, "verdict", "'Keep' or 'Drop'", cells[2:3])
    draft.add_review(Review(persona=cells[0].removeprefix(JUROR).lower(), score=score, verdict=word, quote=cells[3]))


def doubt(draft: CardDraft, field: str, wanted: str, found: list[str]) -> None:
    """Report that the page differs from what is expected; the value is not read."""
    message = f"instead of {wanted}, the page has {clip(' / '.join(found))!r}"
    draft.sheet.problem("warning", "label_without_value", message, field=field, side=draft.side)


# /versus/a/b compares a with b. So that you can try it, the example also accepts any port of this machine.
SITE = Site(
    name="boards",
    hosts=("boards.example", "127.0.0.1:*"),
    kinds={"compare": "/versus/(?P<left>[^/]+)/(?P<right>[^/]+)"},
    read=partial(read_by, [("compare", is_versus, read_versus)]),
)
