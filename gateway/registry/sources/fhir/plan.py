"""What a site map asks of FHIR resources: instances of which form, and which fields to read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from gateway.registry.also_known import FAMILY, GIVEN
from gateway.registry.sitemap import ElementMap, SiteMap
from gateway.registry.sources.eav import key_column
from gateway.registry.sources.fhir.path import Number, Path, Step, parse_form, parse_from
from gateway.registry.sources.fhir.reference import RELATING
from policies.dictionary import Dictionary, Element
from policies.errors import DeclarationError

__all__ = ["Asked", "Field", "Plan", "plan_of"]

PATIENT = "Patient"
_NAMES = "A"
"""Letter of 45 CFR 164.514(b)(2)(i) as the dictionary's ``hipaa`` hints give it."""
Kind = Literal["text", "date", "number", "attachment"]


@dataclass(frozen=True, slots=True)
class Field:
    """A cell to fill in every instance of a form. ``column`` is what the site map reads;
    ``element`` the first that does; ``separator``: the cell holds all values, put together;
    ``pick``: it holds the latest, the first or the largest (max) of several.
    """

    index: int
    column: str
    form: str
    element: str
    source: tuple[Path, ...] | Number
    kind: Kind
    unit: str | None
    separator: str | None
    pick: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One path of a field; the first one with a value counts. ``own``: it is read from the
    instance itself and from nothing else.
    """

    field: Field
    alternative: int
    path: Path
    own: bool


@dataclass(frozen=True)
class Plan:
    """``root`` is the patient's form, ``forms`` the resource of every repeating one."""

    root: str
    key: str
    forms: dict[str, Path]
    fields: tuple[Field, ...]
    asked: dict[str, tuple[Asked, ...]]
    """By type of resource."""
    identifying: dict[int, str]
    """Fields that name the patient, with what they hold: notes are searched for every value."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns in the order of the map, after those that name the row."""
        return tuple(dict.fromkeys(field.column for field in self.fields))

    @property
    def relating(self) -> frozenset[str]:
        """Types whose references count."""
        types = RELATING | {path.resource for path in self.forms.values()} | set(self.asked)
        return frozenset(types - {PATIENT})


def plan_of(sitemap: SiteMap, dictionary: Dictionary, *, where: str = "site map") -> Plan:
    """The map's paths, checked against the dictionary; DeclarationError names form or element."""
    forms = _forms(sitemap, dictionary, where)
    fields: dict[tuple[str, str], Field] = {}
    for name, given in sitemap.maps.items():
        place = f"{where}: elements.{name}"
        if name not in dictionary.elements:
            raise DeclarationError("is not an element of the dictionary", where=place)
        element = dictionary.elements[name]
        repeats = dictionary.instruments[element.instrument].repeats
        if repeats and element.instrument not in forms:
            raise DeclarationError(
                f'belongs to the form "{element.instrument}", which forms does not list',
                where=place,
            )
        form = element.instrument if repeats else dictionary.root
        if given.from_ is None:
            continue
        if name == dictionary.key:
            _check_key(given, place)
            continue
        field = _field(len(fields), name, element, given, form, place)
        if isinstance(field.source, Number):
            _check_number(field.source, form, forms, place)
        same = fields.setdefault((form, given.from_), field)
        if _how(same) != _how(field):
            raise DeclarationError(
                f'reads the same path as "{same.element}" in another type, unit or pick',
                where=place,
            )
    asked: dict[str, list[Asked]] = {}
    same_steps: dict[tuple[Step, ...], tuple[Step, ...]] = {}
    for field in fields.values():
        for i, path in enumerate(() if isinstance(field.source, Number) else field.source):
            mine = forms.get(field.form, Path(PATIENT)).resource == path.resource
            asked.setdefault(path.resource, []).append(
                Asked(field, i, _shared(path, same_steps), own=mine and not path.filters)
            )
    return Plan(
        dictionary.root,
        key_column(sitemap, dictionary),
        {name: _shared(path, same_steps) for name, path in forms.items()},
        tuple(fields.values()),
        {kind: tuple(found) for kind, found in asked.items()},
        _identifying(fields.values(), dictionary),
    )


def _identifying(fields: Collection[Field], dictionary: Dictionary) -> dict[int, str]:
    entered = dictionary.of(dictionary.root)
    texts = [n for n, e in entered.items() if e.identifier and e.type == "text"]
    names = [n for n in texts if entered[n].hipaa == _NAMES]
    holds = {name: name for name in texts} | dict.fromkeys(names, "name")
    if len(names) > 1:
        holds |= {names[0]: GIVEN, names[-1]: FAMILY}
    return {
        field.index: holds[field.element]
        for field in fields
        if field.element in holds and not isinstance(field.source, Number)
    }


def _how(field: Field) -> tuple[object, ...]:
    return field.kind, field.unit, field.separator, field.pick


def _shared(path: Path, known: dict[tuple[Step, ...], tuple[Step, ...]]) -> Path:
    """The path with the steps of its filters identical (``is``) where they are equal."""
    filters = tuple(
        replace(one, steps=known.setdefault(one.steps, one.steps)) for one in path.filters
    )
    return replace(path, filters=filters)


def _forms(sitemap: SiteMap, dictionary: Dictionary, where: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for name, text in sitemap.forms.items():
        place = f"{where}: forms.{name}"
        if name not in dictionary.instruments:
            raise DeclarationError("is not a form of the dictionary", where=place)
        path = parse_form(text)
        if name == dictionary.root:
            if path != Path(PATIENT):
                raise DeclarationError(f'the patient\'s form is "{PATIENT}"', where=place)
        elif not dictionary.instruments[name].repeats:
            raise DeclarationError(
                "does not repeat: its elements are read from what is about the patient",
                where=place,
                hint="leave it out of forms",
            )
        elif path.resource == PATIENT:
            raise DeclarationError("a patient is no instance of a repeating form", where=place)
        else:
            found[name] = path
    return found


def _check_key(given: ElementMap, place: str) -> None:
    if given.from_ != f"{PATIENT}.id" or given.recode:
        raise DeclarationError(
            f"the record is the patient's id: write from: {PATIENT}.id, or leave it out",
            where=place,
        )


def _check_number(number: Number, form: str, forms: dict[str, Path], place: str) -> None:
    wanted = form if number.form is None else number.form
    if wanted not in forms:
        raise DeclarationError(
            f'number() counts the instances of a repeating form; forms lists no "{wanted}"',
            where=f"{place}.from",
        )
    if number.form == form:
        raise DeclarationError("write number() for the own number", where=f"{place}.from")


def _field(
    index: int, name: str, element: Element, given: ElementMap, form: str, place: str
) -> Field:
    column = str(given.from_)
    if column != column.strip():
        raise DeclarationError("has blanks around the path", where=f"{place}.from")
    source = parse_from(column)
    if element.type == "multi" and given.split is None:
        raise DeclarationError(
            "may have several values", where=place, hint='add split: ";" to put them into one cell'
        )
    kind: Kind = "date" if element.type == "date" and given.format is None else "text"
    if not isinstance(source, Number):
        last = {path.steps[-1].name for path in source}
        if "data" in last:
            kind = "attachment"
        elif element.type in ("number", "integer"):
            kind = "number"
    unit = (given.unit or element.unit) if kind == "number" else None
    separator = given.split if element.type == "multi" else None
    return Field(index, column, form, name, source, kind, unit, separator, given.pick or "latest")
