"""Does a REDCap export hold labels in place of codes? Then the draft says ``labels: true``, and no
recode repeats what the dictionary knows.

The draft may judge by the cells, which a load must not (sources/labels.py): a person reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from gateway.registry.sources.labels import same_label
from gateway.registry.suggest.assign import Choice
from policies.dictionary import Dictionary

__all__ = ["holds_labels", "only_labels"]


def only_labels(values: Mapping[str, int], choices: Mapping[str, str]) -> bool:
    """Is every value a label of exactly one choice, as ``labels: true`` reads it?"""
    labels = [same_label(label) for label in choices.values()]
    once = {label for label in labels if labels.count(label) == 1}
    return bool(values) and all(same_label(value) in once for value in values)


def holds_labels(choices: Sequence[Choice], dictionary: Dictionary) -> bool:
    """Whether choices or forms are called by labels that are no codes, and none by a code that is
    no label: with ``labels: true`` such a file would be refused.
    """
    forms = {name: form.label for name, form in dictionary.instruments.items()}
    said = [_said((form for form in c.column.forms if form), forms) for c in choices]
    for choice in choices:
        element = dictionary.elements.get(choice.element or "")
        if element is None or not element.choices:
            continue
        if element.type == "category":
            said.append(_said(choice.column.values, element.choices))
        elif element.type == "multi":
            ticks = choice.column.ticks - {"0", "1"}
            said.append(_said(ticks, element.choices))
    return any(labels for labels, _ in said) and not any(codes for _, codes in said)


def _said(values: Iterable[str], choices: Mapping[str, str]) -> tuple[bool, bool]:
    """Is any of the values a label and no code, and any a code and no label?"""
    spoken = {same_label(label) for label in choices.values()}
    told = {(same_label(value) in spoken, value in choices) for value in values}
    return (True, False) in told, (False, True) in told
