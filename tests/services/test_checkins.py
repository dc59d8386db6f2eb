"""Check-ins: step by step, judged on receipt, nothing lost and nothing counted twice."""

from datetime import date, timedelta

import pytest

from bot.errors import NotAllowed, StaleTap
from bot.screens import checkins as screens
from bot.services.checkins import answering, checkins
from bot.services.talk.words import is_only_a_value, keep_words
from bot.services.trail import SYSTEM
from bot.services.visits import infusions
from bot.storage import answers, findings, texts_in
from bot.storage import checkins as store
from tests.services.conftest import DAY1, SONG, shanghai

D9 = date(2026, 12, 12)


@pytest.fixture
async def wang(ward, study, clock):
    """A participant on Day 9, the day after the third NK infusion; joined on Day 8."""
    clock.set(shanghai(date(2026, 12, 11), 13))
    active = await ward.active()
    for visit, on in (("D1", 4), ("D4", 7), ("D6", 9), ("D8", 11)):
        day = date(2026, 12, on)
        await infusions.record(study, SYSTEM, active, visit, shanghai(day, 9), shanghai(day, 12))
    await ward.until(shanghai(D9, 9))
    return await ward.now(active)


async def kept(study, checkin_id):
    async with study.db.begin() as tx:
        return {item: each.value for item, each in (await answers.current(tx, checkin_id)).items()}


async def rules(study, participant):
    async with study.db.begin() as tx:
        return [each.what.rule for each in await findings.since(tx, participant.id, shanghai(DAY1, 0))]


async def emergencies(ward):
    return await ward.queue("emergency")


async def well(ward, wang, turn, stop=lambda question: False):
    """Answer everything as somebody who is well, up to where `stop` says."""
    while turn.view.state == "open" and not stop(turn.view.question):
        part = turn.view.question.part
        usual = {"temperature": "36.6", "yes_no": "no", "severity": "0", "several": "none"}
        raw = usual.get(part.kind) or ("skip" if part.optional else "1")
        turn = await ward.answer(
            wang,
            turn,
            part.choices[0]
            if part.kind == "one_of"
            else "0"
            if part.kind == "number" and not part.optional
            else raw,
        )
    return turn


def at(kind):
    return lambda question: question.part.kind == kind


async def test_a_report_of_somebody_well_ends_green_with_the_words_of_the_protocol(ward, wang, study):
    turn = await well(ward, wang, await ward.report(wang))
    assert (turn.view.state, turn.view.tier) == ("done", "green")
    assert turn.view.question is None
    assert await emergencies(ward) == []
    assert await rules(study, wang) == []


async def test_the_temperature_is_asked_first_and_its_place_next(ward, wang, study):
    turn = await ward.report(wang)
    assert turn.view.question.token == "Q1.value"
    turn = await ward.answer(wang, turn, "36度6")
    assert turn.view.question.token == "Q1.place"
    assert (await kept(study, turn.view.checkin_id))["Q1"]["value"] == 36.6


@pytest.mark.parametrize("typed", ["38.5", "38,5", "38度5", "101.3F", "３８．５", "三十八度五"])
async def test_a_fever_after_nk_sends_the_emergency_text_in_whatever_way_it_is_typed(
    ward, wang, study, typed
):
    turn = await ward.answer(wang, await ward.report(wang), typed)
    turn = await ward.answer(wang, turn, "axillary")
    assert turn.view.is_red
    assert "R1" in await rules(study, wang)
    [message] = await emergencies(ward)
    assert (message.priority, message.expires_at) == (0, None)
    text = await ward.written(message)
    assert text.splitlines()[0] == "请马上看这条消息"
    assert "请现在去急诊" in text
    assert "120" in text
    assert study.site.phones.site in text


async def test_the_emergency_text_says_call_120_for_a_starred_rule(ward, wang):
    turn = await well(ward, wang, await ward.report(wang), lambda question: question.item.id == "Q7")
    turn = await ward.answer(wang, turn, "yes")
    assert turn.view.call_120
    [message] = await emergencies(ward)
    assert "请现在拨打 120" in await ward.written(message)


async def test_going_becomes_calling_when_it_gets_worse_and_never_the_other_way(ward, wang):
    turn = await ward.answer(wang, await ward.report(wang), "39")
    turn = await ward.answer(wang, turn, "axillary")
    turn = await well(ward, wang, turn, lambda question: question.item.id == "Q7")
    turn = await ward.answer(wang, turn, "yes")
    assert [each.params["call_120"] for each in await emergencies(ward)] == [False, True]
    turn = await well(ward, wang, turn)
    assert len(await emergencies(ward)) == 2
    assert (turn.view.state, turn.view.tier, turn.view.call_120) == ("done", "red", True)


