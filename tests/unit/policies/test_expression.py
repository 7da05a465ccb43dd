"""The expression language: what parses, what type-checks, what it means, how it is spelt."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.errors import ExpressionError
from policies.expression import (
    And,
    Arithmetic,
    Between,
    Call,
    Compare,
    Field,
    Has,
    In,
    IsMissing,
    Literal,
    Name,
    Node,
    Not,
    Or,
    Pick,
    Scope,
    canonical_text,
    check,
    conjuncts,
    evaluate,
    holds,
    names,
    parse,
)

VISITS = {"seen": Field("date"), "score": Field("number"), "kind": Field("category", ("a", "b"))}
SCOPE = Scope(
    {
        "age": Field("integer", (), 0, 90),
        "size": Field("number"),
        "grade": Field("category", ("1", "2", "3", "9")),
        "stage": Field("category", ("ia", "ib")),
        "sites": Field("multi", ("1", "2")),
        "born": Field("date"),
        "found": Field("date"),
        "smoker": Field("boolean"),
        "code": Field("text"),
    },
    {"visit": VISITS},
)
ROW: dict[str, Any] = {
    "age": 40,
    "size": 7.5,
    "grade": "2",
    "stage": None,
    "sites": frozenset({"1"}),
    "born": date(1980, 1, 1),
    "found": date(2020, 1, 1),
    "smoker": False,
    "code": "9180/3",
}
SEEN = [
    {"seen": date(2020, 3, 1), "score": 3.0, "kind": "a"},
    {"seen": None, "score": 9.0, "kind": "b"},
    {"seen": date(2020, 2, 1), "score": None, "kind": "b"},
    {"seen": date(2020, 3, 1), "score": 5.0, "kind": "b"},
]


def value(text: str) -> Any:
    node, _ = check(parse(text), SCOPE)
    return evaluate(node, ROW, lambda _: SEEN)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("ends(code, '/3')", True),
        ("ends(code, '/1')", False),
        ("age = 40", True),
        ("age == 40 and age <> 41", True),
        ("grade = 2", True),
        ("grade in [1, 2]", True),
        ("grade not in [1, 2]", False),
        ("stage = 'ia'", None),
        ("stage in [ia, ib]", None),
        ("stage is missing", True),
        ("not stage is missing", False),
        ("stage is not missing", False),
        ("stage = 'ia' or smoker", None),
        ("stage = 'ia' or not smoker", True),
        ("stage = 'ia' and smoker", False),
        ("not (stage = 'ia')", None),
        ("not not smoker", False),
        ("smoker = false", True),
        ("'1' in sites", True),
        ("2 in sites", False),
        ("'1' not in sites", False),
        ("size between 7 and 8", True),
        ("size not between 7 and 8", False),
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("2 - 3 - 4", -5),
        ("-size", -7.5),
        ("8 / 4 / 2", 1),
        ("size / (age - 40)", None),
        ("size / 0 = 1", None),
        ("days(born, found)", 14610),
        ("years(born, found)", 40),
        ("year(found)", 2020),
        ("abs(3 - 5)", 2),
        ("number(grade) + 1", 3),
        ("found > '2019-12-31'", True),
        ("days('2020-01-01', found)", 0),
        ("code = '9180/3'", True),
        ("code in ['9180/3', '9181/3']", True),
        ("count(visit)", 4),
        ("count(visit where kind = 'b')", 3),
        ("any(visit where score > 8)", True),
        ("any(visit where score > age)", False),
        ("min(visit.score)", 3),
        ("max(visit.seen)", date(2020, 3, 1)),
        ("max(visit.score where score > 99)", None),
        ("first(visit.score by seen)", None),
        ("first(visit.score where score is not missing by seen)", 3),
        ("last(visit.score by seen)", 5),  # an unknown order is never preferred; ties: later row
        ("last(visit.score where seen is not missing by seen)", 5),
        ("first(visit.score by abs(days(seen, found)), score)", None),
        ("first(visit.kind where score > 99)", None),
        ("first(visit.score)", 3),
        ("last(visit.score)", 5),
    ],
)
def test_meaning(text, result):
    got = value(text)
    assert got == result
    assert (got is None) == (result is None)


def test_missing_means_no_where_a_decision_is_needed():
    assert not holds(parse("stage = 'ia'"), ROW)
    assert not holds(parse("not stage = 'ia'"), ROW)


def test_relative_dates_are_whole_days():
    assert evaluate(parse("days(a, b)"), {"a": -3, "b": 4}) == 7


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected an element, a number or a bracket at position 1, found the end"),
        ("age =", "position 6, found the end"),
        ("age = 40 41", 'expected the end at position 10, found "41"'),
        ("(age = 40", 'expected ")"'),
        ("age in 40", 'expected "["'),
        ("age in [40", 'expected "]"'),
        ("age in []", "expected a constant"),
        ("age not 40", 'expected "in" or "between"'),
        ("age is 40", 'expected "missing"'),
        ("age between 1", 'expected "and"'),
        ("and", "expected an element"),
        ("missing = 1", "expected an element"),
        ("age # 1", "cannot read the character at position 5"),
        ("'open", "cannot read the character at position 1"),
        ("sqrt(age)", "one of the functions"),
        ("days(born)", "2 argument(s) for days()"),
        ("abs(age, age)", "1 argument(s) for abs()"),
        ("count(visit.score)", "count() takes an instrument alone"),
        ("min(visit)", "min() takes instrument.element"),
        ("min(visit.score by seen)", "min() takes no order"),
        ("(" * 70 + "age" + ")" * 70, "nested too deeply"),
        ("age = 1 or " * 1000 + "smoker", "longer than 8000 characters"),
    ],
)
def test_what_does_not_parse(text, said):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("agee = 40", 'unknown element "agee"; did you mean "age"?'),
        ("age = 'old'", "cannot be compared"),
        ("age = true", "cannot be compared"),
        ("grade = 4", '"4" is not a choice'),
        ("grade in [1, 4]", '"4" is not a choice'),
        ("grade > 1", "a category has no order"),
        ("grade + 1", "expected a number, found a category"),
        ("number(stage)", "choice codes are all digits"),
        ("number(age)", "choice codes are all digits"),
        ("smoker > true", "a boolean has no order"),
        ("age and smoker", "expected yes or no"),
        ("not age", "expected yes or no"),
        ("age = born", "cannot compare"),
        ("born = 'then'", "expected a date as 'YYYY-MM-DD'"),
        ("days(born, age)", "expected a date, found a"),
        ("sites = 1", "cannot compare"),
        ("sites in [1, 2]", "write  code in element"),
        ("'1' in grade", "does not hold several choices"),
        ("'7' in sites", '"7" is not a choice'),
        ("min(visit.kind)", "min() needs a number or a date"),
        ("first(visit.nothing)", 'unknown element "nothing" of visit'),
        ("any(vist)", 'cannot pick from "vist"'),
        ("any(visit where score)", "expected yes or no"),
    ],
)
def test_what_does_not_type_check(text, said):
    with pytest.raises(ExpressionError) as caught:
        check(parse(text), SCOPE)
    assert said in str(caught.value)


def test_where_other_rows_are_out_of_reach_it_says_where_they_are_not():
    """As in a study's cohort: it sees a unit's own rows, with what derivations put there."""
    with pytest.raises(ExpressionError, match="derivations and rules may") as caught:
        check(parse("any(visit where score > 3)"), Scope(SCOPE.fields))
    assert "derived element" in str(caught.value.hint)
    with pytest.raises(ExpressionError, match="but no pick"):
        check(parse("any(visit where any(visit where score > 3))"), SCOPE)


@pytest.mark.parametrize("text", ["born > '2000-01-01'", "year(born) = 2000"])
def test_relative_dates_have_no_calendar(text):
    scope = Scope({name: Scope.relative(field) for name, field in SCOPE.fields.items()})
    check(parse("days(born, found) > 3"), scope)
    with pytest.raises(ExpressionError, match="dates are relative here"):
        check(parse(text), scope)


@pytest.mark.parametrize("expect", ["boolean", "date", "number"])
def test_an_expected_type_is_demanded(expect):
    fits = {"boolean": "age > 1", "date": "born", "number": "age"}
    check(parse(fits[expect]), SCOPE, expect=expect)
    for other, text in fits.items():
        if other != expect:
            with pytest.raises(ExpressionError, match=f"must be a {expect}"):
                check(parse(text), SCOPE, expect=expect)


def test_names_and_conjuncts():
    node = parse("age > 1 and (smoker and stage is missing) and any(visit where score > size)")
    assert set(names(node)) >= {"age", "smoker", "stage", "score", "size"}
    assert len(list(conjuncts(node))) == 4
    assert "visit.score" in set(names(parse("min(visit.score)")))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("age > 1 and smoker", "smoker and age > 1"),
        ("age > 1 and (smoker and size < 2)", "(size < 2 and age > 1) and smoker"),
        ("smoker or smoker", "smoker"),
        ("grade in [2, 1]", "grade in [1, 2, 2]"),
        ("age = 1.0", "age == 1"),
        ("age <> 1", "age != 1"),
        ('code = "a"', "code = 'a'"),
    ],
)
def test_two_spellings_of_one_question(one, other):
    assert canonical_text(parse(one)) == canonical_text(parse(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("age - size", "size - age"),
        ("age < size", "size < age"),
        ("(age - size) - age", "age - (size - age)"),
        ("age = 1", "age = '1'"),
        ("not smoker and smoker", "not (smoker and smoker)"),
        ("smoker or age > 1 and smoker", "(smoker or age > 1) and smoker"),
    ],
)
def test_two_questions_are_spelt_differently(one, other):
    assert canonical_text(parse(one)) != canonical_text(parse(other))


NUMBERS = st.one_of(
    st.integers(-(10**9), 10**9), st.floats(-1e9, 1e9, allow_nan=False, allow_infinity=False)
).map(Literal)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=8).map(Literal)
NAMES = st.sampled_from(["age", "size", "grade", "born", "smoker"]).map(Name)


def trees(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """One more layer of any kind of node."""
    two = st.lists(children, min_size=2, max_size=3).map(tuple)
    orders = st.sampled_from(["first", "last"])
    plain = st.sampled_from(["min", "max"])
    alone = st.sampled_from(["any", "count"])
    where = st.one_of(st.none(), children)
    return st.one_of(
        st.builds(Not, children),
        st.builds(And, two),
        st.builds(Or, two),
        st.builds(Compare, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), children, children),
        st.builds(In, children, st.lists(NUMBERS | TEXTS, min_size=1, max_size=3).map(tuple)),
        st.builds(Between, children, children, children),
        st.builds(IsMissing, children),
        st.builds(Has, st.from_regex(r"[A-Za-z0-9_.+-]{1,8}", fullmatch=True), st.just("sites")),
        st.builds(Arithmetic, st.sampled_from(["+", "-", "*", "/"]), children, children),
        st.builds(
            Call,
            st.sampled_from(["days", "years"]),
            st.tuples(children, children),
        ),
        st.builds(Call, st.sampled_from(["year", "abs", "number"]), st.tuples(children)),
        st.builds(Pick, orders, st.just("visit"), st.just("score"), where, st.tuples(children)),
        st.builds(Pick, plain, st.just("visit"), st.just("score"), where),
        st.builds(Pick, alone, st.just("visit"), st.none(), where),
    )


TREES = st.recursive(
    st.one_of(NUMBERS, TEXTS, NAMES, st.booleans().map(Literal)), trees, max_leaves=12
)


@given(TREES)
def test_canonical_text_reads_back_as_itself(node):
    text = canonical_text(node)
    assert canonical_text(parse(text)) == text


@given(st.text(max_size=40))
def test_any_text_parses_or_is_refused(text):
    try:
        parse(text)
    except ExpressionError:
        return
    assert canonical_text(parse(text))


@pytest.mark.parametrize(
    "text", ["ends(grade, '2')", "ends(code, '')", "ends(code, grade)", "ends(code, 3)"]
)
def test_only_a_text_has_an_end_and_a_constant_says_which(text: str) -> None:
    with pytest.raises(ExpressionError, match="ends"):
        check(parse(text), SCOPE)


def test_the_end_of_a_missing_text_is_missing() -> None:
    node, _ = check(parse("ends(code, '/3')"), SCOPE)
    assert evaluate(node, {**ROW, "code": None}) is None
    assert canonical_text(node) == "ends(code, '/3')"
