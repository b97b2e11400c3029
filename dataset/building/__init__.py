"""A build from its lock to the published file, and what another version would build."""
