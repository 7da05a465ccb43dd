"""The note engine: layers find, one list of spans results, the text is rewritten, then checked.

::

    patient's own data ┐
    rules (ids, dates, │
    contacts, names …) │
    listed names       ├─► flatten ─► rewrite ─► residual check ─► text, or withheld
    spaCy via Presidio │
      └─ clinical veto ┘
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from deid.adapter import Model, loaded, rewritten
from deid.confidence import doubt, unreadable
from deid.dates.dated_codes import DatedCodes
from deid.dates.find import find_dates
from deid.dates.match import DateMatch
from deid.dates.rewrite import Era, era_of, offset_text, shift_text, year_text
from deid.dates.weekdays import find_weekdays, is_weekday, moved_weekday
from deid.echoes import echoes
from deid.figures import Figures
from deid.gate import all_sentences, name_sentences, names_many, number_sentences
from deid.named_ages import named_ages
from deid.own.patient import Patient, PatientMatcher
from deid.pseudonym import Keys
from deid.reading.markup import bare_markup
from deid.reading.plain import Plain
from deid.recognizers.codes import is_product
from deid.recognizers.finders import (
    find_addresses,
    find_addresses_abroad,
    find_ages,
    find_bare_codes,
    find_by_cue,
    find_contacts,
    find_cut_addresses,
    find_devices,
    find_firms,
    find_foreign,
    find_form_fields,
    find_handles,
    find_hospitals,
    find_identifiers,
    find_known_institutions,
    find_labelled,
    find_labelled_institutions,
    find_listed,
    find_named_bodies,
    find_names,
    find_postcode_lines,
    find_streets,
    find_towns,
)
from deid.residual import MASK, halves_meet, residual
from deid.runs.time_limit import OutOfTime, limited
from deid.site_lists import SiteLists
from deid.site_matcher import SiteMatcher
from deid.span import Span, flatten, joined
from deid.surrogates import RealPeople, Surrogates
from deid.veto import prune
from deid.whole_names import whole_names
from deid.whole_people import whole_people
from policies.profile import Profile

__all__ = ["CleanNote", "NoteEngine"]

_AGE_LIMIT_YEARS = 89  # what lies further back than these and 364 days would tell an age over 89
_PATIENTS_HELD = 256
_SHORT_DAY_MAX = 5  # letters of "Thurs"; a weekday's full name may be somebody's
# The year of birth of a patient over 89, where it stands as a year: not "at 1925", "1925 mL".
_YEAR_ALONE = (
    r"(?<![\w./:$-])(?<!\bat )(?<!@ ){year}(?![\w/:%])(?!-\d{{1,3}}(?!\d))(?!\.\d)"
    r"(?!\s?(?i:h(?:ou)?rs?|ml|cc|mg|mcg|units?|grams?|g|kcal|calories|cells|steps)\b)"
)


@dataclass(frozen=True, slots=True)
class CleanNote:
    """``text`` is None where the note is ``withheld`` for the reason given. ``spans`` index the
    input text, in order and without overlap; ``replaced`` are their places in ``text``.
    """

    text: str | None
    spans: tuple[Span, ...]
    withheld: str | None = None
    replaced: tuple[tuple[int, int], ...] = ()


class NoteEngine:
    """Makes notes safe under one profile with one site's keys. Not safe to share by threads."""

    def __init__(
        self,
        profile: Profile,
        keys: Keys,
        *,
        model: Model | None = None,
        lists: SiteLists | None = None,
    ) -> None:
        """``model`` may be shared between engines; by default the profile's is loaded. ``lists``
        are the site's own names, and the people whom no surrogate may name.
        """
        self.profile = profile
        self.keys = keys
        self._model = model if model is not None else loaded(profile.model, profile.model_sha256)
        lists = lists if lists is not None else SiteLists()
        self._site = SiteMatcher(lists)
        people = lists.people
        self._surrogates = Surrogates(
            keys, profile, people if people is not None else RealPeople.of(keys, staff=lists.staff)
        )
        self._matchers: OrderedDict[str, PatientMatcher] = OrderedDict()

    def clean(
        self, text: str, patient: Patient, *, marked: Sequence[Span] = (), read: bool = False
    ) -> CleanNote:
        """The note without what identifies its patient, or withheld.

        ``marked`` are spans that a person adds to those found. A note that a person has ``read``
        is not withheld for doubt, and gets ten times the time; the residual check stays.
        """
        # The mask of the residual check would hide what stands around it in the source.
        if MASK in text:
            return CleanNote(None, (), "unreadable")
        if read:
            try:
                with limited(10 * self.profile.note_seconds_max):
                    return self._clean(text, patient, marked, read=True)
            except OutOfTime:
                return CleanNote(None, (), "out_of_time")
        if len(text) > self.profile.note_length_max:
            return CleanNote(None, (), "too_long")
        if unreadable(text, self.profile.confidence):
            return CleanNote(None, (), "unreadable")
        try:
            with limited(self.profile.note_seconds_max):
                return self._clean(text, patient, marked)
        except OutOfTime:
            return CleanNote(None, (), "out_of_time")

    def _clean(
        self, text: str, patient: Patient, marked: Sequence[Span], *, read: bool = False
    ) -> CleanNote:
        matcher = self._matcher(patient)
        plain = Plain(text)
        # A sign can be read as several letters.
        if not read and len(plain.text) > self.profile.note_length_max:
            return CleanNote(None, (), "too_long")
        places = [plain.seen(span.start, span.end) for span in marked]
        if None in places:
            return CleanNote(None, (), "marked_in_markup")
        dates = list(find_dates(plain.text))
        found = self._spans(plain.text, matcher, dates)
        if marked:
            read_marks = [
                replace(span, start=place[0], end=place[1])
                for span, place in zip(marked, places, strict=True)
                if place is not None
            ]
            found = joined(plain.text, flatten(plain.text, [*read_marks, *found]))
        parts = _in_source(text, plain, self._parts(plain.text, found, dates, matcher))
        written, replaced = rewritten(text, parts)
        spans = [span for span, _ in parts]
        reason = residual(
            written,
            replaced,
            matcher,
            dates=self.profile.dates != "keep",
            age_cap=self.profile.age_cap,
        )
        if reason is None and halves_meet(plain, matcher):
            reason = "residual_unread"
        if not read:
            reason = reason or doubt(plain.text, found, self.profile.confidence)
        if reason is not None:
            return CleanNote(None, tuple(spans), reason)
        return CleanNote(written, tuple(spans), None, tuple(replaced))

    def _matcher(self, patient: Patient) -> PatientMatcher:
        held = self._matchers.get(patient.patient_id)
        if held is None or held.patient != patient:
            held = self._matchers[patient.patient_id] = PatientMatcher(patient)
            if len(self._matchers) > _PATIENTS_HELD:
                self._matchers.popitem(last=False)
        return held

    def _spans(self, text: str, matcher: PatientMatcher, dates: list[DateMatch]) -> list[Span]:
        own = matcher.find(text, dates)
        rules = list(self._by_rule(text, dates, matcher.patient))
        listed = self._site.unvetoed(
            text, joined(text, flatten(text, [*find_listed(text), *find_towns(text)]))
        )
        model = self._by_model(text, [*own, *rules, *listed])
        found = [*own, *rules, *listed, *model, *echoes(text, [*rules, *model])]
        found += whole_people(text, joined(text, flatten(text, found)))
        found += whole_names(text, flatten(text, found))
        if self.profile.age_cap is not None:
            found += named_ages(text, flatten(text, found), self.profile.age_cap)
        spans = joined(text, flatten(text, found))
        return _with_weekdays(text, spans) if self.profile.dates == "shift" else spans

    def _by_rule(self, text: str, dates: list[DateMatch], patient: Patient) -> Iterator[Span]:
        yield from find_addresses(text)
        yield from find_addresses_abroad(text)
        yield from find_postcode_lines(text)
        yield from find_streets(text)
        yield from find_by_cue(text)
        dated = DatedCodes(dates)
        numbers = (
            *(find_contacts, find_cut_addresses, find_handles, find_identifiers),
            *(find_labelled, find_bare_codes, find_devices),
        )
        for found in chain.from_iterable(find(text) for find in numbers):
            span = dated.without(text, found)
            if span and (span.category != "ID" or not is_product(text, span.start)):
                yield span
        yield from find_hospitals(text)
        yield from find_firms(text)
        yield from find_named_bodies(text)
        yield from find_known_institutions(text)
        yield from find_labelled_institutions(text)
        yield from find_names(text)
        yield from find_form_fields(text)
        yield from find_foreign(text)
        yield from self._site.find(text)
        if self.profile.age_cap is not None:
            yield from find_ages(text, self.profile.age_cap)
        if self.profile.dates != "keep":
            for one in dates:
                if one.kind != "born":
                    yield Span(
                        one.start, one.end, "DATE", "month" if one.kind == "alone" else "date"
                    )
        if self.profile.dates == "offset":
            yield from _birth_years(text, dates, patient)

    def _by_model(self, text: str, known: Sequence[Span]) -> list[Span]:
        lower = frozenset(re.findall(r"(?<![^\W_])[a-zà-ÿ]{3,}", text))
        kept: list[Span] = []
        score_min = self.profile.score_min
        kept += self._model.find_numbers(text, number_sentences(text, known), score_min)
        many = names_many(text, known)
        sentences = all_sentences(text) if many else name_sentences(text, lower, known)
        days = sorted((span.start, span.end) for span in known if span.category == "DATE")
        figures = Figures(text, days) if many else None
        for span in self._model.find_names(text, sentences, score_min):
            if span.category in ("NAME", "LOCATION", "ORG"):
                kept += prune(text, span, lower, trusted=many)
            elif figures is not None and self._believes(figures, span):
                kept.append(span)
        return self._site.unvetoed(text, kept)

    def _believes(self, figures: Figures, span: Span) -> bool:
        """Whether a day or number of the model counts; no day where the profile keeps dates."""
        if span.category == "DATE":
            return self.profile.dates != "keep" and figures.has_day(span)
        return figures.has_number(span)

    def _parts(
        self, text: str, spans: Sequence[Span], dates: list[DateMatch], matcher: PatientMatcher
    ) -> list[tuple[Span, str]]:
        """Each span with the words that replace it."""
        make = self._surrogates.of(matcher.patient, matcher.tokens)
        by_place = {(one.start, one.end): one for one in dates}
        era = _reference(dates, matcher.patient)
        parts = []
        for span in spans:
            old = text[span.start : span.end]
            if span.category == "DATE":
                one = by_place.get((span.start, span.end))
                new = self._date(span, old, one, era, matcher.patient)
            else:
                new = make(span.category, old)
            parts.append((span, new))
        return parts

    def _date(
        self, span: Span, old: str, match: DateMatch | None, era: Era, patient: Patient
    ) -> str:
        mode = self.profile.dates
        if match is not None:
            match = match.in_era(era.last, patient.birth_date)
        if mode == "shift":
            days = self.keys.date_offset_days(patient.patient_id)
            if is_weekday(old):
                return moved_weekday(old, days)
            return shift_text(match, days, near=era.near) if match is not None else "[date]"
        if span.source == "patient:birth":
            return "[birth date]"
        if match is None:
            return "[date]"
        if mode == "keep":
            return match.text[match.start : match.end]
        if match.is_day(patient.birth_date):
            return "[birth date]"
        first = match.earliest(era.last)
        if first is not None and _tells_age(first, era.last):
            return "[over 89 years before]"
        if patient.anchor is None:
            return year_text(match)
        return offset_text(match, patient.anchor, near=era.near)


