"""What belongs together: from the collected tables to the rows of forms, in SQL.

A value of another resource belongs to the instances of a form that its references lead to, in at
most two steps: it refers to the instance, or the instance to it (``Condition.stage.assessment``);
or both are joined by a third that leads to both (the stage group of a T category), by what it
refers to and that refers on (an administration by its request), or the other way round. Two that
refer to the same third do not belong together. Where no reference says so and the patient has one
instance of the form, it is that one's. Nothing is joined across patients.
"""

from __future__ import annotations

from gateway.registry.also_known import FAMILY, GIVEN
from gateway.registry.bench import Bench, literal
from gateway.registry.sources.fhir.path import Number
from gateway.registry.sources.fhir.plan import PATIENT, Field, Plan
from gateway.registry.sources.fhir.resource_types import RESOURCE_TYPES
from gateway.registry.sources.source import cleaned

__all__ = ["make_raw", "settle", "two_people"]

_DAY = "epoch(TRY_CAST(left(day, 10) AS DATE))"
_BEFORE = "alt, rank, place NULLS LAST"
_FAN_OUT_MAX = 100
"""What refers to more than that joins no two others: it says nothing of them, and their pairs would
grow without bound."""


def settle(bench: Bench) -> dict[str, int]:
    """Keep one version of every resource and nothing that is deleted or void; how many went."""
    went = {"earlier or repeated version": _drop(bench, _REPEATED)}
    went["deleted in the export"] = _drop(
        bench, "SELECT seq FROM res WHERE key IN (SELECT key FROM gone)"
    )
    for kind, why, count in bench.run(
        "SELECT type, void, count(*) FROM res WHERE void IS NOT NULL GROUP BY ALL ORDER BY ALL"
    ):
        went[f"{_told(kind)} with {why}"] = count
    _drop(bench, "SELECT seq FROM res WHERE void IS NOT NULL")
    _drop(bench, "SELECT seq FROM res WHERE parent NOT IN (SELECT seq FROM res)")
    return {name: count for name, count in went.items() if count}


def two_people(bench: Bench) -> int | None:
    """A Patient whose id another has had before who was born on another day or shares no name with
    it: two systems gave two people one id. Before :func:`settle`, which would keep the later one.
    """
    words = (
        "(SELECT DISTINCT seq, lower(text) AS word FROM named "
        f"WHERE holds IN ({literal(GIVEN)}, {literal(FAMILY)}))"
    )
    bench.run(
        "CREATE OR REPLACE TABLE again AS SELECT * FROM (SELECT seq, born, lag(seq) OVER w AS "
        "before, lag(born) OVER w AS born_before FROM res "
        f"WHERE type = {literal(PATIENT)} AND key IS NOT NULL "
        "WINDOW w AS (PARTITION BY key ORDER BY seq)) WHERE before IS NOT NULL"
    )
    found = bench.value(
        f"WITH words AS {words} SELECT min(seq) FROM again g WHERE born != born_before OR ("
        "seq IN (SELECT seq FROM words) AND before IN (SELECT seq FROM words) AND NOT EXISTS ("
        "SELECT 1 FROM words a JOIN words b USING (word) "
        "WHERE a.seq = g.seq AND b.seq = g.before))"
    )
    return None if found is None else int(found)


_REPEATED = (
    "SELECT seq FROM (SELECT seq, row_number() OVER (PARTITION BY key "
    "ORDER BY updated DESC NULLS LAST, seq DESC) AS n FROM res WHERE key IS NOT NULL) WHERE n > 1"
)


def _told(kind: str) -> str:
    # A type that is none of FHIR's may be anything, also a name.
    return kind if kind in RESOURCE_TYPES else "a type that FHIR does not have"


def _drop(bench: Bench, which: str) -> int:
    bench.run(f"CREATE OR REPLACE TABLE dropped AS {which}")
    bench.run("DELETE FROM res WHERE seq IN (SELECT seq FROM dropped)")
    return int(bench.value("SELECT count(*) FROM dropped"))


