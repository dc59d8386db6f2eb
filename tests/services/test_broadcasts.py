"""Broadcasts before a real database: who gets one, when it ends, and what is kept sealed."""

from datetime import timedelta

import pytest

from bot.domain.people import Role
from bot.errors import NotAllowed, StaleTap
from bot.services import messages
from bot.services.broadcasts import broadcasts
from bot.services.broadcasts.state import LETTER, PROGRESS
from bot.services.tasks import tasks
from bot.storage import dispatch, drafts, links, outbox
from bot.storage.tables import broadcasts as table
from bot.storage.tables import outbox as outbox_table

ZH, EN = "周五停水，请提前喝水。", "No water on Friday: drink beforehand."
MESSAGE = 77


@pytest.fixture
async def lin(ward):
    return await ward.staff()


async def write(ward, lin, *narrowed, zh=ZH, en=EN):
    """Go through the steps up to the summary, and return the draft."""
    study = ward.study
    await tasks.begin(study, lin.ref, "broadcast")
    await tasks.placed(study, lin.ref, MESSAGE)
    for update, text in ((501, zh), (502, en)):
        await tasks.typed(study, lin.ref, text, update)
    for version, word in enumerate((*narrowed, "go" if narrowed else "all"), 3):
        await tasks.press(study, lin.ref, MESSAGE, version, "pick", word)
    return await held(ward, lin)


async def held(ward, lin):
    async with ward.study.db.begin() as tx:
        return await drafts.get(tx, lin.ref)


async def deliver(ward, message, how):
    """Claim everything and settle one letter as `how` says, hooks included."""
    study, now = ward.study, ward.study.clock.now()
    async with study.db.begin() as tx:
        kind = messages.KINDS[message.kind]
        if how == "sent":
            await dispatch.settle_sent(tx, message, now, method="sendMessage", message_id=9, text="x")
            assert kind.after_sent is not None
            await kind.after_sent(study, tx, message, 9, now)
        elif how == "failed":
            await dispatch.settle_failed(tx, message, now, "Forbidden")
            await links.mark_unreachable(tx, message.to, now)
            assert kind.after_failed is not None
            await kind.after_failed(study, tx, message, "Forbidden", now)
        else:
            await dispatch.perhaps_sent(tx, message, now, now, "reset")


async def claim(ward):
    async with ward.study.db.begin() as tx:
        claimed = await dispatch.claim(tx, ward.study.clock.now(), 100, timedelta(minutes=1))
    return [each for each in claimed if each.kind == LETTER]


async def send(ward, lin, *narrowed, **more):
    draft = await write(ward, lin, *narrowed, **more)
    return await broadcasts.confirm(ward.study, lin, draft)


async def test_each_reader_has_one_row_of_the_lowest_priority_that_expires(ward, lin):
    await ward.active(9001, code="001")
    await ward.active(9002, code="002", language="en")
    sent = await send(ward, lin)
    letters = await ward.queue(LETTER)
    assert [each.key for each in letters] == [f"broadcast:{sent.id}:1", f"broadcast:{sent.id}:2"]
    assert {each.priority for each in letters} == {outbox.BROADCAST}
    assert {each.expires_at for each in letters} == {ward.study.clock.now() + timedelta(hours=24)}
    zh, en = [await ward.written(each) for each in letters]
    assert ZH in zh
    assert EN not in zh
    assert EN in en


async def test_who_has_not_joined_or_not_agreed_is_listed_and_not_written_to(ward, lin):
    await ward.active(9001, code="001")
    await ward.joined(9002, code="002")
    await ward.enrol(code="003")
    sent = await send(ward, lin)
    assert len(await ward.queue(LETTER)) == 1
    view = await broadcasts.show(ward.study, lin.ref, sent.id)
    assert (view.total, view.missed["not_agreed"], view.missed["not_joined"]) == (1, ["002"], ["003"])


