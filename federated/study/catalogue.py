"""Where a study's words get their meaning: dictionaries, derivations and measures by name.

Looks into a folder of the network's own declarations first (``dictionaries/``,
``derivations/``, ``measures/<dictionary>/``), then into those that ship with Osteon.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from federated.errors import StudyError
from policies.decode import digest, load
from policies.derivation import Derivations, unit_scopes
from policies.dictionary import Dictionary
from policies.expression import Scope, names
from policies.library import find, shipped
from policies.measure import Measure

__all__ = ["Catalogue", "Registry"]


class Registry:
    """One registry's dictionary and derivations with what studies may see of them."""

    def __init__(self, dictionary: Dictionary, derivations: Derivations) -> None:
        self.dictionary = dictionary
        self.derivations = derivations
        self._checked = derivations.check_against(dictionary, where=derivations.derivations)

    def recorded(self, used: Iterable[str]) -> set[str]:
        """The dictionary elements that the given elements rest on, derived ones followed to
        what they are computed from.
        """
        found: set[str] = set()
        todo = list(used)
        while todo:
            name = todo.pop().rpartition(".")[2]
            if name in found:
                continue
            found.add(name)
            for node in self._checked.get(name, {}).values():
                todo.extend(names(node))
        return found

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """SHA-256 of dictionary and derivations."""
        return {
            "dictionary": digest(self.dictionary),
            "derivations": digest(self.derivations),
        }

    @cached_property
    def scopes(self) -> Mapping[str, Scope]:
        """What a study may name in each unit: stored elements, dates as relative days, and
        nothing to pick from (queries never join).
        """
        return {
            unit: Scope(
                {
                    name: Scope.relative(field)
                    for name, field in scope.fields.items()
                    if self._stored(name)
                }
            )
            for unit, scope in unit_scopes(self.dictionary, self.derivations).items()
        }

    def _stored(self, name: str) -> bool:
        element = self.dictionary.elements.get(name)
        if element is None:
            return True
        # Free text, identifiers and what is transformed into something else cannot be asked.
        return (
            element.type not in ("text", "note")
            and not element.identifier
            and element.deid in (None, "shift")
        )


class Catalogue:
    """Registries and measures by name; each is read once. ``registries`` are known already."""

    def __init__(self, folder: Path | None = None, *registries: Registry) -> None:
        self.folder = folder
        self._registries = {known.dictionary.dictionary: known for known in registries}
        self._measures: dict[tuple[str, str], Measure] = {}

    def _path(self, shelf: str, name: str) -> Path:
        if self.folder is not None:
            own = self.folder / shelf / f"{name}.yaml"
            if own.is_file():
                return own
        return find(shelf, name)  # type: ignore[arg-type]

    def registry(self, dictionary: str) -> Registry:
        """The registry of that dictionary; DeclarationError if unknown or wrong."""
        if dictionary not in self._registries:
            self._registries[dictionary] = Registry(
                load(Dictionary, self._path("dictionaries", dictionary)),
                load(Derivations, self._path("derivations", dictionary)),
            )
        return self._registries[dictionary]

    def dictionaries(self) -> tuple[str, ...]:
        """Names of all dictionaries that a study may be about."""
        names = {*self._registries, *shipped("dictionaries")}
        if self.folder is not None:
            names |= {path.stem for path in (self.folder / "dictionaries").glob("*.yaml")}
        return tuple(sorted(names))

    def measure(self, dictionary: str, name: str) -> Measure:
        """A measure of that dictionary."""
        key = (dictionary, name)
        if key not in self._measures:
            known = self.measures(dictionary)
            if name not in known:
                raise StudyError(
                    f'unknown measure "{name}"',
                    hint=f"measures: {', '.join(known) or 'none'}",
                )
            self._measures[key] = load(Measure, self._path("measures", f"{dictionary}/{name}"))
        return self._measures[key]

    def measures(self, dictionary: str) -> tuple[str, ...]:
        """Names of all measures of a dictionary."""
        prefix = f"{dictionary}/"
        names = {n.removeprefix(prefix) for n in shipped("measures") if n.startswith(prefix)}
        if self.folder is not None:
            names |= {p.stem for p in (self.folder / "measures" / dictionary).glob("*.yaml")}
        return tuple(sorted(names))

    def dictionaries_with(self, measure: str) -> tuple[str, ...]:
        """Dictionaries that have a measure of that name."""
        names = {n.partition("/")[0] for n in shipped("measures") if n.endswith(f"/{measure}")}
        if self.folder is not None:
            found = (self.folder / "measures").glob(f"*/{measure}.yaml")
            names |= {p.parent.name for p in found}
        return tuple(sorted(names))
