"""What the command line asks a published dataset. Reads, never writes."""
