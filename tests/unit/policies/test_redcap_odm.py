"""A dictionary from a project's ODM XML: the one that the project's CSV gives.

The samples (REDCapR, MIT) lie in the folder ``OSTEON_SAMPLES``; without it the comparison is
skipped, unless ``OSTEON_REQUIRE_ALL`` is 1.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from policies.dictionary.redcap import read_redcap_dictionary
from policies.errors import DeclarationError

SAMPLES = Path(
    os.environ.get("OSTEON_SAMPLES") or Path(__file__).parents[3].parent / "shared/samples"
)
REPEATS = {
    "longitudinal": {  # at several events of an arm
        "contact_info",
        "visit_lab_data",
        "patient_morale_questionnaire",
        "visit_blood_workup",
        "visit_observed_behavior",
    },
    "repeating-instruments": {"bp"},
    "vignette-repeating": {"blood_pressure", "laboratory", "image"},
}
NOT_IN_XML = {("validation-types-1", "f_slider"): {"bounds": (None, None)}}
"""The ends of a slider stand in the CSV alone."""
PROJECTS = (
    "checkboxes-1",
    "clinical-trial-1",
    "dag",
    "longitudinal",
    "repeating-instruments",
    "survey",
    "validation-types-1",
    "vignette-repeating",
)
HEAD = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" '
    'xmlns:redcap="https://projectredcap.org"><Study OID="S"><GlobalVariables>'
    '<redcap:RepeatingInstrument redcap:RepeatInstrument="visit"/></GlobalVariables>'
    '<MetaDataVersion OID="M">\n'
)
FORMS = "".join(
    f'<FormDef OID="Form.{form}" Name="F" Repeating="No" redcap:FormName="{form}">'
    f'<ItemGroupRef ItemGroupOID="{form}.g"/></FormDef>\n'
    for form in ("person", "visit")
) + (
    '<ItemGroupDef OID="person.g"><ItemRef ItemOID="code"/></ItemGroupDef>\n'
    '<ItemGroupDef OID="visit.g"><ItemRef ItemOID="leak"/></ItemGroupDef>\n'
)
ITEMS = (
    '<ItemDef OID="code" redcap:Variable="code" redcap:FieldType="text"><Question>'
    "<TranslatedText>Code</TranslatedText></Question></ItemDef>\n"
    '<ItemDef OID="leak" redcap:Variable="leak" redcap:FieldType="text" redcap:Identifier="y"'
    ' redcap:TextValidationType="float" redcap:RequiredField="y" redcap:FieldAnnotation="tier=core"'
    ' redcap:BranchingLogic="[code] &lt;&gt; &quot;&quot;"><Question><TranslatedText>Leak'
    '</TranslatedText></Question><RangeCheck Comparator="LE"><CheckValue>5</CheckValue>'
    "</RangeCheck></ItemDef>\n"
)
TAIL = '</MetaDataVersion></Study><ClinicalData StudyOID="S"/></ODM>\n'


@pytest.fixture
def samples() -> Path:
    if not SAMPLES.is_dir() and os.environ.get("OSTEON_REQUIRE_ALL") != "1":
        pytest.skip("no sample files; name their folder in OSTEON_SAMPLES")
    return SAMPLES / "redcapr"


@pytest.mark.parametrize("project", PROJECTS)
def test_xml_and_csv_of_a_project_give_the_same_dictionary(samples: Path, project: str) -> None:
    folder, repeats = samples / project, REPEATS.get(project, set())
    expected = read_redcap_dictionary(folder / "dictionary.csv", name="d", repeats=repeats)
    found = read_redcap_dictionary(folder / "project.xml", name="d")
    for (of, name), lacking in NOT_IN_XML.items():
        if of == project:
            shorn = expected.elements[name].model_copy(update=lacking)
            assert shorn != expected.elements[name]
            expected = expected.model_copy(update={"elements": expected.elements | {name: shorn}})
    assert found == expected
    assert list(found.elements) == list(expected.elements)


def test_what_redcap_says_of_a_field_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "project.xml"
    path.write_text(HEAD + FORMS + ITEMS + TAIL, encoding="utf-8")
    read = read_redcap_dictionary(path, name="d")
    leak = read.elements["leak"]
    assert (leak.type, leak.bounds, leak.required, leak.identifier) == (
        "number",
        (None, 5.0),
        True,
        True,
    )
    assert (leak.branch, leak.tier) == ("code is not missing", "core")
    assert {n: i.repeats for n, i in read.instruments.items()} == {"person": False, "visit": True}


def events(*given: tuple[str, str, str]) -> str:
    """Events with their arm and the forms that are filled in there."""
    return "".join(
        f'<StudyEventDef OID="Event.{name}" redcap:UniqueEventName="{name}" redcap:ArmNum="{arm}">'
        + "".join(f'<FormRef FormOID="Form.{form}" redcap:FormName="{form}"/>' for form in forms)
        + "</StudyEventDef>\n"
        for name, arm, forms in ((name, arm, forms.split()) for name, arm, forms in given)
    )


@pytest.mark.parametrize(
    ("said", "given", "repeats"),
    [
        ("", [("a", "1", "person visit"), ("b", "1", "person visit")], True),
        ("", [("a", "1", "person visit"), ("a2", "2", "person visit")], False),
        ("", [("a", "1", "person"), ("b", "1", "visit")], False),
        ("b", [("a", "1", "person"), ("b", "1", "visit")], True),
        ("a", [("a", "1", "person"), ("b", "1", "visit")], False),
        ("a", [("a", "1", "person visit")], True),
    ],
)
def test_a_form_at_several_events_of_an_arm_or_in_one_that_repeats_repeats(
    tmp_path: Path, said: str, given: list[tuple[str, str, str]], repeats: bool
) -> None:
    """Never the patient's own: a record is a patient."""
    repeating = f'<redcap:RepeatingEvent redcap:UniqueEventName="{said}"/>' if said else ""
    head = HEAD.replace('<redcap:RepeatingInstrument redcap:RepeatInstrument="visit"/>', repeating)
    path = tmp_path / "project.xml"
    path.write_text(head + events(*given) + FORMS + ITEMS + TAIL, encoding="utf-8")
    read = read_redcap_dictionary(path, name="d")
    assert {n: i.repeats for n, i in read.instruments.items()} == {
        "person": False,
        "visit": repeats,
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<table/>", "is XML, but no CDISC ODM file"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><ODM/>', "document type declaration"),
        (HEAD + FORMS + ITEMS, "is damaged XML"),
        (
            HEAD + FORMS + ITEMS.replace("redcap:FieldType", "redcap:Other") + TAIL,
            "holds no fields",
        ),
        ("<ODM>" + "<a>" * 100, "more than 64 deep"),
        ('<?xml version="1.0" encoding="shift_jis"?><ODM>\u00e4</ODM>', "is damaged XML"),
        (HEAD + "<TranslatedText>" + "x" * 200_000, "has a text without end"),
        (HEAD + FORMS + '<ItemDef OID="' + "x" * 20_000_000, "line 7: has a tag without end"),
        (HEAD + FORMS + ITEMS.replace('"leak"', '"lake"', 1) + TAIL, 'no ItemDef "leak".*"visit"'),
        (
            HEAD + FORMS + ITEMS.replace('="text"', '="radio"') + TAIL,
            "line 7: code: choices must be distinct",
        ),
    ],
)
def test_what_is_no_project_is_refused_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "project.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError, match=says):
        read_redcap_dictionary(path, name="d")


