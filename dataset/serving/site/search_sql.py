"""The SQL of the search page: how hits are found, counted and summed up. ``{where}`` narrows them down.

Lists come as one value, in JSON: each row that Python fetches costs a turn among all requests that are at work. Words
are looked up first (so says CROSS JOIN), and what they find is narrowed down: the other way round, they would be looked
up anew for each listing of a category.
"""

# ruff: noqa: S608  (our own SQL alone; what people type is bound)

from __future__ import annotations


def _by_words(of_listing: str, of_tool: str) -> str:
    """The listings whose own words are found or those of their tool, with what is said of either, as ``place``."""
    return f"""
    SELECT l.tool_id AS id, l.rowid AS best, {of_listing} AS place
      FROM listings_fts CROSS JOIN listings l ON l.rowid = listings_fts.rowid
     WHERE listings_fts MATCH :words AND {{where}}
     UNION ALL
    SELECT l.tool_id, l.rowid, {of_tool}
      FROM tools_fts CROSS JOIN tools t ON t.rowid = tools_fts.rowid CROSS JOIN listings l ON l.tool_id = t.tool_id
     WHERE tools_fts MATCH :words AND {{where}}"""


_RANKED = _by_words("bm25(listings_fts, 10.0, 4.0, 1.0)", "bm25(tools_fts, 10.0, 4.0, 2.0)")

# Of each tool the listing that fits best, by its row. The inner LIMIT keeps the order.
TOOLS_BY_WORDS = f"""
SELECT json_group_array(best) FROM (
    SELECT id, min(place) AS place, best FROM ({_RANKED})
     GROUP BY id
     ORDER BY place, id LIMIT :most)"""
TOOLS = """
SELECT json_group_array(best) FROM (
    SELECT l.tool_id AS id, min(l.name COLLATE NOCASE) AS place, l.rowid AS best
      FROM listings l
     WHERE {where}
     GROUP BY l.tool_id
     ORDER BY place, id LIMIT :most)"""
QUOTES_BY_WORDS = """
SELECT json_group_array(best) FROM (
    SELECT r.rowid AS best
      FROM reviews_fts CROSS JOIN reviews r ON r.rowid = reviews_fts.rowid {join}
     WHERE reviews_fts MATCH :words AND {where}
     ORDER BY {order} LIMIT :most)"""
QUOTES = """
SELECT json_group_array(best) FROM (
    SELECT r.rowid AS best
      FROM reviews r {join}
     WHERE {where}
     ORDER BY r.score DESC, r.rowid DESC LIMIT :most)"""
AS_THEY_COME = "reviews_fts.rowid"
BEST_FIRST = "bm25(reviews_fts), r.rowid"

COUNTED_TOOLS = f"SELECT count(*) FROM (SELECT DISTINCT id FROM ({_by_words('0', '0')}) LIMIT :most)"
COUNTED_ALL_TOOLS = "SELECT count(*) FROM (SELECT DISTINCT l.tool_id FROM listings l WHERE {where} LIMIT :most)"
COUNTED_QUOTES = """
SELECT count(*) FROM (
    SELECT 1 FROM reviews_fts CROSS JOIN reviews r ON r.rowid = reviews_fts.rowid {join}
     WHERE reviews_fts MATCH :words AND {where} LIMIT :most)"""
COUNTED_ALL_QUOTES = "SELECT count(*) FROM (SELECT 1 FROM reviews r {join} WHERE {where} LIMIT :most)"
JOIN = "JOIN listings l ON l.listing_id = r.listing_id"

IN_TOOLS = {
    "verdict": "l.panel_verdict = :verdict",
    "category": "l.category = :category",
    "price": "l.pricing_model = :price",
    "vendor": "l.tool_id IN (SELECT tool_id FROM tools WHERE vendor = :vendor)",
    # The plus keeps SQLite from reading all reviews of the critic for each listing.
    "persona": "EXISTS (SELECT 1 FROM reviews r WHERE r.listing_id = l.listing_id AND +r.persona = :persona)",
}
IN_QUOTES = {**IN_TOOLS, "verdict": "r.verdict = :verdict", "persona": "r.persona = :persona"}


def _facets(facts: str, of_personas: str) -> str:
    """How many of the hits (a JSON list of rows) have which values: a row for each facet, with an object as JSON."""
    others = (f"SELECT '{name}', {name}, count(*) FROM facts GROUP BY {name}" for name in _OTHERS)
    return f"""
WITH hits AS MATERIALIZED (SELECT value AS best FROM json_each(?)),
facts AS MATERIALIZED ({facts}),
counted(facet, value, count) AS ({of_personas} UNION ALL {" UNION ALL ".join(others)})
SELECT facet, json_group_object(value, count) AS counts FROM counted WHERE value IS NOT NULL GROUP BY facet"""


_OTHERS = ("verdict", "category", "vendor", "price")
FACETS_OF_TOOLS = _facets(
    """
    SELECT l.rowid AS best, l.listing_id, l.panel_verdict AS verdict, l.category, t.vendor, l.pricing_model AS price
      FROM hits h CROSS JOIN listings l ON l.rowid = h.best JOIN tools t ON t.tool_id = l.tool_id""",
    """
    SELECT 'persona', r.persona, count(DISTINCT f.best)
      FROM facts f CROSS JOIN reviews r ON r.listing_id = f.listing_id GROUP BY r.persona""",
)
FACETS_OF_QUOTES = _facets(
    """
    SELECT r.persona, r.verdict, l.category, t.vendor, l.pricing_model AS price
      FROM hits h CROSS JOIN reviews r ON r.rowid = h.best JOIN listings l ON l.listing_id = r.listing_id
      JOIN tools t ON t.tool_id = l.tool_id""",
    "SELECT 'persona', persona, count(*) FROM facts GROUP BY persona",
)

MARKED = """
SELECT rowid, {shown} FROM {index}
 WHERE {index} MATCH :words AND rowid BETWEEN :first AND :last
   AND +rowid IN (SELECT value FROM json_each(:ids))"""
"""The texts of some rows with their hits marked, in one go: row by row, a word's beginning would be looked up anew for
each, among all words that begin so."""
