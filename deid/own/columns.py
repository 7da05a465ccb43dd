"""What a further column of the patients file holds, told from its heading."""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["NAME_COLUMN", "TOWN_COLUMN", "ZIP_COLUMN", "Holds", "holds", "holds_numbers"]

Holds = Literal["people", "places", "clinical", "unknown"]

NAME_COLUMN = re.compile(
    r"name|kin|nok|alias|maiden|guardian|spouse|husband|wife|partner|mother|father|parent|son\b"
    r"|daughter|brother|sister|child|carer|caregiver|contact|relative|emergency|pcp|provider"
    r"|physician|doctor|surgeon|guarantor|subscriber",
    re.IGNORECASE,
)
"""Columns of a patients file that name people."""
ZIP_COLUMN = re.compile(r"(?i)zip|postal|postcode|post_code|(?<![a-z])plz")
TOWN_COLUMN = re.compile(r"(?i)(?<![a-z])city|town|village|municipality|suburb")
_PLACE = re.compile(
    rf"(?i){ZIP_COLUMN.pattern[4:]}|{TOWN_COLUMN.pattern[4:]}|address|street|county"
    r"|(?<![a-z])(?:state|place)(?![a-z])|country|residence|employer|school|church|facility"
    r"|hospital|clinic(?!al)|workplace|company|insur"
)
_CLINICAL = re.compile(
    r"(?i)diagnos|histol|histotype|morphol|topogr|grade|(?<![a-z])stag(?:e|ing)|subtype"
    r"|tumou?r|lesion|margin|laterality|(?<![a-z])side(?![a-z])|comorbid|procedure|surgery"
    r"|treatment|therapy|chemo|radiation|regimen|medication|drug|symptom|indication|finding"
    r"|outcome|icd|snomed|anatom|(?:primary|body|biopsy|tumou?r|disease)_?site|metasta|gene\b"
    r"|mutation|fusion|status|pathology|cancer|disease|condition|problem|allerg"
)
_NUMBERS = re.compile(
    r"(?i)(?<![a-z])(?:id|no|nr|num)(?![a-z])|number|mrn|accession|case|block|slide|specimen"
    r"|phone|account|serial|lot(?![a-z])"
)


def holds(column: str) -> Holds:
    """People win over places ("employer_contact"), but "drug_name" is clinical."""
    people = NAME_COLUMN.search(column) is not None
    if _CLINICAL.search(column) and not NAME_COLUMN.search(re.sub(r"(?i)name", "", column)):
        return "clinical"
    if people:
        return "people"
    return "places" if _PLACE.search(column) else "unknown"


def holds_numbers(column: str) -> bool:
    """False for clinical codes and measures: ICD-O 9180/3 or a size is no number of a patient."""
    return holds(column) != "clinical" or _NUMBERS.search(column) is not None
