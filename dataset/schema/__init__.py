"""What the dataset is made of: every table, column and view, described once, and what is made of that."""