def make_raw(bench: Bench, plan: Plan) -> None:
    """The table ``raw``: a row for every instance of a form, in the order of the files.
    What leads nowhere is added to ``flaws``.
    """
    _owners(bench)
    _edges(bench, plan)
    _links(bench, plan)
    _lost(bench)
    _cells(bench, plan)
    _name_patients(bench, plan)
    columns = plan.columns
    own = (
        f"n.record AS c0, CASE WHEN n.form != {literal(plan.root)} THEN n.form END AS c1, "
        f"CASE WHEN n.form != {literal(plan.root)} THEN CAST(n.number AS VARCHAR) END AS c2"
    )
    cells = "".join(
        f", any_value(c.text) FILTER (c.col = {i}) AS c{i + 3}" for i in range(len(columns))
    )
    names = ", ".join(cleaned(f"c{i}") for i in range(3 + len(columns)))
    bench.run("DROP TABLE IF EXISTS raw")
    bench.run(
        f"CREATE TABLE raw AS SELECT _at, {names} FROM (SELECT n.seq AS _at, {own}{cells} "
        f"FROM numbered n LEFT JOIN cells c ON c.inst = n.seq AND c.form = n.form "
        f"GROUP BY n.seq, n.form, n.record, n.number) ORDER BY _at, c1"
    )


def _owners(bench: Bench) -> None:
    """Keys by which resources are known, whom each is about, and the numbers of instances."""
    bench.run(
        "CREATE OR REPLACE TABLE known AS SELECT key, max(seq) AS seq FROM ("
        "SELECT key, seq FROM res WHERE key IS NOT NULL "
        "UNION ALL SELECT urn, seq FROM res WHERE urn IS NOT NULL) GROUP BY key"
    )
    # An unknown "urn:uuid:x" and "Patient/x" still name a record, whose Patient is not there.
    bench.run(
        "CREATE OR REPLACE TABLE owner AS SELECT r.seq, r.type, CASE "
        f"WHEN r.type = '{PATIENT}' THEN r.id WHEN p.type = '{PATIENT}' THEN p.id "
        "WHEN p.seq IS NOT NULL THEN NULL "
        "WHEN r.about LIKE 'urn:%' THEN regexp_extract(r.about, '[^:]*$') "
        f"WHEN r.about LIKE '{PATIENT}/%' THEN substr(r.about, {len(PATIENT) + 2}) "
        "END AS record FROM res r LEFT JOIN known k ON k.key = r.about "
        "LEFT JOIN res p ON p.seq = k.seq"
    )
    bench.run(
        "CREATE OR REPLACE TABLE numbered AS SELECT i.seq, i.form, o.record, CASE WHEN o.record "
        "IS NOT NULL THEN row_number() OVER (PARTITION BY i.form, o.record "
        "ORDER BY r.day NULLS LAST, i.seq) END AS number "
        "FROM inst i JOIN res r USING (seq) JOIN owner o USING (seq)"
    )


def _edges(bench: Bench, plan: Plan) -> None:
    """Who refers to whom, among types whose references count."""
    types = ", ".join(literal(kind) for kind in sorted(plan.relating))
    bench.run(
        "CREATE OR REPLACE TABLE edges AS SELECT DISTINCT f.seq AS src, k.seq AS dst "
        "FROM refs f JOIN res a ON a.seq = f.seq JOIN known k ON k.key = f.target "
        "JOIN res b ON b.seq = k.seq "
        f"WHERE a.type IN ({types}) AND b.type IN ({types}) AND f.seq != k.seq"
    )
    bench.run(
        "CREATE OR REPLACE TABLE joining AS SELECT * FROM edges WHERE src IN "
        f"(SELECT src FROM edges GROUP BY src HAVING count(*) <= {_FAN_OUT_MAX})"
    )


