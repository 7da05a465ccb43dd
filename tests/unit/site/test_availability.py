"""The draft of what a site declares absent: what its source has no place for, in the officer's file."""

from __future__ import annotations

import pytest

from gateway.errors import SiteError
from gateway.registry.quality.recorded import read_recorded
from gateway.registry.store.embedded import DuckDBStore
from gateway.site.availability import availability, draft_policy
from gateway.site.config import open_site
from policies.decode import decode, parse_yaml
from policies.signing import SigningKey
from policies.site import SitePolicy, sign_policy
from tests.unit.registry.quality.beat import load, make_site, row

POLICY = """\
# Our rules.
policy: site
serial: 4
site: site   # that is us
dictionary: beat
purposes: ['DUO:0000006']
# What we do not record:
absent:
  - weight
  - sex

# The budget was agreed in March.
budget: {year_epsilon: 3, life_epsilon: 10, study_epsilon: 1}
valid_until: '2099-12-31'
"""
ROWS = [
    row("1", sex="f", weight=60, born="1990-01-01", pregnant="n", number=1),
    row("1", "op", 1, op_date="2020-01-01", op_entered="2020-01-02"),
    row("1", "seen", 1, seen_on="2020-02-01", died="n"),
]


LACKING = frozenset({"ward", "form_on", "score"})


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    site = make_site(tmp_path_factory.mktemp("availability"))
    load(site, ROWS, without=LACKING)
    return site


@pytest.fixture
def site(loaded):
    (loaded.path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (loaded.path / "policy.signed.json").unlink(missing_ok=True)
    return loaded


def told(site):
    return availability(site, read_recorded(DuckDBStore(site.store_path).current()))


def test_what_has_no_place_is_proposed_and_what_is_declared_stays(site):
    found = told(site)
    # Of four core elements three are recorded; there are no questionnaires.
    assert (found.declared, found.supported) == (0, 2)
    assert found.lacking == ("ward", "form_on", "score")
    assert [(one.element, one.answered, one.asked) for one in found.rarely] == [("risk", 0, 1)]
    assert found.recorded == ("weight", "sex")
    assert found.absent == ("weight", "sex", *found.lacking)
    assert found.changes


def test_the_draft_is_the_officers_file_with_the_absent_elements_changed(site):
    drafted = draft_policy(site, told(site))
    policy = decode(SitePolicy, parse_yaml(drafted, where="draft"), where="draft")
    assert (policy.stage, policy.serial) == (0, 4)
    assert policy.absent == ("weight", "sex", "ward", "form_on", "score")
    assert "risk" not in drafted, "what is counted is on the screen only"
    kept = [line for line in POLICY.splitlines() if "weight" not in line and "sex" not in line]
    assert set(kept) <= set(drafted.splitlines())
    assert drafted.index("# The budget") > drafted.index("- score")
    assert (site.path / "policy.yaml").read_text(encoding="utf-8") == POLICY


def test_above_a_signed_policy_the_serial_rises(site):
    officer = SigningKey.generate()
    signed = sign_policy(site.policy(), officer)
    (site.path / "policy.signed.json").write_bytes(signed.to_bytes())
    drafted = draft_policy(site, told(site))
    assert "serial: 5\n" in drafted
    assert "site: site   # that is us" in drafted


def test_keys_that_are_not_there_are_added(site):
    text = POLICY.replace("absent:\n  - weight\n  - sex\n", "").rstrip("\n")
    (site.path / "policy.yaml").write_text(text, encoding="utf-8")
    drafted = draft_policy(site, told(site))
    assert drafted.startswith(text)
    assert "\nabsent:\n- ward\n" in drafted


def test_a_policy_in_one_line_is_not_torn(site):
    plain = parse_yaml(POLICY, where="p")
    (site.path / "policy.yaml").write_text(str(plain), encoding="utf-8")
    with pytest.raises(SiteError, match="cannot keep"):
        draft_policy(site, told(site))


def test_a_policy_that_says_what_the_site_has_needs_no_draft(site):
    drafted = draft_policy(site, told(site))
    (site.path / "policy.yaml").write_text(drafted, encoding="utf-8")
    found = told(open_site(site.path))
    assert not found.changes
    assert found.lacking == ()
    assert draft_policy(site, found) == drafted


def test_measures_that_would_be_refused_are_named(site):
    folder = site.path / "measures" / "beat"
    folder.mkdir(parents=True, exist_ok=True)
    measure = "version: 1\ntitle: T\ndictionary: beat\nunit: person\nkind: count\n"
    (folder / "risky.yaml").write_text(f"measure: risky\n{measure}cohort: ward = 'A1'\n")
    (folder / "young.yaml").write_text(f"measure: young\n{measure}cohort: sex is not missing\n")
    for kind in ("mean", "quantiles"):
        of = f"{kind}: {{of: number(ward), bounds: [0, 9]}}\n"
        text = f"measure: {kind}\n{measure}{of}".replace("kind: count", f"kind: {kind}")
        (folder / f"{kind}.yaml").write_text(text)
    for kind, text in {
        "rate": "rate: {events: sex = 1, time: number(ward), bounds: [0, 9]}",
        "observed_expected": "observed_expected: {observed: ward = 'A1', expected: 0.1 + 0}",
    }.items():
        whole = f"measure: {kind}\n{measure}{text}\n".replace("kind: count", f"kind: {kind}")
        (folder / f"{kind}.yaml").write_text(whole)
    refused = ("mean", "observed_expected", "quantiles", "rate", "risky")
    assert told(site).refuses == refused
