"""The truth as JSON: what a perfect crawler would have read, and every real change with its exact moment."""

from __future__ import annotations

from typing import Any

from samplesite import words
from samplesite.content import FIELDS, Card, card_as_json
from samplesite.series import iso
from samplesite.world import Listing, Snapshot, World

Json = dict[str, Any]


def truth(snapshot: Snapshot) -> Json:
    """Return the site at one moment: listings by slug, what happened to former ones, comparisons, reviewers."""
    gone = {slug: snapshot.gone(slug) for slug in snapshot.world.listings}
    return {
        "now": iso(snapshot.moment),
        "seed": snapshot.world.seed,
        "listings": {slug: _listing(snapshot, each) for slug, each in snapshot.present.items()},
        "gone": {slug: {"status": each.status, "to": each.to} for slug, each in gone.items() if each is not None},
        "comparisons": [list(pair) for pair in snapshot.pairs()],
        "reviewers": {persona: _reviewer(snapshot, persona) for persona in words.PERSONAS},
    }


def _listing(snapshot: Snapshot, listing: Listing) -> Json:
    said = card_as_json(listing.card(snapshot.moment))
    return {"tool": listing.tool.id, "changed_at": iso(listing.changed(snapshot.moment)), **said}


def _reviewer(snapshot: Snapshot, persona: str) -> Json:
    categories: Json = {}
    for category in snapshot.categories:
        judged = snapshot.judged(persona, category)
        if judged:
            categories[category] = {
                "tools": len(judged),
                "shipped": sum(review.verdict == "ship" for _, _, review in judged),
                "verdicts": [
                    {"slug": slug, "tagline": card.tagline, "quote": review.quote} for slug, card, review in judged
                ],
            }
    return {
        "motto": words.MOTTOS[persona],
        "bio": words.BIOS[persona],
        "excited_about": list(words.LIKES[persona]),
        "tired_of": list(words.HATES[persona]),
        "categories": categories,
    }


def changes(world: World, since: int, until: int) -> list[Json]:
    """Return every change after `since` and up to `until`, in chronological order.

    A listing that appears, vanishes or comes back is one change of its field ``present`` (a slug that moves is two: the
    old one vanishes, the new one appears); the fields of its card don't count as changed then. Likewise, a review that
    is written or withdrawn is one change of the review's ``present``.
    """
    found: list[Json] = []
    for slug, listing in world.listings.items():
        for edge, there in listing.edges:
            if since < edge <= until:
                found.append(_change("listing", slug, None, "present", not there, there, edge))
        for moment in listing.turns(since, until):
            found += _differences(slug, listing.card(moment - 1), listing.card(moment), moment)
    return sorted(found, key=lambda change: (change["at"], change["slug"], change["persona"] or "", change["field"]))


def _change(kind: str, slug: str, persona: str | None, field: str, old: object, new: object, moment: int) -> Json:
    return {
        "kind": kind,
        "slug": slug,
        "persona": persona,
        "field": field,
        "old": old,
        "new": new,
        "at": iso(moment),
    }


def _differences(slug: str, old: Card, new: Card, moment: int) -> list[Json]:
    found = [
        _change("listing", slug, None, field, getattr(old, field), getattr(new, field), moment)
        for field in FIELDS
        if getattr(old, field) != getattr(new, field)
    ]
    before = {review.persona: review for review in old.reviews}
    after = {review.persona: review for review in new.reviews}
    for persona in dict.fromkeys((*before, *after)):
        one, other = before.get(persona), after.get(persona)
        if one is None or other is None:
            found.append(_change("review", slug, persona, "present", one is not None, other is not None, moment))
            continue
        found += [
            _change("review", slug, persona, field, getattr(one, field), getattr(other, field), moment)
            for field in ("score", "verdict", "quote")
            if getattr(one, field) != getattr(other, field)
        ]
    return found
