"""The parsed form of a name. Two names with equal readings are the same name with different spellings."""

from __future__ import annotations

from typing import Any, NamedTuple


class Reading(NamedTuple):
    """A parsed name. All words are folded; a missing part is an empty tuple."""

    compact: str
    """Everything significant in the name, in its order, without spaces."""
    core: tuple[str, ...]
    """The words that belong to no other part: the actual name of the tool. The maker's name if nothing else is left."""
    joined: str
    """The words of the core in their original order, without spaces."""
    maker: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    """`4.1`, `4o`, `k2.6`, `wave12`: includes a letter or word in front of the number, but not "v" or a final ".0"."""
    sizes: tuple[str, ...] = ()
    """`70b`, `8x22b`; active `a3b`; experts `16e`; context `32k`."""
    line: tuple[str, ...] = ()
    """Words for a different product of a line (editions)."""
    form: tuple[str, ...] = ()
    """Words for a release form of the same product."""
    serving: tuple[str, ...] = ()
    """Packaging or serving of the same product: `fp8`, `free`."""
    dates: tuple[str, ...] = ()
    """`2024-11-20`, `2025-07`, `--05-28` (no year), `2025`."""
    generic: tuple[str, ...] = ()
    floating: bool = False
    """The name means the latest version."""
    notes: tuple[str, ...] = ()
    """Licences, release forms and regions in parentheses. They don't separate names."""
    aliases: tuple[str, ...] = ()
    """The name without a parenthesis, and the text of the parenthesis, if that may be a name itself (compact)."""
    nameless: bool = False
    """The name has no word of its own: the core is only the maker's name or another part."""

    @property
    def line_key(self) -> str:
        """Return the words of the edition as one string."""
        return "+".join(self.line)


def as_json(reading: Reading) -> dict[str, Any]:
    """Return the reading for a record, without empty parts."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in reading._asdict().items() if value
    }
