"""When a SmartData value was written, as SQL: which of two is the later one decides what counts.

Times are ISO 8601, or as SQL Server, Oracle or a spreadsheet of the United States write them
(month first). A file gives the zone of every time or of none: between the two nobody can say which
came first, and a reader that dropped the zones would keep the older value in silence.
"""

from __future__ import annotations

from gateway.registry.bench import literal

__all__ = ["MIXED", "WRITTEN", "ZONED", "is_zoned", "likely", "written"]

_FORMS = (
    *("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M"),
    *("%m/%d/%Y", "%d-%b-%Y %H:%M:%S", "%d-%b-%Y", "%b %d %Y %I:%M%p"),
)
_ISO = r"\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2}(\.\d{1,9})?)?)?"
_ZONE = r" ?(Z|[+-][01]\d(:?[0-5]\d)?)"
_YEARS = (1900, 2200)

WRITTEN = "YYYY-MM-DD HH:MM:SS, MM/DD/YYYY HH:MM:SS (AM or PM), or DD-MON-YYYY HH:MM:SS"
"""What people are told of the forms."""
ZONED = "names its zone, and other times of the file name none"
MIXED = "names no zone, and other times of the file do"


def is_zoned(given: str) -> str:
    """SQL: whether the text of the column ``given`` is an ISO time with its offset from UTC."""
    return f"regexp_full_match({given}, {literal(_ISO + _ZONE)}) AND contains({given}, ':')"


def written(given: str) -> str:
    """SQL: the time that the text says, in UTC where it is zoned; NULL if it says none."""
    plain = f"CASE WHEN regexp_full_match({given}, {literal(_ISO)}) THEN {given} END"
    zone = f"regexp_extract({given}, {literal(_ZONE + '$')}, 1)"
    local = f"regexp_replace({given}, {literal(_ZONE + '$')}, '')"
    minutes = (
        f"CASE WHEN {zone} = 'Z' THEN 0 ELSE (CASE WHEN {zone}[1] = '-' THEN -1 ELSE 1 END) * "
        f"(CAST({zone}[2:3] AS INTEGER) * 60 + "
        f"coalesce(TRY_CAST(right(replace({zone}, ':', '')[4:], 2) AS INTEGER), 0)) END"
    )
    forms = ", ".join(literal(form) for form in _FORMS)
    # Without digits, the engine's parser takes words such as "infinity" for a time.
    one_blank = f"regexp_replace({given}, '\\s+', ' ', 'g')"
    spaced = f"CASE WHEN regexp_matches({given}, '\\d') THEN {one_blank} END"
    return (
        f"CASE WHEN {is_zoned(given)} "
        f"THEN TRY_CAST({local} AS TIMESTAMP) - to_minutes({minutes}) "
        f"ELSE coalesce(TRY_CAST({plain} AS TIMESTAMP), try_strptime({spaced}, [{forms}])) END"
    )


def likely(moment: str) -> str:
    """SQL: whether the column ``moment`` is a time in which somebody may have written a value; a
    year of two digits is none.
    """
    return f"year({moment}) BETWEEN {_YEARS[0]} AND {_YEARS[1]}"
