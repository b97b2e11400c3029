"""Fuzzing: what is made from a seed, and what must hold of whatever it is done to. `make fuzz` runs it for a night."""
