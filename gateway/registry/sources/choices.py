"""Fields with several choices where each row is a value: which box a value ticks.

A box is a column, and a column's name is printed. So only the dictionary's codes name one: a
value that is no choice, and may be anything that somebody typed, names nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gateway.registry.sitemap import SiteMap, redcap_code
from policies.dictionary import Dictionary

__all__ = ["Boxes", "several"]


@dataclass(frozen=True)
class Boxes:
    """The boxes of one field. ``recode`` are the map's spellings, ``codes`` the spellings of a code
    or its label, ``missing`` those that say that nothing is known (as REDCap names boxes).
    """

    instrument: str
    element: str
    recode: Mapping[str, str | None]
    ignore_case: bool
    codes: Mapping[str, str]
    missing: frozenset[str]

    def ticked(self, text: str, project_codes: Collection[str] = ()) -> tuple[bool, str | None]:
        """Whether a value is known, and the code whose box it ticks; None for a missing-data code
        (of the map, or of those that the project says).
        """
        said = text.strip()
        spelt = said.lower() if self.ignore_case else said
        if spelt in self.recode:
            code = self.recode[spelt]
            return True, code
        for spelling in (said, redcap_code(said), _plain(said)):
            if spelling in self.codes:
                return True, self.codes[spelling]
        missing = self.missing | {redcap_code(code) for code in project_codes}
        return redcap_code(said) in missing, None


def several(sitemap: SiteMap, dictionary: Dictionary) -> dict[str, Boxes]:
    """Fields that may have several values in one row: one for each ticked choice."""
    found = {}
    missing = frozenset(redcap_code(code) for code in sitemap.missing.codes)
    for name, element in dictionary.elements.items():
        given = sitemap.maps.get(name)
        if element.type != "multi" or (given is not None and given.split is not None):
            continue
        field = name if given is None or given.from_ is None else given.from_
        fold = given is not None and given.ignore_case
        recode = {} if given is None else given.recode
        found[field] = Boxes(
            instrument=element.instrument,
            element=name,
            recode={
                (text.strip().lower() if fold else text.strip()): None
                if code is None
                else str(code)
                for text, code in recode.items()
            },
            ignore_case=fold,
            codes=_spellings(element.choices),
            missing=missing,
        )
    return found


def _spellings(choices: Mapping[str, str]) -> dict[str, str]:
    """Codes, codes as REDCap writes them in a box's name, and labels, in this order; of two choices
    with the same spelling none is meant.
    """
    found: dict[str, str] = {}
    for spellings in (
        {code: redcap_code(code) for code in choices},
        {code: _plain(label) for code, label in choices.items()},
    ):
        listed = list(spellings.values())
        for code, spelling in spellings.items():
            if listed.count(spelling) == 1:
                found.setdefault(spelling, code)
    return found | {code: code for code in choices}


def _plain(text: str) -> str:
    """Labels compare without case and with any white space as one blank."""
    return " ".join(text.split()).lower()
