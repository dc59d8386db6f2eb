"""The flow of a check-in, played the way a participant taps and types."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.checkin import (
    Accepted,
    AskAgain,
    Question,
    Refused,
    Who,
    accept_answer,
    asked,
    back,
    next_question,
    question_at,
    repeat_missed,
    repeat_question,
    same_as_last,
)
from bot.domain.protocol import load_protocol
from bot.errors import StaleTap

PROTOCOL = load_protocol(anchor="rituximab")
ITEMS, FORMS = PROTOCOL.items, PROTOCOL.forms
EVERYONE = Who()


def take(question: Question, raw, answers) -> Accepted:
    taken = accept_answer(question, raw, answers)
    assert isinstance(taken, Accepted), taken
    return taken


def upcoming(form, answers, who=EVERYONE) -> Question:
    question = next_question(FORMS[form], ITEMS, answers, who)
    assert question is not None
    return question


def play(form, *raws, answers=None, who=EVERYONE):
    """Answer the next question with each raw answer in turn; return the answers and the steps taken."""
    answers, steps = dict(answers or {}), []
    for raw in raws:
        question = upcoming(form, answers, who)
        taken = take(question, raw, answers)
        answers[taken.item] = taken.value
        steps.append(question.token)
    return answers, steps


def step(token, form="full", answers=None):
    return question_at(token, FORMS[form], ITEMS, answers or {}, EVERYONE)


def test_the_temperature_asks_for_its_place_and_is_done():
    answers, steps = play("temperature", "38度5", "axillary")
    assert steps == ["Q1.value", "Q1.place"]
    assert answers == {"Q1": {"value": 38.5, "unit": "C", "place": "axillary"}}
    assert next_question(FORMS["temperature"], ITEMS, answers, EVERYONE) is None


def test_a_temperature_waits_for_its_place_before_it_is_judged():
    first = take(step("Q1.value"), "101.3F", {})
    assert first == Accepted("Q1", {"value": 38.5, "unit": "C"}, done=False, judge=False)
    answers = {"Q1": first.value}
    second = take(step("Q1.place", answers=answers), "oral", answers)
    assert (second.done, second.judge) == (True, True)


def test_an_unusual_temperature_is_asked_once_more_then_taken():
    again = accept_answer(step("Q1.value"), "33.0", {})
    assert isinstance(again, AskAgain)
    assert (again.question.token, again.key, again.values) == (
        "Q1.value!",
        "item.again.implausible",
        {"value": 33.0},
    )
    taken = accept_answer(step(again.question.token), "33.0", {})
    assert taken == Accepted("Q1", {"value": 33.0, "unit": "C"}, done=False, judge=False)


@pytest.mark.parametrize(
    ("token", "raw", "key"),
    [
        ("Q1.value", "46", "item.refused.impossible"),
        ("Q1.value!", "29", "item.refused.impossible"),
        ("Q1.value", "hot", "item.refused.not_a_number"),
        ("Q1.value", "skip", "item.refused.needed"),
        ("Q2.value", "perhaps", "item.refused.one_choice"),
        ("Q5.value", "5", "item.refused.one_choice"),
        ("Q6.value", ["chest_pain", "hiccups"], "item.refused.one_choice"),
        ("Q8.pressure", "80/120", "item.refused.blood_pressure"),
        ("Q9.value", "101", "item.refused.impossible"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_reason(token, raw, key):
    refused = accept_answer(step(token), raw, {})
    assert isinstance(refused, Refused)
    assert refused.key == key


@pytest.mark.parametrize(
    ("token", "raw", "value"),
    [
        ("Q2.value", "yes", True),
        ("Q2.value", "no", False),
        ("Q2.value", "没有", False),
        ("Q3.value", "no", False),
        ("Q5.value", "3", 3),
        ("Q6.value", ["fainting", "chest_pain"], ["chest_pain", "fainting"]),
        ("Q6.value", "none", []),
        ("Q8.pressure", "120/80 75", {"sbp": 120, "dbp": 80, "pulse": 75}),
        ("Q8.pressure", "120/80", {"sbp": 120, "dbp": 80}),
        ("Q8.pressure", "skip", None),
        ("Q9.value", "97%", {"value": 97}),
        ("Q9.value", "skip", None),
        ("Q10.value", "no", False),
        ("Q12.value", "no", False),
        ("Q14.value", "四", 4),
        ("Q22.value", "no", False),
    ],
)
def test_answers_are_written_down_in_their_canonical_form(token, raw, value):
    taken = accept_answer(step(token), raw, {})
    assert isinstance(taken, Accepted)
    assert (taken.value, taken.done, taken.judge) == (value, True, True)


def test_follow_ups_come_only_where_the_answer_calls_for_them():
    start = {name: None for name in FORMS["full"].items if name not in ("Q13", "Q19", "Q12")}
    answers, steps = play("full", "yes", "sudden", "1", "yes", "2", "no", "62.5", answers=start)
    assert steps == [
        "Q12.value",
        "Q12.onset",
        "Q13.severity",
        "Q13.blisters",
        "Q19.severity",
        "Q19.one_leg",
        "Q19.weight_kg",
    ]
    assert answers["Q12"] == {"value": True, "onset": "sudden"}
    assert answers["Q13"] == {"severity": 1, "blisters": True}
    assert answers["Q19"] == {"severity": 2, "one_leg": False, "weight_kg": 62.5}
    _, steps = play("full", "no", "0", "0", "skip", answers=start)
    assert steps == ["Q12.value", "Q13.severity", "Q19.severity", "Q19.weight_kg"]


def test_a_skipped_part_is_not_asked_again():
    answers, _ = play("full", "0", "skip", answers={n: None for n in FORMS["full"].items if n != "Q19"})
    assert answers["Q19"] == {"severity": 0, "weight_kg": None}
    assert next_question(FORMS["full"], ITEMS, answers, EVERYONE) is None


def test_the_confidential_question_is_for_flagged_participants_once_in_four_weeks():
    def names(who):
        return [item.id for item in asked(FORMS["full"], ITEMS, who)]

    flagged = frozenset({"CONTRACEPTION"})
    assert "Q21" not in names(EVERYONE)
    assert "Q21" in names(Who(flagged))
    assert "Q21" not in names(Who(flagged, {"Q21": 671.9}))
    assert "Q21" in names(Who(flagged, {"Q21": 672.0}))


def test_progress_counts_the_questions_and_not_what_only_follows_from_an_answer():
    question = upcoming("pre_infusion", {"Q1": None})
    # Temperature, chills, and six questions of the screen; the place belongs to the temperature.
    assert (question.token, question.number, question.of) == ("Q2.value", 2, 8)
    question = upcoming("pre_infusion", {"Q1": None, "Q2": False, "screen": {"new_infection": False}})
    assert (question.token, question.number, question.of) == ("screen.antibiotic", 4, 8)


def test_back_goes_to_the_step_before_and_stops_at_the_first():
    answers, _ = play("full", "36.6", "ear", "no")
    here = upcoming("full", answers)
    assert step_back(answers, here.token) == "Q2.value"
    assert step_back(answers, "Q2.value") == "Q1.place"
    assert step_back(answers, "Q1.value!") is None
    assert step_back(answers, None) == "Q22.value"


def step_back(answers, at):
    before = back(FORMS["full"], ITEMS, answers, EVERYONE, at)
    return before.token if before else None


def test_answering_a_step_anew_drops_the_follow_ups_of_the_old_answer():
    answers, _ = play("full", "yes", "sudden", answers={n: None for n in FORMS["full"].items if n != "Q12"})
    corrected = accept_answer(step("Q12.value", answers=answers), "no", answers)
    assert corrected == Accepted("Q12", False, done=True, judge=True)
    warmer = accept_answer(step("Q1.value"), "37.9", {"Q1": {"value": 36.6, "unit": "C", "place": "ear"}})
    assert warmer == Accepted("Q1", {"value": 37.9, "unit": "C"}, done=False, judge=False)


def test_the_same_as_last_time_repeats_all_but_what_is_measured():
    last = {
        "Q1": {"value": 36.6, "place": "ear"},
        "Q2": False,
        "Q5": 1,
        "Q8": {"sbp": 120},
        "Q9": {"value": 97},
    }
    assert same_as_last(FORMS["full"], ITEMS, last, EVERYONE) == {"Q2": False, "Q5": 1}
    assert same_as_last(FORMS["temperature"], ITEMS, last, EVERYONE) == {}


def test_the_same_as_last_time_leaves_out_what_was_left_out_and_measures_what_was_measured():
    skipped = {"Q1": None, "Q8": None, "Q9": None, "Q19": {"severity": 0, "weight_kg": None}}
    repeated = same_as_last(FORMS["full"], ITEMS, skipped, EVERYONE)
    assert repeated == {"Q8": None, "Q9": None, "Q19": {"severity": 0, "weight_kg": None}}
    measured = {"Q8": {"sbp": 120}, "Q9": {"value": 97}, "Q19": {"severity": 0, "weight_kg": 61.5}}
    repeated = same_as_last(FORMS["full"], ITEMS, measured, EVERYONE)
    assert repeated == {"Q19": {"severity": 0}}
    rest = {name: None for name in FORMS["full"].items if name != "Q19"}
    assert upcoming("full", rest | repeated).token == "Q19.weight_kg"


def test_a_step_that_the_form_does_not_have_is_stale():
    for token in ("Q5.value", "Q1.wrong", "", "Q99.value!"):
        with pytest.raises(StaleTap):
            step(token, form="temperature")


def test_red_items_come_before_the_others():
    amber_only = {"Q17", "Q20", "Q3", "Q22", "Q21"}
    for name in ("full", "report"):
        order = list(FORMS[name].items)
        assert set(order[-len(amber_only & set(order)) :]) == amber_only & set(order)


def test_a_full_healthy_check_in_takes_few_taps():
    answers: dict[str, object] = {}
    taps = 0
    while (question := next_question(FORMS["full"], ITEMS, answers, EVERYONE)) is not None:
        raw = "36.6" if question.token == "Q1.value" else healthy(question)
        taken = take(question, raw, answers)
        answers[taken.item], taps = taken.value, taps + 1
    assert taps == 23
    assert set(answers) == set(FORMS["full"].items) - {"Q21"}


def healthy(question):
    if question.part.optional:
        return "skip"
    return {"yes_no": "no", "severity": "0", "several": "none", "one_of": "axillary", "number": "0"}[
        question.part.kind
    ]


RAWS = (
    "yes",
    "no",
    "0",
    "1",
    "4",
    "axillary",
    "sudden",
    "none",
    "skip",
    "36.6",
    "39,2",
    "33",
    "120/80 75",
    "self",
    "",
)


@given(st.lists(st.sampled_from(RAWS), max_size=120), st.sampled_from(sorted(FORMS)))
def test_whatever_is_tapped_answers_stay_canonical_and_the_flow_moves_on(raws, form):
    answers: dict[str, object] = {}
    for raw in raws:
        question = next_question(FORMS[form], ITEMS, answers, EVERYONE)
        if question is None:
            break
        taken = accept_answer(question, raw, answers)
        if isinstance(taken, AskAgain):
            taken = accept_answer(taken.question, raw, answers)
        if isinstance(taken, Accepted):
            answers[taken.item] = taken.value
            item = ITEMS[taken.item]
            assert taken.value is None or item.write(item.read(taken.value)) == taken.value
            following = next_question(FORMS[form], ITEMS, answers, EVERYONE)
            assert following is None or following.token != question.token
            assert taken.done == (following is None or following.item.id != taken.item)


def test_a_second_reading_stands_beside_the_first():
    first = {"Q9": {"value": 90}}
    question = step(repeat_question(ITEMS["Q9"]).token, answers=first)
    assert question == Question(ITEMS["Q9"], ITEMS["Q9"].parts[0], 1, 1, repeat=True)
    assert take(question, "95", first) == Accepted("Q9", {"value": 90, "repeat": {"value": 95}}, True, True)
    assert repeat_missed("Q9", first) == {"value": 90, "repeat": None}


def test_a_second_temperature_is_taken_at_the_same_place():
    first = {"Q1": {"value": 37.6, "unit": "C", "place": "axillary"}}
    taken = take(repeat_question(ITEMS["Q1"]), "37度9", first)
    assert taken.value == {
        "value": 37.6,
        "unit": "C",
        "place": "axillary",
        "repeat": {"value": 37.9, "unit": "C"},
    }
    assert (taken.done, taken.judge) == (True, True)


def test_an_unusual_second_reading_is_asked_once_more_too():
    again = accept_answer(repeat_question(ITEMS["Q9"]), "60", {"Q9": {"value": 90}})
    assert isinstance(again, AskAgain)
    assert again.question.token == "Q9.value~!"
    taken = take(step("Q9.value~!", answers={"Q9": {"value": 90}}), "60", {"Q9": {"value": 90}})
    assert taken.value == {"value": 90, "repeat": {"value": 60}}


def test_a_second_blood_pressure_that_was_not_possible_is_kept_as_missing():
    first = {"Q8": {"sbp": 85, "dbp": 50}}
    assert take(repeat_question(ITEMS["Q8"]), "skip", first).value == {
        "sbp": 85,
        "dbp": 50,
        "repeat": None,
    }
