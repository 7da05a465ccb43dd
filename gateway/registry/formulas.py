"""What a spreadsheet would run, and how it does not: one rule for every file of the registry.

A spreadsheet takes a cell that begins with ``= + - @``, a tab or a line break for a formula, and a
record's name or a field of a hospital's own may begin so. By kind of file:

* files that people read (lists, worklists, codebooks): such a cell gets an apostrophe before it;
* lists that people open and commands read back (``fixlist.csv``, ``refused.csv``,
  ``duplicates.csv``): the same, and an apostrophe that was there gets a second, so that
  :func:`bare` gives the text back exactly;
* files that REDCap imports: an apostrophe would name another record, so a row with such a cell is
  left out of a CSV and counted; in a workbook cells are typed as text, which nothing runs;
* tables for statistics programs (extracts): as they are, since a program would read the
  apostrophe as data.

A negative number ("-5") is no formula and stays usable everywhere.
"""

from __future__ import annotations

import re

from gateway.registry.bench import literal

__all__ = [
    "bare",
    "bare_sql",
    "guarded",
    "guarded_sql",
    "harmless",
    "is_formula",
    "is_formula_sql",
    "unprintable_sql",
]

_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f"
# The wide signs are those that spreadsheets in East Asian languages take for the plain ones.
_FORMULA = f"^[ \u00a0\ufeff{_CONTROL}]*[=+\\-@\\t\\r\\n＝＋－＠]"
_NUMBER = "-[0-9]+([.,][0-9]+)?"
"""Both are read alike by Python and by the workbench's engine."""
_NEITHER = re.compile(f"[{_CONTROL}]")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run the text; blanks before the sign do not hinder it."""
    return re.search(_FORMULA, text) is not None and re.fullmatch(_NUMBER, text) is None


def harmless(text: str) -> str:
    """The text for people to read: nothing runs it, and it has no control characters."""
    clean = _NEITHER.sub("", text)
    return f"'{clean}" if is_formula(clean) else clean


def guarded(text: str) -> str:
    """The text for a list that is read back: nothing runs it, and :func:`bare` undoes it."""
    return f"'{text}" if text.startswith("'") or is_formula(text) else text


def bare(text: str) -> str:
    """What :func:`guarded` was given."""
    return text.removeprefix("'")


def is_formula_sql(column: str) -> str:
    """SQL: as :func:`is_formula`; NULL is none."""
    return (
        f"coalesce(regexp_matches({column}, {literal(_FORMULA)}) "
        f"AND NOT regexp_full_match({column}, {literal(_NUMBER)}), false)"
    )


def unprintable_sql(column: str) -> str:
    """SQL: whether the text has control characters, which a workbook cannot hold."""
    return f"coalesce(regexp_matches({column}, {literal(f'[{_CONTROL}]')}), false)"


def guarded_sql(column: str) -> str:
    """SQL: as :func:`guarded`."""
    runs = is_formula_sql(column)
    return (
        f"CASE WHEN starts_with({column}, '''') OR {runs} THEN '''' || {column} ELSE {column} END"
    )


def bare_sql(column: str) -> str:
    """SQL: as :func:`bare`."""
    return f"CASE WHEN starts_with({column}, '''') THEN substr({column}, 2) ELSE {column} END"
