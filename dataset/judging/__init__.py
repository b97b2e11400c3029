"""What people say of pairs of listings, and where they say it."""
