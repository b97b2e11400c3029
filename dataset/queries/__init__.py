"""The canned queries, one module per subject."""
