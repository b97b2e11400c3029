"""Turn captures and their records into tables, and publish them.

This room reads records; it parses no pages and fetches nothing.
"""
