"""Names of the patient and of listed relatives that are words, told from what stands beside them."""

from __future__ import annotations

import re

import pytest

from deid.own.patient import PatientMatcher
from deid.residual import residual
from tests.unit.deid.own.test_own_identifiers import person

LONG = person(
    "Grace",
    "Long",
    spouse="Mark Winters",
    next_of_kin="Hope Young (sister) 612-555-3391",
    emergency_contact="Will May",
)
_FRAMES = ["{}", "The patient is a man of 64 with pain. {} Follow up as needed."]


def _names_left(engine, text, patient, names):
    clean = engine.clean(text, patient)
    assert clean.text is not None, clean.withheld
    rest = clean.text
    for start, end in reversed(clean.replaced):
        rest = rest[:start] + rest[end:]
    return re.findall(rf"(?i)\b(?:{names})(?:e?s)?\b", rest)


@pytest.mark.parametrize("frame", _FRAMES)
@pytest.mark.parametrize(
    "text",
    [
        "Husband: Mark.",
        "husband: mark",
        "Lives with husband (Mark).",
        "Her husband mark called us.",
        "Mark, her husband, drove.",
        "hope (sister)",
        "Will, a friend, came along.",
        "Contact: Will",
        "Mark and Hope",
        "mark and hope visited",
        "Discussed with mark and hope.",
        "Mark drove her. Hope Young will call.",
        "Will drove him.",
        "Will picked her up.",
        "May visited.",
        "Spoke with hope about her sister.",
        "told mark about it",
        "per husband mark she fell",
        "per Mark",
        "per hope, she fell",
        "Mark at bedside.",
        "hope at bedside",
        "HCP is Hope",
        "hope is her poa",
        "married to mark",
        "mark will drive her",
        "Mark to drive",
        "Mark - spouse",
        "left message for hope.",
        "w/ mark",
        "lives with mark and hope",
        "Signed Mark",
        "witness: Mark",
        "Mark\n",
    ],
)
def test_a_relative_whose_name_is_a_word(engine, frame, text):
    assert _names_left(engine, frame.format(text), LONG, "mark|hope|will|may|young") == []


@pytest.mark.parametrize("frame", _FRAMES)
@pytest.mark.parametrize(
    "text",
    [
        "Long: stable.",
        "Long family meeting held.",
        "Long residence called.",
        "Long husband called.",
        "Long, stable",
        "Long stable overnight.",
        "the Longs",
        "The Longs visited.",
        "long denies pain",
        "mr long fell",
    ],
)
def test_a_family_name_that_is_a_word(engine, frame, text):
    assert _names_left(engine, frame.format(text), LONG, "long") == []


@pytest.mark.parametrize(
    ("last", "text"),
    [
        ("Do", "mr do says"),
        ("Do", "ms do says it hurts"),
        ("Do", "Do: stable."),
        ("Will", "Will seems well"),
        ("Will", "Will, 72, came along"),
        ("Do", "Do family here"),
        ("Li", "li reports pain"),
        ("Li", "li: stable"),
        ("Li", "the li family"),
        ("Marsh", "the Marshes"),
        ("Young", "the Youngs"),
    ],
)
@pytest.mark.parametrize("frame", _FRAMES)
def test_more_family_names(engine, frame, last, text):
    assert _names_left(engine, frame.format(text), person("Grace", last), last) == []


@pytest.mark.parametrize(
    "text",
    [
        "Long bone fracture. The long head of the biceps. Long leg cast.",
        "Mark the site with ink. The mark was seen by us.",
        "Long family history of cancer in her mother.",
        "She has hope for recovery; her hope is strong.",
        "Mother will bring it. Father may have had cancer. Her husband will drive.",
        "Sister may come. The son will call. Husband will. Daughter may.",
        "Long: 5 cm. Short: 3 cm.",
        "A long family meeting was held. Spoke with her at length.",
        "A young mother of two. As long as she walked well.",
        "Will patient need a scan? May patient shower? Will family come?",
        "Mother: long history of smoking. Mother: may have had cancer.",
        "The mark left by sutures and a mark at bedside.",
        "It was done per long protocol, with hope of a cure.",
        "Her husband hope for a cure. We hope to call. Her hope is that.",
        "Plan: Will see in clinic. Will follow. She will call if it may help.",
    ],
)
def test_the_same_words_without_company_stay(text):
    matcher = PatientMatcher(LONG)
    assert matcher.find(text) == []
    assert residual(text, [], matcher) is None
