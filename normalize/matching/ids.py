"""Ids of tools. A listing has a birth id for ever; a tool's id is that of its earliest listing.

So ids follow from the partition alone: what is merged and taken apart again has its former ids.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import blake2b

from normalize.matching.listing import Listing


def birth_id(listing_id: str) -> str:
    """The id that the tool of this listing has if no other listing is it (16 hex digits)."""
    return blake2b(json.dumps(("tool", listing_id)).encode(), digest_size=8).hexdigest()


def tool_id(members: Iterable[Listing]) -> str:
    """The id of the tool that these listings are: the birth id of the earliest.

    Raises:
        ValueError: there are none.

    """
    return birth_id(min(members, key=lambda each: each.order).listing_id)


def redirects(members: Iterable[Listing]) -> dict[str, str]:
    """Birth ids that are no tool's id, as their listings are members of another: each with the tool's id."""
    listings = list(members)
    present = tool_id(listings)
    births = (birth_id(each.listing_id) for each in listings)
    return {birth: present for birth in births if birth != present}
