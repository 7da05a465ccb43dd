"""Which tumours there are: diagnostic mix, grades, ages, and where they grow.

Shares follow the registry's synthetic parameters (MsTR-like mix; SEER-like bone; published
soft-tissue series). They are plausible, not estimates.
"""

from __future__ import annotations

__all__ = [
    "BENIGN_BONE",
    "BENIGN_SOFT",
    "BONE",
    "CATEGORY",
    "CHONDRO",
    "CHORDOMA",
    "EWING",
    "HEME",
    "METASTASIS",
    "OSTEO",
    "PRIMARY_CANCER",
    "SOFT",
    "Histology",
]

from dataclasses import dataclass

from gateway.demo.synthetic.draws import Weighted

CATEGORY: Weighted[int] = ((2, 0.42), (1, 0.20), (3, 0.25), (4, 0.05), (5, 0.05), (6, 0.03))
"""1 bone sarcoma, 2 soft-tissue sarcoma, 3 bone metastasis, 4 haematological, 5 and 6 benign
or intermediate, of bone and of soft tissue."""

OSTEO = frozenset(range(101, 109))
CHONDRO = frozenset(range(111, 117))
EWING = frozenset((121, 122, 123))
CHORDOMA = frozenset((131, 132))

_Age = tuple[tuple[float, float, float], ...]
_OLD: _Age = ((1.0, 66, 13),)
_OSTEO: _Age = ((0.75, 16, 5), (0.25, 63, 11))
_YOUNG: _Age = ((1.0, 16, 7),)
_CHONDRO: _Age = ((1.0, 52, 16),)


@dataclass(frozen=True)
class Histology:
    """A histological type. ``grades`` weighs G1, G2, G3; none means it is not graded.
    ``ages`` is a mixture of (weight, mean, SD) truncated to ``span``, in years;
    ``median_cm`` is the median of the largest dimension.
    """

    code: int
    morphology: str
    label: str
    grades: tuple[float, float, float] | None
    ages: _Age
    span: tuple[int, int] = (16, 96)
    male: float = 0.55
    median_cm: float = 9.5
    metastatic: float = 0.10
    molecular: str = ""


def _bone(
    code: int, morphology: str, label: str, grades: tuple[float, float, float], ages: _Age,
    span: tuple[int, int] = (4, 90), male: float = 0.56, metastatic: float = 0.18,
    molecular: str = "",
) -> Histology:  # fmt: skip
    return Histology(code, morphology, label, grades, ages, span, male, 10.0, metastatic, molecular)


_G1, _G2, _G3 = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)

