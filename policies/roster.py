"""The roster: a network's sites, researchers and coordinator with their keys.

The committee signs it (Ed25519); every node pins the committee's key when it joins, so the
coordinator cannot add a site or a researcher by itself.
"""

from __future__ import annotations

import json
from typing import Self

from pydantic import Field as Declared
from pydantic import model_validator

from policies.decode import Declaration, canonical, decode
from policies.dictionary.model import Slug
from policies.errors import SignatureError
from policies.signing import Signed, SigningKey, verify

__all__ = [
    "CONTEXT",
    "Coordinator",
    "Researcher",
    "Roster",
    "Site",
    "open_roster",
    "sign_roster",
]

CONTEXT = "roster"


class Site(Declaration):
    """A hospital: its name, its signing key (base64) and its officer's key, who signs policy."""

    name: Slug
    key: str
    officer: str


class Researcher(Declaration):
    """A person who may sign envelopes."""

    name: Slug
    key: str


class Coordinator(Declaration):
    """Where nodes dial and whose countersignature ledgers carry."""

    address: str
    key: str


class Roster(Declaration):
    """Members of a network. ``serial`` only rises. ``sites_per_patient_max`` is D17's m, the
    most sites one patient is assumed to appear in.
    """

    network: Slug
    serial: int = Declared(ge=1)
    sites_per_patient_max: int = Declared(default=1, ge=1, le=100)
    coordinator: Coordinator
    sites: tuple[Site, ...] = ()
    researchers: tuple[Researcher, ...] = ()

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        for members in (self.sites, self.researchers):
            names = [member.name for member in members]
            if len(set(names)) != len(names):
                raise ValueError("a member is listed twice")
        return self

    def site(self, name: str) -> Site:
        """The site of that name; SignatureError if it is not a member."""
        for site in self.sites:
            if site.name == name:
                return site
        raise SignatureError(f'site "{name}" is not in the roster')

    def researcher(self, name: str) -> Researcher:
        """The researcher of that name; SignatureError if not a member."""
        for researcher in self.researchers:
            if researcher.name == name:
                return researcher
        raise SignatureError(f'researcher "{name}" is not in the roster')


def sign_roster(roster: Roster, committee: SigningKey) -> Signed:
    """The committee's signature on a roster."""
    return committee.sign(canonical(roster), CONTEXT)


def open_roster(signed: Signed, committee_key: str) -> Roster:
    """Verify with the pinned committee key and decode."""
    return decode(Roster, json.loads(verify(signed, committee_key, CONTEXT)), where="roster")
