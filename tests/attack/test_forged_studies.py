"""A researcher writes the resolved study by hand and signs it: refused, uncharged, unread."""

from __future__ import annotations

import copy
import json
import time

import pytest

from gateway.site.answer import answer
from policies.decode import canonical
from tests.attack.world import COORDINATOR, forged, signed_bytes, study_of

CURVE = {"time": "follow_days", "event": "died = 1", "grid": [91, 365]}
ASK = [
    {"count": True, "by": ["sex"]},
    {"proportion": {"numerator": "died = 1"}},
    {"survival": CURVE},
    {"mean": {"of": "risk"}},
    {"quantiles": {"of": "risk"}},
    {"rate": {"events": "died = 1", "time": "follow_days"}},
    {"observed_expected": {"observed": "died = 1", "expected": "risk / 100"}},
]


def first(**changes):
    return lambda study: study["statistics"][0].update(changes)


def share(**changes):
    return lambda study: study["statistics"][1].update(changes)


def curve(**changes):
    return lambda study: study["statistics"][2]["survival"].update(changes)


def value(**changes):
    return lambda study: study["statistics"][3]["mean"].update(changes)


def quantiles(**changes):
    return lambda study: study["statistics"][4]["quantiles"].update(changes)


def rate(**changes):
    return lambda study: study["statistics"][5]["rate"].update(changes)


def risk(**changes):
    return lambda study: study["statistics"][6]["observed_expected"].update(changes)


def whole(**changes):
    return lambda study: study.update(changes)


