"""From all that was ever seen of a listing to what it is and how it came to be so. Pure: no database, no clock."""
