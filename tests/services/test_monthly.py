"""Monthly reminders by flag: private words, once each, until the end and no further."""

from datetime import date, timedelta

from bot.domain.people import ParticipantStatus
from bot.services.trail import SYSTEM
from bot.services.visits import visits
from bot.storage import participants
from tests.services.conftest import shanghai

FLAGS = frozenset({"CONTRACEPTION", "NO_GAMETE_DONATION", "HBCAB_POS"})
NAMING = ("HBV", "肝", "NK", "利妥昔", "rituximab", "DNA")


async def test_the_first_line_is_neutral_and_the_rest_says_until_when(ward):
    await ward.active(flags=FLAGS, language="both")
    await ward.until(shanghai(date(2027, 1, 11), 10, 5))
    [message] = await ward.queue("monthly")
    text = await ward.written(message)
    assert text.splitlines()[0] == "随访：研究团队的提醒"
    assert "请您继续避孕，直到 2027年12月11日周六" in text
    assert "请不要捐精或捐卵" in text
    assert "go on with contraception until Sat, Dec 11, 2027" in text
    assert not [word for word in NAMING if word in text]


async def test_only_the_sentence_of_the_flag_is_said(ward):
    await ward.active(flags=frozenset({"NO_GAMETE_DONATION"}))
    await ward.until(shanghai(date(2027, 1, 11), 10, 5))
    text = await ward.written((await ward.queue("monthly"))[0])
    assert "捐精" in text
    assert "避孕" not in text


async def test_it_stops_for_somebody_who_left_and_a_queued_one_is_not_sent(ward, study):
    active = await ward.active(flags=FLAGS)
    await ward.until(shanghai(date(2027, 1, 11), 10, 5))
    [message] = await ward.queue("monthly")
    async with study.db.begin() as tx:
        await participants.set_status(tx, active.id, ParticipantStatus.WITHDRAWN, study.clock.now())
        await participants.set_wake(tx, active.id, study.clock.now())
    assert await ward.written(message) == "skipped: no longer true"
    await ward.until(shanghai(date(2027, 4, 1), 10))
    assert len(await ward.queue("monthly")) == 1


async def test_a_flag_that_is_taken_away_stops_it_too(ward, study):
    active = await ward.active(flags=FLAGS)
    await ward.until(shanghai(date(2027, 1, 11), 10, 5))
    [message] = await ward.queue("monthly")
    async with study.db.begin() as tx:
        await participants.set_flags(tx, active.id, [])
    assert await ward.written(message) == "skipped: no longer true"


async def test_the_extra_tube_is_said_without_its_reason(ward, study):
    active = await ward.active(flags=FLAGS)
    shown = {each.visit_type: each.extras for each in await visits.upcoming(study, active)}
    assert shown["D14"] == ("visit.extra.tube",)
    assert shown["D4"] == ()
    await ward.until(shanghai(date(2026, 12, 17), 7, 5))
    message = next(each for each in await ward.queue("reminder") if each.params["visit"] == "D14")
    await visits.move(study, SYSTEM, active, "D28", None, None, "")
    text = await ward.written((await ward.queue("reminder"))[-1])
    assert message is not None
    assert "这次会多抽一管血" in text
    assert not [word for word in NAMING if word in text]


async def test_contraception_is_reminded_of_until_the_end_and_nothing_follows(ward, study):
    """Day 1 on 4 December 2026, the last infusion on the 11th: Month 12 is a week before the end."""
    active = await ward.active(flags=FLAGS)
    await ward.until(shanghai(date(2028, 3, 1), 10))
    sent = await ward.queue("monthly")
    assert [each.params["name"] for each in sent] == [*map(str, range(1, 12)), "last"]
    assert sent[-1].created_at == shanghai(date(2027, 12, 5), 10)
    assert (await ward.now(active)).wake_at is None
    later = sent[-1].created_at + timedelta(hours=1)
    assert [each for each in await ward.queue() if each.created_at > later] == []
