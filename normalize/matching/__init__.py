"""Which listings are of one tool, and why: names read part by part, pairs decided by rules, tools kept together.

``Matcher`` holds the state; ``decide`` and ``sentence`` tell of one pair; ``parse`` reads what people judged.
"""