async def test_one_language_can_be_written_to(ward, lin):
    await ward.active(9001, code="001")
    await ward.active(9002, code="002", language="en")
    await ward.active(9003, code="003", language="both")
    await send(ward, lin, "l.en")
    assert [each.to.id for each in await ward.queue(LETTER)] == [2]


async def test_a_second_confirm_sends_nothing(ward, lin):
    await ward.active(9001, code="001")
    draft = await write(ward, lin)
    await broadcasts.confirm(ward.study, lin, draft)
    with pytest.raises(StaleTap):
        await broadcasts.confirm(ward.study, lin, draft)
    assert len(await ward.queue(LETTER)) == 1


async def test_one_language_missing_is_refused_kindly_and_nothing_is_lost(ward, lin):
    await ward.active(9001, code="001")
    await tasks.begin(ward.study, lin.ref, "broadcast")
    await tasks.typed(ward.study, lin.ref, "only English", 1)
    assert (await held(ward, lin)).step == "zh"
    await tasks.typed(ward.study, lin.ref, ZH, 2)
    turn = await tasks.typed(ward.study, lin.ref, "还是中文", 3)
    assert turn is not None
    assert "English is needed" in ward.study.texts.render(turn.screen, "en").text
    draft = await held(ward, lin)
    assert (draft.step, draft.data["zh"]) == ("en", ZH)


async def test_the_same_update_twice_is_taken_once(ward, lin):
    await ward.active(9001, code="001")
    await tasks.begin(ward.study, lin.ref, "broadcast")
    for _ in range(2):
        await tasks.typed(ward.study, lin.ref, ZH, 41)
    draft = await held(ward, lin)
    assert (draft.step, draft.data.get("en")) == ("en", None)


async def test_it_ends_when_the_last_letter_is_settled_and_says_who_missed_it_and_why(ward, lin):
    for number in (1, 2, 3):
        await ward.active(9000 + number, code=f"00{number}")
    sent = await send(ward, lin)
    first, second, third = await claim(ward)
    await deliver(ward, first, "uncertain")
    await deliver(ward, second, "failed")
    view = await broadcasts.show(ward.study, lin.ref, sent.id)
    assert (view.state, view.waiting) == ("sending", ["003"])
    await deliver(ward, third, "sent")
    view = await broadcasts.show(ward.study, lin.ref, sent.id)
    assert (view.state, view.sent, view.total) == ("done", ["003"], 3)
    assert (view.missed["uncertain"], view.missed["blocked"]) == (["001"], ["002"])
    progress = [each for each in await ward.queue(PROGRESS) if each.state == "queued"]
    assert [each.not_before for each in progress] == [ward.study.clock.now()]
    shown = await ward.written(progress[0])
    for words in ("done", "Delivered: 1 of 3", "uncertain, not sent again (1): 001", "blocked the bot"):
        assert words in shown


async def test_what_was_in_hand_at_a_crash_is_uncertain_and_never_goes_twice(ward, lin):
    for number in (1, 2):
        await ward.active(9000 + number, code=f"00{number}")
    sent = await send(ward, lin)
    first, _ = await claim(ward)
    await deliver(ward, first, "sent")
    async with ward.study.db.begin() as tx:
        await dispatch.release(tx, ward.study.clock.now(), everything=True)
    assert await claim(ward) == []
    view = await broadcasts.show(ward.study, lin.ref, sent.id)
    assert (view.state, view.missed["uncertain"]) == ("done", ["002"])


async def test_what_expires_ends_it_too(ward, lin):
    await ward.active(9001, code="001")
    sent = await send(ward, lin)
    await ward.pass_time(hours=24)
    async with ward.study.db.begin() as tx:
        await dispatch.expire_due(tx, ward.study.clock.now())
    (view,) = await broadcasts.latest(ward.study, lin.ref)
    assert (view.id, view.state, view.missed["expired"]) == (sent.id, "done", ["001"])


