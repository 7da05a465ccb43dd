"""FHIR resources as a source: rows that name form and instance, made from what a map asks for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import SourceError
from gateway.registry import fixlist
from gateway.registry.bench import Bench, literal
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.eav import OWN_COLUMNS
from gateway.registry.sources.fhir.collect import REPLACED, Collector
from gateway.registry.sources.fhir.files import Part, parts_of, resources
from gateway.registry.sources.fhir.pages import Pages
from gateway.registry.sources.fhir.plan import Plan, plan_of
from gateway.registry.sources.fhir.relate import make_raw, settle, two_people
from gateway.registry.sources.source import PlacedSource, check_header, file_digest
from policies.dictionary import Dictionary

__all__ = ["FhirResources", "open_fhir"]

_UNREAD_MAX = 200


@dataclass(frozen=True)
class FhirResources(PlacedSource):
    """The resources of a folder or file, through one map. ``aside`` are a folder's other files."""

    parts: tuple[Part, ...]
    aside: tuple[str, ...]
    plan: Plan

    def fill(self, bench: Bench) -> None:
        """See :class:`~gateway.registry.sources.source.Source`. A row's ``_at`` is the place of
        its instance among all resources.
        """
        collector = Collector(bench, self.plan)
        pages = Pages()
        for number, part in enumerate(self.parts):
            for entry in resources(part, pages):
                collector.take(entry, number, part.name)
        pages.check(self.name)
        collector.flush()
        if not bench.value("SELECT count(*) FROM res") and not bench.value(
            "SELECT count(*) FROM gone"
        ):
            raise SourceError("holds no FHIR resource", file=self.name)
        bench.run(
            "CREATE OR REPLACE TABLE places AS SELECT seq AS _at, file, line FROM res ORDER BY seq"
        )
        self._refuse_two_people(bench)
        went = settle(bench)
        make_raw(bench, self.plan)
        self._count_unread(bench, went)
        self._refuse_empty(bench)

    def _refuse_two_people(self, bench: Bench) -> None:
        found = two_people(bench)
        if found is None:
            return
        [(number, line)] = bench.run("SELECT file, line FROM places WHERE _at = ?", [found])
        raise SourceError(
            "is a Patient with the id of another, whose birth date or name differs",
            file=self.parts[number].name,
            row=line,
            hint="do two systems use the same ids? put a prefix before the ids of each; of one "
            "patient export the current version only",
        )

    def _count_unread(self, bench: Bench, went: Mapping[str, int]) -> None:
        bench.run("CREATE OR REPLACE TABLE unread (name VARCHAR, n BIGINT)")
        listed = [*went.items(), *((f"file {name}", 1) for name in self.aside)]
        for name, count in listed:
            bench.run("INSERT INTO unread VALUES (?, ?)", [name, count])
        bench.run(
            "INSERT INTO unread SELECT spare, count(*) FROM res WHERE spare IS NOT NULL "
            "GROUP BY spare UNION ALL SELECT 'masked values of ' || type, sum(masked) FROM res "
            "WHERE masked > 0 GROUP BY type"
        )

    def _refuse_empty(self, bench: Bench) -> None:
        if bench.value("SELECT count(*) FROM raw"):
            return
        found = [row[0] for row in bench.run("SELECT DISTINCT type FROM res ORDER BY 1 LIMIT 8")]
        held = ", ".join(name for name in found if name.isalpha()) or "nothing that is left"
        raise SourceError(
            f"holds no resource that is an instance of a form (it holds: {held})",
            file=self.name,
            hint="compare forms in the site map; export the Patient resources too",
        )

    def lines(self, bench: Bench, wanted: Iterable[int]) -> Mapping[int, int | str]:
        """See :class:`~gateway.registry.sources.source.Source`: in a folder, with the file."""
        listed = sorted(set(wanted))
        found = bench.run(
            "SELECT _at, file, line FROM places WHERE _at IN (SELECT unnest(?::BIGINT[]))",
            [listed],
        )
        if len(self.parts) == 1:
            return {at: line for at, _, line in found}
        return {at: f"{self.parts[number].name}:{line}" for at, number, line in found}

    def report(self, bench: Bench) -> None:
        """See :class:`~gateway.registry.sources.source.Source`: values that could not be read or
        that belong to no instance; and patients that the export says are now another.
        """
        fixlist.add(
            bench,
            "SELECT r.seq AS _at, o.record AS _record, NULL AS _instance FROM res r "
            f"JOIN owner o USING (seq) WHERE r.spare = {literal(REPLACED)}",
            instrument=self.plan.root,
            fields=self.plan.key,
            rule="replaced",
            severity="warning",
            says="the export says that this patient is now another (link replaced-by): "
            "one person may be two records",
            fix="merge the two in the source, and export again",
        )
        for number, rule, says, fix in bench.run(
            "SELECT DISTINCT field, rule, says, fix FROM flaws JOIN res USING (seq) ORDER BY ALL"
        ):
            field = self.plan.fields[number]
            fixlist.add(
                bench,
                "SELECT w.seq AS _at, o.record AS _record, CAST(n.number AS VARCHAR) AS _instance "
                "FROM (SELECT DISTINCT seq FROM flaws "
                f"WHERE field = {number} AND rule = {literal(rule)} AND says = {literal(says)}) w "
                "JOIN owner o USING (seq) LEFT JOIN numbered n ON n.seq = w.seq "
                f"AND n.form = {literal(field.form)}",
                instrument=field.form,
                fields=field.element,
                rule=rule,
                severity="error" if rule in fixlist.BLOCKING else "warning",
                says=says,
                fix=fix,
            )

    def unread(self, bench: Bench) -> Mapping[str, int]:
        """See :class:`~gateway.registry.sources.source.Source`."""
        rows = bench.run("SELECT name, sum(n)::BIGINT FROM unread GROUP BY name ORDER BY 2 DESC, 1")
        found = dict(rows[:_UNREAD_MAX])
        if len(rows) > _UNREAD_MAX:
            found[f"{len(rows) - _UNREAD_MAX} more kinds"] = sum(n for _, n in rows[_UNREAD_MAX:])
        return found


def open_fhir(path: Path, sitemap: SiteMap, dictionary: Dictionary) -> FhirResources:
    """A folder with NDJSON files and Bundles, or one such file.

    SourceError where there is no FHIR or the map is for another kind of source,
    DeclarationError where the map does not fit the dictionary.
    """
    parts, aside = parts_of(path)
    if sitemap.source != "fhir":
        raise SourceError(
            "holds FHIR resources, and the site map is not for FHIR",
            file=path.name,
            hint="a map for FHIR has source: fhir, forms and paths; copy one that ships",
        )
    plan = plan_of(sitemap, dictionary)
    digests = [file_digest(part.path) for part in parts]
    whole = hashlib.sha256("\n".join(digests).encode()).hexdigest()
    header = (plan.key, *OWN_COLUMNS[1:], *plan.columns)
    return FhirResources(
        name=path.name,
        sha256=digests[0] if len(digests) == 1 else whole,
        kind="fhir",
        shape="redcap",
        header=check_header(header, path.name, row=None),
        parts=tuple(parts),
        aside=tuple(aside),
        plan=plan,
    )
