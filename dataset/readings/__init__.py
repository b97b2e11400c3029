"""What each record of the archive says by itself, and when it was true."""
