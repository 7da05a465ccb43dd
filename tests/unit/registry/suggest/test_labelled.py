"""When a draft says ``labels: true``: where a REDCap export speaks in labels, and in nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.registry.suggest.suggest import Draft, suggest
from tests.unit.registry.sources.test_labels import CHECKED, LABELS, NAMED, forms, labelled
from tests.unit.registry.valve import EXPORT, HEADER, defect, dictionary


def drafted(folder: Path, text: str) -> Draft:
    (folder / "export.csv").write_text(text, encoding="utf-8")
    return suggest(folder / "export.csv", dictionary())


@pytest.mark.parametrize("boxes", [CHECKED, NAMED], ids=["checked", "named"])
def test_the_draft_of_labels_reads_what_that_of_codes_reads(tmp_path: Path, boxes: dict) -> None:
    told = {}
    for name, text in (("raw", EXPORT), ("labels", labelled(EXPORT, LABELS | boxes))):
        (tmp_path / name).mkdir()
        draft = drafted(tmp_path / name, text)
        assert ("labels: true" in draft.text) == (name == "labels")
        assert "recode" not in draft.text
        map_text = draft.text.replace("dictionary: valve", "")
        told[name] = forms(tmp_path / name, text, map_text=map_text)[:2]
    assert told["labels"] == told["raw"]


def test_labels_of_forms_alone_are_labels(tmp_path: Path) -> None:
    only = {"redcap_repeat_instrument": LABELS["redcap_repeat_instrument"]}
    rows = HEADER + defect(valve="") + defect(nr="2", valve="")
    assert drafted(tmp_path, rows).sitemap.labels is None
    assert drafted(tmp_path, labelled(rows, only)).sitemap.labels


def test_a_file_with_labels_and_codes_is_not_called_one_of_labels(tmp_path: Path) -> None:
    """With ``labels: true`` a load would refuse the code."""
    draft = drafted(tmp_path, HEADER + defect(valve="Aortic") + defect(nr="2", valve="m"))
    assert draft.sitemap.labels is None
    (valve,) = (line for line in draft.lines if line.element == "valve")
    assert valve.recode == {"Aortic": "a"}


def test_a_column_with_more_than_labels_keeps_its_recode(tmp_path: Path) -> None:
    rows = EXPORT + defect("A9", nr="2", valve="no valve at all")
    draft = drafted(tmp_path, labelled(rows, LABELS | CHECKED))
    assert draft.sitemap.labels
    lines = {line.element: line for line in draft.lines}
    assert (lines["sex"].recode, lines["sex"].hidden) == (None, 0)
    assert (lines["valve"].recode, lines["valve"].hidden) == ({"Aortic": "a"}, 1)
