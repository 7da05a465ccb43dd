"""Which columns of an extract could link a row to a person."""

import pytest

from policies.decode import decode, parse_yaml
from policies.dictionary import Element
from policies.extract import Extracts

BARE = Extracts(extracts="own", version=1, dictionary="own")


@pytest.mark.parametrize(
    ("declared", "revealing"),
    [
        ("type: text, deid: zip3", True),
        ("type: integer, deid: zip3", True),
        ("type: category, choices: {a: A}, roles: [quasi_identifier]", True),
        ("type: category, choices: {a: A}", False),
        ("type: text, deid: hash", False),
    ],
)
def test_a_hint_or_a_role_makes_a_column_revealing(declared: str, revealing: bool) -> None:
    element = decode(
        Element, parse_yaml(f"{{instrument: f, label: L, {declared}}}", where="e"), where="e"
    )
    assert BARE.revealing("it", element) is revealing
    exempt = Extracts(extracts="own", version=1, dictionary="own", exempt={"it": "known to all"})
    assert not exempt.revealing("it", element)
