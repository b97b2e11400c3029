"""Ids of tools. A listing has a birth id for ever; a tool's id is that of its earliest listing.

So ids follow from the partition alone: what is merged and taken apart again has its former ids.
"""

from __future__ import annotations

import json
from hashlib import blake2b


def birth_id(listing_id: str) -> str:
    """The id that the tool of this listing has if no other listing is it (16 hex digits)."""
    return blake2b(json.dumps(("tool", listing_id)).encode(), digest_size=8).hexdigest()
