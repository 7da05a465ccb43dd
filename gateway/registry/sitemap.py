"""The site map: which column of a source file is which element, and in which spelling.

::

    source: table                    # or redcap: rows that name form and instance
    dictionary: sarcoma_v1
    rows: [patient, tumor]           # plain tables: the forms that one row feeds
    elements:
      dx_date:     {from: date_of_dx, format: "%m/%d/%Y"}
      grade:       {from: fnclcc, recode: {I: 1, II: 2}}
      size_max_cm: {from: size_mm, unit: mm}
      tumor_seq:   {const: 1}
    missing: {codes: ["-999", "NASK"]}
    ignore: [exported_by]
    absent: [margin_r]               # required by the dictionary; this export has no such column
    labels: true                     # a REDCap export of labels ("Female"), not raw data (2)

    source: fhir                     # FHIR R4 resources: each form has one that is its instance
    forms: {patient: Patient, tumor: "Condition[category.coding.code=problem-list-item]"}
    elements:
      dob:   {from: Patient.birthDate}    # paths: see gateway.registry.sources.fhir.path

An element that is not listed is read from the column of its own name. A column that nothing
reads is an error unless ``ignore`` lists it: a misspelt name must not lose data silently. So is
a required element without a column, unless ``absent`` lists it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import Field as Declared
from pydantic import field_validator, model_validator

from gateway.registry.sources.fhir.path import PathError, parse_form, parse_from
from policies.decode import Declaration
from policies.dictionary import Dictionary, Element
from policies.dictionary.model import Slug
from policies.errors import DeclarationError

__all__ = [
    "Cell",
    "ElementMap",
    "Missing",
    "SiteMap",
    "bind",
    "conversion",
    "redcap_code",
    "related_units",
]

Constant = str | int | float | bool
EPIC_DAYS = "epic days"
"""The date format of SmartData: days since 1840-12-31."""
_RATIOS: dict[str, dict[str, tuple[int, int]]] = {
    "length": {"mm": (1, 10), "cm": (1, 1), "m": (100, 1), "in": (254, 100), "ft": (3048, 100)},
    "mass": {"g": (1, 1000), "kg": (1, 1), "lb": (45_359_237, 100_000_000)},
    "volume": {"ml": (1, 1), "dl": (100, 1), "l": (1000, 1)},
    "time": {"min": (1, 1440), "h": (1, 24), "days": (1, 1), "weeks": (7, 1)},
    "share": {"percent": (1, 1), "fraction": (100, 1)},
    "dose": {"cGy": (1, 100), "Gy": (1, 1), "mGy": (1, 1000)},
}
"""Units by quantity, each as a ratio to the quantity's own unit: integers, so that 83 mm are
8.3 cm and not 8.3000000000000007."""


def redcap_code(code: str) -> str:
    """A choice's code as REDCap writes it in the name of a box's column."""
    return re.sub(r"[^a-z0-9_]", "_", code.lower())


def conversion(given: str, wanted: str) -> tuple[int, int] | None:
    """``(a, b)`` so that a number in ``given`` times a / b is in ``wanted``; None if unrelated."""
    for ratios in _RATIOS.values():
        if given in ratios and wanted in ratios:
            (a, b), (c, d) = ratios[given], ratios[wanted]
            return a * d, b * c
    return None


def related_units(wanted: str) -> tuple[str, ...]:
    """Units that numbers in ``wanted`` may be given in, itself among them; none if unknown."""
    return next((tuple(ratios) for ratios in _RATIOS.values() if wanted in ratios), ())


class ElementMap(Declaration):
    """Where one element comes from. ``pick``: of several values that FHIR resources give for one
    cell, the latest (the default), the first or the largest.

    ``from`` names a column (for an element with several choices: the stem of its
    ``stem___code`` columns, or one column that ``split`` cuts into codes); ``const`` is the same
    value in every row. ``format`` is a strptime format, ``unit`` the unit in the file,
    ``recode`` maps the file's values to choice codes (null: missing); values that it does not
    list pass unchanged.
    """

    from_: str | None = Declared(default=None, alias="from", min_length=1)
    const: Constant | None = None
    format: str | None = Declared(default=None, min_length=2)
    recode: dict[str, Constant | None] = Declared(default_factory=dict)
    unit: str | None = None
    decimal: Literal[".", ","] | None = None
    split: str | None = Declared(default=None, min_length=1, max_length=3)
    ignore_case: bool = False
    pick: Literal["latest", "first", "max"] | None = None

    @field_validator("format")
    @classmethod
    def _readable(cls, given: str | None) -> str | None:
        if given is not None and given != EPIC_DAYS:
            rest = re.sub(r"%-?[YmdybBjHIMSfp]", "", given)
            if "%" in rest or rest == given:
                raise ValueError(
                    "a date format is made of %Y %m %d %y %b %B %j %H %I %M %S %f %p, "
                    f'or is "{EPIC_DAYS}"'
                )
        return given

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.from_ is None) == (self.const is None):
            raise ValueError("give exactly one of from and const")
        return self


class Missing(Declaration):
    """The project's missing-data codes: they may stand in any field and mean 'asked, not known'.

    Without them, those that the source itself says are used (REDCap's API, ODM).
    """

    codes: tuple[str, ...] = ()


class SiteMap(Declaration):
    """How to read one kind of export of one site; see the module's example.

    ``source`` says how rows are to be read, not which file format they are in: any format may hold
    a plain table, or rows as REDCap exports them.

    ``rows`` lists the forms that one row of a plain table feeds (REDCap exports say it
    themselves). ``others: none`` reads the listed elements only. ``delimiter`` and ``source``
    are recognised from the file where they are not given. ``forms`` says for FHIR which resource
    is an instance of which form; the ``from`` of its elements are paths. ``labels``: whether a
    REDCap export holds labels in place of codes. Where it is not given, one that holds a label is
    refused; with ``false`` a label is a wrong cell.
    """

    source: Literal["redcap", "table", "csv", "fhir"] | None = None
    dictionary: Slug
    rows: tuple[Slug, ...] = ()
    forms: dict[Slug, str] = Declared(default_factory=dict)
    elements: Literal["same"] | dict[Slug, ElementMap] = Declared(default_factory=dict)
    others: Literal["same", "none"] = "same"
    missing: Missing = Missing()
    ignore: tuple[str, ...] = ()
    ignore_unmapped: bool = False
    absent: tuple[Slug, ...] = ()
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    sheet: str | None = Declared(default=None, description="of a workbook with several")
    decimal: Literal[".", ","] = "."
    labels: bool | None = None
    encoding: str = "utf-8"

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, name: str) -> str:
        try:
            "".encode(name)
        except LookupError:
            raise ValueError("unknown encoding") from None
        return name

    @model_validator(mode="after")
    def _paths(self) -> Self:
        if self.source != "fhir":
            if self.forms or any(given.pick for given in self.maps.values()):
                wrong = "forms belongs" if self.forms else "pick belongs"
                raise ValueError(f"{wrong} to maps with source: fhir")
            return self
        if not self.forms or not self.maps:
            raise ValueError("a map with source: fhir needs forms and elements")
        if self.rows:
            raise ValueError("rows belongs to plain tables; FHIR has forms")
        place = ""
        try:
            for name, text in self.forms.items():
                place = f"forms.{name}"
                parse_form(text)
            for name, given in self.maps.items():
                place = f"elements.{name}.from"
                if given.from_ is not None:
                    parse_from(given.from_)
        except PathError as error:
            raise ValueError(f"{place}: {error}") from None
        return self

    @property
    def shape(self) -> Literal["redcap", "table"] | None:
        """``source`` as the way rows make up forms; FHIR's readers say it themselves."""
        if self.source == "fhir":
            return None
        return "table" if self.source == "csv" else self.source

    @property
    def maps(self) -> Mapping[str, ElementMap]:
        """The elements that are listed."""
        return {} if isinstance(self.elements, str) else self.elements


@dataclass(frozen=True)
class Cell:
    """One column of a form's table: what it holds and where its text comes from.

    ``name`` is the table column (``race___1`` for a choice of ``race``, whose ``code`` is 1);
    ``column`` the index of the file's column, None for a constant.
    """

    name: str
    element: str
    declared: Element
    map: ElementMap
    column: int | None
    code: str | None = None


def bind(
    sitemap: SiteMap,
    dictionary: Dictionary,
    header: Sequence[str],
    *,
    where: str,
    file: str = "the file",
    known: frozenset[str] = frozenset(),
) -> tuple[Cell, ...]:
    """Every element's cells in ``file`` with that header. ``known`` are columns of the format
    itself. DeclarationError (``where`` names the map) for what does not fit.
    """
    if sitemap.dictionary != dictionary.dictionary:
        raise DeclarationError(
            f'is for dictionary "{sitemap.dictionary}", this site uses "{dictionary.dictionary}"',
            where=where,
        )
    for name in sitemap.absent:
        if name not in dictionary.elements:
            raise DeclarationError(
                f'"{name}" is not an element of the dictionary', where=f"{where}: absent"
            )
    at = {name: i for i, name in enumerate(header)}
    cells: list[Cell] = []
    for name, given in sitemap.maps.items():
        place = f"{where}: elements.{name}"
        if name not in dictionary.elements:
            raise DeclarationError("is not an element of the dictionary", where=place)
        _check_map(dictionary.elements[name], given, place)
        found = _cells(name, dictionary.elements[name], given, at)
        if not found:
            raise DeclarationError(f'row 1 of {file} has no column "{given.from_}"', where=place)
        cells += found
    if sitemap.others == "same":
        for name, element in dictionary.elements.items():
            if name not in sitemap.maps:
                cells += _cells(name, element, ElementMap.model_validate({"from": name}), at)
    if all(cell.element != dictionary.key for cell in cells):
        raise DeclarationError(
            f'row 1 of {file} has no column for the key element "{dictionary.key}"',
            where=f"{where}: elements",
        )
    read = {header[cell.column] for cell in cells if cell.column is not None}
    read |= known | set(sitemap.ignore)
    spare = [column for column in header if column not in read]
    if spare and not sitemap.ignore_unmapped:
        listed = ", ".join(f'"{column}"' for column in spare[:10])
        more = f" and {len(spare) - 10} more" if len(spare) > 10 else ""
        raise DeclarationError(
            f"nothing reads the columns {listed}{more} in row 1 of {file}",
            where=f"{where}: ignore",
            hint="map them, list them under ignore, or set ignore_unmapped: true",
        )
    return tuple(cells)


def _check_map(element: Element, given: ElementMap, where: str) -> None:
    if given.format is not None and element.type != "date":
        raise DeclarationError("format belongs to dates", where=where)
    if given.split is not None and element.type != "multi":
        raise DeclarationError("split belongs to elements with several choices", where=where)
    if given.unit is not None and (
        element.unit is None or conversion(given.unit, element.unit) is None
    ):
        raise DeclarationError(
            f'cannot convert "{given.unit}" to the element\'s unit "{element.unit or "none"}"',
            where=f"{where}.unit",
        )
    for target in given.recode.values():
        if element.choices and target is not None and str(target) not in element.choices:
            raise DeclarationError(f'"{target}" is not a choice', where=f"{where}.recode")
    if element.choices and given.const is not None and str(given.const) not in element.choices:
        raise DeclarationError(f'"{given.const}" is not a choice', where=f"{where}.const")


def _cells(name: str, element: Element, given: ElementMap, at: Mapping[str, int]) -> list[Cell]:
    if element.type != "multi":
        if given.from_ is not None and given.from_ not in at:
            return []
        column = None if given.from_ is None else at[given.from_]
        return [Cell(name, name, element, given, column)]
    split = given.split is not None or given.from_ is None
    cells = []
    for code in element.choices:
        source = given.from_ if split else f"{given.from_}___{code}"
        column = None if source is None else at.get(source, -1)
        if column == -1:
            boxed = redcap_code(code)
            if [c for c in element.choices if redcap_code(c) == boxed] == [code]:
                column = at.get(f"{given.from_}___{boxed}", -1)
        if column != -1:
            cells.append(Cell(f"{name}___{code}", name, element, given, column, code))
    return cells