FORGERIES = {
    # sizes
    "step over the limit": first(steps=[65537]),
    "step of nothing": first(steps=[0]),
    "negative step": first(steps=[-1]),
    "step beyond 64 bits": first(steps=[10**30]),
    "half a step": first(steps=[1.5]),
    "step that is true": first(steps=[True]),
    "no steps": first(steps=[]),
    "steps of another kind": first(steps=[1, 1, 0]),
    "proportion of too few steps": share(steps=[1, 1]),
    "proportion without its answer": share(steps=[0, 1, 0]),
    "proportion without its number": share(steps=[1, 0, 0]),
    "proportion that tells the others without a parent": share(steps=[1, 1, 1]),
    "proportion that tells nothing of its parent": share(steps=[1, 1, 0], parent="all"),
    "mean without its number": lambda s: s["statistics"][3].update(steps=[9, 9, 0]),
    "parent of nobody": share(steps=[1, 1, 1], parent="nobody"),
    "parent that is itself": share(steps=[1, 1, 1], parent="proportion"),
    "parent that is a curve": share(steps=[1, 1, 1], parent="survival"),
    "parent over other strata": share(steps=[1, 1, 1], parent="count"),
    "parent with a smaller cohort": lambda s: (
        s["statistics"].append(
            s["statistics"][0] | {"name": "few", "by": [], "cohort": "sex = '1'"}
        ),
        share(steps=[1, 1, 1], parent="few")(s),
    ),
    "parent with other rows": lambda s: (
        s["statistics"].append(s["statistics"][0] | {"name": "more", "by": [], "rows_max": 2}),
        share(steps=[1, 1, 1], parent="more")(s),
    ),
    "count with a parent": first(parent="count"),
    "no rows": first(rows_max=0),
    "too many rows": first(rows_max=101),
    "free of charge": whole(nano_rho=0),
    "negative charge": whole(nano_rho=-5),
    "charge beyond the limit": whole(nano_rho=10**16),
    "charge as text": whole(nano_rho="5"),
    "more statistics than the limit": lambda s: s.update(statistics=[s["statistics"][0]] * 151),
    # parts that do not belong together
    "two statistics of one name": lambda s: s["statistics"].append(s["statistics"][0]),
    "count with a numerator": first(numerator="true"),
    "count that says what is known": first(known="true"),
    "proportion of nothing": share(numerator=None),
    "proportion that knows nothing": share(known=None),
    "curve without times": lambda s: s["statistics"][2].update(survival=None),
    "curve that is called a count": lambda s: s["statistics"][2].update(kind="count"),
    "count that is called a curve": first(kind="survival"),
    "median, which is no kind": first(kind="median"),
    "count that is called a mean": first(kind="mean"),
    "mean of nothing": lambda s: s["statistics"][3].update(mean=None),
    "mean without bounds": value(bounds=None),
    "mean within bounds that fall": value(bounds=[100, 0]),
    "mean within one point": value(bounds=[5, 5]),
    "mean within nearly one point": value(bounds=[0, 1e-12]),
    "mean within a universe": value(bounds=[-1e300, 1e300]),
    "mean within no numbers": value(bounds=["0", "1"]),
    "mean within infinity": value(bounds=[0, float("inf")]),
    "mean within nothing that compares": value(bounds=[float("nan"), 1]),
    "mean of a code": value(of="sex"),
    "mean of a test": value(of="risk > 5"),
    "mean of the order": value(of="_order"),
    "mean of a pick": value(of="max(visit.leak)"),
    "count that is called quantiles": first(kind="quantiles"),
    "quantiles that are called a mean": lambda s: s["statistics"][4].update(kind="mean"),
    "quantiles of nothing": lambda s: s["statistics"][4].update(quantiles=None),
    "quantiles of more steps than bins": lambda s: s["statistics"][4].update(steps=[1] * 65),
    "curve of more steps than bins": lambda s: s["statistics"][2].update(steps=[1] * 4),
    "quantiles of steps that rise": lambda s: s["statistics"][4].update(steps=[1, 65536]),
    "curve of steps that rise": lambda s: s["statistics"][2].update(steps=[3, 0, 1]),
    "quantiles with a parent": lambda s: s["statistics"][4].update(parent="count"),
    "quantiles without bounds": quantiles(bounds=None),
    "quantiles within bounds that fall": quantiles(bounds=[100, 0]),
    "quantiles within a universe": quantiles(bounds=[-1e300, 1e300]),
    "quantiles of nothing that compares": quantiles(bounds=[float("nan"), 1]),
    "quantiles in bins that doubles do not tell apart": quantiles(bounds=[1e9 - 1e-6, 1e9]),
    "quantiles in one bin": quantiles(bins=1),
    "quantiles in half a bin": quantiles(bins=64.5),
    "quantiles in bins beyond memory": quantiles(bins=10**9),
    "quantiles at no level": quantiles(at=[]),
    "quantiles at everything": quantiles(at=[0.5, 1.0]),
    "quantiles below everything": quantiles(at=[0.0]),
    "quantiles at no number": quantiles(at=[float("nan")]),
    "quantiles that fall": quantiles(at=[0.75, 0.25]),
    "quantiles without end": quantiles(at=[i / 1000 for i in range(1, 900)]),
    "quantiles of a code": quantiles(of="sex"),
    "quantiles of the order": quantiles(of="_order"),
    "count that is called a rate": first(kind="rate"),
    "rate that is called a mean": lambda s: s["statistics"][5].update(kind="mean"),
    "rate that is called observed over expected": lambda s: s["statistics"][5].update(
        kind="observed_expected"
    ),
    "rate of nothing": lambda s: s["statistics"][5].update(rate=None),
    "rate of one step": lambda s: s["statistics"][5].update(steps=[6]),
    "rate of three steps": lambda s: s["statistics"][5].update(steps=[6, 1, 1]),
    "rate without its events": lambda s: s["statistics"][5].update(steps=[0, 1]),
    "rate without its time": lambda s: s["statistics"][5].update(steps=[6, 0]),
    "rate with a parent": lambda s: s["statistics"][5].update(parent="count"),
    "rate without bounds": rate(bounds=None),
    "rate within bounds that fall": rate(bounds=[0, -5]),
    "rate of a time that begins later": rate(bounds=[1, 400]),
    "rate of no time": rate(bounds=[0, 0]),
    "rate of nearly no time": rate(bounds=[0, 1e-12]),
    "rate of a universe": rate(bounds=[0, 1e300]),
    "rate of nothing that compares": rate(bounds=[0, float("nan")]),
    "rate for no time": rate(per=0),
    "rate for all time": rate(per=float("inf")),
    "rate of numbers": rate(events="follow_days"),
    "rate of a code": rate(time="died"),
    "rate of events by the order": rate(events="_order = 1"),
    "rate of times by the order": rate(time="_order"),
    "observed that is a number": risk(observed="risk"),
    "observed of the order": risk(observed="_order = 1"),
    "expected of a code": risk(expected="died"),
    "expected of the order": risk(expected="_order"),
    "expected within bounds of its own": risk(bounds=[0, 50]),
    # names
    "strata twice": first(by=["sex", "sex"]),
    "strata beyond memory": first(by=["sex"] * 40),
    "strata by a number": first(by=["risk"]),
    "strata by the pseudonym": first(by=["_patient"]),
    "strata by the record number": first(by=["case_no"]),
    "strata by a name": first(by=["name"]),
    "unit of nobody": first(unit="nowhere"),
    "unit by path": first(unit="../person"),
    "dictionary by path": whole(dictionary="../../heart"),
    "dictionary of nobody": whole(dictionary="tumours"),
    "other declarations": lambda s: s["digests"].update(derivations="0" * 64),
    "declarations left out": whole(digests={}),
    "declarations added": lambda s: s["digests"].update(more="0" * 64),
    "pooled mode": whole(mode="pooled"),
    "unknown key": whole(free=True),
    # times
    "time by a column that is no element": curve(time="row"),
    "time by the record number": curve(time="case_no"),
    "time by a number that is not whole": curve(time="risk"),
    "time without bounds": curve(time="open_days"),
    "time by a category": curve(time="sex"),
    "time of another unit": curve(time="visit_no"),
    "grid that falls": curve(grid=[365, 91]),
    "grid of repeats": curve(grid=[91, 91]),
    "grid before the origin": curve(grid=[-5, 91]),
    "grid beyond 64 bits": curve(grid=[10**25]),
    "grid beyond doubles": curve(grid=[2**60]),
    "grid without end": curve(grid=list(range(1, 200))),
    "empty grid": curve(grid=[]),
    "reading off the grid": curve(read_at=[92]),
    # expressions
    "no cohort": first(cohort=""),
    "cohort that is a category": first(cohort="sex"),
    "cohort that is a number": first(cohort="1"),
    "cohort by a pseudonym": first(cohort="_patient = 'p7'"),
    "cohort by the secret order": first(cohort="_order = 1"),
    "cohort by the record number": first(cohort="case_no = '7'"),
    "cohort by a name": first(cohort="name = 'Ada'"),
    "cohort that looks at other rows": first(cohort="count(visit) > 1"),
    "cohort of another unit": first(cohort="first_visit"),
    "cohort of many brackets": first(cohort="(" * 5000 + "true" + ")" * 5000),
    "cohort of just too many brackets": first(cohort="(" * 60 + "sex = 1" + ")" * 60),
    "cohort of many nots": first(cohort="not " * 1500 + "true"),
    "cohort of many sums": first(cohort="risk" + " + risk" * 1000 + " > 1"),
    "cohort that is too long": first(cohort="sex = 1 or " * 1000 + "sex = 1"),
    "number of too many digits": first(cohort=f"risk > {'9' * 5000}"),
    "number beyond doubles": first(cohort="risk < 1e999"),
    "code that is no choice": first(cohort="sex = 3"),
    "text that ends the query": first(cohort="sex = '1''; DROP TABLE unit_person; --'"),
    "text with a zero byte": first(cohort="sex = '\x00'"),
    "calendar date": first(cohort="days('2020-01-01', follow_days) > 1"),
    "event that is no event": curve(event="follow_days"),
    "competing event that is no event": curve(competing="follow_days"),
    "competing event by the secret order": curve(competing="_order = 1"),
    "competing event that is empty": curve(competing=""),
    "expressions of four megabytes": lambda s: s.update(
        statistics=[
            s["statistics"][0] | {"name": f"s{i}", "cohort": "sex = 1 or " * 700 + "sex = 1"}
            for i in range(100)
        ]
    ),
}


