"""Places smaller than a state: street addresses, "City, ST 12345", P.O. boxes, residence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deid.eponyms import is_clinical, lexicon
from deid.recognizers.name_grammar import CREDENTIAL
from deid.scan import AtWords, Group, at_words, beside
from deid.span import Span
from deid.vocabulary import any_cue, cues, fold, is_word, known_names, known_places

__all__ = ["find_addresses"]

# "0745 Rec'd pt" is a patient, "12 Heron Pt" a point.
_SUFFIX = rf"(?:(?!PT\b|pt\b|PATH\b)(?i:{any_cue('street_suffixes')}))\b\.?"
_STATE = rf"(?:{any_cue('state_codes')}\b|[A-Z]\.[ ]?[A-Z]\.(?=[\s,]|$)|{any_cue('states')})"
_WORD = r"[A-Z0-9À-ÖØ-Þ][\w'’\-]{0,40}\.?"
# A full stop ends the sentence, unless it is inside or shortens: "Tarrow. Both", "St. Paul".
_CAPITALISED = (
    r"[A-ZÀ-ÖØ-Þ](?:[\w'’\-]|\.(?=[\w,])|\.(?=[ \t]?[a-z,\d]|\n|$)"
    r"|(?<=\b[A-Z])\.|(?<=\b(?:St|Mt|Ft|Pt|ST|MT|FT))\.|(?<=\bSte)\.){0,40}"
)
_CITY = rf"{_CAPITALISED}(?:[ \t]{_CAPITALISED}){{0,3}}"
_ZIP = r"\d{5}(?:-\d{4})?"
_UNIT = (
    r"(?:,?\s{1,2}(?i:apt|apartment|unit|suite|ste|floor|fl|room|rm|bldg|building|lot"
    r"|#)\.?\s?#?\s?[A-Za-z0-9\-]{1,6}|,?\s#\s?\w{1,5})?"
)
_TAIL = (
    rf"(?:\s?,?\s{{1,2}}{_CITY}\s?,?\s{{1,2}}{_STATE}(?:\s?,?\s{{1,2}}{_ZIP})?)?"
    rf"(?:\s?,?\s{{1,2}}(?:USA|U\.S\.A\.|United States))?"
)
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        (
            # The digit comes first: re finds it fast.
            rf"\d(?<![\w.\-/]\d)(?:(?<=[1-9])\d{{0,3}}[A-Za-z]?/(?=[1-9])\d{{1,6}}|\d{{0,5}})"
            rf"[A-Za-z]?(?:-\d+|\s1/2|\s?[½¼¾])?\s{{1,2}}(?:(?:[NSEW]|NE|NW|SE|SW"
            rf"|North|South|East|West)\.?\s)?"
            rf"(?:{_WORD}[ \t]){{1,4}}?{_SUFFIX}"
            # "Juniper Ridge Road", "County Road 12 Terrace": a suffix can be part of the name
            rf"(?:[ \t](?:\d{{1,4}}[ \t])?{_SUFFIX}){{0,2}}(?:\s(?:[NSEW]|NE|NW|SE"
            rf"|SW)\b\.?)?{_UNIT}{_TAIL}(?:\s{_ZIP})?"
        ),
        # a house on a street named by its quarter: "3300 N Ashland, 2nd floor"
        (
            r"\d(?<![\w.\-/]\d)\d{1,4}\s[NSEW]\.?\s(?:[A-Z][a-z]{3,}|[A-Z]{4,})"
            r"(?:,\s(?i:\d{1,2}(?:st|nd|rd|th)\sfloor))?"
        ),
    )
)
_CITY_STATE_ZIP = re.compile(
    rf"(?<![\w.\-])(?P<city>{_CITY})\s?,\s{{1,2}}{_STATE},?\s{{1,2}}{_ZIP}(?![\w\-])"
)
# Boxes, numbered roads, rural mail.
_BOX = re.compile(
    rf"(?<![\w.\-/])(?i:p\.?\s?o\.?\s?box|post office box|rural route)\s#?\d{{1,6}}{_TAIL}"
    # "RR 16" alone is a rate of breathing
    rf"|(?<![\w.\-/])(?i:rr)\s#?\d{{1,3}},\s{{1,2}}{_CITY},?\s{{1,2}}{_STATE}(?:\s{{1,2}}{_ZIP})?"
)
_ROAD = re.compile(
    rf"(?<![\w.\-/])(?i:highway|hwy|route|county road|cr"
    rf"|state road)\s\d{{1,5}}(?=,\s[A-Z]){_TAIL}"
)
_RURAL = re.compile(
    rf"(?<![\w.\-/])(?:HC|RR|Star Route)\s\d{{1,4}},?\s(?i:box)\s\d{{1,5}}"
    rf"(?:\s?,\s{{1,2}}{_CITY}\s{{1,2}}(?:{_STATE}\s{{1,2}})?{_ZIP})?"
)
# A street without a house: "the pharmacy on Memorial Drive".
_STREET = re.compile(
    r"\b(?i:on|at|near|off|along|down)\s(?:the\s)?"
    rf"(?P<core>{_CAPITALISED}(?:[ \t]{_CAPITALISED}){{0,2}}?"
    r"[ \t](?i:street|avenue|ave|road|rd|drive|lane|boulevard|blvd|highway|hwy|parkway|pkwy)\b\.?)"
)
_ZIP_CODES = re.compile(
    r"(?i:\b(?:zip(?:[ \t]?codes?|s)?|post(?:al)?[ \t]?codes?)(?![A-Za-z])[ \t]{0,5}"
    r"(?:is|are|of)?[ \t]{0,5}[:#]?[ \t]{0,5})"
    r"(?P<list>\d{4,6}(?:-\d{4})?(?!\d)(?:[ \t]?(?:,|and|or|&|/)[ \t]?(?:and[ \t])?\d{5}(?:-\d{4})?"
    r"(?![\w-])){0,9})"
)
_ONE_ZIP = re.compile(r"\d{4,6}(?:-\d{4})?")
# "Minneapolis MN 55401": without the comma, what stands before the state must be a town's words.
_NO_TOWN = (
    r"(?!(?i:to|in|from|at|of|near|and|the|is|was|his|her|address|home|lives|living|resides|residing"
    r"|moved)\b)"
)
_TOWN_WORD = rf"{_NO_TOWN}{_CAPITALISED}"
_TOWN_STATE_ZIP = re.compile(
    rf"(?<![\w.\-/])(?:(?P<city>{_TOWN_WORD}(?:[ \t]{_TOWN_WORD}){{0,3}}?)[ \t]{{1,2}})?"
    rf"(?P<state>{any_cue('state_codes')}|{any_cue('states')}),?[ \t\n]{{1,2}}(?P<zip>{_ZIP})"
    r"(?![\w\-]|[.,]\d|[ \t]?(?:units?|mg|mcg|m[lL]|IU|cells|copies|steps)\b)"
)
_STATES_OF_ZIP = tuple(
    frozenset(codes.split())
    for codes in (
        "CT MA ME NH NJ NY PR RI VT",
        "DE NY PA",
        "DC MD NC SC VA WV",
        "AL FL GA MS TN",
        "IN KY MI OH",
        "IA MN MT ND SD WI",
        "IL KS MO NE",
        "AR LA OK TX",
        "AZ CO ID NM NV TX UT WY",
        "AK CA HI OR WA",
    )
)
"""The states whose ZIP codes begin with 0, 1 … 9 (United States Postal Service)."""
_OTHER_MEANING = frozenset(
    {"AL", "AR", "CO", "CT", "DE", "HI", "IA", "ID", "IN", "LA", "MA", "MD", "ME", "MS", "MT", "NC"}
    | {"ND", "NE", "OH", "OK", "OR", "PA", "PR", "SC", "SD", "VA", "VT"}
)
"""Codes of states that are words or abbreviations of medicine."""
_CITY_STATE = re.compile(rf"(?<![\w.\-])(?P<city>{_CITY})\s?,\s(?P<state>{_STATE})(?![\w\-])")
# In capitals what stands before a town looks like a part of it: "SEEN BY DR ROE IN NAPLES, FL".
_CAPITALS_BEFORE = re.compile(
    r"^(?:[A-ZÀ-ÖØ-Þ'’.\-]+[ \t])*(?:IN|FROM|AT|OF|NEAR|TO|DR|PCP|OUTSIDE)[ \t]+(?=[A-ZÀ-ÖØ-Þ])"
)
_CITY_OF_CREDENTIALS = re.compile(rf"(?:{CREDENTIAL}|BSc|Jr\.?|Sr\.?|II|III|IV)(?:[ \t]|$)+")
_WHENCE = re.compile(r"(?i:\b(?:in|from|of|near|to|at))[ \t\n]$")
# Codes of states that are credentials behind a name: "Ansgar Wick, MD".
_CREDENTIALS = frozenset({"MD", "MS", "MA", "PA", "M.D.", "M.S.", "M.A.", "P.A.", "ID"})
_INITIAL_FIRST = re.compile(r"[A-Z]\.?[ \t]")
_HOME_VERBS = (
    r"lives?|living|lived|resid(?:es?|ing|ed)|resident of|residence|born|native of|raised|grew up"
    r"|moved|moving|travel(?:l?ed|l?ing|s)?|drove|drives?|flew|flies|home|visiting"
    r"|vacation(?:ing|ed)?|relocated|works?|worked|employed|hometown|deployed|stationed|emigrated"
    r"|immigrated|incarcerated|commut(?:es?|ed|ing)|transport(?:ation|ed)?|ride|bus|train|came"
    r"|returned|arrived|hails|located"
)
_HOME = re.compile(
    rf"(?i:\b(?:{_HOME_VERBS})"
    r"(?: (?:alone|with (?:his|her|their) \w+|back|here|recently|currently|up|down|over|in|out))*"
    r"[ \t]{0,5}(?:\b(?P<in>in|at|near|from|to|of|outside|is|on)\b"
    rf"|:)[ \t\n]+(?:the[ \t])?)(?P<core>{_CITY}(?:,[ \t]{_CITY}|,[ \t]{_STATE})?"
    rf"(?:,?[ \t]{_ZIP}(?![\w\-]))?)"
    rf"(?:[ \t\n](?:to|and)[ \t\n](?P<then>{_CITY}))?"
)
_LIVES = re.compile(r"(?i:lives?|living|lived|resid|moved|grew|raised|born)")
_HOMES = frozenset({"assisted", "living", "group", "senior", "foster", "independent", "apartment"})
# The house in a street that has no word for one: "resides at 6516 Larkspur".
_HOUSE = re.compile(
    r"(?i:\b(?:(?:li(?:ves?|ved|ving)|resid(?:es?|ing|ed)|residence|mov(?:ed|ing)|relocated"
    r"|stay(?:s|ed|ing)?)[ \t](?:(?:now|currently|back)[ \t])?(?:at|to|on|is)"
    r"|home[ \t](?:is|at)|address(?:[ \t]is)?)[ \t]{1,3})"
    rf"(?P<core>\d{{1,6}}[A-Za-z]?[ \t](?!(?i:north|south|east|west)\b(?![ \t][A-Z]))"  # a ward
    rf"{_CAPITALISED}(?:[ \t]{_CAPITALISED}){{0,2}})"
)
# "moved here from 62704", "she is from 62704".
_HOME_ZIP = re.compile(
    r"(?i:\b(?:li(?:ves?|ved|ving)|resid(?:es?|ing|ed)|mov(?:es?|ed|ing)|relocated|commut(?:es?|ed|ing)"
    r"|travel(?:l?ed|l?ing|s)?|drives?|drove|hails|(?:is|was|are|comes?|came)(?=[ \t]from))"
    r"(?:[ \t](?:alone|here|back|recently|currently|in|down|up|over|all the way)){0,2}"
    r"[ \t](?:in|at|near|from|to|outside|around)[ \t\n])"
    rf"(?P<core>{_ZIP})(?![\w\-]|[.,]\d|[ \t]?(?:units?|mg|mcg|m[lL]|IU|cells|copies|steps)\b"
    r"|[ \t](?:to|and|or)[ \t]\d)"
)
_PLACE_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_ADDRESS_LABEL = re.compile(
    r"(?i:(?<![a-z])(?:(?:home|mailing|street|current|permanent|work"
    r"|residential) )?address(?![A-Za-z])[ \t]{0,5}(?:is|confirmed as"
    r"|on file)?[ \t]{0,5}[:][ \t]{0,5})(?P<core>[^\n;]{4,120})"
)
_LOCALITY = re.compile(
    rf"(?i:(?<![a-z])(?:city|town|county|village|place of birth|birthplace"
    rf"|hometown)[ \t]{{0,5}}:[ \t]{{0,5}})(?P<core>{_CITY}(?:,[ \t]{_STATE})?)"
)

_HOME_WORDS = frozenset(
    re.findall(
        r"\w+",
        "live lives living lived reside resides residing resided resident residence born native "
        "raised grew moved moving travel traveled travelled traveling travelling travels drove "
        "drive drives flew flies home visiting vacation vacationed vacationing relocated work "
        "works worked employed hometown deployed stationed emigrated immigrated incarcerated "
        "commute "
        "commutes commuted commuting transport transportation transported ride bus train came "
        "returned arrived hails located ",
    )
)
_AT_WORDS: tuple[AtWords, ...] = (
    (frozenset({"p", "po", "pobox", "post", "rural", "rr"}), _BOX),
    (frozenset({"highway", "hwy", "route", "county", "cr", "state"}), _ROAD),
    (frozenset({"hc", "rr", "star"}), _RURAL),
    (frozenset({"on", "at", "near", "off", "along", "down"}), _STREET),
    (
        frozenset({"home", "mailing", "street", "current", "permanent", "work", "residential"})
        | {"address"},
        _ADDRESS_LABEL,
    ),
    (
        frozenset({"city", "town", "county", "village", "place", "birthplace", "hometown"}),
        _LOCALITY,
    ),
    (_HOME_WORDS, _HOME),
    (
        frozenset(
            {"zip", "zips", "zipcode", "zipcodes", "post", "postal", "postalcode", "postalcodes"}
            | {"postcode", "postcodes"}
        ),
        _ZIP_CODES,
    ),
    (
        frozenset({"live", "lives", "lived", "living", "reside", "resides", "residing", "resided"})
        | {"residence", "moved", "moving", "relocated", "stay", "stays", "stayed", "staying"}
        | {"home", "address"},
        _HOUSE,
    ),
    (
        frozenset({"live", "lives", "lived", "living", "reside", "resides", "residing", "resided"})
        | {"move", "moves", "moved", "moving", "relocated", "commute", "commutes", "commuted"}
        | {"commuting", "travel", "travels", "traveled", "travelled", "traveling", "travelling"}
        | {"drive", "drives", "drove", "hails", "is", "was", "are", "come", "comes", "came"},
        _HOME_ZIP,
    ),
)
# One digit by itself comes first: re finds it fast, and "\d{5}" not.
_ZIP_LIKE = re.compile(r"\d\d{4}(?!\d)(?<!\d{6})")
_GROUPS: tuple[Group, ...] = ((_ZIP_LIKE, 240, 40, (_TOWN_STATE_ZIP,)),)
_COMMAS: tuple[Group, ...] = (
    (_ZIP_LIKE, 240, 40, (_CITY_STATE_ZIP,)),
    (re.compile(r",\s(?=[A-Z])"), 200, 40, (_CITY_STATE,)),
)


def find_addresses(text: str) -> Iterator[Span]:
    """Addresses and places of residence; spans may overlap."""
    for start, end in _places(text):
        yield Span(start, end, "LOCATION", "address")


def _places(text: str) -> Iterator[tuple[int, int]]:
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            yield _undotted(text, *match.span())
    for match in beside(text, _COMMAS):
        if match.re is _CITY_STATE_ZIP:
            yield _undotted(text, *match.span())
            continue
        start, end = match.span("city")
        before = _CAPITALS_BEFORE.match(match["city"])
        start += before.end() if before else 0
        if _CITY_OF_CREDENTIALS.fullmatch(text, start, end):
            continue  # "Ansgar Wick, DPT, MA"
        if not _all_clinical(text, start, end) or _is_word_town(text, match, start):
            yield start, end if _credential(text, match) else match.end()
    yield from _opened(text)


def _is_word_town(text: str, match: re.Match[str], start: int) -> bool:
    """A town that is a word ("Temple, Texas") before a state that is no word."""
    plain = match["state"] in cues("states") or match["state"] not in _OTHER_MEANING
    return plain and text[start : match.end("city")] in cues("word_towns")


def _tells_home(match: re.Match[str]) -> bool:
    """Whether somebody came from there or lives there: it is a place, words or not."""
    return match["in"] == "from" or _LIVES.match(match.group()) is not None


def _opened(text: str) -> Iterator[tuple[int, int]]:
    """What a word opens: boxes, roads, labels, homes; ZIP codes behind a cue or a state, houses in
    a street that has no word for one.
    """
    boxes, roads, rural, streets, labels, localities, homes, zip_codes, houses, zips = at_words(
        text, _AT_WORDS
    )
    for match in (*boxes, *roads, *rural):
        yield _undotted(text, *match.span())
    for match in (*streets, *labels, *localities, *zips):
        yield match.span("core")
    for match in homes:
        for group in ("core", "then"):
            start, end = _undotted(text, *match.span(group))
            if start < end and not _all_ordinary(text, start, end, whence=_tells_home(match)):
                yield start, end
    for match in zip_codes:
        for code in _ONE_ZIP.finditer(text, *match.span("list")):
            yield code.span()
    for match in beside(text, _GROUPS):
        town = _start_of_town(text, match)
        if town is not None:
            yield town, match.end()
    for match in houses:
        start, end = match.span("core")
        if not _all_ordinary(text, start, end, whence=False):
            yield _undotted(text, start, end)


def _undotted(text: str, start: int, end: int) -> tuple[int, int]:
    return start, end - text[start:end].endswith(".")


def _start_of_town(text: str, match: re.Match[str]) -> int | None:
    """Where "Duluth MN 55802" begins: at the state if the words before it are no town's ("AT HOME
    MN 55802"); None if the letters are no state's ("Chest CT 12345").
    """
    state = match["state"]
    fits = len(state) > 2 or state in _STATES_OF_ZIP[int(match["zip"][0])]
    town = match["city"] is not None and not _all_clinical(text, *match.span("city"))
    if town and (fits or state not in _OTHER_MEANING):
        return match.start()
    line = text[text.rfind("\n", 0, match.start("state")) + 1 : match.start("state")]
    alone = not line.strip() and re.match(r"[ \t]*(?:\n|$)", text[match.end() :]) is not None
    if fits and (alone or (state not in _OTHER_MEANING and len(state) == len("MN"))):
        return match.start("state")
    return None


def _credential(text: str, match: re.Match[str]) -> bool:
    """Whether the state of "Ansgar Wick, MD" is a title: not behind "from" or "in", the town is in
    no list of places, and a single word is a listed name.
    """
    state = match["state"].replace(" ", "")
    if state not in _CREDENTIALS and not (state == "CT" and _INITIAL_FIRST.match(match["city"])):
        return False
    if _WHENCE.search(text, max(0, match.start() - 10), match.start()):
        return False
    words = fold(match["city"]).split()
    if len(words) == 1:
        return words[0] in known_names()
    return not any("_".join(words[at:]) in known_places() for at in range(len(words)))


def _all_ordinary(text: str, start: int, end: int, *, whence: bool) -> bool:
    """True if the words are all ordinary ones ("moved to Recovery Room"). The ending of a word says
    nothing here: "Kettering" is a town. ``whence``: somebody came from there or lives there, which
    of two words in normal case is said of places ("Mill Hollow"), unless it is a unit or a home.
    """
    known = lexicon()
    tokens = list(_PLACE_WORD.finditer(text, start, end))
    plain = [fold(token.group()) for token in tokens if not token.group().isdecimal()]
    if whence and len(plain) > 1 and not any(token.group().isupper() for token in tokens):
        if text[start:end] in cues("states", "countries"):
            return True
        return not set(plain).isdisjoint(cues("care_units") | _HOMES)
    return all(
        is_word(word)
        or word in known.terms
        or word in cues("care_units")
        or (word in known.eponyms and len(plain) < 2)
        for word in plain
    )


def _all_clinical(text: str, start: int, end: int) -> bool:
    """True if the words between are all ordinary or clinical words ("Home: Good, IN")."""
    tokens = re.finditer(r"[^\W_]+(?:['’\-][^\W_]+)*", text[start:end])
    return all(is_clinical(text, start + one.start(), start + one.end()) for one in tokens)
