"""A snapshot that was loaded under other declarations than those that bound a patient's rows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from federated.study.catalogue import Registry
from gateway.errors import SiteError
from gateway.registry.load import ingest
from gateway.registry.store.embedded import DuckDBStore, DuckDBVersion
from gateway.site.config import create_site
from gateway.site.opening import _published


@pytest.fixture
def loaded(tmp_path):
    """A site with five patients, published; the export; and its store."""
    site = create_site(tmp_path / "north", dictionary="lung", name="north", sitemap="lung_map")
    export = tmp_path / "lung.csv"
    columns = "patient_id,inst,time,status,age,sex,ph.ecog,ph.karno,pat.karno,meal.cal,wt.loss"
    rows = [f"{i},3,30{i},1,7{i},1,1.0,90,100,1175,5" for i in range(5)]
    export.write_text("\n".join([columns, *rows]) + "\n")
    ingest(site, export)
    store = DuckDBStore(site.store_path)
    store.publish(every_days=0, force=False, now=datetime.now(UTC))
    return site, export, store


def test_a_snapshot_is_read_only_under_the_declarations_it_was_loaded_with(loaded):
    site, _, store = loaded
    derivations = site.derivations()
    assert _published(store, Registry(site.dictionary(), derivations))() == store.published()
    newer = derivations.model_copy(update={"version": derivations.version + 1})
    published = _published(store, Registry(site.dictionary(), newer))
    for _ in range(2):
        with pytest.raises(SiteError, match="other declarations"):
            published()


def test_what_is_free_does_not_open_the_data_each_time_it_is_asked(loaded, monkeypatch):
    """Its time would tell of the table, unpaid, however often: only the quantum would hide it."""
    site, export, store = loaded
    opened = []
    meta = DuckDBVersion.meta
    monkeypatch.setattr(DuckDBVersion, "meta", lambda v: opened.append(v.name) or meta(v))
    published = _published(store, Registry(site.dictionary(), site.derivations()))
    first = [published() for _ in range(3)][-1]
    assert opened == [first.version.name]
    # Another version is another load, maybe under other declarations.
    export.write_text(export.read_text() + "9,3,309,1,79,1,1.0,90,100,1175,5\n")
    ingest(site, export)
    store.publish(every_days=0, force=True, now=datetime.now(UTC))
    opened.clear()
    second = published()
    assert second.version != first.version
    assert opened == [second.version.name]
