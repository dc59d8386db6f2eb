"""An alert in the hands of people: taken, reached, made milder, closed; the form of a serious event sent."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import time, timedelta

from bot.sandbox.person import Person
from bot.sandbox.shown import Shown
from bot.storage import findings
from tests.scenarios.ward_round import DAY1, Round, ward_round

D9 = DAY1 + timedelta(days=8)


def labels(message: Shown) -> list[str]:
    return [button.label for row in message.buttons for button in row]


def page(person: Person) -> Shown:
    """Return a phone's first page, as it reads now."""
    return next(
        each for each in person.messages if each.from_bot and each.text.startswith(("🔴", "✅", "🟠"))
    )


async def fever(ward: Round, value: str = "39") -> None:
    await ward.tap("🩺 现在报告")
    await ward.say(value)
    await ward.press_at("Q1.place", "axillary")


async def said(ward: Round, person: Person, *deeds: str) -> str:
    """Do the same; return what the bot wrote below."""
    await taps(ward, person, *deeds)
    return person.last.text


async def taps(ward: Round, person: Person, *deeds: str) -> str:
    """Tap labels on a phone's page, or type where a deed begins with `say `; return the page."""
    shown = page(person)
    for deed in deeds:
        person.say(deed[4:]) if deed.startswith("say ") else person.tap(deed, shown.id)
        await ward.act()
    return page(person).text


@asynccontextmanager
async def at_the_ward() -> AsyncIterator[Round]:
    """One participant with a fever at two in the afternoon, the day after the last infusion."""
    async with ward_round(D9, time(14)) as ward:
        await fever(ward)
        yield ward


async def test_from_the_page_to_the_form_of_a_serious_event() -> None:
    async with at_the_ward() as ward:
        lin, song = ward.coordinator, ward.investigator
        await ward.minutes(3)
        assert "Nobody has it yet" in page(song).text
        assert "林小禾" in await taps(ward, lin, "✋ 我来处理")
        await ward.minutes(17)
        # Lin telephoned before she came to her own phone again.
        await taps(ward, lin, "☎️ 已联系上", "15 分钟前")
        assert "12月9日 14:05" in page(lin).text
        assert "12月9日 14:05" in await taps(ward, lin, "电话")
        assert "reached the participant (by phone), Dec 9 14:05" in page(song).text
        asked = await taps(ward, song, "Close…", "40 Admitted, or stay prolonged", "Yes", "Another day…")
        assert "Type a day" in asked
        summary = await taps(ward, song, "say 8 Dec", "say 9 Dec 15:30", "No, alert again")
        assert "Next check: Dec 9 15:30" in summary
        closed = await taps(ward, song, "✏️ Note", "say admitted, on antibiotics", "✅ Close the alert")
        assert "send the form by Dec 10 14:03" in closed
        assert "Staff aware since Dec 9 14:03." in closed
        past = await taps(ward, lin, "经过")
        assert "14:20（UTC 06:20）" in past
        assert "电话，联系时间 12月9日 14:05" in past
        await ward.until(D9, time(15, 31))
        assert len(ward.got(song, "next check is due")) == 1
        ward.asleep_until(D9 + timedelta(days=1), time(13, 4))
        await ward.act()
        assert len(ward.got(lin, "严重不良事件")) == 1
        assert "recorded the form as sent" in await taps(ward, song, "📄 SAE form sent")
        ward.asleep_until(D9 + timedelta(days=1), time(14, 4))
        await ward.act()
        assert len(ward.got(lin, "严重不良事件")) == 1


async def test_a_typed_time_of_contact_lies_between_the_alert_and_now() -> None:
    async with at_the_ward() as ward:
        await ward.minutes(40)
        song = ward.investigator
        offered = labels(page(song))
        await taps(ward, song, "☎️ Reached them")
        assert {"5 min ago", "15 min ago", "30 min ago"} <= set(labels(page(song)))
        assert offered != labels(page(song))
        assert "still to come" in await taps(ward, song, "Another time…", "say 15:10")
        assert "before the alert" in await taps(ward, song, "say 13:50")
        assert "Just now" in labels(page(song)) or "⚠️" in page(song).text
        assert "When: Dec 9 14:00." in await taps(ward, song, "say 14:00")
        assert "reached the participant (in person), Dec 9 14:00" in await taps(ward, song, "in person")


