"""Ask a comparison site for its pages, keep every answer as evidence, and read what each page says.

This room knows nothing of `normalize` or `dataset`: it hands on records (`crawler.items`), as read.
"""