def _links(bench: Bench, plan: Plan) -> None:
    """``links``: the instances of a form that a resource's values belong to."""
    _field_table(bench, plan.fields)
    bench.run(
        "CREATE OR REPLACE TABLE sought AS SELECT DISTINCT v.seq, f.form FROM vals v "
        "JOIN res USING (seq) JOIN fields f ON f.field = v.field "
        "WHERE NOT EXISTS (SELECT 1 FROM inst i WHERE i.seq = v.seq AND i.form = f.form) "
        "UNION SELECT n.seq, f.counted FROM numbered n JOIN fields f ON f.form = n.form "
        "WHERE f.counted IS NOT NULL"
    )
    about = "(o.record IS NULL OR o.record = n.record)"
    led = (
        ("edges e ON e.src = s.seq", "e.dst"),
        ("edges e ON e.dst = s.seq", "e.src"),
        ("edges e ON e.src = s.seq JOIN joining g ON g.src = e.dst", "g.dst"),
        ("joining e ON e.dst = s.seq JOIN edges g ON g.dst = e.src", "g.src"),
        ("joining e ON e.dst = s.seq JOIN joining g ON g.src = e.src", "g.dst"),
    )
    found = " UNION ALL ".join(
        f"SELECT s.seq, s.form, n.seq AS inst, {1 if i < 2 else 2} AS steps FROM sought s "
        f"JOIN {joined} JOIN numbered n ON n.seq = {end} AND n.form = s.form "
        f"JOIN owner o ON o.seq = s.seq WHERE n.seq != s.seq AND {about}"
        for i, (joined, end) in enumerate(led)
    )
    bench.run(
        "CREATE OR REPLACE TABLE links AS SELECT DISTINCT seq, form, inst FROM ("
        f"SELECT *, min(steps) OVER (PARTITION BY seq, form) AS least FROM ({found})) "
        "WHERE steps = least"
    )
    # The patient's own form, what is read from the patient, and the only instance.
    bench.run(
        "INSERT INTO links SELECT s.seq, s.form, n.seq FROM sought s JOIN owner o USING (seq) "
        "JOIN numbered n ON n.form = s.form AND n.record = o.record WHERE "
        f"(o.type = '{PATIENT}' OR n.form = {literal(plan.root)} OR (n.record, n.form) IN "
        "(SELECT (record, form) FROM numbered GROUP BY record, form HAVING count(*) = 1)) "
        "AND NOT EXISTS (SELECT 1 FROM links l WHERE l.seq = s.seq AND l.form = s.form)"
    )


def _field_table(bench: Bench, fields: tuple[Field, ...]) -> None:
    bench.run(
        "CREATE OR REPLACE TABLE fields (field INTEGER, col INTEGER, form VARCHAR, "
        "counted VARCHAR, own BOOLEAN, separator VARCHAR, pick VARCHAR)"
    )
    columns = {name: i for i, name in enumerate(dict.fromkeys(f.column for f in fields))}
    for field in fields:
        counted = field.source.form if isinstance(field.source, Number) else None
        own = isinstance(field.source, Number) and counted is None
        bench.run(
            "INSERT INTO fields VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                *(field.index, columns[field.column], field.form, counted, own),
                *(field.separator, field.pick),
            ],
        )


def _lost(bench: Bench) -> None:
    """Values that belong to no instance, by what is missing."""
    says = (
        "CASE WHEN o.record IS NULL THEN 'its resource names no patient; it was not read' "
        "WHEN NOT EXISTS (SELECT 1 FROM numbered n WHERE n.record = o.record AND n.form = s.form) "
        "THEN 'the patient has no ' || s.form || ' in the export to which it could belong' "
        "ELSE 'no reference says to which ' || s.form || ' of the patient it belongs' END"
    )
    fix = "'export what it refers to, or enter it by hand'"
    nowhere = "NOT EXISTS (SELECT 1 FROM links l WHERE l.seq = s.seq AND l.form = s.form)"
    bench.run(
        f"INSERT INTO flaws SELECT DISTINCT s.seq, v.field, 'unattributed', {says}, {fix} "
        "FROM sought s JOIN owner o USING (seq) JOIN vals v ON v.seq = s.seq "
        "JOIN fields f ON f.field = v.field AND f.form = s.form "
        f"WHERE o.type != '{PATIENT}' AND {nowhere}"
    )
    several = "(SELECT count(*) FROM links l WHERE l.seq = s.seq AND l.form = s.form) != 1"
    bench.run(
        f"INSERT INTO flaws SELECT DISTINCT s.seq, f.field, 'unattributed', {says}, {fix} "
        "FROM sought s JOIN owner o USING (seq) JOIN inst i ON i.seq = s.seq "
        "JOIN fields f ON f.form = i.form AND f.counted = s.form "
        f"WHERE o.record IS NOT NULL AND {several}"
    )