async def test_a_time_of_before_the_alert_that_was_forged_changes_nothing() -> None:
    async with at_the_ward() as ward:
        song = ward.investigator
        await taps(ward, song, "☎️ Reached them")
        assert not any("min ago" in label for label in labels(page(song)))
        minute = int((ward.theatre.now() - timedelta(minutes=9)).timestamp()) // 60
        for forged in (minute, minute + 60, 10**18, "then"):
            song.forge(f"reach:1:1:phone:{forged}", page(song).id)
            await ward.act()
        alert = await ward.alert()
        assert alert is not None
        assert alert.state == "open"
        assert "That was before the alert" in song.toasts[-4].text
        assert "still to come" in song.toasts[-3].text


async def test_two_make_it_milder_and_one_alone_cannot() -> None:
    async with at_the_ward() as ward:
        lin, song = ward.coordinator, ward.investigator
        await taps(ward, song, "✋ I take it", "⬇️ Downgrade…", "🟠 AMBER 4 h", "say a hot bath, 36.9 now")
        assert "↩️ Take it back" in labels(page(song))
        assert "✅ Confirm downgrade" not in labels(page(song))
        assert await ward.tier() == "red"
        newest = next(each for each in reversed(lin.messages) if "✅ 同意降级" in labels(each))
        lin.tap("✅ 同意降级", newest.id)
        await ward.act()
        assert await ward.tier() == "amber 4"
        assert page(song).text.startswith("🟠 AMBER 4 h · 001")


async def test_nobody_answers_three_calls_the_caregiver_the_plan_and_code_90() -> None:
    async with at_the_ward() as ward:
        lin, song = ward.coordinator, ward.investigator
        plan = ("Close…", "90 Could not be reached", "No", "In 4 hours")
        await taps(ward, lin, "📞 没人接", "参与者本人")
        refused = (*plan, "✏️ Note", "say the police look in at six", "✅ Close the alert")
        await taps(ward, song, *refused)
        assert "2 calls" in song.toasts[-1].text
        for _ in range(2):
            await ward.minutes(2)
            await taps(ward, lin, "📞 没人接", "参与者本人")
        await taps(ward, song, "📞 No answer", "The caregiver")
        closed = await taps(ward, song, *refused)
        assert "Closed by Dr Song" in closed
        alert = await ward.alert()
        assert alert is not None
        assert (alert.outcome, alert.contacted_at) == ("90", None)
        await ward.until(D9, time(18, 5))
        assert ward.got(song, "001", since=ward.at(D9, time(18)))


async def rules_of(ward: Round, alert_id: int) -> set[str]:
    async with ward.theatre.stage.study.db.begin() as tx:
        return {each.what.rule for each in await findings.of_alert(tx, alert_id)}


async def test_what_is_known_up_to_a_typed_day_raises_nothing_until_that_day_is_over() -> None:
    async with at_the_ward() as ward:
        song = ward.investigator
        await ward.well()
        await taps(ward, song, "☎️ Reached them", "by phone")
        known = ("Close…", "10 Advised, stays at home", "No", "Not needed", "Known until…")
        assert "a later day" in await said(ward, song, *known, "say 8 Dec")
        assert "up to and including Wed, Dec 9" in await taps(ward, song, "say 9 Dec")
        await taps(ward, song, "✏️ Note", "say a cold, seen yesterday", "✅ Close the alert")
        await ward.minutes(10)
        await fever(ward, "38.9")
        await ward.well()
        first = await ward.alert()
        assert first is not None
        assert first.state == "closed"
        assert "known and no worse: R1" in await taps(ward, song, "History")
        ward.asleep_until(D9 + timedelta(days=1), time(0, 1))
        await fever(ward, "38.9")
        again = await ward.alert()
        assert again is not None
        assert again.id != first.id
        assert "R1" in await rules_of(ward, again.id)


async def test_the_list_is_narrowed_and_the_times_are_medians() -> None:
    async with at_the_ward() as ward:
        song = ward.investigator
        await ward.minutes(2)
        await taps(ward, song, "✋ I take it")
        await ward.minutes(4)
        await taps(ward, song, "☎️ Reached them", "by phone")
        song.command("alerts")
        await ward.act()
        listing = song.last
        assert "RED · 001" in listing.text

        async def press(label: str) -> str:
            song.tap(label, listing.id)
            await ward.act()
            return song.message(listing.id).text

        assert "RED · 001" not in await press("🟠 AMBER")
        assert "RED · 001" in await press("🔴 RED")
        assert "RED · 001" in await press("✋ Mine")
        times = await press("📊 Times")
        assert "taken after 2.1 min, reached after 6.1 min (1 alert)" in times
