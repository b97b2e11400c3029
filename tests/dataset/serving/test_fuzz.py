"""Any address at all: no mistake of the server's, no traceback, no folder of the machine, and it goes on."""

from __future__ import annotations

import http.client
import os
import random
import re
import string
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from dataset.queries.canned import QUERIES
from dataset.schema.tables import TABLES, VIEWS, Table, View
from dataset.serving.site.registry import PAGES
from tests.publishing import Server, make_dataset, served

SEED = 20261201
ALL: tuple[Table | View, ...] = (*TABLES, *VIEWS)
RELATIONS = [each.name for each in ALL]
COLUMNS = sorted({column.name for each in ALL for column in each.columns})
LOOKUPS = (
    "exact not contains endswith startswith gt gte lt lte like notlike glob in notin arraycontains date isnull".split()
)
WORDS = (
    *(
        "_sort",
        "_sort_desc",
        "_next",
        "_size",
        "_facet",
        "_facet_size",
        "_facet_array",
        "_facet_date",
        "_col",
        "_nocol",
    ),
    *("_search", "_searchmode", "_search_name", "_where", "_shape", "_nl", "_json", "_labels", "_label", "_timelimit"),
    *("_stream", "_dl", "_header", "_trace", "_through", "_nocount", "_ttl", "_fts_table", "_fts_pk", "_extra", "_raw"),
    *(
        "_blob_column",
        "_blob_hash",
        "_filter_column",
        "_filter_op",
        "_filter_value",
        "_filter_column_1",
        "_json_infinity",
    ),
    *(
        "sql",
        "q",
        "page",
        "show",
        "left",
        "right",
        "older",
        "newer",
        "change",
        "listing",
        "words",
        "persona",
        "_sort_by_desc",
    ),
)
ODD = (
    *(
        "",
        "0",
        "-1",
        "1e999",
        "9" * 30,
        "9223372036854775808",
        "null",
        "$null",
        "$null,",
        "NaN",
        "'",
        '"',
        "[",
        "]",
        "[]",
    ),
    *(
        "%00",
        "%",
        "%zz",
        "%ff%fe",
        "%ed%a0%80",
        "~",
        "~00",
        "~ZZ",
        "~C3",
        "..",
        "../..",
        "..%2f..%2fetc%2fpasswd",
        "\\",
        "/",
        "//",
    ),
    *(
        "a" * 300,
        "%F0%9F%9A%80",
        "%E2%80%AE",
        "<script>",
        "{{7*7}}",
        "{%25",
        "\t",
        "%0d%0aX: y",
        ";",
        ",",
        ",,",
        "a,b,c,d",
        "x:y",
    ),
    *(
        "select 1",
        "select",
        "select * from pragma_database_list",
        "select :a",
        "select ?",
        "select 1; select 2",
        "with x as (",
        ")",
    ),
    *(
        "max",
        "on",
        "off",
        "array",
        "object",
        "arrays",
        "sql",
        '{"a":1}',
        "NEAR(",
        "AND",
        "*",
        '"a',
        "col:",
        "^",
        "-",
        "rowid",
    ),
    *(
        "gravel-db",
        "lantern-notes",
        "t-gravel-db",
        "capture-1",
        "builder",
        "changes",
        "capture-1.json",
        "explain select 1",
    ),
    *("select zeroblob(99999999)", "select randomblob(9e9)", "select x'00ff'", "values (1)", "PRAGMA database_list"),
)
FOLDERS = re.compile(
    "|".join(
        re.escape(folder)
        for folder in (
            str(Path(__file__).parents[3]),
            sys.prefix,
            sys.base_prefix,
            str(Path.home()),
            "/tmp/",
            "site-packages",
        )
    )
)
OF_DATASETTE = (
    *("databases", "versions", "plugins", "settings", "metadata", "actor", "threads"),
    *("patterns", "permissions", "logout", "messages", "allow-debug", "auth-token"),
)