async def test_the_form_goes_on_after_a_red_answer(ward, wang):
    turn = await ward.answer(wang, await ward.report(wang), "39")
    turn = await ward.answer(wang, turn, "axillary")
    assert turn.view.state == "open"
    assert turn.view.question is not None


async def test_the_same_button_twice_counts_once(ward, wang, study):
    turn = await ward.answer(wang, await ward.report(wang), "38.5")
    view = turn.view
    step = (view.checkin_id, view.version, view.question.token)
    first = await answering.record_answer(study, wang, *step, "axillary")
    second = await answering.record_answer(study, wang, *step, "axillary")
    assert first.toast is None
    assert second.toast is not None
    assert second.toast.key == "checkin.toast_moved_on"
    assert second.view == first.view
    assert len(await emergencies(ward)) == 1
    async with study.db.begin() as tx:
        assert len(await answers.ever(tx, view.checkin_id)) == 2


async def test_of_two_different_taps_at_once_the_first_counts(ward, wang, study):
    turn = await ward.answer(wang, await ward.report(wang), "36.6")
    step = (turn.view.checkin_id, turn.view.version, turn.view.question.token)
    await answering.record_answer(study, wang, *step, "oral")
    await answering.record_answer(study, wang, *step, "axillary")
    assert (await kept(study, step[0]))["Q1"]["place"] == "oral"


async def test_a_message_that_is_handled_twice_answers_one_question(ward, wang, study):
    turn = await ward.report(wang)
    first = await answering.answer_typed(study, wang, "36.6", 55)
    second = await answering.answer_typed(study, wang, "36.6", 55)
    assert first is not None
    assert second is not None
    assert second.view == first.view
    assert list(await kept(study, turn.view.checkin_id)) == ["Q1"]


async def test_somebody_elses_check_in_is_out_of_reach(ward, wang, study):
    turn = await ward.report(wang)
    other = await ward.active(SONG, code="002")
    view = turn.view
    with pytest.raises(StaleTap):
        await answering.record_answer(study, other, view.checkin_id, view.version, "Q1.value", "39")
    with pytest.raises(StaleTap):
        await answering.record_answer(study, wang, 9999, 1, "Q1.value", "39")


@pytest.mark.parametrize("raw", ["knee", "", "axillary,oral", "38.5"])
async def test_a_forged_choice_is_refused_and_the_question_stays(ward, wang, study, raw):
    turn = await ward.answer(wang, await ward.report(wang), "36.6")
    view = turn.view
    after = await answering.record_answer(study, wang, view.checkin_id, view.version, "Q1.place", raw)
    assert after.view.question.token == "Q1.place"
    assert after.view.note is not None


async def test_back_shows_the_question_before_and_a_new_answer_takes_the_place_of_the_old(ward, wang, study):
    turn = await ward.answer(wang, await ward.report(wang), "36.6")
    turn = await ward.answer(wang, turn, "oral")
    view = turn.view
    turn = await answering.back(study, wang, view.checkin_id, view.version, view.question.token)
    assert turn.view.question.token == "Q1.place"
    turn = await ward.answer(wang, turn, "axillary")
    assert (await kept(study, view.checkin_id))["Q1"]["place"] == "axillary"
    assert turn.view.question.item.id != "Q1"


async def test_back_on_the_first_question_says_that_it_is_the_first(ward, wang, study):
    turn = await ward.report(wang)
    view = turn.view
    again = await answering.back(study, wang, view.checkin_id, view.version, view.question.token)
    assert again.toast.key == "checkin.toast_first"
    assert again.view.question.token == "Q1.value"
    assert not view.can_go_back


async def test_an_impossible_temperature_is_refused_and_an_implausible_one_asked_again(ward, wang, study):
    turn = await ward.answer(wang, await ward.report(wang), "385度")
    assert turn.view.question.token == "Q1.value"
    assert turn.view.note is not None
    turn = await ward.answer(wang, turn, "43")
    assert turn.view.question.token == "Q1.value!"
    turn = await ward.answer(wang, turn, "36.7")
    assert (await kept(study, turn.view.checkin_id))["Q1"]["value"] == 36.7


async def test_each_tick_counts_at_once_and_quick_taps_all_count(ward, wang, study):
    turn = await well(ward, wang, await ward.report(wang), at("several"))
    view = turn.view
    codes = view.question.part.choices[:2]
    step = (view.checkin_id, view.version, view.question.token)
    for code in codes:
        turn = await answering.toggle(study, wang, *step, code, on=True)
    assert turn.view.chosen == codes
    assert turn.view.question.token == view.question.token
    turn = await answering.toggle(study, wang, *step, codes[0], on=False)
    assert turn.view.chosen == codes[1:]
    turn = await answering.done_ticking(study, wang, *step)
    assert turn.view.question.token != view.question.token
    assert (await kept(study, view.checkin_id))[view.question.item.id] == [codes[1]]


