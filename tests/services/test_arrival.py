"""The message that asks for a tap, and the word to the coordinators where none comes."""

from datetime import timedelta

import pytest

from bot.errors import StaleTap
from bot.services.participation import arrival, enrolment, joining
from bot.services.trail import SYSTEM
from bot.storage import links
from tests.services.conftest import SONG, WANG


async def link_of(study, who):
    async with study.db.begin() as tx:
        link = await links.get(tx, who.ref)
    assert link is not None
    return link.id


async def test_it_is_sent_once_with_one_button(ward):
    await ward.staff()
    await ward.active()
    [test] = await ward.queue(arrival.TEST)
    assert (await ward.written(test)).splitlines()[0] == "随访：收信测试"
    assert "[✓ 收到了]" in await ward.written(test)


async def test_without_a_tap_the_coordinators_hear_of_it_after_half_an_hour(ward):
    await ward.staff()
    await ward.active()
    [note] = await ward.queue(arrival.UNSEEN)
    assert note.not_before - note.created_at == timedelta(minutes=30)
    assert "001 has not tapped" in await ward.written(note)


async def test_after_a_tap_they_do_not(ward, study):
    await ward.staff()
    agreed = await ward.active()
    assert await arrival.seen(study, agreed.ref, await link_of(study, agreed))
    assert not await arrival.seen(study, agreed.ref, await link_of(study, agreed))
    [note] = await ward.queue(arrival.UNSEEN)
    assert (await ward.written(note)).startswith("skipped")


async def test_a_late_tap_is_good_news_for_those_who_were_told(ward, study):
    await ward.staff()
    agreed = await ward.active()
    await ward.pass_time(minutes=31)
    await arrival.seen(study, agreed.ref, await link_of(study, agreed))
    notes = [each.params["note"] for each in await ward.queue("staff_note")]
    assert notes.count("arrived_late") == 1


async def test_a_new_phone_is_tested_too_and_the_old_test_proves_nothing_there(ward, study):
    await ward.staff()
    agreed = await ward.active(WANG)
    old = await link_of(study, agreed)
    invitation = await enrolment.invite(study, SYSTEM, agreed)
    await joining.redeem(study, SONG, invitation.code)
    first, second = await ward.queue(arrival.TEST)
    assert (await ward.written(first)).startswith("skipped")
    assert "收到了" in await ward.written(second)
    with pytest.raises(StaleTap):
        await arrival.seen(study, agreed.ref, old)
