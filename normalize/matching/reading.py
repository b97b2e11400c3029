"""What a name says, part by part. Two names with equal readings are one name, however they are spelled."""

from __future__ import annotations

from typing import Any, NamedTuple


class Reading(NamedTuple):
    """A name, read. All words are folded; an absent part is an empty tuple."""

    compact: str
    """All that counts of the name, in its order, without blanks."""
    core: tuple[str, ...]
    """What no other part takes: the words by which the tool is called. The maker's name where nothing else is left."""
    joined: str
    """The core's words in the name's order, without blanks."""
    maker: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    """`4.1`, `4o`, `k2.6`, `wave12`: a letter or word before the number is part of it, "v" and a last ".0" are not."""
    sizes: tuple[str, ...] = ()
    """`70b`, `8x22b`; active `a3b`; experts `16e`; context `32k`."""
    line: tuple[str, ...] = ()
    """Words that name another product of a line."""
    form: tuple[str, ...] = ()
    """Words that name a form of one product."""
    serving: tuple[str, ...] = ()
    """How the same thing is packed or served: `fp8`, `free`."""
    dates: tuple[str, ...] = ()
    """`2024-11-20`, `2025-07`, `--05-28` (no year), `2025`."""
    generic: tuple[str, ...] = ()
    floating: bool = False
    """Follows whatever is newest."""
    notes: tuple[str, ...] = ()
    """Licences, release forms and regions, said in parentheses. They separate nothing."""
    aliases: tuple[str, ...] = ()
    """The name without a parenthesis, and what the parenthesis says, where that may be a name of its own (compact)."""
    nameless: bool = False
    """The core is only the maker's name or what else was at hand: the name has no word of its own."""

    @property
    def line_key(self) -> str:
        """The line's words in one."""
        return "+".join(self.line)


def as_json(reading: Reading) -> dict[str, Any]:
    """The reading for a record: only the parts that it has."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in reading._asdict().items() if value
    }
