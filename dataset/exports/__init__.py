"""Whole tables and views as files."""