async def repeat(study, participant, turn):
    view = turn.view
    return await answering.same_as_last(
        study, participant, view.checkin_id, view.version, view.question.token
    )


async def test_the_same_as_last_time_takes_one_tap_plus_the_temperature_and_its_place(ward, wang, study):
    await well(ward, wang, await ward.report(wang))
    await ward.pass_time(hours=10)
    turn = await ward.report(wang, "update:2")
    assert turn.view.same
    turn = await repeat(study, wang, turn)
    assert turn.view.question.token == "Q1.value"
    assert not turn.view.same
    turn = await ward.answer(wang, await ward.answer(wang, turn, "36.6"), "axillary")
    assert (turn.view.state, turn.view.tier) == ("done", "green")
    given = await kept(study, turn.view.checkin_id)
    assert given["Q2"] is False
    assert (given["Q8"], given["Q9"]) == (None, None)


async def test_the_same_as_last_time_asks_anew_what_was_measured_last_time(ward, wang, study):
    readings = {"Q8.pressure": "118/76 70", "Q9.value": "97", "Q19.weight_kg": "61.5"}
    turn = await ward.report(wang)
    for token, reading in readings.items():
        turn = await well(ward, wang, turn, lambda question, token=token: question.token == token)
        turn = await ward.answer(wang, turn, reading)
    assert (await well(ward, wang, turn)).view.tier == "green"
    await ward.pass_time(hours=10)
    turn = await repeat(study, wang, await ward.report(wang, "update:2"))
    turn = await ward.answer(wang, await ward.answer(wang, turn, "36.6"), "axillary")
    for token, reading in readings.items():
        assert turn.view.question.token == token
        turn = await ward.answer(wang, turn, reading)
    assert (turn.view.state, turn.view.tier) == ("done", "green")


@pytest.mark.parametrize(("item", "raw", "tier"), [("Q7", "yes", "red"), ("Q2", "yes", "amber")])
async def test_after_an_alarming_report_nothing_is_repeated(ward, wang, study, item, raw, tier):
    turn = await well(ward, wang, await ward.report(wang), lambda question: question.item.id == item)
    turn = await well(ward, wang, await ward.answer(wang, turn, raw))
    assert turn.view.tier == tier
    await ward.pass_time(hours=10)
    turn = await ward.report(wang, "update:2")
    assert not turn.view.same
    forged = await repeat(study, wang, turn)
    assert forged.toast.key == "checkin.toast_no_last"
    assert await kept(study, turn.view.checkin_id) == {}
    await well(ward, wang, turn)
    await ward.pass_time(hours=10)
    assert (await ward.report(wang, "update:3")).view.same


@pytest.mark.parametrize("raw", ["0", "6", "7", "12"])
async def test_a_number_with_quick_answers_is_tapped_or_typed(ward, wang, study, raw):
    turn = await well(ward, wang, await ward.report(wang), lambda question: question.item.id == "Q14")
    view, codes = turn.view, study.texts.render(screens.checkin(turn.view, study.site), "both").keyboard
    assert [[button["text"] for button in row] for row in codes[:2]] == [list("0123"), list("456")]
    if raw in "0123456":
        step = (view.checkin_id, view.version, view.question.token)
        turn = await answering.record_answer(study, wang, *step, raw)
    else:
        turn = await answering.answer_typed(study, wang, raw, 501)
    assert turn.view.question.item.id == "Q15"
    assert (await kept(study, view.checkin_id))["Q14"] == int(raw)


async def test_a_report_that_was_not_finished_is_not_repeated(ward, wang, study):
    await well(ward, wang, await ward.report(wang))
    await ward.pass_time(hours=2)
    half = await well(
        ward, wang, await ward.report(wang, "update:2"), lambda question: question.item.id == "Q7"
    )
    assert half.view.state == "open"
    await ward.until(shanghai(D9, 20))
    assert not (await ward.report(wang, "update:3")).view.same


@pytest.mark.parametrize(("typed", "repeats"), [("36.6", True), ("38.6", False)])
async def test_an_alarming_temperature_in_between_withdraws_the_repeating(ward, wang, typed, repeats):
    evening = DAY1 + timedelta(days=11)
    await ward.until(shanghai(evening, 12))
    await well(ward, wang, await ward.report(wang))
    await ward.until(shanghai(evening, 20))
    await answering.answer_typed(ward.study, wang, typed, 901)
    async with ward.study.db.begin() as tx:
        opened = await store.current_for(tx, wang.id)
    assert opened is not None
    assert opened.form == "temperature"
    assert opened.current_item is not None
    step = (opened.id, opened.version, opened.current_item)
    await answering.record_answer(ward.study, wang, *step, "axillary")
    assert (await ward.report(wang, "update:3")).view.same is repeats


