"""Spiders: which pages to ask for. They parse no fields and write no files but through the archive."""
