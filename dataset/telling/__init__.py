"""Changes told to people: in words, in feeds, as alerts."""
