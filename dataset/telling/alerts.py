"""Sends alerts about changes through apprise, each change once.

A message is text of at most a few thousand characters. After each message, what was sent is recorded
(`dataset.telling.told`), so a receiver that fails gets the rest the next time, and nothing twice.
"""

from __future__ import annotations

import logging
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dataset.asking.reading_changes import ChangeSeen, Wanted
from dataset.signs import visible
from dataset.telling import telling
from dataset.telling.told import Memory, News, Retracted, channel_of

MOST_SIGNS = 3000
"""The maximum number of characters in a message; chat services accept about four thousand."""

Send = Callable[[str, str], None]
"""A function that sends a title and a text; it raises `AlertError` if that fails."""


class AlertError(Exception):
    """An alert could not be sent. The text says why, but not the whole address, which may contain a password."""


@dataclass
class Sent:
    """What was sent to a receiver."""

    messages: int = 0
    changes: int = 0
    retracted: int = 0


@dataclass(frozen=True)
class Message:
    """A message, and the changes that it reports."""

    title: str
    text: str
    news: News


def receiver(address: str) -> Send:
    """Return a function that sends to `address`; raise `AlertError` if apprise is missing or can't use the address."""
    try:
        from apprise import Apprise, LogCapture, NotifyFormat  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415
    except ImportError as error:
        raise AlertError("alerts need apprise: pip install 'verdictlog[alerts]'") from error
    apprise = Apprise()
    scheme = address.partition(":")[0][:20]
    with _its_own_matters(), LogCapture(level=logging.WARNING):  # type: ignore[no-untyped-call,unused-ignore]
        known = apprise.add(address)
    if not known:
        raise AlertError(f"{scheme}://…: apprise can't send to this kind of address")

    def send(title: str, text: str) -> None:
        log_of = LogCapture(level=logging.WARNING, fmt="%(message)s")  # type: ignore[no-untyped-call,unused-ignore]
        with _its_own_matters(), log_of as log:
            done = apprise.notify(title=title, body=text, body_format=NotifyFormat.TEXT)
            why = " ".join(log.getvalue().split())
        if not done:
            raise AlertError(f"the receiver at {scheme}://… did not accept an alert{': ' + why if why else ''}")

    return send


@contextmanager
def _its_own_matters() -> Iterator[None]:
    """Silence the deprecation warnings that apprise causes while it loads its services."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def messages_of(news: News) -> Iterator[Message]:
    """Yield messages about `news`, grouped by listing; a message covers several listings if it stays short enough."""
    parts: list[tuple[str, ChangeSeen | Retracted, str]] = []
    for group in telling.by_listing(news.changes):
        head = f"{telling.name_of(group[0])}  ({group[0].listing_id})"
        parts += [
            (head, each, f"- {telling.line(each)}\n  {each.after.url or each.after.capture_id}")
            for between in telling.by_captures(group)
            for each in between
        ]
    for gone in news.retracted:
        head = f"{telling.name_of(gone)}  ({gone.listing_id})"
        parts.append((head, gone, f"- retracted, because an older capture was added: {telling.line(gone)}"))
    while parts:
        taken: list[tuple[str, ChangeSeen | Retracted, str]] = []
        size = 0
        while parts and (not taken or size + len(parts[0][2]) <= MOST_SIGNS):
            taken.append(parts.pop(0))
            size += len(taken[-1][2]) + 1
        yield _message(taken)


def _message(taken: list[tuple[str, ChangeSeen | Retracted, str]]) -> Message:
    lines: list[str] = []
    heads = list(dict.fromkeys(head for head, _, _ in taken))
    for head in heads:
        lines += [head, *(text for its_head, _, text in taken if its_head == head), ""]
    changes = [each for _, each, _ in taken if isinstance(each, ChangeSeen)]
    retracted = [each for _, each, _ in taken if isinstance(each, Retracted)]
    names = list(dict.fromkeys(telling.name_of(each) for _, each, _ in taken))
    about = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    counts = [f"{len(changes)} change{'s' * (len(changes) != 1)}"] if changes else []
    counts += [f"{len(retracted)} retracted"] if retracted else []
    title = f"{' and '.join(counts)}: {about}"
    return Message(visible(title), visible("\n".join(lines).strip()), News(changes, retracted))


def alert(  # noqa: PLR0913  (each is plain)
    con: sqlite3.Connection, memory: Memory, address: str, send: Send, wanted: Wanted, clock: Callable[[], str]
) -> Sent:
    """Send the `wanted` changes that were not sent to `address` yet; raise `AlertError` at the first failure."""
    channel = channel_of(address)
    news = memory.news(channel, con, wanted)
    sent = Sent()
    for message in messages_of(news):
        send(message.title, message.text)
        memory.note(channel, message.news, clock(), con, is_all=False)
        sent.messages += 1
        sent.changes += len(message.news.changes)
        sent.retracted += len(message.news.retracted)
    memory.note(channel, News(noted=news.noted, dropped=news.dropped), clock(), con)
    return sent