async def test_an_end_that_the_progress_message_finds_is_shown_too(ward, lin):
    await ward.active(9001, code="001")
    await send(ward, lin)
    (waiting,) = await ward.queue(PROGRESS)
    ward.study.clock.set(waiting.not_before)
    async with ward.study.db.begin() as tx:
        now = ward.study.clock.now()
        await dispatch.expire_due(tx, now + timedelta(hours=24))
        taken = await dispatch.claim(tx, now, 100, timedelta(minutes=1))
    (progress,) = [each for each in taken if each.kind == PROGRESS]
    await deliver(ward, progress, "sent")
    (last,) = [each for each in await ward.queue(PROGRESS) if each.state == "queued"]
    assert "could not go out within 24 hours (1): 001" in await ward.written(last)


async def test_a_stopped_one_goes_no_further_even_when_it_was_claimed(ward, lin):
    for number in (1, 2):
        await ward.active(9000 + number, code=f"00{number}")
    sent = await send(ward, lin)
    claimed: list[str] = []
    while LETTER not in claimed:
        # Notes to the coordinator come first; one row at a time, so that one letter stays behind.
        async with ward.study.db.begin() as tx:
            taken = await dispatch.claim(tx, ward.study.clock.now(), 1, timedelta(minutes=1))
        claimed += [each.kind for each in taken]
    view, stopped = await broadcasts.stop(ward.study, lin.ref, sent.id)
    assert stopped
    assert view.state == "stopped"
    letter = next(each for each in await ward.queue(LETTER) if each.state == "sending")
    assert (await ward.written(letter)).startswith("skipped")
    assert view.missed["stopped"] == ["002"]
    assert (await broadcasts.stop(ward.study, lin.ref, sent.id))[1] is False


async def test_the_progress_is_shown_at_most_every_few_seconds_and_ever_more_rarely(ward, lin):
    await ward.active(9001, code="001")
    await send(ward, lin)
    confirmed_at = ward.study.clock.now()
    gaps = []
    for _ in range(12):
        (waiting,) = [each for each in await ward.queue(PROGRESS) if each.state == "queued"]
        gaps.append((waiting.not_before - ward.study.clock.now()).total_seconds())
        ward.study.clock.set(waiting.not_before)
        async with ward.study.db.begin() as tx:
            now = ward.study.clock.now()
            taken = await dispatch.claim(tx, now, 10, timedelta(minutes=1), up_to=outbox.REPLY)
        (progress,) = [each for each in taken if each.kind == PROGRESS]
        await deliver(ward, progress, "sent")
    assert min(gaps) >= 3
    assert gaps == sorted(gaps)
    assert (ward.study.clock.now() - confirmed_at).total_seconds() > 60


async def test_only_a_coordinator_sees_and_stops_them(ward, lin):
    await ward.active(9001, code="001")
    sent = await send(ward, lin)
    zhao = await ward.staff(9100, Role.PI, "Zhao")
    for deed in (broadcasts.show, broadcasts.stop):
        with pytest.raises(NotAllowed):
            await deed(ward.study, zhao.ref, sent.id)
    with pytest.raises(NotAllowed):
        await tasks.begin(ward.study, zhao.ref, "broadcast")


async def test_the_texts_are_sealed_at_rest(ward, lin):
    await ward.active(9001, code="001")
    draft = await write(ward, lin)
    assert draft.data["en"] == EN
    await broadcasts.confirm(ward.study, lin, draft)
    async with ward.study.db.begin() as tx:
        (kept,) = (await tx.execute(table.select())).all()
        rows = (await tx.execute(outbox_table.select())).all()
    everything = repr(kept) + repr(rows)
    assert EN not in everything
    assert ZH not in everything


async def test_confirming_is_on_the_trail_without_the_words(ward, lin):
    await ward.active(9001, code="001")
    await send(ward, lin)
    assert "confirm_broadcast" in await ward.actions()
