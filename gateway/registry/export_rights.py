"""What an export does not hold, and which of REDCap's export rights explains that.

REDCap strips fields silently. "Remove All Identifier Fields" takes those tagged as identifiers;
"De-Identified" also takes notes, texts without validation and dates; "No Access" to a form takes
all of it. An element that nobody exported looks like one that nobody answered, so its absence is
told in every load until it returns, or the site map lists it under ``absent``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from gateway.registry.sitemap import Cell, SiteMap
from gateway.registry.sources.about import About, Trait
from policies.dictionary import Dictionary

__all__ = [
    "dictionary_traits",
    "likely_right",
    "metadata_traits",
    "vanished",
    "vanished_warnings",
]

_LISTED_MAX = 12
_DATES = ("date_", "datetime_")


def dictionary_traits(dictionary: Dictionary) -> tuple[Trait, ...]:
    """The elements that a person enters, but for the key. Only validated text has a pattern."""
    found = []
    for name, element in dictionary.elements.items():
        if name == dictionary.key or element.derived:
            continue
        kind: Any = element.type if element.type in ("note", "date", "text") else "other"
        if kind == "text" and element.pattern is not None:
            kind = "other"
        found.append(Trait(name, element.instrument, element.identifier, kind))
    return tuple(found)


def metadata_traits(metadata: Sequence[Mapping[str, Any]]) -> tuple[Trait, ...]:
    """The fields that hold data, but for the key, which comes first."""
    found = []
    for row in metadata[1:]:
        field_type = row.get("field_type")
        validation = str(row.get("text_validation_type_or_show_slider_number") or "")
        if field_type == "descriptive":
            continue
        kind: Any = "other"
        if field_type == "notes":
            kind = "note"
        elif field_type == "text":
            kind = "date" if validation.startswith(_DATES) else "other" if validation else "text"
        tagged = row.get("identifier") == "y"
        found.append(Trait(str(row["field_name"]), str(row.get("form_name") or ""), tagged, kind))
    return tuple(found)


def likely_right(traits: Iterable[Trait], missing: Collection[str], who: str) -> str | None:
    """The export right of ``who`` that takes exactly the fields ``missing``; None if none does."""
    known = list(traits)
    gone = [trait for trait in known if trait.name in missing]
    present = {trait.form for trait in known if trait.name not in missing}
    forms = list(dict.fromkeys(trait.form for trait in gone if trait.form not in present))
    said = []
    rest = {trait.name for trait in gone if trait.form in present}
    right = _right(rest, [trait for trait in known if trait.form in present])
    if right:
        said.append(f"exactly the {right[0]} are missing: {who} may export {right[1]} only")
    elif rest:
        return None
    if forms:
        word = "form" if len(forms) == 1 else "forms"
        said.append(f"nothing of the {word} {_and(forms)} is there: {who} may have no access to it")
    return "; ".join(said) or None


def _right(missing: set[str], known: Sequence[Trait]) -> tuple[str, str] | None:
    """What is missing as people call it, and what the right leaves; None where it is no right's.

    A kind of field is taken as a whole or not at all, but for free texts, which the dictionary
    may not tell from validated ones.
    """
    parts = {
        "identifiers": {t.name for t in known if t.identifier},
        "notes": {t.name for t in known if t.kind == "note"},
        "dates": {t.name for t in known if t.kind == "date"},
    }
    tagged = parts["identifiers"]
    own = {name: names - tagged or names for name, names in parts.items()}
    own["identifiers"] = tagged
    named = [name for name, names in own.items() if names and names <= missing]
    texts = {t.name for t in known if t.kind == "text"}
    if not named or not missing <= texts.union(*(parts[name] for name in named)):
        return None
    if "identifiers" in named and missing <= tagged:
        return "identifiers", "without identifiers"
    if missing - set().union(*(parts[name] for name in named)):
        named.append("free texts")
    return _and(named), "de-identified data"


def vanished(
    dictionary: Dictionary, sitemap: SiteMap, cells: Sequence[Cell]
) -> tuple[tuple[str, ...], tuple[Trait, ...]]:
    """The elements that the source does not hold and that the map does not list as absent, and
    those that were looked for.
    """
    if sitemap.others == "none":
        return (), ()
    given = {cell.element for cell in cells}
    sought = tuple(t for t in dictionary_traits(dictionary) if t.name not in sitemap.absent)
    return tuple(t.name for t in sought if t.name not in given), sought


def vanished_warnings(
    about: About, names: Sequence[str], sought: Sequence[Trait], *, noted: bool
) -> tuple[str, ...]:
    """What to tell of the elements ``names`` that are not there, and of what was withheld.

    ``noted``: the source has notes, which are searched for what identifies their patient.
    """
    said = []
    if about.withheld:
        right = likely_right(about.project, about.withheld, "this token")
        said.append(
            f"the export does not hold {_listed(about.withheld, 'field')} of the project"
            f"{f': {right}' if right else ': the export right of this token takes them out'}. "
            f'Ask for the export right "Full Data Set"'
        )
    project = {trait.name for trait in about.project}
    rest = [name for name in names if name not in set(about.withheld)]
    if rest:
        right = None
        if not project:
            right = likely_right(sought, rest, "who made this export")
        where = "project" if project else "export"
        them = "it" if len(rest) == 1 else "them"
        answered = f", or no record answers {them}" if about.sparse else ""
        said.append(
            f"{_listed(rest, 'element')} of the dictionary {'is' if len(rest) == 1 else 'are'} "
            f"not in this {where}{answered}{f'. Likely: {right}' if right else ''}. "
            f"If that is meant, list {them} under `absent` in the site map"
        )
    gone = {trait.name for trait in sought if trait.identifier} & set(names)
    if noted and gone:
        said.append(
            "notes are searched without the identifiers that are not there, so more names may "
            "stay in them: load with --no-notes, or with these fields"
        )
    return tuple(said)


def _listed(names: Sequence[str], what: str) -> str:
    more = f" and {len(names) - _LISTED_MAX} more" if len(names) > _LISTED_MAX else ""
    count = f"1 {what}" if len(names) == 1 else f"{len(names)} {what}s"
    return f"{count} ({', '.join(names[:_LISTED_MAX])}{more})"


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
