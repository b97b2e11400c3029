"""The addresses of pages: each said once, all with the path under which a proxy publishes the server."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from urllib.parse import quote, unquote, urlencode, urlsplit

from datasette.utils import tilde_decode, tilde_encode  # type: ignore[import-untyped]

from dataset.place import DATABASE


def in_path(word: str) -> str:
    """`word` as one part of a path: dots and slashes written as Datasette writes them in its own paths."""
    return str(tilde_encode(word))


def from_path(part: str) -> str:
    """The word that stands in a path as `part`."""
    return str(tilde_decode(unquote(part)))


def is_web_link(url: str | None) -> bool:
    """Whether a url that a page printed may become a link: http or https, nothing else."""
    if url is None:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def tool_path(slug: str) -> str:
    """The page of a tool, by its slug or any of its ids."""
    return f"/tool/{in_path(slug)}"


def compare_path(left: str, right: str) -> str:
    """The page that holds two tools side by side."""
    return f"/compare/{in_path(left)}/{in_path(right)}"


def persona_path(persona: str) -> str:
    """The page of a critic."""
    return f"/persona/{in_path(persona)}"


class Links:
    """Addresses as templates need them. `path` adds the prefix; `pages` are the names of the pages there are."""

    def __init__(self, path: Callable[[str], str], pages: Collection[str]) -> None:
        self.path = path
        self._pages = frozenset(pages)

    def home(self) -> str:
        """The home page."""
        return self.path("/")

    def tool(self, slug: str) -> str:
        """The page of a tool."""
        return self.path(tool_path(slug))

    def compare(self, left: str, right: str) -> str:
        """The page that holds two tools side by side."""
        return self.path(compare_path(left, right))

    def search(self, **words: str | None) -> str:
        """The search page with these words; those that are empty are left out."""
        given = {name: word for name, word in words.items() if word}
        return self.path("/search") + (f"?{urlencode(given)}" if given else "")

    def row(self, table: str, *key: str) -> str:
        """Datasette's own page of a row."""
        return self.path(f"/{DATABASE}/{table}/{','.join(map(in_path, key))}")

    def table(self, table: str, filters: Mapping[str, str] | None = None) -> str:
        """Datasette's own page of a table, with filters."""
        return self.path(f"/{DATABASE}/{table}") + (f"?{urlencode(filters)}" if filters else "")

    def evidence(self, capture_id: str, change_id: str | None = None) -> str:
        """The page of a capture; with `change_id` it points at what it shows of that change."""
        if "evidence" in self._pages:
            words = f"?{urlencode({'change': change_id})}" if change_id else ""
            return self.path(f"/evidence/{in_path(capture_id)}") + words
        return self.row("captures", capture_id)

    def raw(self, capture_id: str) -> str:
        """The stored bytes of a capture."""
        return self.path(f"/evidence/{in_path(capture_id)}/raw")

    def changes(self, **words: str | None) -> str:
        """The page of changes with these filters; those that are empty are left out."""
        given = {name: word for name, word in words.items() if word}
        return self.path("/changes") + (f"?{urlencode(given)}" if given else "")

    def persona(self, persona: str) -> str:
        """The page of a persona."""
        if "persona" in self._pages:
            return self.path(persona_path(persona))
        return self.row("personas", persona)

    def feed(self, tool: str | None = None) -> str:
        """The Atom feed of changes: of one tool, or of all."""
        return self.path(f"/-/feeds/tool/{quote(tool, safe='')}.atom" if tool else "/-/feeds/changes.atom")
