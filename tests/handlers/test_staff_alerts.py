"""An alert in the hands of staff: paged, taken, reached, closed, over HTTP."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.people import Role
from bot.screens.taps import Do, tap
from bot.services.trail import SYSTEM
from bot.services.visits import infusions
from bot.storage import alerts, outbox, staff
from bot.storage.types import Subject
from tests.handlers.conftest import labels

NK_ENDED = datetime(2026, 12, 7, 4, 0, tzinfo=UTC)
FEVER_AT = datetime(2026, 12, 9, 3, 0, tzinfo=UTC)


def toasts(person):
    return [toast.text for toast in person.toasts]


def pages(person):
    """Return the pages, which have buttons, and not the notes about their alert."""
    theirs = [each for each in person.messages if each.from_bot and each.buttons]
    return [each for each in theirs if "RED · 001" in each.text.split("\n")[0]]


def second_line(message):
    return message.text.split("\n")[1]


@pytest.fixture
async def lin(stage):
    return await stage.coordinator()


@pytest.fixture
async def zhao(stage):
    """A sub-investigator on call."""
    person = await stage.coordinator("Zhao", Role.SUB_INVESTIGATOR)
    await stage.act(person.command("oncall"))
    await stage.act(person.tap("I am on call now"))
    return person


@pytest.fixture
async def wang(stage):
    """A participant two days after the first NK infusion."""
    person = await stage.participant()
    row = await stage.row(person)
    for visit, ended in (("D1", NK_ENDED - timedelta(days=3)), ("D4", NK_ENDED)):
        stage.clock.set(ended + timedelta(hours=1))
        await infusions.record(stage.app.study, SYSTEM, row, visit, ended - timedelta(hours=3), ended)
    stage.clock.set(FEVER_AT)
    await stage.act()
    return person


async def fever(stage, wang):
    await stage.act(wang.press_key("🩺 现在报告"))
    form = wang.last
    await stage.act(wang.say("38.6"))
    await stage.act(wang.tap("腋下", form.id))


async def pass_minutes(stage, minutes):
    """Let the bot do what is due at each minute on the way."""
    for _ in range(minutes):
        stage.clock.set(stage.clock.now() + timedelta(minutes=1))
        await stage.act()


async def state(stage):
    async with stage.app.study.db.begin() as tx:
        alert = await alerts.get(tx, 1)
    assert alert is not None
    return alert


async def contacted(stage, person):
    await stage.act(person.tap("☎️ Reached them"))
    await stage.act(person.tap("by phone"))


async def test_a_page_says_at_a_glance_who_what_when_and_what_to_do(stage, lin, zhao, wang):
    await fever(stage, wang)
    page = lin.last
    assert page.protected
    assert page.text == "\n".join(
        [
            "🔴 RED · 001",
            "Nobody has it yet. Take it by Dec 9 11:05.",
            "⏱ Reach the participant by Dec 9 11:15.",
            "",
            "• Fever within 14 days after an NK infusion, or within 24 hours after rituximab (R1, version 1)",
            "   Temperature 38.6 °C (Armpit), 47.0 h since the NK infusion · Dec 9 11:00",
            "• High fever, or fever twice at least 1 hour apart within 24 hours (R2, version 1)",
            "   Temperature 38.6 °C (Armpit) · Dec 9 11:00",
            "",
            "Since Dec 9 11:00",
            "Study day 6, 47.0 h since the NK infusion, 119.0 h since rituximab",
            f"Protocol {stage.app.study.protocol.version}",
        ]
    )
    assert labels(page) == ["✋ I take it", "☎️ Reached them", "📞 No answer", "Close…", "History"]
    assert zhao.last.text == page.text


async def test_a_page_never_names_person_arm_or_dose(stage, lin, wang):
    await fever(stage, wang)
    for private in ("王", "NK010", "2.5", "HBV", "HBCAB"):
        assert private not in lin.last.text


async def test_the_page_is_chinese_for_whoever_reads_chinese(stage, lin, wang):
    await stage.act(lin.command("language"))
    await stage.act(lin.tap("中文"))
    await fever(stage, wang)
    assert lin.last.text.split("\n")[:3] == [
        "🔴 红色 · 001",
        "还没有人处理。请在 12月9日 11:05 前接手。",
        "⏱ 请在 12月9日 11:15 前联系上参与者。",
    ]
    assert "体温 38.6" in lin.last.text
    assert labels(lin.last) == ["✋ 我来处理", "☎️ 已联系上", "📞 没人接", "关闭…", "经过"]


async def test_who_takes_it_has_it_and_every_copy_says_so(stage, lin, zhao, wang):
    await fever(stage, wang)
    await pass_minutes(stage, 5)
    assert [len(pages(lin)), len(pages(zhao))] == [2, 2]
    await stage.act(zhao.tap("✋ I take it"))
    assert toasts(zhao)[-1] == "You have it. Please reach the participant."
    for copy in (*pages(lin), *pages(zhao)):
        assert second_line(copy) == "✋ Zhao has it since Dec 9 11:05."
        assert "✋ I take it" not in labels(copy)
    assert [len(pages(lin)), len(pages(zhao))] == [2, 2]


async def test_a_page_that_nobody_took_in_time_says_so_in_its_second_line(stage, lin, wang):
    await fever(stage, wang)
    await pass_minutes(stage, 5)
    late = "Nobody has it yet: overdue, it was to be taken by Dec 9 11:05."
    assert second_line(pages(lin)[-1]) == late


async def test_a_late_press_is_told_who_has_it(stage, lin, zhao, wang):
    await fever(stage, wang)
    page = pages(lin)[0]
    button = page.buttons[0][0].data
    await stage.act(zhao.tap("✋ I take it"))
    await stage.act(lin.forge(button, page.id))
    assert toasts(lin)[-1] == "Zhao has it already."
    assert (await state(stage)).acknowledged_by == 2


async def test_taken_without_contact_it_pages_again_at_the_limit(stage, lin, zhao, wang):
    await fever(stage, wang)
    await stage.act(zhao.tap("✋ I take it"))
    await pass_minutes(stage, 14)
    assert len(pages(lin)) == 1
    await pass_minutes(stage, 1)
    assert len(pages(lin)) == len(pages(zhao)) == 2
    assert "Overdue" in pages(lin)[-1].text


async def test_the_participant_is_asked_until_contact_and_staff_see_the_answer(stage, lin, wang):
    await fever(stage, wang)
    await pass_minutes(stage, 10)
    question = next(wang.newest())
    assert "您打了 120，或者到急诊了吗？" in question.text
    await stage.act(wang.tap("✅ 是的", question.id))
    assert "谢谢" in wang.message(question.id).text
    assert "has called 120 or is at the emergency department" in pages(lin)[0].text
    await pass_minutes(stage, 10)
    question = next(wang.newest())
    before = len(pages(lin))
    await stage.act(wang.tap("🆘 我需要帮忙", question.id))
    assert "请现在拨打 120" in wang.message(question.id).text
    assert len(pages(lin)) == before + 1
    assert "needs help" in pages(lin)[-1].text
    await contacted(stage, lin)
    asked = len(wang.messages)
    await pass_minutes(stage, 21)
    assert len(wang.messages) == asked


async def test_a_coordinator_cannot_close_and_is_told_who_can(stage, lin, zhao, wang):
    await fever(stage, wang)
    await contacted(stage, lin)
    await stage.act(lin.tap("Close…"))
    assert toasts(lin)[-1] == "A physician has to close it: Zhao."
    assert (await state(stage)).state == "contacted"


async def no_answer(stage, person, page, who):
    await stage.act(person.tap("📞 No answer", page.id))
    await stage.act(person.tap(who, page.id))


async def closing(stage, person, page, *answers):
    """Close by the buttons with these labels, one after the other."""
    await stage.act(person.tap("Close…", page.id))
    for answer in answers:
        await stage.act(person.tap(answer, page.id))


async def noted(stage, person, page, words):
    await stage.act(person.tap("✏️ Note", page.id))
    await stage.act(person.say(words))


async def test_unreachable_needs_three_calls_the_caregiver_and_the_plan(stage, lin, zhao, wang):
    await fever(stage, wang)
    page = pages(zhao)[0]
    await no_answer(stage, zhao, page, "The participant")
    assert "📞 1 call not answered: 11:00" in zhao.message(page.id).text
    await closing(stage, zhao, page, "90 Could not be reached", "No", "Tomorrow, 08:00")
    assert "write down the plan" in zhao.message(page.id).text
    assert "✅ Close the alert" not in labels(zhao.message(page.id))
    await noted(stage, zhao, page, "the caregiver drives there")
    await stage.act(zhao.tap("✅ Close the alert", page.id))
    assert toasts(zhao)[-1] == "2 calls are still to be tried and recorded (“No answer”)."
    await pass_minutes(stage, 4)
    for _ in range(2):
        await no_answer(stage, zhao, page, "The participant")
    assert "📞 3 calls not answered: 11:00, 11:04, 11:04" in pages(lin)[0].text
    await closing(stage, zhao, page, "90 Could not be reached", "No", "Tomorrow, 08:00")
    await noted(stage, zhao, page, "the caregiver drives there")
    await stage.act(zhao.tap("✅ Close the alert", page.id))
    assert toasts(zhao)[-1] == "Please call the caregiver, too, and record it (“No answer”)."
    await no_answer(stage, zhao, page, "The caregiver")
    await closing(stage, zhao, page, "90 Could not be reached", "No", "Tomorrow, 08:00")
    await noted(stage, zhao, page, "the caregiver drives there")
    await stage.act(zhao.tap("✅ Close the alert", page.id))
    closed = await state(stage)
    assert (closed.state, closed.outcome, closed.contacted_by) == ("closed", "90", None)


async def test_before_contact_only_unreachable_can_be_chosen(stage, lin, zhao, wang):
    await fever(stage, wang)
    await stage.act(zhao.tap("Close…"))
    page = pages(zhao)[0]
    assert labels(page) == ["90 Could not be reached", "‹ Back"]
    version = page.buttons[0][0].data.split(":")[2]
    await stage.act(zhao.forge(tap(Do.OUTCOME, 1, version, "10", "nnn", "note"), page.id))
    await stage.act(zhao.say("seen"))
    await stage.act(zhao.forge(tap(Do.OUTCOME, 1, version, "10", "nnn", "ok"), page.id))
    assert toasts(zhao)[-1] == "Please record contact first."


async def the_form_is_drafted(stage, lin, zhao, page):
    await stage.act(zhao.tap("📄 Draft of the SAE form", page.id))
    draft = zhao.message(page.id)
    for words in (
        "This bot sends nothing.",
        "RED · 001",
        "(UTC Dec 9 03:00)",
        "version 1",
        "Contact: by phone, Dec 9 11:00",
        "40 Admitted, or stay prolonged",
        "Note: went in by <taxi>",
        "take out any name",
    ):
        assert words in draft.text, words
    assert draft.protected
    assert not {"NK010", "Lin", "Zhao", "2.5"} & set(draft.text.replace(",", " ").split())
    await stage.act(zhao.tap("‹ Back", page.id))
    # A coordinator is told who can.
    await stage.act(lin.tap("📄 Draft of the SAE form", pages(lin)[0].id))
    assert "This bot sends nothing" not in pages(lin)[0].text


async def test_closing_asks_everything_that_section_5_wants_and_starts_the_sae_countdown(
    stage, lin, zhao, wang
):
    await fever(stage, wang)
    await contacted(stage, lin)
    page = pages(zhao)[0]
    await stage.act(zhao.tap("Close…", page.id))
    assert len([label for label in labels(zhao.message(page.id)) if label[:2].isdigit()]) == 12
    await stage.act(zhao.tap("40 Admitted, or stay prolonged", page.id))
    assert "Was it an adverse event?" in zhao.message(page.id).text
    await stage.act(zhao.tap("Yes", page.id))
    assert "When shall somebody look again?" in zhao.message(page.id).text
    await stage.act(zhao.tap("In 4 hours", page.id))
    assert "Is it known?" in zhao.message(page.id).text
    await stage.act(zhao.tap("No, alert again", page.id))
    assert "Potential SAE" in zhao.message(page.id).text
    assert "Please write your assessment." in zhao.message(page.id).text
    assert "✅ Close the alert" not in labels(zhao.message(page.id))
    await noted(stage, zhao, page, "went in by <taxi>")
    assert "Note: went in by <taxi>" in zhao.message(page.id).text
    await pass_minutes(stage, 1)
    await stage.act(zhao.tap("✅ Close the alert", page.id))
    closed = await state(stage)
    assert (closed.state, closed.outcome, closed.note) == ("closed", "40", "went in by <taxi>")
    for person in (lin, zhao):
        text = pages(person)[0].text
        assert text.startswith("✅ 🔴 RED · 001\n✅ Closed by Zhao, Dec 9 11:01.\n")
        assert "send the form by Dec 10 11:00 (24.0 h left)" in text
        assert "Staff aware since Dec 9 11:00." in text
        assert "🔁 Next check: Dec 9 15:01." in text
    await stage.act(zhao.tap("History", page.id))
    log = zhao.message(page.id).text
    for line in ("Round 1, paged: Lin, Zhao", "Reached by Lin (by phone)", "Closed by Zhao", "40 Admitted"):
        assert line in log
    assert "Dec 9 11:01 (03:01 UTC) · Closed by Zhao" in log
    await stage.act(zhao.tap("‹ Back", page.id))
    await the_form_is_drafted(stage, lin, zhao, page)
    await stage.act(lin.command("today"))
    assert "📄 001: an SAE form is still due." in lin.last.text
    assert "send the form by Dec 10 11:00" in lin.last.text
    await stage.act(zhao.tap("📄 SAE form sent", page.id))
    await stage.act(lin.command("today"))
    assert "SAE form" not in lin.last.text
    assert "Zhao recorded the form as sent" in pages(lin)[0].text
    assert (await state(stage)).wake_at is None
    await stage.act(zhao.say("hello"))
    assert "This is what you can do here" in zhao.last.text


async def test_a_held_infusion_is_one_tap_away_for_the_coordinator_alone(stage, lin, zhao, wang):
    await fever(stage, wang)
    await contacted(stage, zhao)
    page = pages(zhao)[0]
    await closing(stage, zhao, page, "95 Infusion held", "Yes", "Not needed", "No, alert again")
    await noted(stage, zhao, page, "wait for the culture")
    assert "a coordinator has to record which infusion is held" in zhao.message(page.id).text
    await stage.act(zhao.tap("✅ Close the alert", page.id))
    hold = "⏸ Record the held infusion"
    assert hold not in labels(zhao.message(page.id))
    assert "⏸ Infusion held" in zhao.message(page.id).text
    note = next(each for each in lin.messages if "The infusion of 001 is held" in each.text)
    assert hold in labels(pages(lin)[0])
    await stage.act(zhao.forge("who:001:hold", page.id))
    assert toasts(zhao)[-1] == "You cannot do this."
    await stage.act(lin.tap(hold, note.id))
    assert "001: which infusion?" in lin.last.text


async def test_a_pregnancy_is_reported_by_its_own_form_and_stands_on_no_page(stage, lin, zhao, wang):
    await fever(stage, wang)
    await contacted(stage, zhao)
    page = pages(zhao)[0]
    await closing(stage, zhao, page, "85 Pregnancy", "No", "Not needed", "No, alert again")
    await noted(stage, zhao, page, "see the record")
    await stage.act(zhao.tap("✅ Close the alert", page.id))
    assert "regnancy" not in pages(lin)[0].text + zhao.message(page.id).text
    await stage.act(zhao.tap("History", page.id))
    assert "A pregnancy is reported as the protocol says" in zhao.message(page.id).text


async def test_after_an_emergency_visit_the_physician_is_asked_whether_it_was_serious(stage, lin, zhao, wang):
    await fever(stage, wang)
    await contacted(stage, zhao)
    page = pages(zhao)[0]
    await closing(stage, zhao, page, "30 Emergency department, released", "Yes")
    assert "Was it serious (SAE)?" in zhao.message(page.id).text
    for answer in ("No", "Not needed", "No, alert again"):
        await stage.act(zhao.tap(answer, page.id))
    await noted(stage, zhao, page, "viral, sent home")
    await stage.act(zhao.tap("✅ Close the alert", page.id))
    assert "Potential SAE" not in zhao.message(page.id).text
    assert (await state(stage)).outcome == "30"


async def test_what_is_typed_far_below_a_page_is_not_met_with_silence(stage, lin, zhao, wang):
    await fever(stage, wang)
    page = pages(zhao)[0]
    for label in ("✋ I take it", "⬇️ Downgrade…", "🟠 AMBER 4 h"):
        await stage.act(zhao.tap(label, page.id))
    for _ in range(4):
        await stage.act(zhao.command("today"))
    await stage.act(zhao.say("a hot bath"))
    assert "Zhao proposes AMBER 4 h" in zhao.message(page.id).text
    assert zhao.last.text == "Taken. It stands in the message further up."


async def test_of_two_coordinators_neither_gets_a_button_that_could_only_refuse(stage, lin, wang):
    hu = await stage.coordinator("Hu")
    await fever(stage, wang)
    page = pages(lin)[0]
    await stage.act(lin.tap("✋ I take it", page.id))
    await stage.act(lin.tap("⬇️ Downgrade…", page.id))
    await stage.act(lin.tap("🟠 AMBER 4 h", page.id))
    await stage.act(lin.say("a hot bath"))
    for each in (lin.message(page.id), pages(hu)[-1]):
        assert "A physician has to confirm." in each.text
        assert "✅ Confirm downgrade" not in labels(each)
    assert "✖️ Keep the tier" in labels(pages(hu)[-1])
    await stage.act(lin.tap("↩️ Take it back", page.id))
    assert "proposes" not in lin.message(page.id).text
    await stage.act(lin.tap("History", page.id))
    assert "Lin took the proposal back" in lin.message(page.id).text


async def test_a_downgrade_needs_a_reason_and_a_second_person(stage, lin, zhao, wang):
    await fever(stage, wang)
    page = pages(zhao)[0]
    assert "⬇️ Downgrade…" not in labels(page)
    await stage.act(zhao.tap("✋ I take it", page.id))
    await stage.act(zhao.tap("⬇️ Downgrade…", page.id))
    await stage.act(zhao.tap("🟠 AMBER 4 h", page.id))
    await stage.act(zhao.say("x" * 301))
    assert "1 to 300 characters" in zhao.last.text
    await stage.act(zhao.say("a hot bath, 36.9 now"))
    proposed = "⬇️ Zhao proposes AMBER 4 h: “a hot bath, 36.9 now”. "
    assert proposed + "It waits for another's confirmation." in zhao.message(page.id).text
    assert proposed + "A second person has to confirm." in pages(lin)[-1].text
    assert "✅ Confirm downgrade" not in labels(zhao.message(page.id))
    forged = next(b.data for row in pages(lin)[-1].buttons for b in row if b.label == "✅ Confirm downgrade")
    await stage.act(zhao.forge(forged, page.id))
    assert toasts(zhao)[-1] == "Somebody else has to confirm it."
    assert (await state(stage)).tier == "red"
    old = next(b.data for row in pages(lin)[-1].buttons for b in row if b.label == "✅ Confirm downgrade")
    theirs = pages(lin)[-1].id
    await stage.act(lin.tap("✅ Confirm downgrade", theirs))
    lowered = await state(stage)
    assert (lowered.tier, lowered.hours, lowered.state) == ("amber", 4, "acknowledged")
    assert zhao.message(page.id).text.startswith("🟠 AMBER 4 h · 001")
    await stage.act(lin.forge(old, theirs))
    assert toasts(lin)[-1] == "Something has changed meanwhile. This is how it stands now."
    await stage.act(zhao.tap("History", page.id))
    assert "Lin confirmed AMBER 4 h: “a hot bath, 36.9 now”" in zhao.message(page.id).text


async def test_two_coordinators_alone_cannot_downgrade_and_anybody_may_decline(stage, lin, wang):
    mei = await stage.coordinator("Mei")
    await fever(stage, wang)
    page = pages(lin)[0]
    await stage.act(lin.tap("✋ I take it", page.id))
    await stage.act(lin.tap("⬇️ Downgrade…", page.id))
    await stage.act(lin.tap("🟠 AMBER 1 h", page.id))
    await stage.act(lin.say("was a typing error"))
    decline = next(b for row in pages(mei)[-1].buttons for b in row if b.label == "✖️ Keep the tier")
    await stage.act(mei.forge(decline.data.replace(":no:", ":ok:"), pages(mei)[-1].id))
    assert toasts(mei)[-1] == "One of the two has to be a physician."
    await stage.act(mei.tap("✖️ Keep the tier", pages(mei)[-1].id))
    assert (await state(stage)).tier == "red"
    assert "proposes" not in lin.message(page.id).text


async def test_a_button_of_an_older_state_closes_nothing(stage, lin, zhao, wang):
    await fever(stage, wang)
    page = pages(zhao)[0]
    old = next(b.data for row in page.buttons for b in row if b.label == "Close…")
    await contacted(stage, lin)
    await stage.act(zhao.forge(old, page.id))
    assert toasts(zhao)[-1] == "Something has changed meanwhile. This is how it stands now."
    assert second_line(zhao.message(page.id)) == "☎️ Lin reached the participant (by phone), Dec 9 11:00."


@pytest.mark.parametrize(
    "data",
    [
        "take:99",
        "take:x",
        "reach:1:1:pigeon",
        "close",
        "close:1",
        "outc:1:1:66",
        "outc:1:1:40:zz",
        "alert:7",
        "duty:x",
    ],
)
async def test_forged_buttons_do_nothing_and_are_answered(stage, lin, zhao, wang, data):
    await fever(stage, wang)
    before = await state(stage)
    await stage.act(zhao.forge(data, pages(zhao)[0].id))
    assert len(toasts(zhao)) == 2
    assert await state(stage) == before


async def test_a_participant_cannot_take_an_alert(stage, lin, wang):
    await fever(stage, wang)
    await stage.act(wang.forge(tap(Do.TAKE, 1, 1), wang.last.id))
    assert toasts(wang)[-1]
    assert (await state(stage)).state == "open"


async def test_who_is_revoked_in_the_middle_of_a_press_is_refused(stage, lin, zhao, wang):
    await fever(stage, wang)
    lin.tap("✋ I take it")
    async with stage.app.study.db.begin() as tx:
        await staff.revoke(tx, 1, stage.clock.now())
    await stage.act()
    assert (await state(stage)).state == "open"


async def test_a_phone_that_blocked_the_bot_hands_the_page_to_the_next_person(stage, lin, wang):
    zhao = await stage.coordinator("Zhao", Role.SUB_INVESTIGATOR)
    # Not told of beforehand: the page's own refusal is the first that anybody hears of it.
    lin.account.blocked = True
    # One thing that happens: with a second one the chain is looked at again in any case.
    await stage.act(wang.say("I can't breathe"))
    assert len(pages(zhao)) == 1
    assert pages(lin) == []


async def test_alerts_lists_the_open_ones_and_what_was_closed(stage, lin, zhao, wang):
    await stage.act(lin.command("alerts"))
    assert "There is no alert" in lin.last.text
    await fever(stage, wang)
    await stage.act(lin.command("alerts"))
    assert "🔴 RED · 001 · Dec 9 11:00 · nobody has it" in lin.last.text
    await stage.act(lin.tap("🔴 RED · 001 · Dec 9 11:00"))
    assert second_line(lin.last).startswith("Nobody has it yet.")
    await stage.act(lin.tap("✋ I take it", lin.last.id))
    assert second_line(pages(zhao)[0]) == "✋ Lin has it since Dec 9 11:00."


async def test_on_call_is_taken_and_left_by_a_button(stage, lin):
    await stage.act(lin.command("oncall"))
    assert "Nobody is on call" in lin.last.text
    await stage.act(lin.tap("I am on call now"))
    assert "• Lin, coordinator" in lin.last.text
    await stage.act(lin.tap("I leave duty"))
    assert "Nobody is on call" in lin.last.text
    assert toasts(lin) == ["You are on call.", "You are no longer on call."]


async def test_staff_see_their_commands_in_the_menu(lin):
    assert {"alerts", "oncall", "language", "help"} <= {name for name, _ in lin.menu}


async def test_an_edit_never_pages_again(stage, lin, zhao, wang):
    await fever(stage, wang)
    await stage.act(zhao.tap("✋ I take it"))
    async with stage.app.study.db.begin() as tx:
        rows = await outbox.of_subject(tx, Subject("alert", 1))
    edits = [each for each in rows if each.kind == "page_edit"]
    assert {each.state for each in edits} == {"sent"}
    assert {each.method for each in edits} == {"editMessageText"}


async def test_who_is_revoked_loses_the_menu_with_the_next_command(stage, lin):
    async with stage.app.study.db.begin() as tx:
        await staff.revoke(tx, 1, stage.clock.now())
    await stage.act(lin.command("alerts"))
    assert "invitation" in lin.last.text
    assert lin.menu == []
