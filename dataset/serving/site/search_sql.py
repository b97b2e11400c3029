"""The SQL of the search page: how hits are found, counted and summed up. ``{where}`` narrows them down."""

from __future__ import annotations

TOOLS_BY_WORDS = """
SELECT l.tool_id AS id, min(f.rank) AS place, l.rowid AS best
  FROM (SELECT rowid, bm25(listings_fts, 10.0, 4.0, 1.0) AS rank FROM listings_fts WHERE listings_fts MATCH :words
        UNION ALL
        SELECT l.rowid, bm25(tools_fts, 10.0, 4.0, 2.0) FROM tools_fts JOIN tools t ON t.rowid = tools_fts.rowid
          JOIN listings l ON l.tool_id = t.tool_id
         WHERE tools_fts MATCH :words) f
  JOIN listings l ON l.rowid = f.rowid
 WHERE {where}
 GROUP BY l.tool_id
 ORDER BY place, id LIMIT :most"""
TOOLS = """
SELECT l.tool_id AS id, min(l.name COLLATE NOCASE) AS place, l.rowid AS best
  FROM listings l
 WHERE {where}
 GROUP BY l.tool_id
 ORDER BY place, id LIMIT :most"""
QUOTES_BY_WORDS = """
SELECT r.rowid AS id, r.rowid AS best
  FROM reviews_fts JOIN reviews r ON r.rowid = reviews_fts.rowid {join}
 WHERE reviews_fts MATCH :words AND {where}
 ORDER BY {order} LIMIT :most"""
QUOTES = """
SELECT r.rowid AS id, r.rowid AS best
  FROM reviews r {join}
 WHERE {where}
 ORDER BY r.score DESC LIMIT :most"""
COUNTED_TOOLS = """
SELECT count(*) FROM (
    SELECT DISTINCT l.tool_id FROM listings l
     WHERE l.rowid IN (SELECT rowid FROM listings_fts WHERE listings_fts MATCH :words
                       UNION ALL
                       SELECT l.rowid FROM tools_fts JOIN tools t ON t.rowid = tools_fts.rowid
                         JOIN listings l ON l.tool_id = t.tool_id
                        WHERE tools_fts MATCH :words) AND {where} LIMIT :most)"""
COUNTED_ALL_TOOLS = "SELECT count(*) FROM (SELECT DISTINCT l.tool_id FROM listings l WHERE {where} LIMIT :most)"
COUNTED_QUOTES = """
SELECT count(*) FROM (
    SELECT 1 FROM reviews_fts JOIN reviews r ON r.rowid = reviews_fts.rowid {join}
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

FACETS_OF_TOOLS = {
    "persona": """SELECT r.persona AS value, count(DISTINCT h.id) AS count FROM hits h
                    JOIN listings l ON l.rowid = h.best JOIN reviews r ON r.listing_id = l.listing_id GROUP BY 1""",
    "verdict": "SELECT l.panel_verdict, count(*) FROM hits h JOIN listings l ON l.rowid = h.best GROUP BY 1",
    "category": "SELECT l.category, count(*) FROM hits h JOIN listings l ON l.rowid = h.best GROUP BY 1",
    "vendor": "SELECT t.vendor, count(*) FROM hits h JOIN tools t ON t.tool_id = h.id GROUP BY 1",
    "price": "SELECT l.pricing_model, count(*) FROM hits h JOIN listings l ON l.rowid = h.best GROUP BY 1",
}
OF_QUOTES = "FROM hits h JOIN reviews r ON r.rowid = h.best JOIN listings l ON l.listing_id = r.listing_id"
FACETS_OF_QUOTES = {
    "persona": "SELECT r.persona AS value, count(*) AS count FROM hits h JOIN reviews r ON r.rowid = h.best GROUP BY 1",
    "verdict": "SELECT r.verdict, count(*) FROM hits h JOIN reviews r ON r.rowid = h.best GROUP BY 1",
    "category": f"SELECT l.category, count(*) {OF_QUOTES} GROUP BY 1",  # noqa: S608
    "vendor": f"SELECT t.vendor, count(*) {OF_QUOTES} JOIN tools t ON t.tool_id = l.tool_id GROUP BY 1",  # noqa: S608
    "price": f"SELECT l.pricing_model, count(*) {OF_QUOTES} GROUP BY 1",  # noqa: S608
}


GIVEN_HITS = """
WITH hits AS MATERIALIZED (
    SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS best FROM json_each(?))
"""
