"""A tumour as it truly is at diagnosis, before anyone writes it down."""

from __future__ import annotations

__all__ = ["BoneMetastasis", "Tumour", "draw_tumour", "extent_row"]

import math
from dataclasses import dataclass

from gateway.demo.synthetic import histology as kinds
from gateway.demo.synthetic.anatomy import Place, place_of
from gateway.demo.synthetic.draws import Draw, Weighted
from gateway.demo.synthetic.histology import Histology
from gateway.demo.synthetic.layout import Row, ticks
from gateway.demo.synthetic.staging import stage_group, t_soft_tissue

_NODAL = frozenset((214, 216, 218, 219, 227, 228))
_OTHER_ORGAN: Weighted[int] = ((4, 0.5), (5, 0.3), (8, 0.2))
_RAPID, _MODERATE = frozenset((2, 6, 7, 9, 10, 11, 98)), frozenset((3, 4, 8))


@dataclass(frozen=True)
class BoneMetastasis:
    """What only metastatic disease (and, for Mirels, myeloma) has. ``mirels`` holds site, pain,
    lesion and size, 1 to 3 each, or is None outside long bones.
    """

    primary: tuple[int, str]
    mirels: tuple[int, int, int, int] | None
    katagiri: int
    visceral: bool
    multiple: bool


@dataclass(frozen=True)
class Tumour:
    """A tumour. ``category`` as in the dictionary; ``grade`` 1 to 3, or 8 where none applies;
    ``fracture`` 0 none, 1 impending, 2 complete; ``presentation`` as disease_status_ref.
    """

    category: int
    histology: Histology
    place: Place
    laterality: int
    presentation: int
    size_cm: float
    deep: bool
    grade: int
    t: str
    n: str
    m: str
    stage: str
    enneking: str
    spread: tuple[int, ...]
    fracture: int
    metastasis: BoneMetastasis | None

    @property
    def sarcoma(self) -> bool:
        """A primary sarcoma of bone or soft tissue."""
        return self.category in (1, 2)

    @property
    def metastatic(self) -> bool:
        """Distant metastasis known at diagnosis of a sarcoma."""
        return self.m not in ("", "m0")

    @property
    def extremity(self) -> bool:
        """In a limb or its girdle soft tissue, not axial."""
        return self.place.limb != "axial"


def draw_tumour(
    draw: Draw, category: int, unplanned_logit: float, like: Tumour | None = None
) -> Tumour:
    """A tumour of a category; ``like`` makes it a second one of the same histology.

    ``unplanned_logit`` is the site's effect on unplanned excision before referral.
    """
    histology = like.histology if like is not None else _histology(draw, category)
    place = place_of(draw, category, histology)
    deep = place.schema != 4 or draw.chance(0.35 if histology.code == 226 else 0.75)
    size = _size(draw, category, histology, place, deep)
    grade = 8
    if histology.grades is not None:
        grade = draw.pick(tuple(zip((1, 2, 3), histology.grades, strict=True)))
    t, n, m, spread = _spread(draw, category, histology, place, size, grade)
    stage = stage_group(place.schema, t, n, m, grade) if t else ""
    return Tumour(
        category=category,
        histology=histology,
        place=place,
        laterality=draw.whole(1, 2) if place.paired else 3,
        presentation=_presentation(draw, category, deep, size, unplanned_logit),
        size_cm=size,
        deep=deep,
        grade=grade,
        t=t,
        n=n,
        m=m,
        stage=stage,
        enneking=_enneking(draw, category, grade, n, m),
        spread=spread,
        fracture=_fracture(draw, category),
        metastasis=_metastasis(draw, category, place, size, like),
    )


def _histology(draw: Draw, category: int) -> Histology:
    if category == 3:
        return kinds.METASTASIS
    tables = {
        1: kinds.BONE,
        2: kinds.SOFT,
        4: kinds.HEME,
        5: kinds.BENIGN_BONE,
        6: kinds.BENIGN_SOFT,
    }
    return draw.pick(tables[category])


def _size(draw: Draw, category: int, histology: Histology, place: Place, deep: bool) -> float:
    median = histology.median_cm if deep else min(histology.median_cm, 4.5)
    sigma = 0.50 if category in (1, 3, 4, 5) else 0.60
    return round(draw.lognormal(median * place.roominess, sigma, 0.8, 32.0 * place.roominess), 1)


def _presentation(draw: Draw, category: int, deep: bool, size: float, effect: float) -> int:
    """1 new, 2 after unplanned excision, 4 local recurrence. Small superficial ones are shelled
    out as lipomas three times as often.
    """
    if category == 2:
        odds = 0.20 * math.exp(effect) * (3.0 if not deep and size < 5 else 1.0)
        if draw.chance(odds / (1 + odds)):
            return 2
    if category in (1, 2, 5, 6) and draw.chance(0.05):
        return 4
    return 1