async def test_the_first_report_offers_nothing_to_repeat(ward, wang):
    assert not (await ward.report(wang)).view.same


async def test_a_finished_form_stays_as_it_is(ward, wang, study):
    turn = await ward.report(wang)
    view = turn.view
    done = await well(ward, wang, turn)
    late = await answering.record_answer(study, wang, view.checkin_id, view.version, "Q1.value", "39")
    assert late.toast.key == "checkin.toast_finished"
    assert late.view == done.view
    assert await emergencies(ward) == []


async def test_a_new_check_in_ends_the_one_before(ward, wang, study):
    await well(ward, wang, await ward.report(wang))
    report = (await ward.report(wang, "update:2")).view
    await ward.until(shanghai(D9, 20))
    late = await answering.record_answer(study, wang, report.checkin_id, report.version, "Q1.value", "39")
    assert late.toast.key == "checkin.closed"
    assert late.view.state == "superseded"
    message = (await ward.queue("checkin"))[-1]
    assert "第 1 题" in await ward.written(message)


async def test_the_message_of_a_check_in_is_remembered_once_it_was_sent(ward, wang, study):
    await ward.until(shanghai(D9, 20))
    message = (await ward.queue("checkin"))[-1]
    async with study.db.begin() as tx:
        await checkins.checkin_sent(study, tx, message, 4711, study.clock.now())
    turn = await ward.report(wang, "update:3")
    assert turn.message_id == 4711
    assert turn.view.checkin_id == message.params["checkin"]


async def test_a_check_in_that_was_answered_before_it_went_out_is_not_sent(ward, wang, study):
    await ward.until(shanghai(D9, 20))
    message = (await ward.queue("checkin"))[-1]
    await well(ward, wang, await ward.report(wang))
    assert await ward.written(message) == "skipped: no longer open"


async def test_a_report_before_the_consent_is_refused(ward, study):
    joined = await ward.joined(SONG, code="003")
    with pytest.raises(NotAllowed):
        await ward.report(joined)


async def test_a_report_goes_on_with_the_full_form_that_is_open(ward, wang, study):
    asked = (await ward.queue("checkin"))[-1]
    assert (await ward.report(wang)).view.checkin_id == asked.params["checkin"]


async def test_an_unanswered_check_in_gives_way_to_the_next_one(ward, wang, study):
    asked = (await ward.queue("checkin"))[-1].params["checkin"]
    await ward.until(shanghai(D9, 20))
    async with study.db.begin() as tx:
        row = await store.get(tx, asked)
    assert row is not None
    assert row.state == "superseded"


async def test_the_same_press_opens_one_report(ward, wang, study):
    await well(ward, wang, await ward.report(wang))
    first = await ward.report(wang, "press:1")
    again = await ward.report(wang, "press:1")
    assert first.view == again.view
    async with study.db.begin() as tx:
        opened = [each for each in await store.all_open(tx, wang.id) if each.key.startswith("report:")]
    assert len(opened) == 1


async def test_words_are_no_answer_to_a_number_and_are_kept_once(ward, wang, study):
    await ward.staff()
    await ward.report(wang)
    turn = await answering.answer_typed(study, wang, "喘不上气", 77)
    assert turn is None or turn.view.note is not None
    await keep_words(study, wang, "喘不上气", 77)
    await keep_words(study, wang, "喘不上气", 77)
    async with study.db.begin() as tx:
        assert [each.text for each in await texts_in.unseen(tx)] == ["喘不上气"]
    notes = [each for each in await ward.queue("staff_note") if each.params["note"] == "words"]
    pages = await ward.queue("page")
    # Whoever is paged for the words is told once.
    assert (len(notes), len(pages)) == (0, 1)
    assert "喘不上气" not in await ward.written(pages[0])


async def test_nothing_is_taken_as_an_answer_when_nothing_is_asked(ward, study):
    active = await ward.active(SONG, code="004")
    assert await answering.answer_typed(study, active, "38.5", 78) is None


@pytest.mark.parametrize(
    "text", ["38.5", "38度5", "101.3F", "体温38.6℃", "120/80 75", "高压120低压80脉搏75", "三十八度五"]
)
def test_a_bare_measurement_needs_no_reader(text):
    assert is_only_a_value(text)


@pytest.mark.parametrize(
    "text", ["38.5 and I can't breathe", "38度5,头很痛", "36.5 但是喘不上气", "on fire 38"]
)
def test_words_beside_a_measurement_are_for_a_reader(text):
    assert not is_only_a_value(text)


def test_a_long_text_of_signs_is_looked_at_quickly():
    assert not is_only_a_value("°c" * 2000 + "!")
