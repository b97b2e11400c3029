"""The rows of the dataset, worked out and written for what new captures touch."""
