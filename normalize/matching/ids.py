"""Ids of tools. A listing has a permanent birth id; the id of a tool is the birth id of its earliest listing.

So ids only depend on the current clusters: if a merge is undone, the tools get their former ids back.
"""

from __future__ import annotations

import json
from hashlib import blake2b


def birth_id(listing_id: str) -> str:
    """Return the id that the listing has as a tool of its own (16 hex digits)."""
    return blake2b(json.dumps(("tool", listing_id)).encode(), digest_size=8).hexdigest()