BONE: Weighted[Histology] = (
    (_bone(101, "9180/3", "conventional osteosarcoma", _G3, _OSTEO), 0.288),
    (_bone(104, "9192/3", "parosteal osteosarcoma", _G1, ((1, 30, 11),), metastatic=0.02), 0.022),
    (_bone(102, "9183/3", "telangiectatic osteosarcoma", _G3, _OSTEO), 0.014),
    (_bone(105, "9193/3", "periosteal osteosarcoma", _G2, _OSTEO, metastatic=0.05), 0.008),
    (_bone(103, "9185/3", "small cell osteosarcoma", _G3, _OSTEO), 0.006),
    (_bone(106, "9194/3", "high-grade surface osteosarcoma", _G3, _OSTEO), 0.006),
    (_bone(107, "9187/3", "low-grade central osteosarcoma", _G1, ((1, 30, 10),), metastatic=0.01),
     0.006),
    (_bone(108, "9184/3", "secondary osteosarcoma", _G3, ((1, 64, 11),), (30, 90)), 0.010),
    (_bone(111, "9222/3", "chondrosarcoma, grade 1", _G1, _CHONDRO, (18, 92), 0.54, 0.01), 0.136),
    (_bone(112, "9220/3", "chondrosarcoma", (0, 0.7, 0.3), _CHONDRO, (18, 92), 0.54, 0.06), 0.129),
    (_bone(113, "9243/3", "dedifferentiated chondrosarcoma", _G3, ((1, 62, 12),), (25, 92), 0.54,
           0.20), 0.041),
    (_bone(115, "9242/3", "clear cell chondrosarcoma", _G1, ((1, 40, 12),), (18, 80), 0.7, 0.02),
     0.007),
    (_bone(114, "9240/3", "mesenchymal chondrosarcoma", _G3, ((1, 30, 12),), (12, 75), 0.5, 0.12),
     0.010),
    (_bone(116, "9221/3", "periosteal chondrosarcoma", _G1, ((1, 35, 12),), (18, 75), 0.6, 0.01),
     0.017),
    (_bone(121, "9364/3", "Ewing sarcoma", _G3, _YOUNG, (2, 50), 0.58, 0.25, "EWSR1-FLI1"), 0.132),
    (_bone(122, "9367/3", "CIC-rearranged sarcoma", _G3, ((1, 30, 12),), (6, 65), 0.58, 0.3,
           "CIC-DUX4"), 0.009),
    (_bone(123, "9368/3", "BCOR-rearranged sarcoma", _G3, ((1, 15, 5),), (4, 40), 0.8, 0.2,
           "BCOR-CCNB3"), 0.009),
    (_bone(131, "9370/3", "conventional chordoma", _G1, ((1, 60, 13),), (25, 92), 0.6, 0.03,
           "brachyury positive"), 0.063),
    (_bone(132, "9372/3", "dedifferentiated chordoma", _G3, ((1, 62, 12),), (30, 92), 0.6, 0.15),
     0.007),
    (_bone(152, "8802/3", "undifferentiated pleomorphic sarcoma of bone", _G3, ((1, 58, 14),),
           (20, 92), 0.56, 0.15), 0.040),
    (_bone(151, "9261/3", "adamantinoma", _G1, ((1, 28, 12),), (10, 70), 0.55, 0.02), 0.010),
    (_bone(142, "9250/3", "malignant giant cell tumor of bone", _G3, ((1, 45, 14),), (18, 80),
           0.5, 0.12), 0.030),
)  # fmt: skip

SOFT: Weighted[Histology] = (
    (Histology(211, "8802/3", "undifferentiated pleomorphic sarcoma", (0, 0.1, 0.9), _OLD), 0.18),
    (Histology(201, "8851/3", "well-differentiated liposarcoma", _G1, ((1, 62, 12),),
               median_cm=13.0, metastatic=0.0, molecular="MDM2 amplified"), 0.10),
    (Histology(212, "8811/3", "myxofibrosarcoma", (0.12, 0.33, 0.55), ((1, 68, 13),),
               median_cm=8.0, metastatic=0.06), 0.14),
    (Histology(202, "8858/3", "dedifferentiated liposarcoma", (0, 0.4, 0.6), ((1, 66, 11),),
               median_cm=11.0, molecular="MDM2 amplified"), 0.06),
    (Histology(203, "8852/3", "myxoid liposarcoma", (0.30, 0.45, 0.25), ((1, 45, 14),),
               median_cm=10.0, metastatic=0.06, molecular="FUS-DDIT3"), 0.10),
    (Histology(204, "8854/3", "pleomorphic liposarcoma", _G3, _OLD), 0.03),
    (Histology(213, "8890/3", "leiomyosarcoma", (0.15, 0.35, 0.5), ((1, 62, 12),), male=0.5,
               median_cm=8.0), 0.10),
    (Histology(214, "9040/3", "synovial sarcoma", (0, 0.4, 0.6), ((1, 37, 16),), (8, 85),
               median_cm=7.0, molecular="SS18-SSX"), 0.08),
    (Histology(215, "9540/3", "malignant peripheral nerve sheath tumor", (0.1, 0.3, 0.6),
               ((0.5, 50, 16), (0.5, 33, 12)), (10, 88)), 0.05),
    (Histology(216, "9120/3", "angiosarcoma", _G3, ((1, 68, 12),), median_cm=5.0,
               metastatic=0.18), 0.03),
    (Histology(223, "8815/3", "solitary fibrous tumor", (0.4, 0.4, 0.2), ((1, 56, 13),),
               metastatic=0.04, molecular="NAB2-STAT6"), 0.03),
    (Histology(224, "8840/3", "low-grade fibromyxoid sarcoma", (0.8, 0.2, 0), ((1, 38, 14),),
               (8, 80), metastatic=0.03, molecular="FUS-CREB3L2"), 0.03),
    (Histology(226, "8832/3", "dermatofibrosarcoma protuberans", (0.85, 0.15, 0), ((1, 42, 14),),
               median_cm=4.0, metastatic=0.0, molecular="COL1A1-PDGFB"), 0.03),
    (Histology(221, "9231/3", "extraskeletal myxoid chondrosarcoma", _G2, ((1, 52, 13),),
               molecular="EWSR1-NR4A3"), 0.01),
    (Histology(218, "8804/3", "epithelioid sarcoma", (0, 0.3, 0.7), ((1, 33, 14),), (8, 80),
               median_cm=4.5, molecular="INI1 lost"), 0.01),
    (Histology(219, "9044/3", "clear cell sarcoma", _G3, ((1, 36, 14),), (10, 80), median_cm=4.5,
               molecular="EWSR1-ATF1"), 0.005),
    (Histology(220, "9581/3", "alveolar soft part sarcoma", _G3, ((1, 27, 9),), (6, 60),
               male=0.4, metastatic=0.3, molecular="ASPSCR1-TFE3"), 0.005),
    (Histology(225, "8810/3", "fibrosarcoma", (0.2, 0.4, 0.4), ((1, 55, 16),)), 0.02),
    (Histology(228, "8920/3", "alveolar rhabdomyosarcoma", _G3, ((1, 15, 7),), (2, 45),
               metastatic=0.25, molecular="PAX3-FOXO1"), 0.008),
    (Histology(227, "8910/3", "embryonal rhabdomyosarcoma", _G3, ((1, 8, 5),), (2, 30)), 0.006),
    (Histology(229, "8901/3", "pleomorphic rhabdomyosarcoma", _G3, _OLD, metastatic=0.2), 0.006),
    (Histology(217, "9133/3", "epithelioid hemangioendothelioma", (0.5, 0.5, 0), ((1, 48, 14),),
               male=0.45, molecular="WWTR1-CAMTA1"), 0.01),
    (Histology(222, "9180/3", "extraskeletal osteosarcoma", _G3, ((1, 62, 12),),
               metastatic=0.2), 0.01),
)  # fmt: skip

