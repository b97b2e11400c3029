"""Reports changes to people: in words, in feeds, as alerts."""
