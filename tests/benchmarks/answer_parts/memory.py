"""Resident size of a real node process: idle, and while it answers."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from gateway.client import Client
from gateway.demo.local import LocalNetwork
from gateway.demo.synthetic import generate

__all__ = ["Memory", "measured"]

STUDIES = 50
WAIT_S = 90.0
RHO = 1e-5
"""Of each study: small, so that the budget of a policy as it is written at first admits fifty."""


@dataclass(frozen=True)
class Memory:
    """MB as the kernel counts them, and how many studies were answered in how many seconds."""

    idle: float
    first: float
    loaded: float
    peak: float
    answered: int
    seconds: float


def measured(folder: Path, studies: int = STUDIES) -> Memory:
    """One synthetic hospital, its coordinator and ``studies`` different questions, one by one."""
    truth = generate(folder / "exports", seed=7, sites=1, operations=300, notes=0)
    site = truth.sites[0].site
    network = LocalNetwork(
        folder, "bench", [site], dictionary="sarcoma_v1", sitemap="sarcoma_redcap_map"
    )
    network.found()
    load = [sys.executable, "-m", "gateway.demo.load", str(folder), site]
    subprocess.run(load, check=True, capture_output=True)
    with network, Client(network.home) as client:
        node = network._running[site].pid
        end = time.monotonic() + WAIT_S
        while not any(m.attached and m.policy is not None for m in client.network()):
            if time.monotonic() > end:
                raise SystemExit("the node did not attach in time, see its log")
            time.sleep(0.2)
        time.sleep(2)
        idle, first, answered = _mb(node, "VmRSS"), 0.0, 0
        start = time.monotonic()
        for number in range(studies):
            path = folder / f"study_{number}.yaml"
            path.write_text(_study(number), encoding="utf-8")
            result = client.run(client.read(path), min_sites=1, deadline_s=60)
            answered += len(result.answered)
            first = first or _mb(node, "VmRSS")
        seconds = time.monotonic() - start
        return Memory(idle, first, _mb(node, "VmRSS"), _mb(node, "VmHWM"), answered, seconds)


def _study(number: int) -> str:
    # Another charge makes another question of the same measures.
    return f"""
title: Benchmark {number}
purpose: DUO:0000006
dictionary: sarcoma_v1
unit: case
ask:
  - measure: r0_margin_rate
  - measure: overall_survival
    by: [stage_group]
privacy: {{rho: {RHO + number * 1e-8:.8f}}}
"""


def _mb(pid: int, line: str) -> float:
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(text.split(f"{line}:")[1].split()[0]) / 1024
