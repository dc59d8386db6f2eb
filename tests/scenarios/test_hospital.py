"""Flags, baselines and a stay in hospital, set by staff from the card; what is asked at home follows."""

from datetime import date, time, timedelta

import pytest

from bot.domain.people import Role
from bot.screens.taps import Do
from bot.services.participation import hospital
from bot.storage import audit, participants
from tests.scenarios.ward_round import DAY1, about, ward_round

D13 = DAY1 + timedelta(days=12)
ASKED = "随访：几个小问题"


async def taps(stage, person, *labels):
    for label in labels:
        person.tap(label)
        await stage.act()


async def test_a_stay_is_set_from_the_card_and_nothing_is_asked_until_it_is_over() -> None:
    async with ward_round(D13, time(7)) as stage:
        crc = stage.coordinator
        crc.say("/participant 001")
        await stage.act()
        await taps(stage, crc, "⚙️ 标记、基线、住院", "住院或延长")
        crc.say("12月15日")
        await stage.act()
        await taps(stage, crc, "✅ 确认")
        assert any("住院到 12月15日" in message.text for message in crc.newest())
        last = date(2026, 12, 15)
        began = stage.theatre.now()
        await stage.until(last, time(8, 59))
        assert stage.got(stage.phone, ASKED, since=began) == []
        # Who is in hospital may report all the same.
        await stage.tap("🩺 现在报告")
        await stage.say("39")
        await stage.press(Do.ANSWER, "axillary")
        assert await stage.tier() == "red"
        await stage.until(last, time(9, 1))
        assert len(stage.got(crc, "住院登记到今天")) == 1
        await taps(stage, crc, "已回家")
        await stage.until(last + timedelta(days=1), time(8, 1))
        asked = stage.got(stage.phone, ASKED, since=stage.at(last, time(12)))
        assert about(asked, stage.at(last + timedelta(days=1), time(8)))


async def test_a_stay_is_extended_by_a_button_and_staff_are_asked_again() -> None:
    async with ward_round(D13, time(7)) as stage:
        member = await stage.staff_of(stage.coordinator)
        await hospital.set_stay(stage.theatre.stage.study, member, stage.participant.id, D13)
        await stage.until(D13, time(9, 1))
        await taps(stage, stage.coordinator, "再住 3 天")
        began = stage.theatre.now()
        await stage.until(D13 + timedelta(days=3), time(9, 1))
        assert stage.got(stage.phone, ASKED, since=began) == []
        assert len(stage.got(stage.coordinator, "住院登记到今天")) == 2
        # Nobody answers: questions start the next morning.
        await stage.until(D13 + timedelta(days=4), time(8, 1))
        assert len(stage.got(stage.phone, ASKED, since=began)) == 1


async def test_the_button_of_a_stay_that_was_moved_changes_nothing() -> None:
    async with ward_round(D13, time(7)) as stage:
        study, member = stage.theatre.stage.study, await stage.staff_of(stage.coordinator)
        await hospital.set_stay(study, member, stage.participant.id, D13)
        await stage.until(D13, time(9, 1))
        await hospital.set_stay(study, member, stage.participant.id, D13 + timedelta(days=9))
        await taps(stage, stage.coordinator, "已回家")
        async with study.db.begin() as tx:
            assert await participants.inpatient_until(tx, stage.participant.id) == D13 + timedelta(days=9)


async def test_a_baseline_is_typed_and_loosening_it_is_refused() -> None:
    async with ward_round(D13, time(14)) as stage:
        crc = stage.coordinator
        crc.say("/participant 001")
        await stage.act()
        await taps(stage, crc, "⚙️ 标记、基线、住院", "设定基线", "血氧")
        crc.say("97")
        await stage.act()
        assert any("血氧 ≤ 94 时报警" in message.text for message in crc.newest())
        await taps(stage, crc, "✅ 确认", "⚙️ 标记、基线、住院", "设定基线", "血氧基线 97")
        crc.say("95")
        await stage.act()
        assert any("放宽需要主要研究者签字" in message.text for message in crc.newest())


async def test_a_mistyped_baseline_is_loosened_by_the_pi_alone_with_a_reason_and_a_signature() -> None:
    async with ward_round(D13, time(14)) as stage:
        crc, pi = stage.coordinator, await stage.theatre.staff("Prof Gu", Role.PI, "en")
        crc.say("/participant 001")
        await stage.act()
        await taps(stage, crc, "⚙️ 标记、基线、住院", "设定基线", "血氧")
        crc.say("99")
        await stage.act()
        await taps(stage, crc, "✅ 确认", "⚙️ 标记、基线、住院")
        assert not any("更正基线" in button.label for row in crc.last.buttons for button in row)
        crc.forge("set:1:loosen", crc.last.id)
        await stage.act()
        assert not any("哪项基线填错了" in message.text for message in crc.messages)
        pi.say("/participant 001")
        await stage.act()
        await taps(stage, pi, "⚙️ Flags, baselines, hospital", "Correct a baseline (PI)")
        await taps(stage, pi, next(b.label for row in pi.last.buttons for b in row if "99" in b.label))
        for typed in ("95", "99 was the pulse"):
            pi.say(typed)
            await stage.act()
        assert "99 → 95" in pi.last.text or any("99 → 95" in each.text for each in pi.newest())
        await taps(stage, pi, "✅ I confirm, as PI")
        async with stage.theatre.stage.study.db.begin() as tx:
            known = await participants.get(tx, stage.participant.id)
            [entry] = [e for e in await audit.about(tx, known.ref) if e.action == "correct_baseline"]
        assert known.baseline["spo2"] == 95
        assert (entry.actor_kind, entry.reason) == ("staff", "99 was the pulse")
        assert (list(entry.before.values()), list(entry.after.values())) == ([99], [95])


async def test_flags_show_what_follows_and_stand_in_the_trail() -> None:
    async with ward_round(D13, time(14)) as stage:
        crc = stage.coordinator
        crc.say("/participant 001")
        await stage.act()
        await taps(stage, crc, "⚙️ 标记、基线、住院", "修改标记", "正在使用抗凝药", "✅ 选好了")
        assert any("规则：" in message.text for message in crc.newest())
        await taps(stage, crc, "✅ 确认")
        async with stage.theatre.stage.study.db.begin() as tx:
            known = await participants.get(tx, stage.participant.id)
            actions = [entry.action for entry in await audit.page(tx)]
        assert known.flags == {"ANTICOAG"}
        assert "set_flags" in actions


@pytest.mark.parametrize("days", [-1, 91])
async def test_a_last_day_that_cannot_be_is_refused(days) -> None:
    async with ward_round(D13, time(7)) as stage:
        member = await stage.staff_of(stage.coordinator)
        with pytest.raises(Exception, match="until"):
            await hospital.set_stay(
                stage.theatre.stage.study, member, stage.participant.id, D13 + timedelta(days=days)
            )
