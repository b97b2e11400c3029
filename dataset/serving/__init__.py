"""The dataset open in Datasette, with the pages of the site."""

import datasette.plugins  # type: ignore[import-untyped]  # noqa: F401

# First of all: it loads our plugin, and with that all modules here. Were one of them first, the plugin would find it
# half loaded.
