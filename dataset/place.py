"""What the dataset is called, and where it lies."""

from __future__ import annotations

from pathlib import Path

DATABASE = "verdictlog"
"""The name of the database in Datasette, and of its file."""

DATABASE_FILE = f"{DATABASE}.db"


def dataset_path(data: Path) -> Path:
    """Where the dataset lies in the data folder `data`."""
    return data / DATABASE_FILE
