"""Make what pages say comparable. Pure functions: nothing here fetches, and nothing here writes tables."""
