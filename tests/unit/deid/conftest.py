"""One language model for the whole session, and a patient to look for."""

from datetime import date

import pytest

from deid.adapter import Model
from deid.notes import NoteEngine
from deid.own.patient import Patient
from deid.pseudonym import Keys
from policies.profile import Profile, profile

KEYS = Keys(b"p" * 32, b"d" * 32, b"s" * 32)


@pytest.fixture(scope="session")
def model() -> Model:
    return Model("osteon_ner")


@pytest.fixture(scope="session")
def keys() -> Keys:
    return KEYS


@pytest.fixture(scope="session")
def safe_harbor() -> Profile:
    return profile("safe_harbor")


@pytest.fixture(scope="session")
def limited() -> Profile:
    return profile("limited_dataset")


@pytest.fixture(scope="session")
def engine(model, safe_harbor) -> NoteEngine:
    return NoteEngine(safe_harbor, KEYS, model=model)


@pytest.fixture(scope="session")
def shifting(model, limited) -> NoteEngine:
    return NoteEngine(limited, KEYS, model=model)


@pytest.fixture(scope="session")
def patient() -> Patient:
    return Patient(
        patient_id="P-0001",
        first_name="Vera",
        last_name="Hänninen-Roe",
        mrn="00482913",
        birth_date=date(1950, 9, 9),
        anchor=date(2021, 3, 1),
        other=(
            ("phone", "(704) 555-0101"),
            ("city", "Larkspur"),
            ("address", "12 Oak St, Larkspur"),
        ),
    )
