"""One load: source file → site map → validate → derive → de-identify → store.

Identified rows live on the workbench only. The store gets a finished version or nothing; the
same file under the same declarations gets no new version.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from deid.site_lists import SiteLists
from federated.study.plan import unit_table
from gateway.errors import SiteError, StoreError
from gateway.registry import fixlist
from gateway.registry.bench import Bench, open_bench, quoted
from gateway.registry.contradictions import contradictions
from gateway.registry.deidentify import calendar, identifiers, pseudonymize, safe_rows
from gateway.registry.derive import derive
from gateway.registry.fixes import is_listed
from gateway.registry.load_report import LoadReport, report_of
from gateway.registry.lost_patients import lost_patients
from gateway.registry.notes import NoteCount, clean_notes, create_notes, settle_quarantine
from gateway.registry.people import met_lists
from gateway.registry.private_file import clear_drafts
from gateway.registry.quality.assess import assess_entered, assess_units
from gateway.registry.quality.duplicates import read_duplicates, write_duplicates
from gateway.registry.quality.trend import note_load
from gateway.registry.quarantine import Quarantine
from gateway.registry.rule_kinds import recomputed, say_undecided
from gateway.registry.sitemap import SiteMap
from gateway.registry.sources.detect import inspect
from gateway.registry.sources.redcap_client import RedcapProject
from gateway.registry.sources.source import Source
from gateway.registry.staging import Staged, stage
from gateway.registry.stated import check_stated, create_stated
from gateway.registry.store.opening import open_store
from gateway.registry.store.store import Store
from gateway.registry.unanswered import find_unanswered, write_unanswered
from gateway.registry.validate import (
    blank_hidden,
    check_references,
    check_rules,
    check_totals,
)
from gateway.registry.vault import Vault
from gateway.registry.withdrawal import after_withdrawal, withdrawals
from gateway.registry.worklist.make import make_worklists
from gateway.registry.worklist.sealed import SealedWorklists
from gateway.site.config import SiteFolder
from policies.decode import digest, load
from policies.derivation import Derivations, every_form
from policies.dictionary import Dictionary
from policies.library import find

__all__ = ["LoadReport", "Progress", "ingest"]

Progress = Callable[[str, int, int], None]
"""Hears the name of a step, and how much of how much of it is done."""


_FORMAT = 11
"""Rises when a load of the same file would give other tables or lists."""


@dataclass(frozen=True)
class _Declared:
    dictionary: Dictionary
    derivations: Derivations
    every: Derivations
    sitemap: SiteMap
    where: str
    named: str
    digest: str


def ingest(
    site: SiteFolder,
    source: Path | RedcapProject,
    sitemap: str | None = None,
    *,
    accept_bad_values: bool = False,
    notes: bool = True,
    progress: Progress = lambda *_: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> LoadReport:
    """Load ``source``, a file or a project behind REDCap's API, into the site's store through the
    map (a file, or the name of a shipped one; default: that of ``site.yaml``).

    Raises SourceError, LoadRefused, NetworkError, DeclarationError, QuarantineError or StoreError;
    the store is then as before.
    A refused load lists all faults in ``refused.csv``, which the next load that succeeds removes.
    """
    progress("read", 0, 1)
    vault = Vault.open(site.vault_path)
    queue, keys = Quarantine(site.quarantine_path, vault), vault.keys()
    declared, file = _declared(
        site, source, sitemap, accept_bad_values, queue if notes else None, progress
    )
    refused = site.path / "refused.csv"
    store = open_store(site)
    current = store.current()
    before: dict[str, Any] = {}
    if current is not None:
        meta = current.meta()
        # An earlier version of the software recorded less: that must not keep a load away.
        before = meta.get("quality", {})
        if meta.get("load") == declared.digest and _stands(site, vault, meta, notes=notes):
            refused.unlink(missing_ok=True)
            note_load(site.trend_path, current.name, meta)
            if notes:
                _settled(store, queue)
            report = report_of(_told_anew(meta, file), current, queue, changed=False)
            return after_withdrawal(store, meta, report, now())
    with store.writing() as draft, _bench(site) as bench:
        staged = stage(
            bench,
            file,
            declared.sitemap,
            declared.dictionary,
            where=declared.where,
            accept_bad_values=accept_bad_values,
            refused=refused,
            told=partial(progress, "read"),
        )
        quality = _validate_and_derive(bench, site, declared, progress, before, now().date())
        counted, people = _deidentify(
            bench, site, declared, vault, queue if notes else None, progress
        )
        progress("worklists", 0, 1)
        quality |= _compared(bench, site, declared, notes=notes)
        say_undecided(bench, site.rules())
        worklists = make_worklists(
            bench, site, vault, declared.every, load=declared.digest, today=now().date()
        )
        progress("store", 0, 1)
        meta = _meta(bench, site, declared, file, staged, counted, quality, now())
        meta["warnings"] += lost_patients(
            bench, file, meta["units"], current, keys=keys, excluded=staged.excluded
        )
        # Whom the surrogates heeded: when the site has met more people, they are drawn again.
        meta["people"] = people
        meta["worklists"] = worklists.counts
        meta |= withdrawals(store, keys, staged.excluded)
        draft.fill(bench, _tables(bench, meta), meta)
        # Before the version: a load that is killed in between leaves entries and a list that the
        # next one replaces. After it, the version would stand without them for good, since the
        # same file again changes nothing. Withheld notes are in the quarantine by now; what the
        # old version needs there goes only when the new one stands, but for patients who opted out.
        vault.put_patients(identifiers(bench, declared.dictionary))
        queue.drop_patients(staged.excluded)
        _write_lists(bench, site, file)
        worklists.sealed.adopt()
        version = store.adopt(draft, now=now())
        if notes:
            settle_quarantine(queue, version)
        note_load(site.trend_path, version.name, meta)
    refused.unlink(missing_ok=True)
    report = report_of(meta, version, queue, changed=True)
    return after_withdrawal(store, meta, report, now())


def _write_lists(bench: Bench, site: SiteFolder, file: Source) -> None:
    """What people are to look at."""
    fixlist.write(bench, site.fixlist_path, file)
    write_duplicates(bench, site.duplicates_path)
    write_unanswered(bench, site.missing_path)


def _stands(site: SiteFolder, vault: Vault, meta: dict[str, Any], *, notes: bool) -> bool:
    """Are the surrogates drawn against all whom the site has met, and do the worklists and what
    people are to look at open?
    """
    met = meta.get("people") == vault.met().digest or not notes
    return met and _listed(site) and SealedWorklists(site.vault_path, vault).stands()


def _listed(site: SiteFolder) -> bool:
    """People open these lists in spreadsheets, and may save them as something else."""
    try:
        duplicates = read_duplicates(site.duplicates_path)
    except StoreError:
        return False
    listed = is_listed(site.fixlist_path) and is_listed(site.missing_path)
    return listed and duplicates is not None


def _settled(store: Store, queue: Quarantine) -> None:
    """Finish what a load that was killed behind its version left; a load that runs now does it."""
    if not queue.path.exists():
        return
    with suppress(StoreError), store.writing():
        current = store.current()
        if current is not None:
            settle_quarantine(queue, current)


def _declared(
    site: SiteFolder,
    source: Path | RedcapProject,
    sitemap: str | None,
    accept_bad_values: bool,
    queue: Quarantine | None,
    progress: Progress,
) -> tuple[_Declared, Source]:
    """What the load is made of; its digest is the same where the outcome would be the same.
    ``queue`` None leaves notes out.
    """
    given = sitemap or site.config.map
    if given is None:
        raise SiteError("no site map", hint="give --map, or name one in site.yaml")
    path = find("examples", given)
    mapping, dictionary = load(SiteMap, path), site.dictionary()
    file = _opened(source, mapping, dictionary, progress)
    options = {
        "format": _FORMAT,
        "accept_bad_values": accept_bad_values,
        "notes": None if queue is None else queue.decided(),
        "source": file.sha256,
        "stated": digest(site.stated()),
        "quality": digest(site.quality_checks()),
        "worklists": digest(site.worklists()),
        "lists": SiteLists.in_folder(site.lists_path).digest,
    }
    declared = _Declared(
        dictionary,
        site.derivations(),
        every_form(dictionary, site.derivations()),
        mapping,
        path.name,
        str(path.resolve()) if path == Path(given) else given,
        digest({**site.digests(), **options, "map": digest(mapping)}),
    )
    return declared, file


def _opened(
    source: Path | RedcapProject, sitemap: SiteMap, dictionary: Dictionary, progress: Progress
) -> Source:
    if isinstance(source, Path):
        return inspect(source, sitemap, dictionary)
    from gateway.registry.sources.redcap_api import read_project

    return read_project(source, heard=lambda done, total: progress("export", done, total))


@contextmanager
def _bench(site: SiteFolder) -> Iterator[Bench]:
    """A workbench with a private spill folder inside the site folder; what a killed load left of
    its own goes.
    """
    for left in site.store_path.glob(".spill-*"):
        shutil.rmtree(left, ignore_errors=True)
    lists = (site.fixlist_path, site.duplicates_path, site.missing_path, site.path / "refused.csv")
    for listed in lists:
        clear_drafts(listed)
    spill = Path(tempfile.mkdtemp(prefix=".spill-", dir=site.store_path))
    try:
        with open_bench(spill, memory_mb=site.config.memory_mb) as bench:
            yield bench
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def _validate_and_derive(
    bench: Bench,
    site: SiteFolder,
    declared: _Declared,
    progress: Progress,
    before: dict[str, Any],
    today: date,
) -> dict[str, Any]:
    """``before`` is what the load before recorded of its quality."""
    dictionary, every, rules = declared.dictionary, declared.every, site.rules()
    checks = site.quality_checks()
    checks.check_against(dictionary, every)
    site.worklists().check_against(dictionary, every, checks)
    progress("validate", 0, 1)
    blank_hidden(bench, dictionary, contradictions(rules, dictionary, every), today)
    check_references(bench, dictionary)
    quality = assess_entered(bench, dictionary, declared.sitemap, checks)
    find_unanswered(bench, dictionary)
    for instrument in dictionary.instruments:
        bench.run(f"DROP TABLE {quoted(f'text_{instrument}')}")
    progress("derive", 0, 1)
    checked = declared.derivations.check_against(dictionary, where=every.derivations)
    derive(bench, dictionary, every, checked, partial(progress, "derive"))
    check_rules(bench, rules, dictionary, every, today, partial(progress, "rules"))
    ruled = recomputed(rules)
    progress("quality", 0, 1)
    quality["derived"] = check_totals(bench, dictionary, declared.derivations, ruled=ruled)
    quality |= assess_units(
        bench,
        quality,
        dictionary=dictionary,
        derivations=every,
        rules=rules,
        checks=checks,
        before=before,
        today=today,
    )
    return quality


def _deidentify(
    bench: Bench,
    site: SiteFolder,
    declared: _Declared,
    vault: Vault,
    queue: Quarantine | None,
    progress: Progress,
) -> tuple[NoteCount, str | None]:
    """Notes stored and withheld, and the digest of the people whom their surrogates heeded."""
    progress("de-identify", 0, 1)
    profile, keys = site.profile(), vault.keys()
    pseudonymize(bench, declared.dictionary, profile, keys)
    units = declared.derivations.units
    for done, unit in enumerate(units):
        progress("de-identify", done, len(units))
        sql = safe_rows(bench, declared.dictionary, declared.derivations, unit, profile, keys)
        bench.run(f"CREATE OR REPLACE TABLE {quoted(unit_table(unit))} AS {sql}")
    dated = calendar(profile)
    if dated is not None:
        bench.run(f"CREATE OR REPLACE TABLE calendar AS {dated}")
    create_notes(bench)
    if queue is None:
        return NoteCount(0, {}), None
    lists = SiteLists.in_folder(site.lists_path)
    lists = met_lists(bench, declared.dictionary, lists, vault)
    counted = clean_notes(bench, declared.dictionary, profile, keys, queue, progress, lists)
    return counted, None if lists.people is None else lists.people.digest


def _compared(
    bench: Bench, site: SiteFolder, declared: _Declared, *, notes: bool
) -> dict[str, Any]:
    """Notes against fields; nothing where notes are left out."""
    create_stated(bench)
    if not notes:
        return {}
    stated = check_stated(bench, declared.dictionary, site.stated(), site.profile())
    return {"stated": stated}


def _meta(
    bench: Bench,
    site: SiteFolder,
    declared: _Declared,
    file: Source,
    staged: Staged,
    counted: NoteCount,
    quality: dict[str, Any],
    now: datetime,
) -> dict[str, Any]:
    units = {
        unit: int(bench.value(f"SELECT count(*) FROM {quoted(unit_table(unit))}"))
        for unit in declared.derivations.units
    }
    return {
        "load": declared.digest,
        "created_s": int(now.timestamp()),
        "site": site.config.site,
        "digests": site.digests(),
        "profile": site.config.profile,
        "source": {"file": file.name, "sha256": file.sha256, "kind": file.kind},
        "map": digest(declared.sitemap),
        "map_file": declared.named,
        "rows": staged.rows,
        "patients": staged.patients,
        "excluded": len(staged.excluded),
        "units": units,
        "problems": fixlist.tally(bench),
        "vanished": list(staged.vanished),
        "warnings": list(staged.warnings),
        "told": list(file.about.told),
        "notes": {"stored": counted.stored, "withheld": counted.withheld},
        "quality": quality,
        "unread": dict(staged.unread),
        "mapped": list(staged.mapped),
    }


def _tables(bench: Bench, meta: dict[str, Any]) -> list[str]:
    """What of the workbench goes into the version."""
    there = {row[0] for row in bench.run("SELECT table_name FROM duckdb_tables()")}
    units = [unit_table(unit) for unit in meta["units"]]
    return [*units, "notes", "stated", *({"calendar"} & there)]


def _told_anew(meta: dict[str, Any], file: Source) -> dict[str, Any]:
    """Another token may give the same rows and see another part of the project."""
    kept = [said for said in meta["warnings"] if said not in meta.get("told", ())]
    told = [said for said in file.about.told if said not in kept]
    return {**meta, "warnings": [*kept, *told]}
