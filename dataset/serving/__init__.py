"""The dataset open in Datasette, with the pages of the site."""