METASTASIS = Histology(301, "", "metastatic carcinoma", None, ((1, 63, 12),), (24, 97), 0.5, 4.5)

PRIMARY_CANCER: Weighted[tuple[int, str]] = (
    ((1, "breast"), 0.24), ((2, "lung"), 0.21), ((4, "renal cell"), 0.15), ((3, "prostate"), 0.10),
    ((6, "colorectal"), 0.07), ((5, "thyroid"), 0.04), ((7, "melanoma"), 0.03),
    ((8, "gynecologic"), 0.03), ((9, "urothelial"), 0.04), ((11, "unknown"), 0.05),
    ((10, "head and neck"), 0.02), ((98, "other"), 0.02),
)  # fmt: skip

HEME: Weighted[Histology] = (
    (Histology(302, "9732/3", "multiple myeloma", None, ((1, 66, 10),), (34, 96), 0.56, 4.5), 0.75),
    (Histology(303, "9680/3", "diffuse large B-cell lymphoma of bone", None, ((1, 58, 15),),
               (20, 92), 0.56, 6.0), 0.25),
)  # fmt: skip

BENIGN_BONE: Weighted[Histology] = (
    (Histology(141, "9250/1", "giant cell tumor of bone", None, ((1, 33, 10),), (15, 75), 0.45,
               5.0, 0.0, "H3F3A G34W"), 0.75),
    (Histology(153, "9260/0", "aneurysmal bone cyst", None, ((1, 17, 7),), (4, 50), 0.5, 5.0, 0.0,
               "USP6 rearranged"), 0.25),
)  # fmt: skip

BENIGN_SOFT: Weighted[Histology] = (
    (Histology(241, "8821/1", "desmoid fibromatosis", None, ((1, 36, 12),), (8, 80), 0.35, 6.0,
               0.0, "CTNNB1 S45F"), 0.4),
    (Histology(242, "9252/0", "tenosynovial giant cell tumor", None, ((1, 39, 12),), (12, 80),
               0.42, 3.5, 0.0), 0.3),
    (Histology(201, "8850/1", "atypical lipomatous tumor", None, ((1, 60, 12),), (25, 90), 0.55,
               12.0, 0.0, "MDM2 amplified"), 0.3),
)  # fmt: skip
