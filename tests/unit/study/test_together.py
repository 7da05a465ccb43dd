"""What one patient can be in at once: never less than is possible, and less than everything."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federated.study.catalogue import Catalogue, Registry
from federated.study.together import Together, together
from policies.expression import check, holds, parse

FLAG = "first_visit"
DEMANDS = [
    "valve = 'a'", "valve = 'm'", "valve != 'a'", "not valve = 'a'", "valve in ['a', 'm']",
    "valve is missing", "valve is not missing", "sex = 1", "sex = 2", "not (sex in [1, 2])",
    "leak in [0, 9]", "leak = 1", "leak = 1 or valve = 'a'", "risk > 50", "number(leak) > 0",
    "first_visit = true", "not first_visit", "number(leak) = 7", "number(leak) is missing",
    "not (leak in [0, 1, 9])",
]  # fmt: skip
SHIPPED = [
    "good_histologic_response", "limb_salvage", "local_recurrence_free", "metastasis_free",
    "overall_survival", "reconstruction_survival", "tumour_board_before_treatment",
]  # fmt: skip
ROWS = [
    {"valve": valve, "sex": sex, "leak": leak, "risk": risk, FLAG: True}
    # Also values that no dictionary has: a store may hold them.
    for valve, sex, leak, risk in itertools.product(
        ("a", "m", "x", None), ("1", "2", "3", None), ("0", "1", "9", "7", None), (10.0, 90.0, None)
    )
]


def met_of(registry: Registry, texts: list[str]) -> tuple[Together, list]:
    scope = registry.scopes["visit"]
    nodes = [check(parse(text), scope, expect="boolean")[0] for text in texts]
    return together(registry, [("visit", node) for node in nodes]), nodes


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cohorts=st.lists(
        st.lists(st.sampled_from(DEMANDS), min_size=1, max_size=3), min_size=1, max_size=6
    )
)
def test_every_row_is_in_cohorts_that_may_meet(heart: Path, cohorts: list[list[str]]) -> None:
    registry = Catalogue(heart).registry("heart")
    met, nodes = met_of(
        registry,
        [" and ".join([FLAG, *(f"({demand})" for demand in demands)]) for demands in cohorts],
    )
    for row in ROWS:
        inside = {i for i, node in enumerate(nodes) if holds(node, row)}
        assert any(inside <= members for sets in met.groups for members in sets) or not inside
        ones = [1 if i in inside else 0 for i in range(len(nodes))]
        assert met.heaviest(ones) >= len(inside)


def test_a_stored_number_that_is_no_choice_excludes_nothing(heart: Path) -> None:
    registry = Catalogue(heart).registry("heart")
    texts = [f"{FLAG} and number(leak) = 7", f"{FLAG} and not (leak in [0, 1, 9])"]
    met, _ = met_of(registry, texts)
    assert met.heaviest([1, 1]) == 2


def test_opposite_demands_do_not_meet(heart: Path) -> None:
    registry = Catalogue(heart).registry("heart")
    met, _ = met_of(registry, [f"{FLAG} and valve = 'a'", f"{FLAG} and valve = 'm'", FLAG])
    assert met.groups == ((frozenset({0, 2}), frozenset({1, 2})),)
    assert met.heaviest([5, 7, 1]) == 8
    # From one valve to the other: both blocks change by all they had, the third by its most.
    assert met.heaviest_change([10, 14, 2], [5, 7, 1]) == max(14 + 2, 5 + 7 + 2)


def test_without_an_index_row_nothing_is_excluded(heart: Path) -> None:
    # Two rows of one patient may differ in their valve.
    registry = Catalogue(heart).registry("heart")
    met, _ = met_of(registry, ["valve = 'a'", "valve = 'm'", f"{FLAG} and valve = 'm'"])
    assert met.always == {0, 1}
    assert met.heaviest([5, 7, 1]) == 13


def test_a_cohort_of_nobody_still_counts_alone(heart: Path) -> None:
    registry = Catalogue(heart).registry("heart")
    met, _ = met_of(registry, [f"{FLAG} and valve = 'a' and valve = 'm'"])
    assert met.heaviest([5]) == 5
    assert met.heaviest_change([9], [5]) == 9


def test_many_elements_are_looked_at_within_bounds(heart: Path) -> None:
    registry = Catalogue(heart).registry("heart")
    texts = [
        f"{FLAG} and ({one}) and ({other})" for one, other in itertools.permutations(DEMANDS, 2)
    ]
    met, nodes = met_of(registry, texts)
    for row in ROWS:
        inside = {i for i, node in enumerate(nodes) if holds(node, row)}
        assert met.heaviest([int(i in inside) for i in range(len(nodes))]) >= len(inside)


def test_many_levels_cost_no_time_before_anything_is_charged() -> None:
    """A study written by hand may name every level of several long lists."""
    registry = Catalogue().registry("sarcoma_v1")
    scope = registry.scopes["case"]
    long = [
        (name, field.codes)
        for name, field in scope.fields.items()
        if field.type == "category" and len(field.codes) > 8
    ][:3]
    texts = [f"index_case and {name} = '{code}'" for name, codes in long for code in codes[:45]][
        :140
    ]
    cohorts = [("case", check(parse(text), scope, expect="boolean")[0]) for text in texts]
    began = time.process_time()
    met = together(registry, cohorts)
    met.heaviest_change([2] * len(cohorts), [1] * len(cohorts))
    assert time.process_time() - began < 5


def test_elements_that_leave_one_largest_set_use_up_no_combinations() -> None:
    """The shipped measures rest on so many of them that categories found no place any more."""
    catalogue = Catalogue()
    registry = catalogue.registry("sarcoma_v1")
    names = ["mortality_30d", "mortality_30d_metastatic", *SHIPPED]
    cohorts = []
    for name in names:
        measure = catalogue.measure("sarcoma_v1", name)
        scope = registry.scopes[measure.unit]
        cohorts.append((measure.unit, check(parse(measure.cohort), scope, expect="boolean")[0]))
    met = together(registry, cohorts)
    assert not met.always
    (sets,) = met.groups
    assert not any({0, 1} <= members for members in sets)
    assert met.heaviest([1] * len(names)) == len(names) - 1
