"""Where tumours grow: registry site, topography, limb and the side it needs."""

from __future__ import annotations

__all__ = ["SITES", "Place", "place_of"]

from dataclasses import dataclass
from typing import Literal

from gateway.demo.synthetic.draws import Draw, Weighted
from gateway.demo.synthetic.histology import CHONDRO, CHORDOMA, OSTEO, Histology

Limb = Literal["upper", "lower", "axial"]


@dataclass(frozen=True)
class Place:
    """A registry site. ``schema`` is the AJCC 8 chapter a sarcoma there is staged by;
    ``long_bone`` is where the Mirels score applies; ``roominess`` scales how large tumours
    grow there.
    """

    code: int
    name: str
    topography: str
    limb: Limb
    schema: int
    paired: bool = True
    long_bone: bool = False
    roominess: float = 1.0


SITES: dict[int, Place] = {
    place.code: place
    for place in (
        Place(1, "proximal femur", "c40_2", "lower", 1, long_bone=True),
        Place(2, "femoral diaphysis", "c40_2", "lower", 1, long_bone=True),
        Place(3, "distal femur", "c40_2", "lower", 1, long_bone=True),
        Place(4, "proximal tibia", "c40_2", "lower", 1, long_bone=True),
        Place(5, "distal tibia", "c40_2", "lower", 1, long_bone=True, roominess=0.7),
        Place(6, "fibula", "c40_2", "lower", 1, long_bone=True, roominess=0.7),
        Place(7, "calcaneus", "c40_3", "lower", 1, roominess=0.5),
        Place(8, "proximal humerus", "c40_0", "upper", 1, long_bone=True),
        Place(9, "humeral diaphysis", "c40_0", "upper", 1, long_bone=True),
        Place(10, "distal radius", "c40_0", "upper", 1, long_bone=True, roominess=0.5),
        Place(11, "metacarpal", "c40_1", "upper", 1, roominess=0.35),
        Place(12, "scapula", "c40_0", "upper", 1),
        Place(13, "ilium", "c41_4", "axial", 2),
        Place(14, "periacetabular pelvis", "c41_4", "axial", 2),
        Place(15, "pubis", "c41_4", "axial", 2),
        Place(16, "sacrum", "c41_4", "axial", 2, paired=False),
        Place(17, "lumbar spine", "c41_2", "axial", 3, paired=False),
        Place(18, "rib", "c41_3", "axial", 1, roominess=0.8),
        Place(21, "thigh", "c49_2", "lower", 4, roominess=1.25),
        Place(22, "popliteal fossa", "c49_2", "lower", 4, roominess=0.8),
        Place(23, "calf", "c49_2", "lower", 4),
        Place(24, "foot", "c49_2", "lower", 4, roominess=0.45),
        Place(25, "buttock", "c49_2", "lower", 4),
        Place(26, "groin", "c49_2", "lower", 4),
        Place(27, "shoulder", "c49_1", "upper", 4),
        Place(28, "upper arm", "c49_1", "upper", 4, roominess=0.75),
        Place(29, "forearm", "c49_1", "upper", 4, roominess=0.6),
        Place(30, "hand", "c49_1", "upper", 4, roominess=0.35),
        Place(31, "chest wall", "c49_3", "axial", 4),
        Place(32, "paraspinal region", "c49_6", "axial", 4),
    )
}

_OSTEO: Weighted[int] = (
    (3, 0.40), (4, 0.20), (8, 0.10), (13, 0.04), (14, 0.03), (15, 0.01), (1, 0.06), (6, 0.04),
    (17, 0.02), (2, 0.05), (5, 0.03), (10, 0.02),
)  # fmt: skip
_CHONDRO: Weighted[int] = (
    (13, 0.11), (14, 0.12), (15, 0.04), (1, 0.16), (8, 0.12), (3, 0.10), (12, 0.06), (18, 0.07),
    (11, 0.05), (4, 0.04), (5, 0.02), (2, 0.06), (17, 0.03), (6, 0.02),
)  # fmt: skip
_EWING: Weighted[int] = (
    (13, 0.13), (14, 0.08), (15, 0.04), (2, 0.12), (1, 0.08), (6, 0.08), (4, 0.04), (5, 0.03),
    (18, 0.10), (9, 0.03), (8, 0.03), (17, 0.05), (16, 0.05), (12, 0.06), (7, 0.04), (3, 0.04),
)  # fmt: skip
_SOFT: Weighted[int] = (
    (21, 0.40), (23, 0.12), (25, 0.07), (26, 0.02), (22, 0.05), (28, 0.08), (29, 0.06), (27, 0.08),
    (30, 0.02), (24, 0.03), (31, 0.04), (32, 0.03),
)  # fmt: skip
_METASTASIS: Weighted[int] = (
    (1, 0.40), (2, 0.15), (8, 0.10), (9, 0.08), (14, 0.09), (13, 0.03), (3, 0.05), (4, 0.03),
    (5, 0.02), (12, 0.03), (17, 0.02),
)  # fmt: skip
_GIANT_CELL: Weighted[int] = ((3, 0.35), (4, 0.28), (10, 0.14), (8, 0.08), (1, 0.08), (16, 0.07))


def place_of(draw: Draw, category: int, histology: Histology) -> Place:
    """A site that suits the histology."""
    if category in (2, 6):
        table = _SOFT
    elif category in (3, 4):
        table = _METASTASIS
    elif histology.code in CHORDOMA:
        table = ((16, 0.7), (17, 0.3))
    elif histology.code == 151:
        table = ((5, 0.85), (6, 0.15))
    elif histology.code in CHONDRO:
        table = _CHONDRO
    elif category == 5:
        table = _GIANT_CELL
    elif histology.code in OSTEO or histology.code in (142, 152):
        table = _OSTEO
    else:
        table = _EWING
    return SITES[draw.pick(table)]
