"""What is planned for a tumour: operation, chemotherapy, radiotherapy, and when."""

from __future__ import annotations

__all__ = [
    "AMPUTATION",
    "AXIAL",
    "CURETTAGE",
    "FIXATION",
    "LIMB_SALVAGE",
    "RE_EXCISION",
    "ROTATIONPLASTY",
    "Chemo",
    "Plan",
    "Radiotherapy",
    "draw_plan",
]

from dataclasses import dataclass

from gateway.demo.synthetic.draws import Draw, Weighted
from gateway.demo.synthetic.histology import EWING, OSTEO
from gateway.demo.synthetic.tumour import Tumour

LIMB_SALVAGE, AMPUTATION, ROTATIONPLASTY, CURETTAGE, FIXATION, AXIAL, RE_EXCISION = range(1, 8)
"""surg_type, in the dictionary's order."""


@dataclass(frozen=True)
class Chemo:
    """A course; ``start`` and ``end`` are days from diagnosis."""

    regimen: int
    setting: int
    start: int
    end: int
    cycles: int


@dataclass(frozen=True)
class Radiotherapy:
    """A course; ``start`` and ``end`` are days from diagnosis, ``timing`` as rt_timing."""

    timing: int
    modality: int
    start: int
    end: int
    dose_gy: float
    fractions: int


@dataclass(frozen=True)
class Plan:
    """Treatment of one tumour. ``wait`` is days from diagnosis to the index operation;
    ``recon`` and ``amp_level`` use the dictionary's codes; ``mdt`` is days from diagnosis.
    """

    wait: int
    intent: int
    surg_type: int
    amp_level: int | None
    recon: tuple[int, ...]
    chemo: tuple[Chemo, ...]
    radiation: Radiotherapy | None
    mdt: int | None

    @property
    def neoadjuvant_chemo(self) -> bool:
        """Some chemotherapy before the operation, for Huvos to mean anything."""
        return any(c.setting in (1, 3) and c.start < self.wait for c in self.chemo)

    @property
    def preoperative_rt(self) -> bool:
        """Radiotherapy before the operation."""
        return self.radiation is not None and self.radiation.timing == 1

    @property
    def first_treatment(self) -> int:
        """Days from diagnosis to the first treatment of any kind."""
        starts = [c.start for c in self.chemo]
        if self.radiation is not None:
            starts.append(self.radiation.start)
        return min([self.wait, *starts])

    @property
    def implanted(self) -> bool:
        """An endoprosthesis or allograft-prosthesis composite."""
        return any(code in (1, 3, 9) for code in self.recon)

    @property
    def reconstructed(self) -> bool:
        """A reconstruction that can fail in Henderson's sense."""
        return any(code in (1, 2, 3, 4, 5, 9) for code in self.recon)


def draw_plan(draw: Draw, tumour: Tumour, age: float) -> Plan:
    """A plan that suits tumour and age."""
    surg_type, level, recon = _operation(draw, tumour, age)
    first = 0 if tumour.category in (3, 4) else round(draw.lognormal(27, 0.45, 4, 110))
    chemo = _chemo(draw, tumour, age, first)
    wait = _wait(draw, tumour, first, chemo)
    radiation = None
    if not any(c.regimen in (1, 2) for c in chemo):
        radiation = _radiation(draw, tumour, first, wait, amputated=surg_type == AMPUTATION)
    if radiation is not None and radiation.timing == 1:
        wait = radiation.end + draw.whole(28, 42)
    palliative = tumour.category in (3, 4) or (tumour.metastatic and draw.chance(0.3))
    before = min([wait, *(c.start for c in chemo), *([radiation.start] if radiation else [])])
    return Plan(
        wait=wait,
        intent=2 if palliative else 1,
        surg_type=surg_type,
        amp_level=level,
        recon=recon,
        chemo=chemo,
        radiation=radiation,
        mdt=_board(draw, tumour, before, wait),
    )


