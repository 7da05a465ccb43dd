"""What stands at a path of a resource, as text; and what is masked and stays so."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from gateway.registry.sitemap import conversion
from gateway.registry.sources.fhir.path import Condition, Step

__all__ = [
    "Unreadable",
    "attachments",
    "clean",
    "fulfils",
    "holds",
    "is_absent",
    "plain_values",
    "quantities",
    "texts",
]

_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_UNITS = {
    "mL": "ml",
    "dL": "dl",
    "L": "l",
    "[in_i]": "in",
    "[ft_i]": "ft",
    "[lb_av]": "lb",
    "lbs": "lb",
    "d": "days",
    "wk": "weeks",
    "%": "percent",
}
"""UCUM's units under the names of site maps."""
_CHARSETS = re.compile(r"(utf|ascii|iso8859|cp\d|mac|koi8|big5|gb|euc|shift)")
_ARRAY_MAX = 10_000


class Unreadable(Exception):
    """A value is there and is not what the map needs. The sentences go to the fix list."""

    def __init__(self, rule: str, says: str, fix: str) -> None:
        super().__init__(says)
        self.rule, self.says, self.fix = rule, says, fix


def is_absent(node: Any, *, masked: bool = False) -> bool:
    """Whether ``node`` says of itself that its value is withheld (``masked``: for privacy)."""
    extensions = node.get("extension") if isinstance(node, dict) else None
    return isinstance(extensions, list) and any(
        isinstance(one, dict)
        and one.get("url") == _ABSENT
        and (not masked or one.get("valueCode") == "masked")
        for one in extensions
    )


def clean(text: str) -> str:
    """Text that a table can hold: JSON allows halves of characters."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _children(node: Mapping[str, Any], step: Step) -> list[Any]:
    """What is in a field, without what is absent. Most of a load's time goes by here."""
    found = node.get(step.name)
    if found is None:
        return []
    several = found if isinstance(found, list) else [found]
    about = node.get(f"_{step.name}")
    if about is not None:
        beside = about if isinstance(about, list) else [about] * len(several)
        pairs = zip_longest(several, beside[: len(several)])
        several = [child for child, said in pairs if not is_absent(said)]
    kept = [
        child
        for child in several
        if child is not None
        and not (isinstance(child, dict) and "extension" in child and is_absent(child))
    ]
    if step.filters:
        return [child for child in kept if fulfils(child, step.filters)]
    return kept


def _walk(node: Any, steps: Sequence[Step]) -> list[Any]:
    """What is at the end of the steps, in order."""
    nodes = [node]
    for step in steps:
        nodes = [child for one in nodes if isinstance(one, dict) for child in _children(one, step)]
        if not nodes:
            break
    return nodes


def plain_values(node: Any, steps: Sequence[Step]) -> list[str | None]:
    """The values at the end of the steps; None for a part that is no single value."""
    return [_plain(value) for value in _walk(node, steps)]


def fulfils(node: Any, filters: Sequence[Condition]) -> bool:
    """Whether every condition holds for a resource or a part of one."""
    return all(holds(one, plain_values(node, one.steps)) for one in filters)


def holds(condition: Condition, found: Sequence[str | None]) -> bool:
    """Whether the condition holds where its steps lead to these values."""
    if not condition.values:
        return bool(found)
    return any(value in condition.values for value in found) == condition.equal


def _plain(value: Any) -> str | None:
    if isinstance(value, str):
        return clean(value)
    match value:
        case bool():
            return "true" if value else "false"
        case int() | Decimal():
            return str(value)
        case _:
            return None


def texts(resource: Mapping[str, Any], steps: Sequence[Step]) -> Iterator[str]:
    """Every value at the end of the steps, in order. Unreadable for a part that is no value."""
    for count, value in enumerate(_walk(resource, steps)):
        text = _plain(value)
        if text is None or count >= _ARRAY_MAX:
            raise Unreadable(
                "type", "is no single value in this resource", "let the path go on to a value"
            )
        yield text


def quantities(
    resource: Mapping[str, Any], steps: Sequence[Step], wanted: str | None
) -> Iterator[str]:
    """As :func:`texts` for a path to a number. The value of a Quantity comes in the unit
    ``wanted``, where it states one; a bound (less than 5) is no number.
    """
    if steps[-1].name != "value":
        yield from texts(resource, steps)
        return
    for parent in _walk(resource, steps[:-1]):
        if not isinstance(parent, dict):
            continue
        unit = parent.get("code") or parent.get("unit")
        if parent.get("comparator") is not None:
            raise Unreadable("type", "is a bound and not a number", "enter the number if known")
        for text in texts(parent, steps[-1:]):
            if wanted is None or not isinstance(unit, str):
                yield text
            else:
                yield _converted(text, _UNITS.get(unit, unit), _UNITS.get(wanted, wanted))


def _converted(text: str, unit: str, wanted: str) -> str:
    if unit == wanted:
        return text
    ratio = conversion(unit, wanted)
    if ratio is None:
        raise Unreadable(
            "type", f"is not in {wanted} or a unit that can be converted", "correct the unit"
        )
    try:
        return str(Decimal(text) * ratio[0] / ratio[1])
    except ArithmeticError:
        return text  # no number: the dictionary says so


def attachments(resource: Mapping[str, Any], steps: Sequence[Step]) -> Iterator[str]:
    """Texts of the attachments whose ``data`` the path ends in: those that are plain text.

    A document often comes in several formats. Unreadable if it has attachments and none of them
    is plain text inside the resource.
    """
    fault: Unreadable | None = None
    found = False
    for attachment in _walk(resource, steps[:-1]):
        try:
            text = _decoded(attachment) if isinstance(attachment, dict) else None
        except Unreadable as unreadable:
            fault = fault or unreadable
            continue
        if text is not None:
            found = True
            yield text
    if fault is not None and not found:
        raise fault


def _decoded(attachment: Mapping[str, Any]) -> str | None:
    kind, _, rest = str(attachment.get("contentType", "")).partition(";")
    data = attachment.get("data")
    if kind.strip().lower() != "text/plain":
        if data is None and "url" not in attachment:
            return None
        raise Unreadable(
            "attachment",
            "is an attachment that is not plain text (text/plain); it was not read",
            "export the note as plain text",
        )
    if is_absent(attachment.get("_data")):
        return None
    if not isinstance(data, str):
        if "url" not in attachment:
            return None
        raise Unreadable(
            "attachment",
            "is an attachment that the export only links to; it was not read",
            "export notes with their text inside (attachment.data)",
        )
    charset = "utf-8"
    for option in rest.split(";"):
        name, _, value = option.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip("\"'")
    try:
        # Python's codecs are also compression and escapes; no note is written in those.
        known = _CHARSETS.match(codecs.lookup(charset).name) is not None
        text = base64.b64decode("".join(data.split()), validate=True).decode(
            charset if known else "ascii"
        )
        return clean(text)
    except (binascii.Error, LookupError, UnicodeError, ValueError):
        raise Unreadable(
            "attachment",
            "is an attachment whose base64 or character set is damaged; it was not read",
            "export the note again",
        ) from None
