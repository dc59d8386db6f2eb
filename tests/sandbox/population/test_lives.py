"""The model by itself: the same seed gives the same lives, and what is asked is answered by the truth."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.checkin import Accepted, Who, accept_answer, next_question
from bot.domain.protocol import load_protocol
from bot.sandbox.population.answers import tapped, ticked, typed
from bot.sandbox.population.bodies import body, usual
from bot.sandbox.population.conditions import FELT, GRAVITIES, KINDS, TREATED_WITHIN, befalls
from bot.sandbox.population.habits import CHARACTERS, habits, looks_at
from bot.sandbox.population.lives import live

DAY1 = datetime(2026, 12, 1, tzinfo=UTC)
INFUSIONS = [("rituximab", DAY1 + timedelta(hours=11)), ("nk", DAY1 + timedelta(days=3, hours=11))]
READINGS = ("Q1.value", "Q8.pressure", "Q9.value", "Q14.value", "Q19.weight_kg", "Q3.hours_ago")

seeds = st.integers(0, 10_000)
kinds = st.sampled_from(sorted(KINDS))


def a_life(seed: int, number: int = 0, months: int = 12):
    return live(number, f"{number + 1:03d}", DAY1, months, INFUSIONS, seed)


@given(seeds, st.integers(0, 30))
def test_the_same_seed_gives_the_same_life(seed, number) -> None:
    assert a_life(seed, number) == a_life(seed, number)


def test_among_six_there_is_one_of_each_character() -> None:
    assert {a_life(1, number).character for number in range(6)} == set(CHARACTERS)


@given(seeds)
def test_the_septic_one_is_on_steroids_and_has_no_fever_at_the_height_of_it(seed) -> None:
    life = a_life(seed, CHARACTERS.index("septic"))
    assert "STEROID" in life.flags
    [sepsis] = [each for each in life.conditions if each.kind == "sepsis_without_fever"]
    life.conditions = [sepsis]
    body = life.body(sepsis.begins_at + timedelta(hours=24))
    assert body.celsius < 37.5 + 0.5
    assert "feel_worse" in body.signs
    assert body.pulse > life.usual.pulse + 15
    assert body.sbp < life.usual.sbp - 10


@given(kinds, seeds, st.integers(-10, 700))
def test_what_is_felt_is_the_truth_and_nothing_else_is(kind, seed, hours) -> None:
    each = befalls(kind, DAY1, Random(seed))
    life = a_life(seed)
    life.conditions = [each]
    at = DAY1 + timedelta(hours=hours)
    assert life.truth(at) == (each.gravity if each.strength(at) >= FELT else None)
    assert 0 <= each.strength(at) <= 1
    if not each.is_felt(at):
        assert not life.body(at).signs


@given(st.sets(kinds, min_size=2), seeds)
def test_of_several_illnesses_the_gravest_is_the_truth(several, seed) -> None:
    life = a_life(seed)
    life.conditions = [befalls(kind, DAY1, Random(seed)) for kind in sorted(several)]
    at = DAY1 + timedelta(hours=12)
    felt = [each.gravity for each in life.conditions if each.is_felt(at)]
    assert life.truth(at) == min(felt, key=GRAVITIES.index, default=None)


@given(kinds, seeds)
def test_whoever_is_ill_has_something_to_tell(kind, seed) -> None:
    """At its height every illness can be told, not measured alone."""
    each = befalls(kind, DAY1, Random(seed))
    at = each.felt_at + (each.ends_at - each.felt_at) / 2
    who = usual(Random(seed))
    ill, well = body(who, [each], at, str(seed)), body(who, [], at, str(seed))
    assert ill.feels != well.feels


@given(seeds, st.integers(0, 300))
def test_a_healthy_body_has_no_fever_and_no_sign(seed, hours) -> None:
    well = body(usual(Random(seed)), [], DAY1 + timedelta(hours=hours), str(seed))
    assert well.celsius < 38.0
    assert not well.signs
    assert max(well.scores.values()) <= 1
    assert well.sbp > well.dbp


@given(kinds, seeds, st.integers(0, 100))
def test_treatment_only_ever_shortens(kind, seed, hours) -> None:
    each = befalls(kind, DAY1, Random(seed))
    at = DAY1 + timedelta(hours=hours)
    treated = each.treated(at)
    assert treated.begins_at <= treated.ends_at <= min(each.ends_at, max(each.begins_at, at + TREATED_WITHIN))


@settings(max_examples=30)
@given(st.sets(kinds, max_size=3), seeds, st.integers(0, 200))
def test_every_question_of_every_form_gets_an_answer_that_is_taken(protocol, several, seed, hours) -> None:
    rng = Random(seed)
    conditions = [befalls(kind, DAY1, rng) for kind in sorted(several)]
    told = body(usual(rng), conditions, DAY1 + timedelta(hours=hours), str(seed))
    who = Who(frozenset({"CONTRACEPTION"}))
    for form in protocol.forms.values():
        answers: dict[str, Any] = {}
        while (question := next_question(form, protocol.items, answers, who)) is not None:
            taken = accept_answer(question, _raw(question, told), answers)
            assert isinstance(taken, Accepted), (question.token, taken)
            answers[taken.item] = taken.value
        if form.id == "full":
            assert answers["Q2"] == ("chills" in told.signs)
            assert answers["Q1"] == {"value": told.celsius, "unit": "C", "place": "axillary"}
            assert answers["Q4"] == [sign for sign in answers["Q4"] if sign in told.signs]


def _raw(question, told):
    if question.token in READINGS:
        return typed(told, question.token)
    if question.part.kind == "several":
        return sorted(ticked(told, question.item.id))
    return "skip" if question.part.kind == "text" else tapped(told, question.token)


@pytest.fixture(scope="module")
def protocol():
    return load_protocol()


@given(st.sampled_from(CHARACTERS), seeds, st.integers(0, 24 * 60 - 1), st.booleans())
def test_nobody_looks_at_a_phone_before_it_rang_nor_days_later(character, seed, minute, ill) -> None:
    rng = Random(seed)
    at = DAY1 + timedelta(minutes=minute)
    looked_at = looks_at(habits(character, rng), at, at.time(), rng, ill=ill)
    assert looked_at is None or at <= looked_at <= at + timedelta(hours=20)


def test_who_sleeps_looks_in_the_morning() -> None:
    rung_at = DAY1 + timedelta(hours=23)
    rng = Random(1)
    looked = [looks_at(habits("plain", rng), rung_at, rung_at.time(), rng, ill=False) for _ in range(50)]
    assert all(6 <= at.hour <= 7 for at in looked if at is not None)
