"""AJCC 8 and Enneking stages, from what they are defined by.

AJCC Cancer Staging Manual, 8th edition, chapters 38 (bone) and 41 (soft tissue of trunk and
extremities); Enneking, Spanier and Goodman 1980. Pelvis and spine have a T but no group.
"""

from __future__ import annotations

__all__ = ["stage_group", "t_soft_tissue"]


def t_soft_tissue(size_cm: float) -> str:
    """T of a soft-tissue sarcoma of trunk or extremity (chapter 41): size alone."""
    if size_cm <= 5:
        return "t1"
    if size_cm <= 10:
        return "t2"
    return "t3" if size_cm <= 15 else "t4"


def stage_group(schema: int, t: str, n: str, m: str, grade: int) -> str:
    """Prognostic stage group for schema 1 (bone) or 4 (soft tissue); else ``na``."""
    if schema == 4:
        return _soft_tissue(t, n, m, grade)
    if schema == 1:
        return _bone(t, n, m, grade)
    return "na"


def _soft_tissue(t: str, n: str, m: str, grade: int) -> str:
    if n == "n1" or m == "m1":
        return "iv"
    if grade == 1:
        return "ia" if t == "t1" else "ib"
    return {"t1": "ii", "t2": "iiia"}.get(t, "iiib")


def _bone(t: str, n: str, m: str, grade: int) -> str:
    if n == "n1" or m == "m1b":
        return "ivb"
    if m == "m1a":
        return "iva"
    if grade == 1:
        return "ia" if t == "t1" else "ib"
    return {"t1": "iia", "t2": "iib"}.get(t, "iii")
