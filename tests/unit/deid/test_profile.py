"""Profiles: what ships is valid, and Safe Harbor cannot be weakened by a YAML file."""

import pytest

from policies.errors import DeclarationError
from policies.profile import profile, shipped_profiles

GOOD = """
name: mine
title: A profile
hipaa: {hipaa}
dates: {dates}
age_cap: {age_cap}
zip: {{keep: {keep}, small_prefixes: ["036"]}}
"""


def write(tmp_path, **changed):
    values = {"hipaa": "safe_harbor", "dates": "offset", "age_cap": "90", "keep": "zip3"} | changed
    path = tmp_path / "mine.yaml"
    path.write_text(GOOD.format(**values))
    return str(path)


def test_the_shipped_profiles_are_valid_and_named_like_their_files():
    assert shipped_profiles() == ("limited_dataset", "safe_harbor")
    assert [profile(name).name for name in shipped_profiles()] == list(shipped_profiles())


def test_a_file_may_be_given(tmp_path):
    assert profile(write(tmp_path)).name == "mine"


@pytest.mark.parametrize(
    "changed",
    [
        {"dates": "shift"},
        {"dates": "keep"},
        {"age_cap": "null"},
        {"age_cap": "95"},
        {"keep": "all"},
    ],
)
def test_safe_harbor_refuses_what_it_does_not_allow(tmp_path, changed):
    with pytest.raises(DeclarationError, match="safe_harbor"):
        profile(write(tmp_path, **changed))
    assert profile(write(tmp_path, hipaa="limited", **changed))


def test_unknown_names_and_keys_are_refused(tmp_path):
    with pytest.raises(DeclarationError, match="nothing_like_it"):
        profile("nothing_like_it")
    path = write(tmp_path)
    with open(path, "a") as file:
        file.write("colour: red\n")
    with pytest.raises(DeclarationError, match="colour"):
        profile(path)
