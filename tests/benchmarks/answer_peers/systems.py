"""Who is asked, and what each of them provides of what a registry needs."""

from __future__ import annotations

from dataclasses import dataclass

from tests.benchmarks.environments import Peer

__all__ = ["SYSTEMS", "Provided"]


@dataclass(frozen=True)
class Provided:
    """A peer with the words of the page: noise, who bounds rows, keys, and n."""

    peer: Peer
    distribution: str
    noise: str
    bounds: str
    keys: str
    n: str
    timed: bool = True


SYSTEMS = (
    Provided(
        Peer("Osteon", "ask_osteon.py"),
        "",
        "discrete Gaussian, zCDP; one joint charge for all of a study",
        "itself: index rows, or the stored order",
        "public, of the dictionary; a cell for missing",
        "private",
    ),
    Provided(
        Peer("OpenDP-Polars", "ask_opendp.py", "opendp.txt", ("epsilon",)),
        "opendp",
        "Laplace, pure ε",
        "itself: `truncate_per_group` by identifier, a shuffle; index rows by promise",
        "public: `with_keys`",
        "private",
    ),
    Provided(
        Peer("OpenDP-Polars, ρ", "ask_opendp.py", "opendp.txt", ("rho",)),
        "opendp",
        "Gaussian, zCDP, with the ρ of Osteon's charge",
        "as above",
        "as above",
        "private",
        timed=False,
    ),
    Provided(
        Peer("SmartNoise SQL", "ask_smartnoise.py", "smartnoise.txt"),
        "smartnoise-sql",
        "Laplace; ε is of each noisy column, and was divided by their number",
        "itself: `max_ids`, a window over a random order; index rows by promise (`row_privacy`)",
        "**none public**: `censor_dims` withholds keys of few patients, by δ (its odometer says"
        " 1.5 × 10⁻⁶ where 10⁻⁶ is asked); a withheld key is read as 0 here",
        "private",
    ),
    Provided(
        Peer("PipelineDP", "ask_pipelinedp.py", "pipelinedp.txt"),
        "pipeline-dp",
        "Laplace, pure ε",
        "itself: `max_contributions`, a sample; index rows by promise",
        "public: `public_partitions`",
        "private",
    ),
    Provided(
        Peer("diffprivlib", "ask_diffprivlib.py", "diffprivlib.txt"),
        "diffprivlib",
        "Laplace and geometric, pure ε, cut off at the ends of what n rows could give",
        "**nobody**: bounded by hand (stored order), and asked with ε/3 for 3 rows a patient",
        "public: `bins`, `range`",
        "**public**: noise of the mean is divided by the true n, and no count is above it",
    ),
)
