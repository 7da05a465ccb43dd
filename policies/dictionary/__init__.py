"""The dictionary: elements, their types, bounds, roles and identifiers."""

from policies.dictionary.model import Dictionary, Element, Instrument, UnitOfTime
from policies.dictionary.redcap import read_redcap_dictionary

__all__ = [
    "Dictionary",
    "Element",
    "Instrument",
    "UnitOfTime",
    "read_redcap_dictionary",
]
