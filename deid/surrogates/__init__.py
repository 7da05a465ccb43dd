"""Surrogates: what stands in place of names, numbers and places."""

from deid.surrogates.maker import SurrogateMaker, Surrogates
from deid.surrogates.places import zip3_text
from deid.surrogates.real import RealPeople

__all__ = ["RealPeople", "SurrogateMaker", "Surrogates", "zip3_text"]
