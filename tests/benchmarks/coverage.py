"""Coverage and width of the intervals, bias and error of the curves; writes coverage.md beside.

    python -m tests.benchmarks.coverage            # about a quarter of an hour on one core
    python -m tests.benchmarks.coverage quantiles  # that section alone; the others stay

Sections: proportions, means, quantiles, ratios, spreads, rmst, incidence, survival, projections.
Everything is simulated from known truths: rows drawn, Gaussian noise of the mechanism's variance
rounded to integers and added at each site, releases pooled and estimated by the code under test.
"""

from __future__ import annotations

import math
import re
import sys
import time
from pathlib import Path

from tests.benchmarks import coverage_quantiles, coverage_ratios, coverage_spreads
from tests.benchmarks.coverage_curves import projection_section, survival_section
from tests.benchmarks.coverage_exits import incidence_section, rmst_section
from tests.benchmarks.coverage_shares import mean_section, proportion_section
from tests.benchmarks.tables import table

HEAD = """# Measured coverage of nominal 95 % intervals

Written by `python -m tests.benchmarks.coverage`. Noise is that of a study of this one statistic.

"""


def quantile_section() -> str:
    """Measured anew, as it stands in coverage.md."""
    found = list(coverage_quantiles.cells(coverage_quantiles.GRID))
    registry = list(coverage_quantiles.cells(coverage_quantiles.REGISTRY))
    return f"""## Quantiles

Values on the bounds [0, 1] in {coverage_quantiles.BINS} bins, quantiles at {
        ", ".join(f"{level:g}".removeprefix("0") for level in coverage_quantiles.LEVELS)
    }, rows per site n = 20–300, 1–10 sites,
{len(found)} cells of {coverage_quantiles.REPEATS} studies (standard error {
        math.sqrt(0.05 * 0.95 / coverage_quantiles.REPEATS):.3f}). Coverage over all cells: {
        coverage_quantiles.summary(found)
    }.
It is above what is promised, since intervals end where bins do and reach over every bin that
cannot be excluded. *Of raw* is the width over that of intervals whose ranks are tested as they were told and
not made to rise, on average over the cells and the most of any. *Error* is the root mean square one of the
estimate, over cells of which at least half are informative. Values: {coverage_quantiles.WORDS}.

{table(coverage_quantiles.HEAD, coverage_quantiles.lines(found))}

The same at the sizes of registries: rows of all sites, which share them, at δ = 10⁻⁶; {
        len(registry)
    } cells. Coverage: {coverage_quantiles.summary(registry)}.

{table(coverage_quantiles.REGISTRY_HEAD, coverage_quantiles.registry_lines(registry))}
"""


def ratio_section() -> str:
    """Measured anew, as it stands in coverage.md."""
    found = list(coverage_ratios.cells())
    return f"""## Rates and observed over expected

Rows per site n = 20–300, 1–10 sites, {
        len(found)
    } cells of 1,000 studies (standard error .007). Coverage: {coverage_ratios.summary(found)}.
*Rate*: first events under censoring between .05 and 1 of the longest time, *share* of them by .5.
*Observed/expected*: risks spread around *share* (beta, a + b = 20), the true ratio .5, 1 or 2. Poisson's
variance is larger than that of such events, by more where risks are high. Widths are over the true
ratio, of cells of which at least half are informative. *Counted*: the same releases where a count of
the same rows is told as well, with noise of the variance that the events have; the width is over that without.

{table(coverage_ratios.HEAD, coverage_ratios.lines(found))}
"""


def spread_section() -> str:
    """Measured anew, as it stands in coverage.md."""
    found = list(coverage_spreads.cells())
    return f"""## Standard deviations

Values on the bounds [−1, 1], rows per site n = 20–300, 1–10 sites, {
        len(found)
    } cells of 2,000 studies (standard error
.005). Coverage: {coverage_spreads.summary(found)}.
Values as for means; {coverage_spreads.WORDS}.

{table(coverage_spreads.HEAD, coverage_spreads.lines(found))}
"""


SECTIONS = {
    "proportions": proportion_section,
    "means": mean_section,
    "quantiles": quantile_section,
    "ratios": ratio_section,
    "spreads": spread_section,
    "rmst": rmst_section,
    "incidence": incidence_section,
    "survival": survival_section,
    "projections": projection_section,
}
"""In the order of the page."""


def _with_section(text: str, measured: str) -> str:
    """The page with a section as measured now, in place of the one of the same heading."""
    heading = measured.split("\n", 1)[0]
    old = re.search(rf"(?ms)^{re.escape(heading)}$.*?(?=^## |\Z)", text)
    if old is None:
        raise SystemExit(f"the page has no section '{heading}': make the whole page")
    return text.replace(old.group(), f"{measured.rstrip()}\n\n", 1).rstrip() + "\n"


def main() -> None:
    """Simulate and write the tables, or those of the sections named."""
    began = time.perf_counter()
    path = Path(__file__).with_suffix(".md")
    for name in sys.argv[1:]:
        path.write_text(_with_section(path.read_text("utf-8"), SECTIONS[name]()), encoding="utf-8")
        print(f"wrote {name} of coverage.md in {time.perf_counter() - began:.0f} s", flush=True)
    if not sys.argv[1:]:
        sections = "\n".join(section() for section in SECTIONS.values())
        path.write_text(HEAD + sections, encoding="utf-8")
        print(f"wrote coverage.md in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
