"""What a site's record keeping does to a true record: gaps, habits, half-filled forms."""

from __future__ import annotations

__all__ = ["Chart", "keep"]

from typing import TypeAlias

from gateway.demo.synthetic.draws import Draw
from gateway.demo.synthetic.layout import CHECKBOXES, PROVIDER_BLOCK, Row, hide, ticks
from gateway.demo.synthetic.sites import Habit

Chart: TypeAlias = dict[str, list[Row]]
"""A patient's record: rows by form, in instance order; ``patient`` has exactly one."""

_UNANSWERED: dict[str, dict[str, float]] = {
    "patient": {
        "height_cm": 0.10,
        "weight_kg": 0.08,
        "smoking": 0.04,
        "asa_class": 0.04,
        "ecog_baseline": 0.05,
        "insurance": 0.06,
        "diabetes": 0.03,
        "predisposition": 0.08,
    },
    "tumor": {
        "size_max_cm": 0.03,
        "symptom_date": 0.15,
        "first_contact_date": 0.04,
        "katagiri_total": 0.25,
        "pathfx_3mo": 0.5,
        "ajcc_t": 0.02,
        "enneking_stage": 0.05,
    },
    "pathology": {
        "necrosis_pct": 0.05,
        "margin_mm": 0.12,
        "margin_enneking": 0.08,
        "molecular": 0.4,
        "fnclcc_diff": 0.10,
        "path_reviewed": 0.05,
    },
    "surgery": {
        "op_minutes": 0.06,
        "ebl_ml": 0.12,
        "resection_len_cm": 0.15,
        "discharge_date": 0.08,
        "implant_fixation": 0.10,
    },
    "complication": {"comp_clavien": 0.06},
    "systemic_therapy": {"sys_cycles": 0.15},
    "radiation": {"rt_modality": 0.05},
    "pro": {"promis_pf_t": 0.02, "promis_pi_t": 0.03, "promis_gph_t": 0.10, "promis_gmh_t": 0.10},
}
_TOGETHER = {
    "fnclcc_diff": ("fnclcc_mitoses", "fnclcc_necrosis"),
    "pathfx_3mo": ("pathfx_12mo",),
    "ajcc_t": ("ajcc_n", "ajcc_m"),
    "height_cm": ("bmi",),
    "weight_kg": ("bmi",),
    "necrosis_pct": ("huvos",),
}
"""What is skipped along with an element: the rest of a score, or the sum REDCap cannot make."""

_CODED = {"patient": ("height_cm", "weight_kg", "asa_class", "ecog_baseline")}
_SCORES = ("promis_pf_t", "promis_pf_se", "promis_pi_t", "promis_gph_t", "promis_gmh_t")
_NEW_SITE_MISSING = 0.63


def keep(chart: Chart, habit: Habit, draw: Draw) -> None:
    """Turn a true chart into the one the site kept, in place; branching is applied last."""
    for form, rates in _UNANSWERED.items():
        for row in chart[form]:
            for element, rate in rates.items():
                if row.get(element) is not None and draw.chance(rate):
                    row[element] = None
                    for other in _TOGETHER.get(element, ()):
                        row[other] = None
    _apply(chart, habit, draw)
    for form, rows in chart.items():
        for row in rows:
            hide(form, row)


def _apply(chart: Chart, habit: Habit, draw: Draw) -> None:
    if habit is Habit.NO_MARGIN_MM:
        for row in chart["pathology"]:
            row["margin_mm"] = None
    elif habit is Habit.NECROSIS_AS_TEXT:
        for row in chart["pathology"]:
            _necrosis_as_text(row, draw)
    elif habit is Habit.FNCLCC_ONLY:
        _fnclcc_only(chart)
    elif habit is Habit.PRO_GAPS:
        for row in chart["pro"]:
            for element in _SCORES:
                if draw.chance(0.30):
                    row[element] = None
    elif habit is Habit.MISSING_CODES:
        for form, elements in _CODED.items():
            for row in chart[form]:
                row.update({e: -999 for e in elements if row.get(e) is None})
    elif habit is Habit.NEW_SITE and draw.chance(_NEW_SITE_MISSING):
        _drop_provider_block(chart)


def _necrosis_as_text(row: Row, draw: Draw) -> None:
    value = row.get("necrosis_pct")
    if value is not None:
        row["necrosis_pct"] = draw.one((f"{value}%", f"{value} %", f">{value}%", f"approx {value}"))
        row["huvos"] = None


def _fnclcc_only(chart: Chart) -> None:
    soft = {row["tumor_seq"] for row in chart["tumor"] if row["tumor_category"] == 2}
    for row in chart["tumor"]:
        row["enneking_stage"] = None
    for row in chart["pathology"]:
        if row["path_tumor_ref"] not in soft and row["grade"] != 8:
            row["grade"] = 9


def _drop_provider_block(chart: Chart) -> None:
    for form, elements in PROVIDER_BLOCK.items():
        for row in chart[form]:
            for element in elements:
                if element in CHECKBOXES:
                    row.update(ticks(element, ()))
                else:
                    row[element] = None
            row["incomplete"] = 1
