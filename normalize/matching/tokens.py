"""Splits a name into tokens: folded words and numbers, with dates extracted and decimals restored.

Case, accents, punctuation and compatibility forms (NFKC) don't matter. Decimal points, `#` and `++` do, and so does a
plus at the end of a word, which is the word "plus" ("R+" is "R Plus"). The "4-6" of a slug is 4.6.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from normalize.fold import stream_safe

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_YEAR = r"20[12]\d"
_MONTH = r"(?:0[1-9]|1[0-2])"
_DAY = r"(?:0[1-9]|[12]\d|3[01])"
_NAMED = r"(?P<named>jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DATES = re.compile(
    r"(?<![^\W_])(?<!\.)(?:"
    rf"(?P<y1>{_YEAR})[-_./]?(?P<m1>{_MONTH})[-_./]?(?P<d1>{_DAY})"
    rf"|(?P<m2>{_MONTH})[-_/](?P<y2>{_YEAR})"
    rf"|(?P<y3>{_YEAR})[-_/]?(?P<m3>{_MONTH})"
    rf"|(?P<y4>2\d)(?P<m4>{_MONTH})(?P<d4>{_DAY})"
    rf"|{_NAMED}[ -](?:(?P<d5>\d{{1,2}})(?:st|nd|rd|th)?,?[ -])?(?P<y5>{_YEAR})"
    rf"|(?P<m6>{_MONTH})(?P<d6>{_DAY})"
    rf"|(?P<y7>2[2-9])(?P<m7>{_MONTH})"
    rf"|(?P<y8>{_YEAR})"
    r")(?![^\W_]|\.\d)"
)
_MAY_BE_DATE = re.compile(r"\d\d[-_/]?\d\d|\b20\d\d")
_SLUG_DECIMAL = re.compile(r"(?<![\d.])(\d{1,2})((?:[-_]\d{1,2})+)(?![^\W_]|\.|[-_]\d{3})")
_PLUS = re.compile(r"(?<=\w)\+(?![\w+])")
_JOINED_AI = re.compile(r"(?<=[a-z])AI\b")
_TOKEN = re.compile(r"[^\W_]+(?:(?<=\d)\.(?=\d)[^\W_]+)*(?:\+\+|#)?")
_DOMAIN = re.compile(r"(?<=[^\W_])\.([a-z]+)\b")
_QUANT = re.compile(r"\b(i?q\d)[-_]k(?:[-_](?:xs|s|m|l|xl))?\b")


class Cut(NamedTuple):
    """A part of a name: its tokens, dates (`2024-11-20`, `2025-07`, `--05-28`, `2025`), and top-level domain."""

    tokens: tuple[str, ...]
    dates: tuple[str, ...]
    domains: tuple[str, ...]


def fold(text: str) -> str:
    """Return `text` without case, accents and compatibility forms."""
    if text.isascii():
        return text.lower()
    parted = unicodedata.normalize("NFKD", stream_safe(text.casefold()))
    kept = "".join(sign for sign in parted if not unicodedata.combining(sign))
    return unicodedata.normalize("NFKC", kept).casefold()


def _date_of(found: re.Match[str]) -> str:
    said = found.groupdict()

    def get(part: str) -> str | None:
        return next((said[f"{part}{number}"] for number in range(1, 9) if said.get(f"{part}{number}")), None)

    year, month, day = get("y"), get("m"), get("d")
    if year is not None and len(year) == 2:
        year = f"20{year}"
    if (named := said["named"]) is not None:
        month = f"{MONTHS.index(named[:3]) + 1:02}"
        day = f"{int(day):02}" if day else None
    if year is None:
        return f"--{month}-{day}"
    return "-".join(part for part in (year, month, day) if part)


def _decimal(found: re.Match[str]) -> str:
    return found[1] + found[2].replace("-", ".").replace("_", ".")


def cut(text: str, domains: frozenset[str]) -> Cut:
    """Return the tokens of `text`, a name or a part of one; `domains` are top-level domains, which are not words."""
    dates: list[str] = []
    text = fold(_JOINED_AI.sub(" AI", text) if "AI" in text else text)
    if _MAY_BE_DATE.search(text):

        def take(found: re.Match[str]) -> str:
            dates.append(_date_of(found))
            return " "

        text = _DATES.sub(take, text)
    if "-" in text or "_" in text:
        text = _QUANT.sub(r"\1", text)
        text = _SLUG_DECIMAL.sub(_decimal, text)
    if "+" in text:
        text = _PLUS.sub(" plus", text)
    ends: list[str] = []
    if "." in text:

        def end(found: re.Match[str]) -> str:
            if found[1] not in domains:
                return f" {found[1]}"
            ends.append(found[1])
            return " "

        text = _DOMAIN.sub(end, text)
    return Cut(tuple(_TOKEN.findall(text)), tuple(dates), tuple(ends))
