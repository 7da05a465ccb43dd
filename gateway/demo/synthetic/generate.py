"""Generate a multi-centre registry from a seed."""

from __future__ import annotations

__all__ = ["EXTRACT_DATE", "generate"]

from datetime import date
from pathlib import Path

from gateway.demo.synthetic.case import Case, Life, draw_case, weekday
from gateway.demo.synthetic.defects import inject
from gateway.demo.synthetic.draws import Draw
from gateway.demo.synthetic.export import write_export
from gateway.demo.synthetic.forms import case_rows
from gateway.demo.synthetic.habits import Chart, keep
from gateway.demo.synthetic.histology import CATEGORY
from gateway.demo.synthetic.layout import FORMS
from gateway.demo.synthetic.notes.compose import write_note
from gateway.demo.synthetic.outcome import follow_up_rows, pro_rows
from gateway.demo.synthetic.person import draw_age, draw_person, patient_row
from gateway.demo.synthetic.sites import Hospital, hospital, volumes
from gateway.demo.synthetic.treatment import draw_plan
from gateway.demo.synthetic.truth import CaseTruth, NoteTruth, SiteTruth, Truth, case_truth
from gateway.demo.synthetic.tumour import draw_tumour

EXTRACT_DATE = date(2026, 6, 30)
"""The day the sites exported; nothing true happens after it."""

_SECOND_TUMOUR = 0.02
_YEARLY_GROWTH = 0.08


def generate(
    folder: Path,
    *,
    seed: int,
    sites: int = 9,
    operations: int = 1200,
    years: int = 10,
    notes: int = 300,
    defects: bool = True,
    extract: date = EXTRACT_DATE,
) -> Truth:
    """Write ``folder/<site>/redcap.csv`` for every site and return what is true.

    ``operations`` is the number of index operations (tumours operated on) in the network over
    the last ``years`` years before ``extract``; revisions and re-excisions come on top. ``notes``
    are spread over the sites by volume. Site habits and unanswered fields are always there;
    ``defects`` adds errors. The same arguments give the same bytes.

    Raises ``ValueError`` if a site would be left without an operation.
    """
    if sites < 1 or years < 1 or notes < 0 or operations < sites:
        raise ValueError("need at least one site, one year and one operation per site")
    shares = volumes(Draw(seed, 0), sites, operations, years)
    centres = [_Centre(seed, i, years, n, extract) for i, n in enumerate(shares)]
    for centre, count in zip(centres, _note_shares(notes, shares), strict=True):
        centre.play(count)
    charts = {centre.hospital.site: centre.charts for centre in centres}
    errors = inject(charts, Draw(seed, 1)) if defects else ()
    for site, members in charts.items():
        (folder / site).mkdir(parents=True, exist_ok=True)
        write_export(folder / site / "redcap.csv", members)
    return Truth(
        seed=seed,
        extract_date=extract.isoformat(),
        sites=tuple(centre.truth for centre in centres),
        patients=tuple(case for centre in centres for case in centre.cases),
        notes=tuple(note for centre in centres for note in centre.notes),
        defects=errors,
    )


def _note_shares(notes: int, shares: list[int]) -> list[int]:
    """Notes per site: proportional, summing exactly."""
    total, done, counts = sum(shares), 0, []
    seen = 0
    for share in shares:
        seen += share
        counts.append(notes * seen // total - done)
        done += counts[-1]
    return counts


class _Centre:
    """One site while it is being generated; its stream of draws is its own."""

    def __init__(self, seed: int, index: int, years: int, volume: int, extract: date) -> None:
        self._draw = Draw(seed, 2, index)
        self.hospital: Hospital = hospital(self._draw, index, years, volume)
        self._extract = extract.toordinal()
        self.charts: list[Chart] = []
        self.cases: list[CaseTruth] = []
        self.notes: list[NoteTruth] = []
        self._patients: list[list[Case]] = []

    @property
    def truth(self) -> SiteTruth:
        """The site in the truth."""
        site, effects = self.hospital, self.hospital.effects
        return SiteTruth(
            site=site.site,
            hospital=site.name,
            habit=site.habit.value,
            cases=len(self.cases),
            patients=len(self._patients),
            r0=effects.r0,
            ssi=effects.ssi,
            recurrence=effects.recurrence,
            unplanned=effects.unplanned,
        )

    def play(self, notes: int) -> None:
        """Generate the patients, their charts and their notes."""
        draw, left = self._draw, self.hospital.volume
        while left > 0:
            cases = self._patient(len(self._patients) + 1, allow_second=left > 1)
            left -= len(cases)
            self._patients.append(cases)
        for cases in self._patients:
            self.charts.append(self._chart(cases))
        self._write_notes(notes)
        for chart in self.charts:
            keep(chart, self.hospital.habit, draw)

    def _patient(self, number: int, *, allow_second: bool) -> list[Case]:
        draw, site = self._draw, self.hospital
        tumour = draw_tumour(draw, draw.pick(CATEGORY), site.effects.unplanned)
        age = draw_age(draw, tumour)
        plan = draw_plan(draw, tumour, age)
        span = site.years * 365 - 45
        # more recent years are busier: a linear density, by inversion of its mean shift
        back = span * (1 - draw.between(0, 1) ** (1 / (1 + _YEARLY_GROWTH * site.years / 2)))
        surgery = self._extract - 45 - round(back)
        if tumour.category not in (3, 4):
            surgery = weekday(surgery)
        person = draw_person(draw, site, number, tumour, surgery - plan.wait, age)
        first = draw_case(draw, site, person, 1, tumour, plan, surgery, self._extract)
        if not (allow_second and draw.chance(_SECOND_TUMOUR)):
            return [first]
        second = self._second(first)
        return [first] if second is None else [first, second]

    def _second(self, first: Case) -> Case | None:
        """A later tumour of the same kind elsewhere, if the patient is observed long enough."""
        draw = self._draw
        tumour = draw_tumour(draw, first.tumour.category, 0.0, like=first.tumour)
        age = first.person.age(first.surgery)
        plan = draw_plan(draw, tumour, age)
        earliest = first.surgery + 60 + plan.wait
        latest = first.last_contact - 60
        if tumour.place is first.tumour.place or earliest >= latest:
            return None
        surgery = draw.whole(earliest, latest)
        lost = first.last_contact + 1 if not first.died else first.life.lost
        life = Life(first.life.death, first.life.cause, lost)
        return draw_case(
            draw, first.hospital, first.person, 2, tumour, plan, surgery, self._extract, life
        )

    def _chart(self, cases: list[Case]) -> Chart:
        draw = self._draw
        chart: Chart = {form: [] for form in FORMS}
        person = cases[0].person
        chart["patient"].append(patient_row(person, draw, cases[0].diagnosed))
        for case in cases:
            for form, rows in case_rows(case, draw).items():
                chart[form].extend(rows)
            chart["follow_up"].extend(follow_up_rows(case, draw))
            scores = pro_rows(case, draw)
            chart["pro"].extend(scores)
            answered = {
                int(str(row["pro_timepoint"])): float(str(row["promis_pf_t"])) for row in scores
            }
            self.cases.append(case_truth(case, answered))
        return chart

    def _write_notes(self, count: int) -> None:
        draw = self._draw
        for _ in range(count):
            index = draw.whole(0, len(self._patients) - 1)
            row, found = write_note(draw.one(self._patients[index]), draw)
            rows = self.charts[index]["clinical_note"]
            rows.append(row)
            record = self._patients[index][0].person.record_id
            self.notes.append(NoteTruth(self.hospital.site, record, len(rows), found))