def test_files_in_a_project_are_passed_over(tmp_path: Path) -> None:
    """Logos of surveys and forms of consent stand before the fields, as text of any length."""
    file = "<redcap:Attachment><![CDATA[" + "QUJD" * 100_000 + "]]></redcap:Attachment>"
    path = tmp_path / "project.xml"
    path.write_text(HEAD + file + FORMS + ITEMS + TAIL, encoding="utf-8")
    assert len(read_redcap_dictionary(path, name="d").elements) == 2


LIST = (
    '<ItemDef OID="side" redcap:FieldType="radio"><CodeListRef CodeListOID="s"/></ItemDef>\n'
    '<CodeList OID="s">\n<CodeListItem CodedValue="1">\n<Decode><TranslatedText>Left'
    "</TranslatedText></Decode>\n</CodeListItem>\n</CodeList>\n"
)


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_project_is_read_or_refused(tmp_path: Path, seed: int) -> None:
    """Bytes changed, and whole lines taken out or out of their order."""
    whole, path, random = HEAD + FORMS + ITEMS + LIST + TAIL, tmp_path / "project.xml", Random(seed)
    head, *lines, tail = whole.splitlines(keepends=True)
    read = 0
    for turn in range(150):
        if turn % 2:
            some = random.sample(lines, random.randint(1, len(lines)))
            damaged = bytearray("".join([head, lines[0], *some, tail]).encode())
        else:
            damaged = bytearray(whole.encode())
            for _ in range(random.randint(1, 3)):
                at = random.randrange(len(damaged))
                damaged[at : at + random.randint(0, 9)] = random.randbytes(random.randint(0, 3))
        path.write_bytes(bytes(damaged))
        try:
            read_redcap_dictionary(path, name="d")
            read += 1
        except DeclarationError:
            continue
    assert read < 150


def test_texts_of_choices_without_a_list_are_nobodys(tmp_path: Path) -> None:
    stray = "<CodeList OID='s'><Decode><TranslatedText>A</TranslatedText></Decode></CodeList>\n"
    path = tmp_path / "project.xml"
    path.write_text(HEAD + FORMS + ITEMS + stray + TAIL, encoding="utf-8")
    assert len(read_redcap_dictionary(path, name="d").elements) == 2