def _name_patients(bench: Bench, plan: Plan) -> None:
    """What names the patients of the load, and what the map reads of that beside the cells."""
    root = f"FROM numbered WHERE form = {literal(plan.root)}"
    bench.run(
        f"INSERT INTO also_known SELECT record, holds, text FROM named "
        f"WHERE record IN (SELECT record {root})"
    )
    for field, holds in plan.identifying.items():
        bench.run(
            f"INSERT INTO also_known SELECT n.record, {literal(holds)}, v.text FROM vals v "
            f"JOIN owner o USING (seq) JOIN (SELECT * {root}) n USING (record) "
            f"WHERE v.field = {field}"
        )


def _contested(bench: Bench) -> None:
    """List cells for which several resources of the same standing and day say different things."""
    bench.run(
        "INSERT INTO flaws SELECT inst, any_value(field), 'contested', "
        "'has ' || count(DISTINCT text) || ' different values of the same day in the export; one "
        "was taken', 'compare the resources, and correct the one that is wrong' FROM ("
        "SELECT * FROM rivals WHERE separator IS NULL AND pick != 'max' QUALIFY rank() OVER "
        f"(PARTITION BY inst, form, col ORDER BY {_BEFORE}) = 1) "
        "GROUP BY inst, form, col HAVING count(DISTINCT text) > 1 AND count(DISTINCT seq) > 1"
    )


def _cells(bench: Bench, plan: Plan) -> None:
    """One text for each field of an instance: the first path's; of those a final resource's before
    one that waits to be; of those the latest, or what the map picks. Never by the order of files.
    """
    belongs = (
        "SELECT v.seq AS inst, f.form, v.*, f.col, f.separator, f.pick FROM vals v "
        "JOIN fields f ON f.field = v.field JOIN inst i ON i.seq = v.seq AND i.form = f.form "
        "UNION ALL SELECT l.inst, f.form, v.*, f.col, f.separator, f.pick FROM vals v "
        "JOIN fields f ON f.field = v.field JOIN links l ON l.seq = v.seq AND l.form = f.form"
    )
    # The engine wants a separator to be a constant.
    joined = "".join(
        f" WHEN any_value(separator) = {literal(separator)} "
        f"THEN array_to_string(list_sort(list_distinct(list(text))), {literal(separator)})"
        for separator in sorted({f.separator for f in plan.fields if f.separator is not None})
    )
    bench.run(
        "CREATE OR REPLACE TABLE rivals AS SELECT b.*, r.rank, r.day, r.updated, "
        f"CASE pick WHEN 'max' THEN -TRY_CAST(text AS DOUBLE) WHEN 'first' THEN {_DAY} "
        f"ELSE -{_DAY} END AS place "
        f"FROM ({belongs}) b JOIN res r USING (seq)"
    )
    best = (
        f"first(text ORDER BY {_BEFORE}, CASE WHEN pick = 'first' THEN day END, "
        "day DESC NULLS LAST, updated DESC NULLS LAST, n, text)"
    )
    bench.run(
        "CREATE OR REPLACE TABLE cells AS SELECT inst, form, col, "
        f"CASE WHEN any_value(separator) IS NULL THEN {best}{joined} END AS text "
        "FROM rivals GROUP BY inst, form, col"
    )
    _contested(bench)
    bench.run(
        "INSERT INTO cells SELECT n.seq, n.form, f.col, CAST(n.number AS VARCHAR) "
        "FROM numbered n JOIN fields f ON f.form = n.form WHERE f.own"
    )
    bench.run(
        "INSERT INTO cells SELECT n.seq, n.form, f.col, CAST(any_value(t.number) AS VARCHAR) "
        "FROM numbered n JOIN fields f ON f.form = n.form JOIN links l ON l.seq = n.seq "
        "AND l.form = f.counted JOIN numbered t ON t.seq = l.inst AND t.form = l.form "
        "GROUP BY n.seq, n.form, f.col HAVING count(*) = 1"
    )
