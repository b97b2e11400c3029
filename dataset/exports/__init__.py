"""Writes whole tables and views to files."""