class Addresses:
    """Addresses made by chance, always the same ones for a seed: near what there is, and far off."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def value(self) -> str:
        """What may stand for anything, percent-encoded in whole, in part or not at all."""
        value = self.chance.choice((*ODD, *ODD, self.chance.choice(COLUMNS), self.chance.choice(RELATIONS)))
        if self.chance.random() < 0.1:
            value = "".join(self.chance.choices(string.printable, k=self.chance.randrange(20)))
        return quote(value, safe=self.chance.choice(("", "%", "%/~,")))

    def path(self) -> str:
        choice, relation = self.chance.choice, self.chance.choice(RELATIONS)
        ending = choice(("", "", ".json", ".csv", ".jsono", ".blob", f".{self.value()}", "/"))
        page = re.sub(r"\(\?P<\w+>[^)]*\)", lambda _: self.value(), choice(PAGES).path).replace("\\", "")
        return choice((
            f"/verdictlog/{relation}{ending}",
            f"/verdictlog/{relation}{ending}",
            f"/verdictlog/{relation}/{self.value()}{ending}",
            f"/verdictlog/{choice(QUERIES).name}{ending}",
            f"/verdictlog{ending}",
            f"/verdictlog.db{ending}",
            f"/-/export/{relation}{ending}",
            f"/-/feeds/{choice(('changes', 'flips', 'tool/' + self.value()))}.atom",
            f"/-/static-plugins/verdictlog/{self.value()}",
            f"/-/static/{self.value()}",
            f"/-/{choice(OF_DATASETTE)}{ending}",
            f"{page}{ending}",
            f"{page}{ending}",
            f"/evidence/{self.value()}/raw",
            f"/{self.value()}/{self.value()}{ending}",
            f"/{self.value()}",
        ))  # fmt: skip

    def words(self) -> str:
        pairs = []
        for _ in range(self.chance.choice((0, 1, 1, 2, 3, 5))):
            name = self.chance.choice(
                (*WORDS, f"{self.chance.choice(COLUMNS)}__{self.chance.choice(LOOKUPS)}", self.value())
            )
            pairs.append(f"{name}={self.value()}")
        return f"?{'&'.join(pairs)}" if pairs else ""

    def __call__(self) -> str:
        address = self.path() + self.words()
        # What no client can send at all is not of interest here.
        return "".join(sign if "!" <= sign <= "~" else quote(sign) for sign in address)[:8000]


def fuzz(server: Server, number: int, seed: int) -> list[str]:
    addresses, wrong = Addresses(seed), list[str]()
    host = server.address.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=60)
    for _ in range(number):
        address = addresses()
        try:
            connection.request("GET", address)
            answer = connection.getresponse()
            told = f"{answer.headers}\n{answer.read().decode('utf-8', 'replace')}"
        except (http.client.HTTPException, OSError) as error:
            wrong.append(f"{error!r}: {address}")
            connection.close()
            continue
        echo = told.replace(address, "")
        found = FOLDERS.search(echo)
        if answer.status >= 500 and answer.status != 503:
            wrong.append(f"{answer.status}: {address}")
        elif "Traceback (most" in echo:
            wrong.append(f"traceback: {address}")
        elif found is not None:
            wrong.append(f"{found[0]}: {address}")
    connection.close()
    return wrong


@pytest.mark.parametrize("number", [300, pytest.param(20_000, marks=[pytest.mark.long, pytest.mark.timeout(3000)])])
def test_any_address_gets_an_answer_that_gives_nothing_away(tmp_path: Path, number: int) -> None:
    make_dataset(tmp_path / "verdictlog.db")
    with served(tmp_path) as server:
        wrong = fuzz(server, number, int(os.environ.get("VERDICTLOG_FUZZ_SEED", SEED)))
        assert wrong == []
        assert server.process.poll() is None
        assert fuzz(server, 1, SEED) == []
        _, _, log = server.stop()
    assert "Traceback" not in log
