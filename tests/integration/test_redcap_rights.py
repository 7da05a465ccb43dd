"""What the token of a REDCap project may not see is told, never missed in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.errors import SourceError
from gateway.site.config import SiteFolder
from tests.integration.fake_redcap import TOKEN
from tests.integration.redcap_project import User
from tests.integration.redcap_reading import ingested, read
from tests.integration.valve_redcap import faked
from tests.unit.registry.valve import (
    EXPORT,
    make_site,
    person,
)

OTHER = "F" * 32


@pytest.fixture
def site(tmp_path: Path) -> SiteFolder:
    return make_site(tmp_path)


def test_a_token_that_is_not_the_projects_is_refused_without_being_shown() -> None:
    with pytest.raises(SourceError, match="does not accept the token") as caught:
        read(faked(), OTHER)
    assert OTHER not in caught.value.message


def test_a_user_without_export_right_is_told_which_right_is_missing() -> None:
    with pytest.raises(SourceError, match="may not export this") as caught:
        read(faked(user=User("none")))
    assert "API Export" in str(caught.value.hint)


def test_hidden_record_names_are_refused() -> None:
    fake = faked(user=User("de-identified"))
    fake.tokens[TOKEN][0].fields[0]["identifier"] = "y"
    with pytest.raises(SourceError, match="1 of 1 records") as caught:
        read(fake)
    assert "hides the records' names" in str(caught.value.hint)


def test_records_that_vanish_during_the_export_are_told() -> None:
    fake = faked(EXPORT + person("B2"))
    project = fake.tokens[TOKEN][0]
    whole = project.export

    def export(given: Any, user: User) -> Any:
        columns, found = whole(given, user)
        return columns, [row for row in found if row["code"] != "B2" or not given["records"]]

    project.export = export  # type: ignore[method-assign]
    with pytest.raises(SourceError, match="1 of 2 records") as caught:
        read(fake)
    assert "deleted meanwhile" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("user", "vanished", "says"),
    [
        (
            User("no identifiers"),
            ("surname", "born", "zip", "doctor"),
            "exactly the identifiers are missing: this token may export without identifiers only",
        ),
        (
            User("de-identified"),
            ("surname", "born", "zip", "remark", "found", "seen", "doctor"),
            "this token may export de-identified data only",
        ),
        (
            User(hidden=frozenset({"visit"})),
            ("of", "seen", "doctor", "beats"),
            "nothing of the form visit is there",
        ),
    ],
)
def test_fields_that_an_export_right_strips_are_told(
    site: SiteFolder, user: User, vanished: tuple[str, ...], says: str
) -> None:
    report = ingested(site, faked(user=user))
    assert report.vanished == vanished
    [warning] = report.warnings
    assert says in warning
    assert "Full Data Set" in warning
    again = ingested(site, faked(user=user))
    assert (again.changed, again.warnings) == (False, report.warnings)


@pytest.mark.parametrize("may_list", [True, False])
def test_a_token_that_sees_one_group_only_is_told(site: SiteFolder, may_list: bool) -> None:
    text = EXPORT + person("B2").replace(",north,", ",south,")
    says = "the token's user is in a data access group" if may_list else "cannot tell whether"
    report = ingested(site, faked(text, user=User(group="north", groups=may_list)))
    assert report.patients == 1
    assert [said.startswith(says) for said in report.warnings] == [True]
    whole = ingested(site, faked(text, user=User(groups=True)))
    assert (whole.patients, whole.warnings) == (2, ())
    less = ingested(site, faked(text, user=User(group="north", groups=may_list)))
    assert (less.patients, less.changed) == (1, True)
    gone = [said for said in less.warnings if said.startswith("1 of 2 patients of the load before")]
    assert len(gone) == 1
    again = ingested(site, faked(text, user=User(group="north", groups=not may_list)))
    assert (again.changed, gone[0] in again.warnings) == (False, True)
    assert any(said.startswith("cannot tell") for said in again.warnings) == may_list


def test_patients_who_opt_out_are_not_missed(site: SiteFolder) -> None:
    ingested(site, faked(EXPORT + person("B2"), user=User(groups=True)))
    text = EXPORT + person("B2", consent="3")
    report = ingested(site, faked(text, user=User(groups=True)))
    assert (report.patients, report.excluded, report.warnings) == (1, 1, ())


def test_a_field_that_the_project_lacks_is_told_apart_from_one_that_is_withheld(
    site: SiteFolder,
) -> None:
    fake = faked(user=User("no identifiers"))
    project = fake.tokens[TOKEN][0]
    project.fields = [one for one in project.fields if one["field_name"] != "ward"]
    withheld, lacking = ingested(site, fake).warnings
    assert "4 fields (surname, born, zip, doctor)" in withheld
    assert "1 element (ward) of the dictionary is not in this project" in lacking


def test_a_mapped_field_that_is_withheld_is_refused(site: SiteFolder) -> None:
    mapping = Path(str(site.config.map))
    mapping.write_text("dictionary: valve\nelements: {remark: {from: surname}}", encoding="utf-8")
    with pytest.raises(SourceError, match="'surname': is read by the site map") as caught:
        ingested(site, faked(user=User("no identifiers")))
    assert "Full Data Set" in str(caught.value.hint)
