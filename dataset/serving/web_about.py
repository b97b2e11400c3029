"""The home page for machines: ``schema.org/Dataset`` as JSON-LD, so that search engines for datasets find this one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from markupsafe import Markup

from dataset.exports.datapackage import KEYWORDS, Facts, citation
from dataset.exports.whole import MEDIA_TYPES, Relation, for_people
from dataset.place import DATABASE_FILE
from dataset.schema.metadata import ABSENT, CLAIMS, LICENSE, SUMMARY, TITLE, column_text
from dataset.schema.tables import table
from dataset.serving.web_exports import export_path, formats

MEASURED = ("listings", "reviews")
"""The tables whose columns are what the dataset measures."""


def _download(of: Relation, form: str, absolute: Callable[[str], str]) -> dict[str, Any]:
    return {
        "@type": "DataDownload",
        "name": f"{of.name}.{form}",
        "description": of.description,
        "encodingFormat": MEDIA_TYPES[form],
        "contentUrl": absolute(export_path(of.name, form)),
    }


def _measured() -> list[dict[str, Any]]:
    columns = {column.name: column for name in MEASURED for column in table(name).columns}
    return [
        {"@type": "PropertyValue", "name": name, "description": column_text(column)}
        | ({"unitText": column.unit} if column.unit else {})
        for name, column in columns.items()
    ]


def json_ld(facts: Facts, absolute: Callable[[str], str]) -> dict[str, Any]:
    """The dataset as a ``schema.org/Dataset``; `absolute` makes a path below the server's base into a whole url."""
    told: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "name": TITLE,
        "description": f"{SUMMARY} {CLAIMS} {ABSENT}",
        "url": absolute("/"),
        "keywords": list(KEYWORDS),
        "isAccessibleForFree": True,
        "license": {"@type": "CreativeWork", "name": LICENSE},
        "creator": {"@type": "Organization", "name": "The verdictlog developers"},
        "creditText": citation(facts),
    }
    if facts.sources:
        told["isBasedOn"] = [
            {"@type": "WebSite", "name": each.shown} | ({"url": each.home} if each.home else {})
            for each in facts.sources
        ]
    for key, value in (("version", facts.info.get("input_digest")), ("dateModified", facts.last)):
        if value:
            told[key] = value
    if facts.first and facts.last:
        told["temporalCoverage"] = f"{facts.first}/{facts.last}"
    whole = {
        "@type": "DataDownload",
        "name": DATABASE_FILE,
        "description": "The whole dataset as one SQLite file",
        "encodingFormat": "application/vnd.sqlite3",
        "contentUrl": absolute(f"/{DATABASE_FILE}"),
    }
    told["distribution"] = [whole, *(_download(each, form, absolute) for each in for_people() for form in formats())]
    told["variableMeasured"] = _measured()
    return told


def data_block(value: Any) -> Markup:
    """`value` as JSON for inside a ``<script type="application/ld+json">``: data, which no policy of scripts concerns.

    No text in it can end the element.
    """
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704
