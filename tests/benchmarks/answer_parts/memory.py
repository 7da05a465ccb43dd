"""Resident size of a real node process: idle, and while it answers."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

from federated.privacy.reply_time import mean_s
from federated.study.catalogue import Catalogue
from federated.study.compile import compile_study
from federated.study.model import Study, StudyFile
from federated.study.resolve import resolve
from gateway.client import Client
from gateway.demo.local import LocalNetwork
from gateway.demo.synthetic import generate
from gateway.site.config import open_site
from policies.decode import decode
from policies.signing import SigningKey
from policies.site import Budget, SitePolicy, sign_policy

__all__ = ["RHO", "STUDIES", "Memory", "allowing", "measured", "study", "wait_mean_s"]

STUDIES = 50
ATTACH_S = 90.0
RHO = 0.4
"""Of each study: a reply waits less the more it is charged, and here it is memory that is measured."""
BUDGET = Budget(study_epsilon=6, year_epsilon=100, life_epsilon=100)
"""Of the hospital, whose people are invented: it holds all the studies."""


@dataclass(frozen=True)
class Memory:
    """MB as the kernel counts them, and how many studies were answered in how many seconds, of
    which each reply waited ``wait`` in the mean.
    """

    idle: float
    first: float
    loaded: float
    peak: float
    answered: int
    seconds: float
    wait: float


def measured(folder: Path, studies: int = STUDIES) -> Memory:
    """One synthetic hospital, its coordinator and ``studies`` different questions, one by one.
    SystemExit when the node answers not all of them.
    """
    truth = generate(folder / "exports", seed=7, sites=1, operations=300, notes=0)
    site = truth.sites[0].site
    network = LocalNetwork(
        folder, "bench", [site], dictionary="sarcoma_v1", sitemap="sarcoma_redcap_map"
    )
    network.found()
    load = [sys.executable, "-m", "gateway.demo.load", str(folder), site]
    subprocess.run(load, check=True, capture_output=True)
    _allow(network.site_dir(site))
    with network, Client(network.home) as client:
        node = network._running[site].pid
        end = time.monotonic() + ATTACH_S
        while not any(m.attached and m.policy is not None for m in client.network()):
            if time.monotonic() > end:
                raise SystemExit("the node did not attach in time, see its log")
            time.sleep(0.2)
        time.sleep(2)
        idle, first, answered = _mb(node, "VmRSS"), 0.0, 0
        start = time.monotonic()
        for number in range(studies):
            result = client.run(study(number, client.catalogue), min_sites=1)
            answered += len(result.answered)
            first = first or _mb(node, "VmRSS")
        seconds = time.monotonic() - start
        if answered != studies:
            raise SystemExit(f"{answered} of {studies} studies were answered, see the node's log")
        loaded, peak = _mb(node, "VmRSS"), _mb(node, "VmHWM")
        return Memory(idle, first, loaded, peak, answered, seconds, wait_mean_s(client.catalogue))


def study(number: int, catalogue: Catalogue) -> Study:
    """The ``number``-th question: another charge makes another question of the same measures."""
    plain = {
        "title": f"Benchmark {number}", "purpose": "DUO:0000006", "dictionary": "sarcoma_v1",
        "unit": "case",
        "ask": [{"measure": "r0_margin_rate"}, {"measure": "overall_survival", "by": ["stage_group"]}],
        "privacy": {"rho": RHO + number * 1e-8},
    }  # fmt: skip
    return resolve(decode(StudyFile, plain, where="study"), catalogue)


def wait_mean_s(catalogue: Catalogue) -> float:
    """How long the reply to one of them waits in the mean, in seconds."""
    plan = compile_study(study(0, catalogue), catalogue)
    return mean_s(plan.nano_rho, plan.parts)


def allowing(policy: SitePolicy) -> SitePolicy:
    """The same policy with the budget of this benchmark."""
    plain = policy.model_dump(mode="json") | {"budget": BUDGET.model_dump()}
    return decode(SitePolicy, plain, where="policy")


def _allow(site_dir: Path) -> None:
    """The officer signs anew what the demo's officer has signed, with another budget."""
    policy = allowing(open_site(site_dir).policy())
    plain = policy.model_dump(mode="json")
    (site_dir / "policy.yaml").write_text(yaml.safe_dump(plain, sort_keys=False), encoding="utf-8")
    officer = SigningKey.load(site_dir / "identity" / "officer_key.pem")
    (site_dir / "policy.signed.json").write_bytes(sign_policy(policy, officer).to_bytes())


def _mb(pid: int, line: str) -> float:
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(text.split(f"{line}:")[1].split()[0]) / 1024