def _board(draw: Draw, tumour: Tumour, before: int, wait: int) -> int | None:
    """The tumour board usually sits before the first treatment, sometimes after, sometimes not."""
    if not tumour.sarcoma:
        return None if draw.chance(0.75) else max(0, wait + draw.whole(-2, 20))
    how = draw.pick((("before", 0.88), ("after", 0.08), ("never", 0.04)))
    if how == "never":
        return None
    return max(1, before - draw.whole(1, 14)) if how == "before" else wait + draw.whole(3, 30)


_AMPUTATION_LEVEL: dict[int, Weighted[int]] = {
    **dict.fromkeys((3, 4, 22), ((4, 1.0),)),
    **dict.fromkeys((5, 6, 7, 23, 24), ((2, 0.7), (3, 0.1), (4, 0.2))),
    **dict.fromkeys((1, 2, 21, 25, 26), ((5, 0.6), (4, 0.25), (6, 0.15))),
    **dict.fromkeys((8, 12, 27), ((10, 0.7), (9, 0.3))),
    **dict.fromkeys((9, 28), ((9, 0.5), (8, 0.5))),
    **dict.fromkeys((10, 29), ((8, 0.6), (7, 0.4))),
    **dict.fromkeys((11, 30), ((1, 0.8), (7, 0.2))),
}


def _operation(draw: Draw, tumour: Tumour, age: float) -> tuple[int, int | None, tuple[int, ...]]:
    """Type of operation, amputation level and reconstruction."""
    place = tumour.place
    if tumour.category in (3, 4):
        return _stabilisation(draw, tumour)
    if tumour.category == 5 and draw.chance(0.75):
        return CURETTAGE, None, (8, 7) if draw.chance(0.4) else (8,)
    if not tumour.extremity:
        return AXIAL, None, _axial_reconstruction(draw, tumour)
    lost = (0.055 if tumour.category == 2 else 0.15) * (0.25 if tumour.grade == 1 else 1.25)
    if tumour.sarcoma and draw.chance(lost):
        return AMPUTATION, draw.pick(_AMPUTATION_LEVEL[place.code]), (0,)
    if tumour.category == 2 and tumour.presentation == 2:
        return RE_EXCISION, None, _soft_reconstruction(draw)
    if tumour.category in (2, 6):
        return LIMB_SALVAGE, None, _soft_reconstruction(draw)
    if place.code == 3 and age < 12 and draw.chance(0.2):
        return ROTATIONPLASTY, None, (7,)
    return LIMB_SALVAGE, None, _bone_reconstruction(draw, place.code, age)


def _stabilisation(draw: Draw, tumour: Tumour) -> tuple[int, int | None, tuple[int, ...]]:
    code = tumour.place.code
    if code == 1:
        return draw.pick((
            ((LIMB_SALVAGE, None, (1,)), 0.35),
            ((FIXATION, None, (6,)), 0.5),
            ((FIXATION, None, (6, 8)), 0.15),
        ))  # fmt: skip
    if code in (2, 9, 5):
        return FIXATION, None, (6,) if draw.chance(0.75) else (7, 8)
    if code in (13, 14, 17, 12):
        return FIXATION, None, (8,) if code in (13, 12) else (7, 8)
    if draw.chance(0.25):
        return LIMB_SALVAGE, None, (1,)
    return (CURETTAGE, None, (7, 8)) if draw.chance(0.5) else (FIXATION, None, (6, 8))


def _axial_reconstruction(draw: Draw, tumour: Tumour) -> tuple[int, ...]:
    code = tumour.place.code
    if code == 14:
        return draw.pick((((1,), 0.5), ((0,), 0.3), ((2, 7), 0.2)))
    if code == 17:
        return (7, 2)
    if code == 16:
        return (10,) if draw.chance(0.6) else (0,)
    if tumour.place.schema == 4:
        return _soft_reconstruction(draw)
    return (0,)


def _soft_reconstruction(draw: Draw) -> tuple[int, ...]:
    return draw.pick((
        ((0,), 0.64), ((10,), 0.15), ((11,), 0.08), ((13,), 0.09), ((11, 12), 0.02), ((12,), 0.02),
    ))  # fmt: skip


