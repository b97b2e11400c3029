"""The canned queries, by subject."""