def _in_source(
    text: str, plain: Plain, parts: Sequence[tuple[Span, str]]
) -> list[tuple[Span, str]]:
    """The spans where they stand in the note as stored; markup inside one goes behind it."""
    if plain.in_place:
        return list(parts)
    placed: list[tuple[Span, str]] = []
    at = 0
    for span, new in parts:
        start, end = plain.origin(span.start, span.end)
        start = max(start, at)
        # Two spans can share one character of the source (a ligature): it belongs to the first.
        if start < end:
            placed.append((replace(span, start=start, end=end), new + bare_markup(text[start:end])))
            at = end
    return placed


def _with_weekdays(text: str, spans: Sequence[Span]) -> list[Span]:
    """The spans, and where none of them stands the weekdays that would tell by how much dates are
    shifted. Feasts and dates have theirs inside.
    """
    dates = [(span.start, span.end) for span in spans if span.category == "DATE"]
    days = list(find_weekdays(text, dates))
    whole, starts = set(days), [start for start, _ in days]
    kept: list[Span] = []
    for span in spans:
        at = bisect_right(starts, span.start)
        within = at > 0 and span.end <= days[at - 1][1]
        # Beside a date, "Thu" is no name, nor is the "Tu" of "Tu/Th/Sa".
        named = (
            (span.start, span.end) in whole
            and span.end - span.start > _SHORT_DAY_MAX
            and text[span.start : span.end].isalpha()
        )
        if not within or named:
            kept.append(span)
    ends = [span.end for span in kept]
    free = []
    for start, end in days:
        at = bisect_right(ends, start)  # the first span that ends behind the day's beginning
        if at == len(kept) or kept[at].start >= end:
            free.append(Span(start, end, "DATE", "date"))
    return sorted([*kept, *free], key=lambda span: span.start)


def _reference(dates: Sequence[DateMatch], patient: Patient) -> Era:
    """When the note speaks: around which day, and up to which one."""
    return era_of(dates, birth=patient.birth_date, anchor=patient.anchor)


def _tells_age(first: date, last: date) -> bool:
    """Whether somebody born on ``first`` was over 89 on ``last``."""
    return (last.year - first.year, last.month, last.day) >= (
        _AGE_LIMIT_YEARS + 1,
        first.month,
        first.day,
    )


def _birth_years(text: str, dates: Sequence[DateMatch], patient: Patient) -> Iterator[Span]:
    """Years of birth that tell an age over 89: behind a word for a birth, or the patient's own."""
    last = _reference(dates, patient).last
    for one in dates:
        first = one.earliest(last) if one.kind == "born" else None
        if first is not None and _tells_age(first, last):
            yield Span(one.start, one.end, "DATE", "date")
    birth = patient.birth_date
    if birth is None or not _tells_age(birth, last):
        return
    for match in re.finditer(_YEAR_ALONE.format(year=birth.year), text):
        if not any(one.start < match.end() and match.start() < one.end for one in dates):
            yield Span(match.start(), match.end(), "DATE", "patient:birth")