def _bone_reconstruction(draw: Draw, code: int, age: float) -> tuple[int, ...]:
    if code in (3, 4) and age < 13 and draw.chance(0.6):
        return (9, 10) if code == 4 else (9,)
    if code == 4:
        return draw.pick((((1, 10), 0.75), ((2, 7, 10), 0.15), ((3, 10), 0.1)))
    if code in (1, 3, 8):
        return draw.pick((((1,), 0.78), ((3,), 0.1), ((2, 7), 0.12)))
    if code in (2, 5, 9, 10):
        return draw.pick((((2, 7), 0.5), ((4, 7), 0.2), ((5, 7), 0.15), ((1,), 0.15)))
    return (0,)


def _chemo(draw: Draw, tumour: Tumour, age: float, first: int) -> tuple[Chemo, ...]:
    code = tumour.histology.code
    if code in OSTEO and tumour.grade == 3:
        if not draw.chance(0.95 if age < 40 else 0.65):
            return ()
        return (Chemo(1 if age < 40 else 2, 3, first, first + draw.whole(200, 250), 6),)
    if code in EWING:
        if not draw.chance(0.97):
            return ()
        return (Chemo(3, 3, first, first + draw.whole(260, 330), draw.whole(12, 17)),)
    if code in (227, 228):
        return (Chemo(4, 3, first, first + draw.whole(200, 290), draw.whole(8, 14)),)
    big = tumour.category == 2 and tumour.grade == 3 and tumour.size_cm > 5
    if big and age < 75 and tumour.presentation == 1 and draw.chance(0.35):
        cycles = draw.whole(3, 5)
        return (Chemo(5 if age < 68 else 6, 1, first, first + 21 * cycles, cycles),)
    if tumour.category == 3 and draw.chance(0.4):
        start = draw.whole(5, 40)
        return (Chemo(draw.pick(((12, 0.6), (13, 0.4))), 4, start, start + 360, 12),)
    if code == 141 and draw.chance(0.18):
        return (Chemo(12, 1, first, first + 84, 4),)
    return ()


def _wait(draw: Draw, tumour: Tumour, first: int, chemo: tuple[Chemo, ...]) -> int:
    if tumour.category in (3, 4):
        return draw.pick(((0, 0.35), (draw.whole(1, 12), 0.65)))
    for course in chemo:
        if course.setting == 3:
            return course.start + draw.whole(72, 98)
        if course.setting == 1:
            return course.end + draw.whole(14, 28)
    return first


def _radiation(
    draw: Draw, tumour: Tumour, first: int, wait: int, *, amputated: bool
) -> Radiotherapy | None:
    if tumour.category in (3, 4):
        if not draw.chance(0.55):
            return None
        start = wait + draw.whole(14, 35)
        dose, fractions = draw.pick((((30.0, 10), 0.4), ((20.0, 5), 0.4), ((8.0, 1), 0.2)))
        return _course(draw, 5, 1, start, dose, fractions)
    if tumour.category == 1:
        if tumour.histology.code in EWING and not tumour.extremity and draw.chance(0.4):
            return _course(draw, 3, 2, wait + draw.whole(35, 60), 59.4, 33)
        if tumour.histology.code in (131, 132) and draw.chance(0.55):
            return _course(draw, 3, 3, wait + draw.whole(35, 70), 70.0, 35)
        return None
    if tumour.category != 2:
        return None
    wanted = 0.20 if tumour.grade == 1 else (0.75 if tumour.deep and tumour.size_cm > 5 else 0.35)
    if amputated or not draw.chance(wanted):
        return None
    if draw.chance(0.7) and tumour.grade > 1:
        start = max(first, wait - 14) if wait > first else first
        dose, fractions = draw.pick((((50.0, 25), 0.8), ((30.0, 5), 0.2)))
        return _course(draw, 1, 2, start, dose, fractions)
    dose, fractions = draw.pick((((60.0, 30), 0.5), ((66.0, 33), 0.5)))
    return _course(draw, 3, 2, wait + draw.whole(30, 60), dose, fractions)


def _course(
    draw: Draw, timing: int, modality: int, start: int, dose: float, fractions: int
) -> Radiotherapy:
    """Five fractions a week; delivered on weekdays, so the course lasts 7/5 of them."""
    days = (fractions - 1) * 7 // 5 + draw.whole(0, 2)
    return Radiotherapy(timing, modality, start, start + days, dose, fractions)
