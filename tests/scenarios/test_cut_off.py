"""Telegram takes no message: the second channel meanwhile, then what is urgent first, nothing stale."""

from datetime import date, time

from bot.storage import outbox
from bot.storage.outbox import Intent
from tests.scenarios.test_second_channel import FEVER_AT, SMS, letters, night


async def test_cut_off_the_second_channel_pages_and_then_what_is_urgent_goes_first_and_nothing_stale():
    """Without the expiry in the claim the stale note goes out; without priorities it goes out first."""
    async with night() as at:
        await at.house.until(date(2026, 12, 9), time(2, 59))
        lin_before, world = len(at.house.letters(at.lin)), at.house.stage.world
        for method in ("sendMessage", "editMessageText"):
            world.faults.add(kind="429", method=method, times=None, retry_after=20)
        await at.fever()
        await queue_note(at)
        await at.after(11)
        # To the second: a call that waits for its turn moves a clock that is pushed by milliseconds.
        assert [round(minutes, 2) for minutes in at.rang()] == [10]
        assert set(at.gateway.texts) == {SMS}
        assert letters(at, at.wang, "120") == 0
        assert len(at.house.letters(at.lin)) == lin_before
        world.faults.clear()
        already = len(world.calls)
        await at.after(13)
        sent = [
            call.params["text"] for call in list(world.calls)[already:] if call.ok and "text" in call.params
        ]
        assert letters(at, at.wang, "120") >= 1
        assert letters(at, at.lin, "RED · 001") >= 1
        urgent = [place for place, text in enumerate(sent) if "RED · 001" in text or "120" in text]
        assert urgent[0] == 0
        assert not [text for text in sent if "set aside" in text]
        async with at.house.stage.study.db.begin() as tx:
            assert (await outbox.by_key(tx, "stale")).state == "expired"


async def queue_note(at):
    """Queue a note that nobody needs any more after five minutes."""
    study = at.house.stage.study
    async with study.db.begin() as tx:
        (member, *_) = [each for each in await outbox.latest(tx) if each.to and each.to.kind == "staff"]
        stale_at = FEVER_AT.replace(minute=5)
        what = {"note": "quarantined"}
        note = Intent("stale", "staff_note", outbox.REMINDER, member.to, what, expires_at=stale_at)
        await outbox.enqueue(tx, note, study.clock.now())
