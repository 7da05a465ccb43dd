"""Records that may be one person: listed for somebody to look at, never merged.

This looks across patients, so nothing that is queried may depend on it (D3): the list is a file
of the site's own, and a load is the same with or without it. It names records, no values, and
nothing in it runs in a spreadsheet (:mod:`gateway.registry.formulas`).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateway.errors import StoreError
from gateway.registry.bench import Bench, literal, quoted
from gateway.registry.forms import form_table
from gateway.registry.formulas import bare, guarded_sql
from gateway.registry.private_file import replacing
from policies.dictionary import Dictionary
from policies.quality_check import Duplicate, QualityChecks

__all__ = ["find_duplicates", "read_duplicates", "write_duplicates"]

_TABLE = "possible_duplicates"
_TEXTS = ("record", "other", "why")


def find_duplicates(bench: Bench, dictionary: Dictionary, checks: QualityChecks) -> dict[str, Any]:
    """Fill the table of pairs and count them: ``crowded`` are values that too many records
    share to say anything. Two records are one pair, however many rules name them.
    """
    bench.run(
        f"CREATE OR REPLACE TABLE {_TABLE} "
        "(record VARCHAR, other VARCHAR, rule VARCHAR, why VARCHAR, likeness DOUBLE)"
    )
    crowded = {
        name: _pairs(bench, dictionary, name, rule) for name, rule in checks.duplicates.items()
    }
    for left in ("_alike", "_shared"):
        bench.run(f"DROP TABLE IF EXISTS {left}")
    by_rule = dict(bench.run(f"SELECT rule, count(*) FROM {_TABLE} GROUP BY rule"))
    pairs, records = bench.run(
        f"SELECT (SELECT count(*) FROM (SELECT DISTINCT record, other FROM {_TABLE})), "
        f"(SELECT count(*) FROM (SELECT record FROM {_TABLE} UNION SELECT other FROM {_TABLE}))"
    )[0]
    return {
        "pairs": pairs,
        "records": records,
        "rules": [
            {"rule": n, "says": r.label, "pairs": by_rule.get(n, 0), "crowded": crowded[n]}
            for n, r in checks.duplicates.items()
        ],
    }


def _plain(name: str, dictionary: Dictionary) -> str:
    """SQL: a text without case, accents, blanks and signs; anything else as it is written."""
    column = quoted(name)
    if dictionary.elements[name].type != "text":
        return f"CAST({column} AS VARCHAR)"
    bare = f"regexp_replace(lower(strip_accents({column})), '[^\\p{{L}}\\p{{N}}]', '', 'g')"
    return f"nullif({bare}, '')"


def _pairs(bench: Bench, dictionary: Dictionary, name: str, rule: Duplicate) -> int:
    """Add the pairs of one rule; the number of values that were left out as shared by too many."""
    elements = (*rule.same, *rule.similar)
    other = {dictionary.elements[e].instrument for e in elements} - {dictionary.root}
    source = f"{quoted(form_table(dictionary.root))}"
    for form in other:
        source += f" JOIN {quoted(form_table(form))} USING (_record)"
    columns = ", ".join(
        [f"{_plain(e, dictionary)} AS k{i}" for i, e in enumerate(rule.same)]
        + [f"{_plain(e, dictionary)} AS n{i}" for i, e in enumerate(rule.similar)]
    )
    keys = [f"k{i}" for i in range(len(rule.same))]
    names = [f"n{i}" for i in range(len(rule.similar))]
    # Names are compared where an initial of the one is one of the other: of a million patients
    # dozens share a birth date, and comparing all of them takes long.
    each = ", ".join(f"left({name}, 1)" for name in names)
    initial = f"unnest(list_distinct([{each}]))" if names else "NULL"
    known = " AND ".join(f"{name} IS NOT NULL" for name in (*keys, *names))
    bench.run(
        f"CREATE OR REPLACE TABLE _alike AS SELECT DISTINCT _record, "
        f"concat_ws(chr(31), {', '.join(keys)}) AS _key, "
        f"coalesce({initial}, '') AS _initial{''.join(f', {n}' for n in names)} "
        f"FROM (SELECT _record, {columns} FROM {source}) WHERE {known}"
    )
    bench.run(
        "CREATE OR REPLACE TABLE _shared AS SELECT _key, _initial, count(DISTINCT _record) AS _n "
        "FROM _alike GROUP BY _key, _initial HAVING _n > 1"
    )
    score = _likeness(len(rule.similar))
    bench.run(
        f"INSERT INTO {_TABLE} SELECT a._record, b._record, {literal(name)}, "
        f"{literal(rule.label)}, max({score}) FROM _shared s "
        f"JOIN _alike a USING (_key, _initial) JOIN _alike b USING (_key, _initial) "
        f"WHERE s._n <= {rule.shared_max} AND a._record < b._record "
        f"AND {score} >= {rule.likeness} GROUP BY a._record, b._record"
    )
    return int(
        bench.value(f"SELECT count(DISTINCT _key) FROM _shared WHERE _n > {rule.shared_max}")
    )


def _likeness(names: int) -> str:
    """SQL: how alike the least alike names are; two names also the other way round."""

    def alike(pairs: Sequence[tuple[int, int]]) -> str:
        parts = [f"jaro_winkler_similarity(a.n{i}, b.n{j})" for i, j in pairs]
        return f"least({', '.join(parts)})" if len(parts) > 1 else parts[0]

    if names == 0:
        return "1.0"
    straight = alike([(i, i) for i in range(names)])
    return f"greatest({straight}, {alike([(0, 1), (1, 0)])})" if names == 2 else straight


def write_duplicates(bench: Bench, path: Path) -> None:
    """Write the list as CSV, complete or not at all, readable by its owner only."""
    texts = ", ".join(f"{guarded_sql(name)} AS {name}" for name in _TEXTS)
    with replacing(path) as draft:
        bench.run(
            f"COPY (SELECT {texts}, likeness FROM (SELECT record, other, "
            "string_agg(why, '; ' ORDER BY why) AS why, round(max(likeness), 2) AS likeness "
            f"FROM {_TABLE} GROUP BY record, other) AS p ORDER BY p.record, p.other) "
            f"TO {literal(str(draft))} (FORMAT csv, HEADER, DELIMITER ',', USE_TMP_FILE false)"
        )


def read_duplicates(path: Path) -> list[dict[str, str]] | None:
    """The list of the last load; None where no load has written one. StoreError if it is not as a
    load writes it: a spreadsheet that saved it may have made it something else.
    """
    if not path.is_file():
        return None
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            header, pairs = tuple(reader.fieldnames or ()), list(reader)
    except (UnicodeDecodeError, csv.Error):
        raise _damaged(path) from None
    whole = all(None not in pair and None not in pair.values() for pair in pairs)
    if header != (*_TEXTS, "likeness") or not whole:
        raise _damaged(path)
    return [
        {name: bare(cell) if name in _TEXTS else cell for name, cell in pair.items()}
        for pair in pairs
    ]


def _damaged(path: Path) -> StoreError:
    return StoreError(f"{path}: is not as a load writes it", hint="load the export again")
