"""The note engine for Spark: a function for ``DataFrame.mapInPandas``, for more than one machine.

::

    rules = profile("safe_harbor")
    people = people_of(keys, (row.asDict() for row in patients.toLocalIterator()), rules)
    clean = note_function(rules, keys, people)
    notes.join(patients, "patient_id", "left").mapInPandas(clean, OUTPUT_SCHEMA)

Each row in is a note beside what is known of its patient: ``note_id``, ``patient_id`` and ``text``
as strings, then the columns of a patients file (``first_name, last_name, mrn, birth_date`` and any
more; dates as strings or as dates). A **left** join, so that a note of an unknown patient is seen
and stops the job; an inner join would drop it in silence. Each row out is a line of ``osteon deid
notes``, to the letter: see :data:`OUTPUT_SCHEMA`. Rows keep their order within a partition.

People. No surrogate may be called like somebody of the site, so the whole table of patients is read
once on the driver; of each person some keyed fingerprints of 8 bytes are kept and travel.

Keys. The function is pickled and sent to the executors with all that it holds. Given
:class:`~deid.pseudonym.Keys`, these travel with it: then encrypt Spark's own traffic and files
(``spark.network.crypto.enabled``, ``spark.io.encryption.enabled``). Given a function that returns
keys, only that function travels, and each Python process calls it where it runs, for example to
open a vault on a volume that the executors mount. Keys are never in a row, a plan or a message.

Nothing here imports pyspark: the function takes and gives pandas frames.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from deid.dates.find import parse_date
from deid.errors import InputError
from deid.own.patient import Patient
from deid.pseudonym import Keys
from deid.runs.workers import Task, cleaned, line
from deid.site_lists import SiteLists
from deid.surrogates import RealPeople
from policies.profile import Profile

if TYPE_CHECKING:
    import pandas as pd

    from deid.notes import NoteEngine

__all__ = ["OUTPUT_SCHEMA", "note_function", "people_of"]

OUTPUT_SCHEMA = (
    "note_id string, patient_id string, text string, "
    "spans array<struct<start: int, end: int, category: string>>, withheld string"
)
"""``patient_id`` is the pseudonym; spans index the text that came in, in characters; ``text`` is
null where ``withheld`` says why."""

Frames = Iterator["pd.DataFrame"]
KeySource = Keys | Callable[[], Keys]
_NOTE = ("note_id", "patient_id", "text")
_PATIENT = ("first_name", "last_name", "mrn", "birth_date")
_ROWS = "rows of the note function"  # stands in messages where a file's name would


def people_of(
    keys: Keys,
    patients: Iterable[Mapping[str, Any]],
    profile: Profile,
    *,
    lists: SiteLists | None = None,
) -> RealPeople:
    """Everybody of the table of patients, and the staff of ``lists``: whom no surrogate may name.
    Rows as those of the note function, without the note. :class:`InputError` for a wrong one.
    """
    staff = lists.staff if lists is not None else ()
    return RealPeople.of(keys, (_patient(dict(row), profile) for row in patients), staff)


def note_function(
    profile: Profile, keys: KeySource, people: RealPeople, *, lists: SiteLists | None = None
) -> Callable[[Frames], Frames]:
    """The function for ``mapInPandas``; ``people`` from :func:`people_of`; ``lists`` are the
    site's own names.

    The model loads once in each Python process, at its first note. A row that is wrong stops the
    job with :class:`InputError`. Ids that stand twice are not looked for, and a withheld note is
    told by its reason only: it goes to no quarantine.
    """
    heeding = (lists if lists is not None else SiteLists()).heeding(people)
    return partial(_clean_frames, profile, keys, heeding)


def _clean_frames(profile: Profile, keys: KeySource, lists: SiteLists, frames: Frames) -> Frames:
    held = keys if isinstance(keys, Keys) else keys()
    for frame in frames:
        yield _clean_frame(frame, profile, held, lists)


def _clean_frame(
    frame: pd.DataFrame, profile: Profile, keys: Keys, lists: SiteLists
) -> pd.DataFrame:
    import pandas as pd

    for column in (*_NOTE, *_PATIENT):
        if column not in frame.columns:
            raise InputError("is missing", file=_ROWS, field=column)
    lines = []
    for row in frame.to_dict("records"):
        task = _task({str(key): value for key, value in row.items()}, profile)
        lines.append(line(cleaned(_engine(profile, keys, lists), task), keys))
    columns = ["note_id", "patient_id", "text", "spans", "withheld"]
    return pd.DataFrame(lines, columns=columns, dtype=object)


@lru_cache(maxsize=1)
def _engine(profile: Profile, keys: Keys, lists: SiteLists) -> NoteEngine:
    """Kept by the process, not by the function: Spark unpickles that anew for every task."""
    from deid.notes import NoteEngine

    return NoteEngine(profile, keys, lists=lists)


def _task(row: dict[str, Any], profile: Profile) -> Task:
    for column in _NOTE:
        if not isinstance(row[column], str):
            raise InputError("must be text", file=_ROWS, field=column)
        if column != "text" and not row[column].strip():
            raise InputError("is empty", file=_ROWS, field=column)
    return Task(row["note_id"], _patient(row, profile), row["text"])


def _patient(row: dict[str, Any], profile: Profile) -> Patient:
    cells = {key: _cell(value, key) for key, value in row.items() if key not in _NOTE}
    if not any(cells.get(column) for column in _PATIENT):
        raise InputError(
            "has no patient beside it",
            file=_ROWS,
            field="patient_id",
            hint="join the table of patients; it must hold every patient who has a note",
        )
    for column in ("birth_date", *profile.anchor_columns):
        value = cells.get(column, "").strip()
        if value and parse_date(value) is None:
            raise InputError("is not a date", file=_ROWS, field=column, hint="write YYYY-MM-DD")
    known = cells | {"patient_id": row["patient_id"].strip()}
    return Patient.from_row(known, profile.anchor_columns)


def _cell(value: Any, column: str) -> str:
    """The cell as a patients file would have it. No number: 00482913 would lose its zeros."""
    import pandas as pd

    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, date):  # a Timestamp is one too
        return f"{value:%Y-%m-%d}"
    if not isinstance(value, str):
        raise InputError("must be text or a date", file=_ROWS, field=column, hint="cast to string")
    return value