@pytest.fixture
def plain(site):
    return study_of(site, ask=ASK).model_dump(mode="json")


def test_the_study_that_is_spoilt_below_is_answered_as_it_is(site, hub, plain):
    assert answer(forged(plain), site, hub.asked_by(site)).state == "answered"


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_study_is_refused(site, hub, plain, untouched, forgery):
    study = copy.deepcopy(plain)
    forgery(study)
    try:
        signed = forged(study)
    except ValueError:  # a number that canonical JSON does not have: sign other bytes
        signed = signed_bytes(_envelope(json.dumps(study)))
    started_s = time.process_time()
    untouched(answer(signed, site, hub.asked_by(site)))
    assert time.process_time() - started_s < 20


def _envelope(study: str) -> bytes:
    rest = json.loads(forged({}).payload)
    del rest["study"]
    return (json.dumps(rest)[:-1] + f', "study": {study}}}').encode()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"study"',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"study":' * 50_000,
        b"9" * 100_000,
        b"{}" * 10,
        _envelope("1"),
        _envelope("null"),
        _envelope("NaN"),
        _envelope('{"title": NaN}'),
        _envelope("{" * 500),
        _envelope('{"a":' * 150 + "1" + "}" * 150),
        _envelope('{"a":' * 5000 + "1" + "}" * 5000),
        _envelope('{"title": "\\ud800"}'),
        _envelope(f'{{"nano_rho": {"9" * 5000}}}'),
        _envelope("{}").replace(b'"min_sites": 1', b'"min_sites": 1e400'),
        _envelope("{}").replace(b'"nano_rho_max"', b'"nano_rho_min"'),
    ],
)
def test_signed_bytes_that_are_no_envelope_are_refused(site, hub, untouched, payload):
    untouched(answer(signed_bytes(payload), site, hub.asked_by(site)))


def test_what_was_signed_as_something_else_is_no_envelope(site, hub, untouched, plain):
    good = forged(plain)
    from tests.attack.world import ADA

    untouched(answer(ADA.sign(good.payload, "release"), site, hub.asked_by(site)))
    untouched(answer(COORDINATOR.sign(good.payload, "envelope"), site, hub.asked_by(site)))
    spoilt = good.payload.replace(b"north", b"south")
    untouched(
        answer(type(good)("envelope", spoilt, good.key, good.signature), site, hub.asked_by(site))
    )


def test_extra_spellings_of_one_envelope_are_not_more_budget(site, hub, plain):
    # The same nonce in other bytes: what it may be charged is counted over all of them.
    other = copy.deepcopy(plain)
    other["statistics"][0]["cohort"] = "true and true"
    limits = json.loads(forged(plain).payload) | {"nano_rho_max": plain["nano_rho"]}
    outcomes = [
        answer(signed_bytes(canonical(limits | {"study": study})), site, hub.asked_by(site))
        for study in (plain, other)
    ]
    assert [outcome.state for outcome in outcomes] == ["answered", "refused"]
    assert outcomes[1].reasons == ("budget_envelope",)
