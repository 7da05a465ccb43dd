"""A maker of surrogates, and a patient, for the tests of them."""

from deid.own.patient import Patient
from deid.pseudonym import Keys
from deid.surrogates import SurrogateMaker
from policies.profile import profile

SAFE = profile("safe_harbor")
KEYS = Keys(b"p" * 32, b"d" * 32, b"s" * 32)
VERA = Patient(
    "P-0001",
    "Vera",
    "Hänninen-Roe",
    "00482913",
    other=(("next_of_kin", "Erik Hänninen"), ("phone", "(704) 555-0101")),
)


def maker(patient="a", keys=KEYS, rules=SAFE, people=None, own=frozenset()):
    patient = Patient(patient) if isinstance(patient, str) else patient
    return SurrogateMaker(keys, patient, rules, people=people, own=own)
