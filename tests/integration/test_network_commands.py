"""The commands a network is run with, from founding it to reading a result."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from federated.privacy.budgets import Shortfall
from federated.study.cautions import Caution
from federated.study.envelope import Envelope
from gateway.cli.main import main
from gateway.client import Client, Member, _member, no_result, too_few_asked
from gateway.errors import IdentityError, NetworkError, UnknownStudy
from gateway.wire.frames import NetworkSite, Progress, SiteProgress
from policies.signing import Signed, SigningKey
from tests.integration.command_line import osteon
from tests.integration.network_world import World

pytestmark = pytest.mark.timeout(120)

POLICY = """
policy: rules
serial: 1
site: {site}
dictionary: heart
purposes: ['DUO:0000006']
budget: {{year_epsilon: 3, life_epsilon: 10, study_epsilon: 2}}
valid_until: '2099-12-31'
"""
STUDY = """
title: {title}
purpose: DUO:0000006
dictionary: heart
unit: visit
cohort: first_visit
ask:
  - measure: no_leak
    by: [valve]
privacy: {{epsilon: {epsilon}}}
"""


class Founded(World):
    """A network founded with the commands, with its coordinator and two nodes running."""

    def __init__(self, path: Path, heart: Path) -> None:
        self.path = path
        self._processes, self._channels, self.address = [], [], ""
        net = path / "net"
        osteon("network", "init", net, "--name", "midwest", "--address", "127.0.0.1:0")
        shutil.copytree(heart, net, dirs_exist_ok=True)
        for role, name in (("site", "north"), ("site", "south"), ("researcher", "rita")):
            home, grant = path / name, path / f"{name}.grant.json"
            osteon("identity", "request", home, "--role", role, "--name", name)
            request = home / "identity/request.json"
            osteon("network", "admit", net, request, "--out", grant, "--days", 7)
            told = json.loads(osteon("identity", "accept", home, grant, "--json").stdout)
            assert told["member"] == f"osteon://midwest/{role}/{name}"
            shutil.copytree(heart, home, dirs_exist_ok=True)
            if role == "site":
                (home / "policy.yaml").write_text(POLICY.format(site=name))
                osteon("policy", "sign", home)
        server = self._start("coordinator", "-m", "gateway.cli.main", "network", "serve", str(net))
        line = server.child.stdout.readline()
        assert line.startswith("listening on"), server.log.read_text()
        self.address = line.split()[-1]
        self.node("north", 40)
        self.node("south", 60)

    def study(self, title: str, epsilon: float = 1.0) -> Path:
        path = self.path / f"{title.replace(' ', '_')}.yaml"
        path.write_text(STUDY.format(title=title, epsilon=epsilon))
        return path

    def ask(self, verb: str, *words: object, status: int = 0) -> subprocess.CompletedProcess[str]:
        where = ("--as", self.path / "rita", "--address", self.address)
        return osteon("study", verb, *words, *where, status=status)


@pytest.fixture(scope="module")
def founded(tmp_path_factory, heart: Path):
    world = Founded(tmp_path_factory.mktemp("founded"), heart)
    try:
        yield world
    finally:
        world.close()


def test_a_preview_costs_nothing_and_names_each_sites_answer(founded: Founded) -> None:
    study = founded.study("a preview")
    said = founded.ask("preview", study).stdout
    assert "admits it" in said
    found = json.loads(founded.ask("preview", study, "--json").stdout)
    assert [(site["site"], site["reasons"]) for site in found["sites"]] == [
        ("north", []),
        ("south", []),
    ]
    assert 0.99 < found["epsilon"] <= 1.0
    assert 0 < found["wait_mean_s"] < found["wait_late_s"] < found["deadline_s"] - 59


def test_the_deadline_that_is_signed_follows_the_wait(
    founded: Founded, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Signed(Exception):
        pass

    def sealing(envelope: Envelope, _: SigningKey) -> None:
        raise Signed(envelope.deadline_s, envelope.expires_s - envelope.created_s)

    monkeypatch.setattr("gateway.client.seal", sealing)
    path = founded.study("little charged", epsilon=0.1)
    with Client(founded.path / "rita", address=founded.address) as client:
        study = client.read(path)
        waits = client.preview(study).wait_late_s
        with pytest.raises(Signed) as of_default:
            client.submit(study)
        with pytest.raises(Signed) as of_wish:
            client.submit(study, deadline_s=9)
    (default_s, ends_s), (wished_s, _) = of_default.value.args, of_wish.value.args
    assert waits is not None
    assert waits > 5
    assert waits + 60 <= default_s < waits + 61
    assert ends_s > default_s
    assert wished_s == 9


def test_a_deadline_shorter_than_the_wait_is_refused_before_anything_is_spent(
    founded: Founded,
) -> None:
    study = founded.study("in a hurry", epsilon=0.1)
    done = founded.ask("submit", study, "--yes", "--deadline", 5, status=2)
    assert "--deadline: sites may wait" in done.stderr
    assert "next: leave it out" in done.stderr
    assert "\nstudy " not in done.stderr


def test_submit_shows_the_price_prints_the_table_and_writes_the_report(founded: Founded) -> None:
    study, report = founded.study("a first question"), founded.path / "report.html"
    done = founded.ask("submit", study, "--yes", "--min-sites", 2, "--out", report)
    assert "cost per site" in done.stderr
    assert "2 of 2 sites answered" in done.stdout
    assert report.read_text().startswith("<!")
    again = json.loads(founded.ask("result", study, "--json").stdout)
    assert [site["state"] for site in again["sites"]] == ["answered", "answered"]
    id_ = json.loads((founded.path / "rita/studies.jsonl").read_text().splitlines()[-1])["study"]
    assert json.loads(founded.ask("result", id_, "--json").stdout) == again


def test_a_site_that_declares_other_noise_is_named_with_what_to_do(founded: Founded) -> None:
    path = founded.study("half the noise at south")
    told = founded.ask("submit", path, "--yes", "--json")
    sites = {site["site"]: site for site in json.loads(told.stdout)["sites"]}
    assert (sites["north"]["state"], sites["south"]["state"]) == ("answered", "failed")
    assert sites["south"]["reasons"] == ["noise_mismatch"]
    assert "failed: its answer declares other noise" in told.stderr
    shown = founded.ask("result", path).stdout
    assert "declares other noise than the study's charge gives" in " ".join(shown.split())
    # Where too few are left, the site is named all the same.
    few = founded.ask("submit", path, "--yes", "--min-sites", 2, status=5)
    assert "south: failed (noise_mismatch)" in few.stderr
    assert "osteon site publish" in few.stderr


def test_nothing_is_submitted_without_a_yes(founded: Founded) -> None:
    study = founded.study("not submitted")
    done = founded.ask("submit", study, status=1)
    assert "Submit" in done.stderr
    assert "study " not in done.stderr.split("Submit")[1]


@pytest.mark.parametrize(
    ("title", "words", "status"),
    [
        ("refused by all", (), 3),
        ("budget", (), 4),
        ("boom", (), 5),
        ("refused by north", ("--min-sites", 2), 5),
        ("elsewhere", ("--sites", "atlantis"), 2),
        ("too demanding", ("--min-sites", 3), 2),
    ],
)
def test_the_exit_code_says_what_became_of_it(
    founded: Founded, title: str, words: tuple, status: int
) -> None:
    done = founded.ask("submit", founded.study(title), "--yes", *words, status=status)
    assert "Traceback" not in done.stderr


def test_a_sequence_of_studies_is_simulated_against_the_published_policies(
    founded: Founded,
) -> None:
    studies = [founded.study(f"step {i}") for i in range(2)]
    found = json.loads(founded.ask("simulate", *studies, "--json").stdout)
    rows = found["rows"]
    assert found["cautions"] == []
    assert {row["site"] for row in rows} == {"north", "south"}
    assert {(row["researcher"], row["project"]) for row in rows} == {("rita", None)}
    assert len(rows) == 4
    said = founded.ask("simulate", *studies).stdout.splitlines()
    assert said[4] == "Assumed:"
    assert said[5:] == [f"  {sentence}" for sentence in found["assumed"]]
    assert all("left ε" in line and "of rita's" in line for line in said[:4])
    words = ("--years", 2, "--asked-every", 200)
    later = founded.ask("simulate", *studies, *words).stdout.splitlines()
    assert all("left ε" in line and "4 times" in line for line in later[:4])
    assert "every 200 days, 4 times" in later[5]
    joint = founded.ask("simulate", *studies, "--as-one").stdout
    assert joint.startswith("As one study: ε ")
    assert joint.splitlines()[3] == "Assumed:"
    told = json.loads(founded.ask("simulate", *studies, "--as-one", "--json").stdout)
    assert 0 < told["epsilon"] < told["epsilon_apart"]
    assert {row["site"] for row in told["rows"]} == {"north", "south"}


@pytest.mark.parametrize("verb", ["preview", "simulate"])
def test_planning_asks_the_network_once(
    founded: Founded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    asked: list[str] = []
    network = Client.network

    def seen(client: Client) -> tuple[Member, ...]:
        asked.append("network")
        north, south = network(client)
        stale = Caution("policy_not_shown", "has not shown one", sites=("south",))
        return north, replace(south, policy=None, no_policy=stale)

    monkeypatch.setattr(Client, "network", seen)
    words = ["study", verb, str(founded.study("once")), "--as", str(founded.path / "rita")]
    with pytest.raises(SystemExit) as ended:
        main([*words, "--address", founded.address, "--json"])
    assert (ended.value.code, asked) == (0, ["network"])
    found = json.loads(capsys.readouterr().out)
    (caution,) = found["cautions"]
    assert (caution["code"], caution["sites"]) == ("policy_not_shown", ["south"])
    assert {one["site"] for one in found.get("rows", found.get("sites"))} == {"north"}


def test_status_lists_members_and_when_they_were_seen(founded: Founded) -> None:
    found = json.loads(osteon("network", "status", founded.path / "net", "--json").stdout)
    assert [(site["name"], site["policy_serial"]) for site in found["sites"]] == [
        ("north", 1),
        ("south", 1),
    ]
    assert all(site["last_seen"] for site in found["sites"])
    assert "researcher  rita" in osteon("network", "status", founded.path / "net").stdout


def test_a_second_coordinator_on_the_same_folder_is_refused(founded: Founded) -> None:
    done = osteon("network", "serve", founded.path / "net", status=1)
    assert "another coordinator" in done.stderr


def test_the_client_runs_a_study_from_python(founded: Founded) -> None:
    seen: list[Progress] = []
    with Client(founded.path / "rita", address=founded.address) as client:
        assert [member.attached for member in client.network()] == [True, True]
        study = client.read(founded.study("from python"))
        result = client.run(study, min_sites=2, progress=seen.append)
        frame = result.to_pandas()
        assert set(frame["sites"]) == {2}
        with pytest.raises(UnknownStudy):
            client.result("ab" * 32)
    assert seen[-1].state == "complete"


def test_the_client_names_the_failing_hop(founded: Founded) -> None:
    with (
        Client(founded.path / "rita", address="127.0.0.1:1") as client,
        pytest.raises(NetworkError) as raised,
    ):
        client.network()
    assert raised.value.code == "refused"
    assert raised.value.hint


def test_a_site_is_no_researcher_and_nobody_is_told_to_join(founded: Founded) -> None:
    with pytest.raises(IdentityError, match="identity of a site"):
        Client(founded.path / "north")
    done = osteon("study", "preview", founded.study("x"), "--as", founded.path / "nobody", status=2)
    assert "next: osteon identity request" in done.stderr


def site(name: str, state: str, *reasons: str) -> SiteProgress:
    return SiteProgress(name, state, reasons)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sites", "code"),
    [
        ([site("a", "refused", "budget_year"), site("b", "refused", "budget_life")], 4),
        ([site("a", "refused", "budget_year"), site("b", "refused", "policy_expired")], 3),
        ([site("a", "refused", "policy_expired"), site("b", "no_reply")], 5),
        ([site("a", "refused", "budget_year"), site("b", "answered")], 5),
    ],
)
def test_what_all_sites_have_in_common_decides_the_exit_code(
    sites: list[SiteProgress], code: int
) -> None:
    error = no_result(sites)
    assert error.exit_code == code
    assert "a: refused" in error.message


def test_a_refusal_that_a_site_sent_is_told_in_words_with_the_next_step() -> None:
    """A site sends a code alone; what it means and what to do is said to the researcher."""
    refused, silent = site("a", "refused", "element_not_available"), site("b", "no_reply")
    for sites, again in (([refused], False), ([refused, silent], True)):
        hint = str(no_result(sites).hint)
        assert "does not record an element asked for" in hint
        assert "osteon study preview" in hint
        assert ("submit it again" in hint) == again
    for_good = no_result([site("a", "failed", "could_not_answer"), site("b", "answered")])
    assert "the same on every retry" in str(for_good.hint)
    assert "submit it again" not in str(for_good.hint)


def test_a_budget_that_ended_is_told_with_what_is_left_and_when_it_is_new() -> None:
    short = (Shortfall("year", 20_000_000, 1_798_761_600), Shortfall("project_life", 0, None))
    error = no_result(
        [SiteProgress("a", "refused", ("budget_year", "budget_project_life"), True, short)]
    )
    assert error.exit_code == 4
    assert "the site's budget of this year has ε 0.89 left for one study" in error.message
    assert "renews on 2027-01-01" in error.message
    assert "the project's budget for life is used up and does not renew" in error.message
    assert "officer" in str(error.hint)


def test_a_policy_under_an_officers_former_key_is_none_and_says_so(founded: Founded) -> None:
    signed = Signed.from_bytes((founded.path / "north/policy.signed.json").read_bytes())
    seen = NetworkSite("north", signed, 1, attached=True)
    stale = _member("north", SigningKey.generate().public_key, seen)
    assert (stale.attached, stale.policy) == (True, None)
    never = _member("north", "", None)
    assert stale.no_policy is not None
    assert never.no_policy is not None
    assert (stale.no_policy.code, never.no_policy.code) == ("policy_not_usable", "policy_not_shown")
    assert "signs it again" in stale.no_policy.message
    assert "has not shown a policy" in never.no_policy.message


def test_what_went_wrong_is_told_with_a_next_step() -> None:
    assert "1 site is asked, 2 are needed" in str(too_few_asked(1, 2))
    assert too_few_asked(1, 2).hint
    assert no_result([site("a", "refused", "policy_expired"), site("b", "no_reply")]).hint
