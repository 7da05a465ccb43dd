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
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from deid.pseudonym import Keys
from federated.study.plan import unit_table
from gateway.errors import StoreError
from gateway.registry import fixlist
from gateway.registry.bench import Bench, open_bench, quoted
from gateway.registry.declared import Declared, Progress, declared_for
from gateway.registry.deidentify import identifiers
from gateway.registry.fixes import is_listed
from gateway.registry.load_report import LoadReport, report_of
from gateway.registry.load_steps import compare, deidentify, validate_and_derive
from gateway.registry.lost_patients import lost_patients
from gateway.registry.notes import NoteCount, settle_quarantine
from gateway.registry.private_file import clear_drafts
from gateway.registry.quality.duplicates import read_duplicates, write_duplicates
from gateway.registry.quality.trend import note_load
from gateway.registry.quarantine import Quarantine
from gateway.registry.rule_kinds import say_undecided
from gateway.registry.sources.redcap_client import RedcapProject
from gateway.registry.sources.source import Source
from gateway.registry.staging import Staged, stage
from gateway.registry.store.opening import open_store
from gateway.registry.store.store import Store, Version
from gateway.registry.unanswered import write_unanswered
from gateway.registry.vault import Vault
from gateway.registry.withdrawal import after_withdrawal, withdrawals
from gateway.registry.worklist.make import Made, make_worklists
from gateway.registry.worklist.sealed import SealedWorklists
from gateway.site.config import SiteFolder
from policies.decode import digest

__all__ = ["LoadReport", "Progress", "ingest"]


@dataclass(frozen=True)
class _Load:
    """One load of a site. ``queue`` None leaves notes out."""

    site: SiteFolder
    declared: Declared
    file: Source
    vault: Vault
    keys: Keys
    queue: Quarantine | None
    progress: Progress
    now: Callable[[], datetime]


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
    declared, file = declared_for(
        site, source, sitemap, accept_bad_values, queue if notes else None, progress
    )
    load = _Load(site, declared, file, vault, keys, queue if notes else None, progress, now)
    refused = site.path / "refused.csv"
    store = open_store(site)
    current = store.current()
    if current is not None:
        meta = current.meta()
        if meta.get("load") == declared.digest and _stands(site, vault, meta, notes=notes):
            refused.unlink(missing_ok=True)
            note_load(site.trend_path, current.name, meta)
            if notes:
                _settled(store, queue)
            report = report_of(_told_anew(meta, file), current, queue, changed=False)
            return after_withdrawal(store, meta, report, now())
    with store.writing() as draft, _bench(site) as bench:
        meta, staged, worklists = _prepared(
            bench, load, store, current, accept_bad_values=accept_bad_values, refused=refused
        )
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


def _prepared(
    bench: Bench,
    load: _Load,
    store: Store,
    current: Version | None,
    *,
    accept_bad_values: bool,
    refused: Path,
) -> tuple[dict[str, Any], Staged, Made]:
    """All that the version will hold, on the workbench: what is recorded of it, who was read and
    left out, and the worklists' draft. Of what the site has, only the quarantine is changed.
    """
    site, declared, progress = load.site, load.declared, load.progress
    staged = stage(
        bench,
        load.file,
        declared.sitemap,
        declared.dictionary,
        where=declared.where,
        accept_bad_values=accept_bad_values,
        refused=refused,
        told=partial(progress, "read"),
    )
    # An earlier version of the software recorded less: that must not keep a load away.
    before = {} if current is None else current.meta().get("quality", {})
    quality = validate_and_derive(bench, site, declared, progress, before, load.now().date())
    counted, people = deidentify(bench, site, declared, load.vault, load.queue, progress)
    progress("worklists", 0, 1)
    quality |= compare(bench, site, declared, notes=load.queue is not None)
    say_undecided(bench, site.rules())
    worklists = make_worklists(
        bench, site, load.vault, declared.every, load=declared.digest, today=load.now().date()
    )
    progress("store", 0, 1)
    meta = _meta(bench, load, staged, counted, quality)
    meta["warnings"] += lost_patients(
        bench, load.file, meta["units"], current, keys=load.keys, excluded=staged.excluded
    )
    # Whom the surrogates heeded: when the site has met more people, they are drawn again.
    meta["people"] = people
    meta["worklists"] = worklists.counts
    meta |= withdrawals(store, load.keys, staged.excluded)
    return meta, staged, worklists


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


def _meta(
    bench: Bench, load: _Load, staged: Staged, counted: NoteCount, quality: dict[str, Any]
) -> dict[str, Any]:
    site, declared, file = load.site, load.declared, load.file
    units = {
        unit: int(bench.value(f"SELECT count(*) FROM {quoted(unit_table(unit))}"))
        for unit in declared.derivations.units
    }
    return {
        "load": declared.digest,
        "created_s": int(load.now().timestamp()),
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
