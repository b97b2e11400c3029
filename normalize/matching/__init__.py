"""Finds the listings that belong to one tool, with reasons: parses names, decides pairs by rules, clusters listings.

``Matcher`` holds the state; ``decide`` and ``sentence`` explain one pair; ``parse`` reads people's judgements.
"""
