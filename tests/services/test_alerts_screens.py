"""What staff read of an alert, in both languages: every state and outcome, and nothing that is private."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.outcomes import OUTCOMES
from bot.domain.people import Role, StaffMember
from bot.domain.words import Words
from bot.screens import alert_log, alerts_list, closing, reached
from bot.screens import alerts as screens
from bot.screens.alert_log import Event
from bot.screens.alert_view import AlertView, Deed, EarlierView, FoundView
from bot.screens.closing import Choice, Typed
from bot.services.alerts import acts
from bot.storage import checkins, findings
from bot.texts import Phrase
from tests.services.test_alerts import FEVER, fever, find, lin, minutes, wang

__all__ = ["lin", "wang"]

NOW = datetime(2026, 12, 9, 3, 0, tzinfo=UTC)
LANGUAGES = ("zh_CN", "en")
READER = StaffMember(1, "Lin", Role.COORDINATOR, "en", "active")
DEED = Deed("Zhao", NOW)
VIEW = AlertView(
    id=7,
    version=3,
    code="001",
    tier="red",
    hours=None,
    state="open",
    zone="Asia/Shanghai",
    opened_at=NOW,
    take_by=NOW + timedelta(minutes=5),
    reach_by=NOW + timedelta(minutes=15),
    study_day=6,
    hours_since={"nk": 47.0, "rituximab": 119.0},
    found=(
        FoundView("R1", 1, "red", Words("rule.R1"), (), (Words("rule.R3.note"),), NOW),
        FoundView("A24", 1, "amber", Words("rule.R2"), (), (), NOW, private=True),
    ),
    earlier=(EarlierView(Words("rule.R1"), NOW),),
    protocol_version="2026.1",
)
TAKEN = replace(VIEW, state="acknowledged", taken=DEED)
REACHED = replace(TAKEN, state="contacted", reached=DEED, how="phone", help_answer=("help", NOW))
CLOSED = replace(REACHED, state="closed", closed=DEED, outcome="40", sae_due_at=NOW + timedelta(hours=20))
SENT = replace(CLOSED, sae_sent=DEED)
AMBER = replace(VIEW, tier="amber", hours=4)
EVERY = [VIEW, TAKEN, REACHED, CLOSED, SENT, AMBER]


def shown(study, screen, language):
    rendered = study.texts.render(screen, language)
    labels = [button["text"] for row in rendered.keyboard for button in row]
    return "\n".join([rendered.text, *labels])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", EVERY)
@pytest.mark.parametrize("news", [False, True])
def test_every_state_reads_in_both_languages(study, view, language, news):
    text = shown(study, screens.page(view, NOW, READER, news=news), language)
    assert "001" in text.split("\n")[0]
    assert "38" not in text
    assert len(text) < 2000


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_state_line_says_who_has_it(study, language):
    for view in (TAKEN, REACHED, CLOSED):
        assert "Zhao" in shown(study, screens.page(view, NOW, READER), language).split("\n")[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_countdown_of_a_potential_sae_runs_and_is_overdue_and_ends(study, language):
    hours = {"en": "(20 h left)", "zh_CN": "还剩 20 小时"}[language]
    assert hours in shown(study, screens.page(CLOSED, NOW, READER), language)
    late = shown(study, screens.page(CLOSED, NOW + timedelta(hours=20), READER), language)
    assert {"en": "overdue", "zh_CN": "超时"}[language] in late
    sent = shown(study, screens.page(SENT, NOW, READER), language)
    assert hours not in sent
    assert {"en": "as sent", "zh_CN": "报出"}[language] in sent


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_private_is_not_told(study, language):
    text = shown(study, screens.page(VIEW, NOW, READER), language)
    assert str(study.texts.plain(language, Phrase("rule.R2"))) not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_of_closing_reads_in_both_languages(study, language):
    assert "001" in shown(study, reached.how(TAKEN, NOW), language)
    for view in (TAKEN, REACHED):
        assert "90" in shown(study, closing.outcomes(view), language)
    for code in OUTCOMES:
        choice = Choice.read(code, "", Typed("a note"))
        assert choice is not None
        while choice.asks is not None:
            assert code in shown(study, closing.ask(REACHED, choice), language)
            first = closing.ask(REACHED, choice).buttons[0][0].data
            choice = Choice.read(code, first.split(":")[4], Typed("a note"))
            assert choice is not None
        for given in (choice, replace(choice, typed=Typed()), replace(choice, known="7", check="t")):
            assert code in shown(study, closing.ask(REACHED, given), language)
            assert code in shown(study, closing.ask_typed(REACHED, choice, "note"), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_history_reads_in_both_languages(study, language):
    values = {"how": "chat", "answer": "no", "round": "2", "rules": "R1", "who": "caregiver"}
    values |= {"hours": "4", "reason": "seen at the clinic"}
    events = [Event(action, NOW, "Zhao", values) for action in alert_log.EVENTS]
    text = shown(study, alert_log.log(CLOSED, events, "a note"), language)
    assert text.count("11:00") == len(events)
    assert text.count("03:00") == len(events)
    assert "a note" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_list_and_questions_read_in_both_languages(study, language):
    listed = shown(study, alerts_list.listing([VIEW, TAKEN, REACHED], [CLOSED], NOW), language)
    assert listed.count("001") == 8
    assert shown(study, alerts_list.listing([], [], NOW), language)
    assert "120" in shown(study, alerts_list.asked_again("120", 7), language)
    assert "021" in shown(study, alerts_list.help_noted("120", "021"), language)


def test_a_choice_that_no_button_offers_is_nonsense():
    for code, flags in (("66", ""), ("40", "x"), ("40", "yyy"), ("40", "ynnn"), ("00", "yn"), ("", "y")):
        assert Choice.read(code, flags) is None


@pytest.mark.parametrize(
    ("code", "flags", "serious"),
    [("40", "y", True), ("80", "n", True), ("30", "y", None), ("30", "yn", False), ("85", "y", False)],
)
def test_codes_40_to_80_are_serious_30_asks_and_the_others_are_not(code, flags, serious):
    choice = Choice.read(code, flags)
    assert choice is not None
    assert choice.serious is serious
    assert choice.flags == flags


def test_a_page_of_every_rule_at_once_still_fits_into_one_message(study):
    found = tuple(
        FoundView(rule.id, 1, rule.tier, Words(rule.reason_key), (Words("rule.seen.private"),) * 3, (), NOW)
        for rule in study.protocol.rules.values()
    )
    text = shown(study, screens.page(replace(VIEW, found=found), NOW, READER), "en")
    assert len(text) < 4096
    assert all(each.rule in text for each in found)


async def test_the_last_values_before_the_alert_are_on_the_page(ward, study, wang, lin):
    for minute, value in ((10, "36.6"), (20, "36.9"), (30, "37.0"), (40, "37.1")):
        study.clock.set(minutes(minute))
        turn = await ward.answer(wang, await ward.report(wang, f"update:{minute}"), value)
        turn = await ward.answer(wang, turn, "axillary")
        async with study.db.begin() as tx:
            row = await checkins.get(tx, turn.view.checkin_id)
            assert row is not None
            await checkins.advance(tx, row, state="done", current_item=None)
    study.clock.set(minutes(60))
    await fever(ward, wang)
    view = await acts.open_(study, lin.ref, 1)
    assert [each.what.values["value"] for each in view.earlier] == [37.1, 37.0, 36.9]
    assert [each.at for each in view.earlier] == [minutes(40), minutes(30), minutes(20)]
    assert "Before: Temperature 37.1 °C (Armpit) · Dec 9 11:40" in await ward.written(
        (await ward.queue("page"))[0]
    )


async def test_a_pregnancy_never_stands_on_a_page(ward, study, wang, lin):
    item = next(item.id for item in study.protocol.items.values() if item.private)
    await find(study, wang, "A24", "amber", 24, values={f"{item}.value": True})
    view = await acts.open_(study, lin.ref, 1)
    assert [each.private for each in view.found] == [True]
    [page] = await ward.queue("page")
    assert "private answer" in await ward.written(page)


async def test_each_rule_stands_on_the_page_once_the_gravest_first(study, wang, lin):
    await find(study, wang, "A1", "amber", 4)
    await find(study, wang, "R5")
    study.clock.set(minutes(9))
    await find(study, wang, "R5")
    view = await acts.open_(study, lin.ref, 1)
    assert [(each.rule, each.at) for each in view.found] == [("R5", minutes(9)), ("A1", FEVER)]
    async with study.db.begin() as tx:
        assert len(await findings.of_alert(tx, 1)) == 3


READ_THEM = (Words("words.page_read_them"),)
WORDS = FoundView("TEXT:breathing", 1, "red", Words("hazard.breathing"), (), READ_THEM, NOW)
PRIVATE_WORDS = FoundView("TEXT:private", 1, "amber", Words("hazard.pregnancy"), (), (), NOW, private=True)


@pytest.mark.parametrize(
    ("language", "said", "listed"),
    [
        ("zh_CN", "写到：呼吸困难、喘不上气", ("呼吸困难、喘不上气", "一件私密的事", "R1")),
        ("en", "Wrote: trouble breathing", ("trouble breathing", "a private matter", "R1")),
    ],
)
def test_what_was_written_is_said_in_words_and_never_by_a_code(study, language, said, listed):
    many = (WORDS, PRIVATE_WORDS, *(replace(VIEW.found[0], rule=f"R{n}") for n in range(2, 10)), WORDS)
    text = shown(study, screens.page(replace(VIEW, found=many), NOW, READER), language)
    assert said in text
    past = alert_log.log(
        VIEW, [Event("open_alert", NOW, "", {"rules": "R1, TEXT:breathing, TEXT:private"})], None
    )
    history = shown(study, past, language)
    assert all(each in history for each in listed)
    assert "TEXT" not in text + history


@pytest.mark.parametrize(
    ("minutes_left", "language", "said"),
    [
        (0, "zh_CN", "还剩 0 分钟"),
        (59, "en", "(59 min left)"),
        (60, "en", "(1 h left)"),
        (90, "zh_CN", "还剩 1.5 小时"),
    ],
)
def test_below_an_hour_minutes_are_counted(study, minutes_left, language, said):
    view = replace(CLOSED, sae_due_at=NOW + timedelta(minutes=minutes_left, seconds=1))
    assert said in shown(study, screens.page(view, NOW, READER), language)


def test_a_note_on_several_findings_is_said_once_below_the_last(study):
    chest = replace(WORDS, rule="TEXT:chest", reason=Words("hazard.chest"))
    text = shown(study, screens.page(replace(VIEW, found=(WORDS, chest)), NOW, READER), "en")
    assert text.count("Read their own words first") == 1
    assert text.index("chest pain") < text.index("Read their own words first")
