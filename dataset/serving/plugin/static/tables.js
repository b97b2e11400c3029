// What Datasette's own script for tables (table.js) asks its page: whether values of a column may be counted.
window.DATASETTE_ALLOW_FACET = true;
