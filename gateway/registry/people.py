"""The real people of a load, whom no surrogate may name: patients, and who stands on their forms.

Which elements name a patient and which are numbers, the dictionary's ``identifier`` and ``hipaa``
hints say; identifying texts on other forms than the patient's own name staff.
"""

from __future__ import annotations

from collections.abc import Iterator

from deid.own.patient import Patient
from deid.site_lists import SiteLists
from gateway.registry.also_known import FAMILY, PER_RECORD, all_names, others
from gateway.registry.bench import Bench, quoted
from gateway.registry.forms import form_table
from gateway.registry.vault import Vault
from policies.dictionary import Dictionary

__all__ = ["met_lists"]

_NAMES = "A"
"""Letter of 45 CFR 164.514(b)(2)(i) as the dictionary's ``hipaa`` hints give it."""
_FETCHED_ROWS = 10_000


def met_lists(bench: Bench, dictionary: Dictionary, lists: SiteLists, vault: Vault) -> SiteLists:
    """The site's lists with the people of this load, whom the vault then knows too."""
    staff = [*lists.staff, *_people_on_forms(bench, dictionary)]
    return lists.heeding(vault.meet(_patients(bench, dictionary), staff))


def _patients(bench: Bench, dictionary: Dictionary) -> Iterator[Patient]:
    entered = dictionary.of(dictionary.root)
    known = [n for n, e in entered.items() if e.identifier and n != dictionary.key]
    texts = [name for name in known if entered[name].type != "date"]
    cells = "".join(f", CAST({quoted(name)} AS VARCHAR)" for name in texts)
    rows = bench.connection.cursor().execute(
        f"SELECT _record, _holds, _texts{cells} FROM {quoted(form_table(dictionary.root))} "
        f"LEFT JOIN {PER_RECORD} a USING (_record)"
    )
    while found := rows.fetchmany(_FETCHED_ROWS):
        for record, holds, known_texts, *values in found:
            own = [(n, v) for n, v in zip(texts, values, strict=True) if v]
            names = [v for n, v in own if entered[n].hipaa == _NAMES]
            numbers = [(n, v) for n, v in own if entered[n].hipaa != _NAMES]
            whole = [("name", names[0])] if len(names) == 1 else []
            also = list(zip(holds or (), known_texts or (), strict=True))
            family = all_names(names[-1] if len(names) > 1 else "", FAMILY, also)
            further = others(also, [value for _, value in own])
            yield Patient(record, last_name=family, other=(*whole, *numbers, *further))


def _people_on_forms(bench: Bench, dictionary: Dictionary) -> Iterator[str]:
    for name, element in dictionary.elements.items():
        if element.instrument == dictionary.root or not element.identifier:
            continue
        if element.type != "text":
            continue
        rows = bench.run(
            f"SELECT DISTINCT {quoted(name)} FROM {quoted(form_table(element.instrument))} "
            f"WHERE {quoted(name)} IS NOT NULL"
        )
        yield from (str(row[0]) for row in rows if not any(c.isdigit() for c in str(row[0])))
