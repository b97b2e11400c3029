"""The sample server's second site, *boards*: what its urls mean, and a reader of its pages. See docs/another-site.md."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from itertools import groupby

from crawler.items import ComparePage, Review, Side, Verdict
from crawler.pages import read_by
from crawler.pages.sheet import CardDraft, Sheet, clip
from crawler.sites import Site
from crawler.urls import pair_of

# Labels: what the site shows to people.
COST = "Cost: "
JUROR = "Juror "
RATING = re.compile(r"Rating (\d|10)\.(\d) of 10")
WORDS: dict[str, Verdict] = {"Keep": "ship", "Drop": "skip"}


# Pages: two contenders, each a name, a motto, the cost, and a table of jurors.
def is_versus(sheet: Sheet) -> bool:
    return any(text.startswith((COST, JUROR)) for text in sheet.texts)


def read_versus(sheet: Sheet) -> ComparePage | None:
    heads = [n for n, block in enumerate(sheet.blocks) if block.tag == "h2"]
    title = next((n for n, block in enumerate(sheet.blocks) if block.tag == "h1"), None)
    if len(heads) != 2 or title is None or title > heads[0]:
        sheet.problem("error", "card_unreadable", f"the page has {len(heads)} contenders below its title, not two")
        return None
    pair = pair_of(sheet.url)
    if pair is None and sheet.url is not None:
        sheet.problem("warning", "sides_unknown", "the url does not tell which tool is on which side")
    left = CardDraft(sheet, "left", pair.left if pair else None)
    right = CardDraft(sheet, "right", pair.right if pair else None)
    read_contender(sheet, heads[0], heads[1], left)
    read_contender(sheet, heads[1], len(sheet), right)
    sheet.mark(0, title + 1)
    if sheet.texts[title] == " or ".join(sheet.texts[n] for n in heads) + "?":
        left.put("name", sheet.take(heads[0]))
        right.put("name", sheet.take(heads[1]))
    else:
        sheet.problem("warning", "title_mismatch", f"the title names others: {sheet.texts[title]!r}", field="name")
    return ComparePage(
        url=sheet.url,
        title=sheet.texts[title],
        left=left.card(),
        right=right.card(),
        complete=sheet.whole,
        stopped_at=None if sheet.whole else "right",
    )


def read_contender(sheet: Sheet, head: int, end: int, draft: CardDraft) -> None:
    table = next((n for n in range(head + 1, end) if sheet.blocks[n].tag == "td"), end)
    if table == head + 3 and sheet.texts[head + 2].startswith(COST):
        draft.put("tagline", sheet.take(head + 1))
        draft.put("pricing", sheet.take(head + 2).removeprefix(COST))
    else:
        doubt(sheet, draft.side, "pricing", "a motto and 'Cost: …'", sheet.texts[head + 1 : table])
    for _, row in groupby(range(table, end), key=lambda n: sheet.blocks[n].holder):
        read_juror(sheet, list(row), draft)


def read_juror(sheet: Sheet, row: list[int], draft: CardDraft) -> None:
    cells = [sheet.texts[n] for n in row]
    if len(cells) != 4 or not cells[0].startswith(JUROR):
        return doubt(sheet, draft.side, "reviews", "'Juror …', a rating, a word and a reason", cells)
    rating, word = RATING.fullmatch(cells[1]), WORDS.get(cells[2])
    score = int(rating[1] + rating[2]) if rating else 101
    if score > 100:
        doubt(sheet, draft.side, "score", "'Rating 7.5 of 10'", cells[1:2])
    if word is None:
        doubt(sheet, draft.side, "verdict", "'Keep' or 'Drop'", cells[2:3])
    sheet.mark(row[0], row[-1] + 1)
    persona = cells[0].removeprefix(JUROR).lower()
    draft.add_review(Review(persona=persona, score=score if score <= 100 else None, verdict=word, quote=cells[3]))


def doubt(sheet: Sheet, side: Side, field: str, wanted: str, found: Sequence[str]) -> None:
    message = f"where {wanted} should stand, the page has {clip(' / '.join(found))!r}"
    sheet.problem("warning", "label_without_value", message, field=field, side=side)


# Urls: /versus/a/b compares a with b. The example stands on any port of this machine.
SITE = Site(
    name="boards",
    hosts=("boards.example", "127.0.0.1:*"),
    kinds={"compare": r"/versus/(?P<left>[^/]+)/(?P<right>[^/]+)"},
    read=partial(read_by, [("compare", is_versus, read_versus)]),
)