def _spread(
    draw: Draw, category: int, histology: Histology, place: Place, size: float, grade: int
) -> tuple[str, str, str, tuple[int, ...]]:
    """T, N, M and the codes of mets_at_dx, which agree with each other."""
    if category not in (1, 2):
        return "", "", "", ((2,) if category == 3 else (0,))
    node = draw.chance(0.08 if histology.code in _NODAL else 0.012)
    rate = histology.metastatic
    if category == 2:
        rate *= (2.0 if grade == 3 and size > 10 else 1.0) * (0.25 if grade == 1 else 1.0)
    organs: list[int] = []
    if draw.chance(rate):
        if draw.chance(0.8):
            organs.append(1)
        if not organs or draw.chance(0.25):
            organs.append(2 if draw.chance(0.6) else draw.pick(_OTHER_ORGAN))
    m = "m0"
    if organs:
        m = "m1" if place.schema == 4 else ("m1a" if organs == [1] else "m1b")
    spread = (*organs, *((3,) if node else ())) or (0,)
    return _t(draw, place.schema, size), "n1" if node else "n0", m, spread


def _t(draw: Draw, schema: int, size: float) -> str:
    if schema == 4:
        return t_soft_tissue(size)
    if schema == 1:
        if draw.chance(0.02):
            return "t3"
        return "t1" if size <= 8 else "t2"
    if schema == 2:
        part = draw.pick((("t1", 0.3), ("t2", 0.4), ("t3", 0.2), ("t4", 0.1)))
        return part + ("a" if (draw.chance(0.6) if part == "t4" else size <= 8) else "b")
    return draw.pick((("t1", 0.3), ("t2", 0.35), ("t3", 0.2), ("t4a", 0.1), ("t4b", 0.05)))


def _enneking(draw: Draw, category: int, grade: int, n: str, m: str) -> str:
    if category in (5, 6):
        return draw.pick((("2", 0.45), ("3", 0.55)))
    if category not in (1, 2):
        return ""
    if n == "n1" or m != "m0":
        return "iii"
    outside = draw.chance(0.4 if grade == 1 else 0.8)
    return ("i" if grade == 1 else "ii") + ("b" if outside else "a")


def _fracture(draw: Draw, category: int) -> int:
    if category in (3, 4):
        return draw.pick(((0, 0.22), (1, 0.43), (2, 0.35)))
    if category in (1, 5):
        return draw.pick(((0, 0.89), (1, 0.03), (2, 0.08)))
    return 0


def _metastasis(
    draw: Draw, category: int, place: Place, size: float, like: Tumour | None
) -> BoneMetastasis | None:
    if category not in (3, 4):
        return None
    primary = draw.pick(kinds.PRIMARY_CANCER)
    if like is not None and like.metastasis is not None:
        primary = like.metastasis.primary
    mirels = None
    if place.long_bone:
        where = 3 if place.code == 1 else (1 if place.limb == "upper" else 2)
        pain = draw.pick(((1, 0.15), (2, 0.35), (3, 0.5)))
        lesion = 3 if primary[0] in (2, 4, 5) else draw.pick(((1, 0.2), (2, 0.3), (3, 0.5)))
        if primary[0] == 3:
            lesion = draw.pick(((1, 0.6), (2, 0.3), (3, 0.1)))
        mirels = (where, pain, lesion, 1 + (size >= 2) + (size >= 3.5))
    visceral = draw.chance(0.45 if primary[0] in _RAPID else 0.25)
    multiple = draw.chance(0.7)
    growth = 3 if primary[0] in _RAPID else (2 if primary[0] in _MODERATE else 0)
    score = growth + (draw.whole(1, 2) if visceral else 0) + int(multiple)
    score += draw.pick(((0, 0.25), (1, 0.4), (2, 0.35))) + int(draw.chance(0.45))
    return BoneMetastasis(primary, mirels, min(score, 10), visceral, multiple)


def extent_row(tumour: Tumour, draw: Draw) -> Row:
    """The tumor form's fields on histology, site, extent and stage (no dates)."""
    row: Row = {
        "tumor_category": tumour.category,
        "disease_status_ref": tumour.presentation,
        "icdo3_morph": tumour.histology.morphology,
        "histology_who": tumour.histology.code,
        "icdo3_topo": tumour.place.topography,
        "anat_site": tumour.place.code,
        "laterality": tumour.laterality,
        "size_max_cm": tumour.size_cm,
        "depth": 2 if tumour.deep else 1,
        "pathologic_fx_dx": tumour.fracture,
        "ajcc_schema": tumour.place.schema,
        "ajcc_t": tumour.t,
        "ajcc_n": tumour.n,
        "ajcc_m": tumour.m,
        "ajcc_stage": tumour.stage,
        "enneking_stage": tumour.enneking,
        **ticks("mets_at_dx", tumour.spread),
    }
    if tumour.metastasis is not None:
        row.update(_metastasis_row(tumour.metastasis, draw))
    return row


def _metastasis_row(spread: BoneMetastasis, draw: Draw) -> Row:
    row: Row = {
        "mets_primary_site": spread.primary[0],
        "katagiri_total": spread.katagiri,
        "visceral_mets": int(spread.visceral),
        "bone_mets_n": 2 if spread.multiple else 1,
    }
    if spread.mirels is not None:
        names = ("mirels_site", "mirels_pain", "mirels_lesion", "mirels_size")
        row.update(dict(zip(names, spread.mirels, strict=True)))
        row["mirels_total"] = sum(spread.mirels)
    hazard = 0.15 if spread.katagiri <= 3 else (0.8 if spread.katagiri <= 6 else 2.8)
    early = min(99, max(1, round(100 * math.exp(-hazard / 4) + draw.normal(0, 5))))
    late = min(early, max(1, round(100 * math.exp(-hazard) + draw.normal(0, 8))))
    row.update({"pathfx_3mo": early, "pathfx_12mo": late})
    return row
