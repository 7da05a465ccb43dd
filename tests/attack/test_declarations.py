"""A snapshot that was loaded under other declarations than those that bound a patient's rows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from federated.study.catalogue import Registry
from gateway.errors import SiteError
from gateway.registry.load import ingest
from gateway.registry.store.embedded import DuckDBStore
from gateway.site.config import create_site
from gateway.site.opening import _check_meaning


def test_a_snapshot_is_read_only_under_the_declarations_it_was_loaded_with(tmp_path):
    site = create_site(tmp_path / "north", dictionary="lung", name="north", sitemap="lung_map")
    export = tmp_path / "lung.csv"
    columns = "patient_id,inst,time,status,age,sex,ph.ecog,ph.karno,pat.karno,meal.cal,wt.loss"
    rows = [f"{i},3,30{i},1,7{i},1,1.0,90,100,1175,5" for i in range(5)]
    export.write_text("\n".join([columns, *rows]) + "\n")
    ingest(site, export)
    snapshot = DuckDBStore(site.store_path).publish(
        every_days=0, force=False, now=datetime.now(UTC)
    )
    derivations = site.derivations()
    _check_meaning(snapshot, Registry(site.dictionary(), derivations))
    newer = derivations.model_copy(update={"version": derivations.version + 1})
    with pytest.raises(SiteError, match="other declarations"):
        _check_meaning(snapshot, Registry(site.dictionary(), newer))
