"""Enrolling in the chat, step by step, over HTTP: until the participant has joined by the link."""

import random
from datetime import timedelta

from bot.app import App, Wire
from bot.domain.people import ParticipantStatus, Role
from bot.storage import audit, participants, phones
from bot.storage.tables import drafts
from tests.handlers.conftest import labels


def toasts(person):
    return [toast.text for toast in person.toasts]


async def known(stage, code):
    async with stage.app.study.db.begin() as tx:
        return await participants.by_code(tx, code)


async def through(stage, person, *deeds):
    """Tap a label, or type where the deed begins with `say `."""
    for deed in deeds:
        await stage.act(person.say(deed[4:]) if deed.startswith("say ") else person.tap(deed, wizard(person)))


def wizard(person):
    return next(each.id for each in reversed(person.messages) if "Enrol a participant (" in each.text)


def step(person):
    return person.message(wizard(person))


FIRST_STEPS = ("001", "NK010", "2.5 × 10⁹ cells", "Fri, Dec 4", "Mon, Nov 30", "中文")


async def test_a_coordinator_enrols_by_buttons_and_the_participant_joins_by_the_link(stage):
    lin = await stage.coordinator()
    await stage.act(lin.command("enrol"))
    assert "(1/9)" in lin.last.text
    shown = lin.last.id
    await through(
        stage,
        lin,
        *FIRST_STEPS,
        "On steroids",
        "Lupus nephritis",
        "✓ On steroids",
        "✅ Done",
        "Skip, add it later",
    )
    summary = lin.message(shown).text
    for words in ("(9/9)", "001", "NK010, 2.5 × 10⁹ cells", "December 4", "2026", "中文", "Lupus nephritis"):
        assert words.replace("December 4", "Dec 4") in summary
    assert "steroids" not in summary
    assert [each.id for each in lin.messages if each.from_bot][-1] == shown
    await stage.act(lin.tap("✅ Enrol", shown))
    assert "001 is enrolled" in lin.message(shown).text
    assert labels(lin.message(shown)) == []
    person = await known(stage, "001")
    assert (person.arm, person.dose, str(person.day1_on), person.flags) == (
        "NK010",
        2.5e9,
        "2026-12-04",
        frozenset({"LN"}),
    )
    picture = lin.last
    assert picture.photo is not None
    assert stage.world.files.content(picture.photo.file_id).startswith(b"\x89PNG")
    assert "请用您的手机扫描这个二维码" in picture.text
    assert "until Fri, Dec 4" in picture.text
    code = picture.text.split("?start=")[1].split()[0]
    wang = stage.world.add_person("王")
    await stage.act(wang.start(code))
    assert (await known(stage, "001")).status is ParticipantStatus.JOINED


async def test_what_is_typed_wrong_gets_a_clear_line_and_nothing_is_lost(stage):
    lin = await stage.coordinator()
    await stage.enrol(code="001")
    await stage.act(lin.command("enrol"))
    assert "002" in labels(lin.last)
    await through(stage, lin, "say 1")
    assert "⚠️" in step(lin).text
    assert "001" in step(lin).text
    assert "(1/9)" in step(lin).text
    await through(stage, lin, "say abc")
    assert "three digits" in step(lin).text
    await through(stage, lin, "say ７", "say NK010")
    assert "use the buttons" in step(lin).text
    await through(stage, lin, "NK010", "5 × 10⁹ cells", "say 31.2.")
    assert "not a date" in step(lin).text
    await through(stage, lin, "say 12月8日", "say 2027-01-01")
    assert "(5/9)" in step(lin).text
    assert "⚠️" in step(lin).text
    await through(stage, lin, "say 30 Nov", "English", "None of these", "Skip, add it later")
    for words in ("007", "Dec 8", "Nov 30", "English", "Flags: none"):
        assert words in step(lin).text


async def test_the_telephone_number_is_asked_and_does_not_stay_in_the_chat(stage):
    lin = await stage.coordinator()
    await stage.act(lin.command("enrol"))
    await through(stage, lin, *FIRST_STEPS, "None of these")
    assert "(8/9)" in step(lin).text
    await through(stage, lin, "say 12")
    assert "⚠️" in step(lin).text
    await through(stage, lin, "say 138 0013 8000")
    assert "Telephone: +86 138 0013 8000" in step(lin).text
    typed = [each for each in lin.messages if each.mine and "138" in each.text and not each.deleted]
    assert typed == []
    await through(stage, lin, "← Back", "Skip, add it later")
    assert "Telephone: not given" in step(lin).text
    await through(stage, lin, "← Back", "say 13800138000", "✅ Enrol")
    person = await known(stage, "001")
    async with stage.app.study.db.begin() as tx:
        assert await phones.get(tx, person.id) == "+8613800138000"
    assert not any("138" in each.text for each in lin.messages if not each.deleted)


async def test_a_task_that_other_messages_have_pushed_out_of_sight_goes_on_below(stage):
    lin = await stage.coordinator()
    await stage.act(lin.command("enrol"))
    first = lin.last.id
    for _ in range(4):
        await stage.act(lin.command("today"))
    await stage.act(lin.say("7"))
    assert "look below" in lin.message(first).text
    assert labels(lin.message(first)) == []
    assert lin.last.id == wizard(lin)
    assert "(2/9)" in lin.last.text
    await through(stage, lin, "NK010")
    assert "(3/9)" in step(lin).text


async def test_back_keeps_what_was_chosen_and_cancel_keeps_nothing(stage):
    lin = await stage.coordinator()
    await stage.act(lin.command("enrol"))
    shown = lin.last.id
    assert "← Back" not in labels(lin.last)
    await through(stage, lin, "001", "NK042")
    await through(stage, lin, "← Back")
    assert any("NK042" in each and each != "NK042" for each in labels(step(lin)))
    await through(stage, lin, "NK010")
    assert "2.5 × 10⁹ cells" in labels(step(lin))
    await through(stage, lin, "✕ Cancel")
    assert "Cancelled" in lin.message(shown).text
    assert labels(lin.message(shown)) == []
    assert await known(stage, "001") is None
    await stage.act(lin.say("hello"))
    assert "/enrol" in lin.last.text


async def test_an_old_button_changes_nothing_and_the_step_is_shown_as_it_is(stage):
    lin = await stage.coordinator()
    await stage.act(lin.command("enrol"))
    shown = lin.last
    first = next(button.data for row in shown.buttons for button in row if button.label == "001")
    await through(stage, lin, "001", "NK010")
    await stage.act(lin.forge(first, shown.id))
    assert "out of date" in toasts(lin)[-1]
    assert "(3/9)" in lin.message(shown.id).text


async def test_a_button_of_an_earlier_task_does_not_fit_a_later_one(stage):
    lin = await stage.coordinator()
    await stage.act(lin.command("enrol"))
    old = lin.last
    first = next(button.data for row in old.buttons for button in row if button.label == "001")
    await through(stage, lin, "✕ Cancel")
    await stage.act(lin.command("enrol"))
    second = lin.last.id
    await stage.act(lin.forge(first, old.id))
    assert "(1/9)" in lin.last.text
    assert lin.last.id != second
    assert labels(lin.message(second)) == []
    await through(stage, lin, "001")
    assert "(2/9)" in step(lin).text


async def test_a_double_confirm_enrols_once(stage):
    lin = await stage.coordinator()
    await stage.act(lin.command("enrol"))
    await through(stage, lin, *FIRST_STEPS, "None of these", "Skip, add it later")
    shown = wizard(lin)
    confirm = next(b.data for row in step(lin).buttons for b in row if b.label == "✅ Enrol")
    lin.forge(confirm, shown)
    lin.forge(confirm, shown)
    await stage.act()
    async with stage.app.study.db.begin() as tx:
        actions = [entry.action for entry in await audit.page(tx)]
    assert actions.count("enrol") == 1
    assert sum(each.photo is not None for each in lin.messages) == 1
    assert "is enrolled" in lin.message(shown).text


async def test_a_second_task_asks_whether_to_drop_the_first(stage):
    lin = await stage.coordinator()
    await stage.act(lin.command("enrol"))
    await through(stage, lin, "001", "NK010")
    await stage.act(lin.command("broadcast"))
    assert "in the middle of “Enrol a participant” (3/9)" in lin.last.text
    await stage.act(lin.tap("Go on with “Enrol a participant”"))
    assert "(3/9)" in lin.last.text
    await through(stage, lin, "2.5 × 10⁹ cells")
    await stage.act(lin.command("broadcast"))
    await stage.act(lin.tap("Drop it and start “Broadcast”"))
    assert "Broadcast (1/4)" in lin.last.text


async def test_the_task_survives_a_restart(stage):
    lin = await stage.coordinator()
    await stage.act(lin.command("enrol"))
    await through(stage, lin, "001")
    url = stage.app.application.bot.base_url.removesuffix(f"/bot{stage.world.bot.token}")
    async with App.connected(stage.app.study, Wire(stage.world.bot.token, url), random.Random(2)) as anew:
        stage.app = anew
        await through(stage, lin, "NK010")
        assert "(3/9)" in step(lin).text


async def test_a_step_is_refused_when_the_role_was_taken_away(stage):
    lin = await stage.coordinator()
    zhao = await stage.coordinator("Zhao", Role.SUB_INVESTIGATOR)
    await stage.act(zhao.command("enrol"))
    assert "/alerts" in zhao.last.text
    assert "/enrol" not in zhao.last.text
    await stage.act(lin.command("enrol"))
    first = next(b.data for row in lin.last.buttons for b in row if b.label == "001")
    await stage.act(zhao.forge(first, zhao.last.id))
    assert toasts(zhao)


async def test_a_new_link_makes_the_old_one_void_and_done_takes_the_picture_away(stage):
    lin = await stage.coordinator()
    await stage.enrol(code="004")
    await stage.act(lin.command("enrol"))
    await stage.act(lin.tap("🔗 Not joined yet (1)"))
    assert "004: enrolled" in lin.last.text
    await stage.act(lin.tap("🔗 004"))
    old = lin.last
    await stage.act(lin.tap("🔗 New join link", old.id))
    assert "void" in toasts(lin)[-1]
    new = lin.last
    assert lin.message(old.id).deleted
    codes = [each.text.split("?start=")[1].split()[0] for each in (old, new)]
    wang = stage.world.add_person("王")
    await stage.act(wang.start(codes[0]))
    assert (await known(stage, "004")).status is ParticipantStatus.ENROLLED
    await stage.act(wang.start(codes[1]))
    assert (await known(stage, "004")).status is ParticipantStatus.JOINED
    await stage.act(lin.tap("✅ Done", new.id))
    assert lin.message(new.id).deleted


async def test_a_draft_is_sealed_at_rest(stage):
    lin = await stage.coordinator()
    await stage.act(lin.command("enrol"))
    await through(stage, lin, "say 321")
    async with stage.app.study.db.begin() as tx:
        rows = (await tx.execute(drafts.select())).all()
    assert len(rows) == 1
    assert b"321" not in rows[0].data_box


CSV = (
    "code,arm,dose,day1,icf,language\n"
    "001,NK010,2.5e9,2026-12-04,2026-11-20,zh_CN\n"
    "002,NK010,2.5e9,2026-12-05,2026-11-20,en\n"
)


async def test_a_csv_file_is_checked_shown_and_enrolled_once_confirmed(stage):
    lin = await stage.coordinator()
    await stage.act(lin.send_document(CSV.replace("2026-12-05", "soon").encode(), "list.csv"))
    shown = lin.last
    for words in ("Enrol from a file (2/2)", "1 error", "Line 3: “soon” is no whole date"):
        assert words in shown.text
    assert not any("Enrol" in label for label in labels(shown))
    await stage.act(lin.send_document(CSV.encode(), "list.csv"))
    assert "2 people would be enrolled" in lin.message(shown.id).text
    await stage.act(lin.tap("✅ Enrol 2 people", shown.id))
    assert "2 people are enrolled" in lin.message(shown.id).text
    await stage.act(lin.tap("🔗 Join links", shown.id))
    assert "001: enrolled Dec 1 09:00, no link made yet" in lin.last.text
    await stage.act(lin.send_document(CSV.encode(), "list.csv"))
    assert "just the same" in lin.last.text
    assert not any("Enrol" in label for label in labels(lin.last))


async def test_a_csv_file_takes_the_place_of_the_first_step_and_asks_before_another_task(stage):
    lin = await stage.coordinator()
    await stage.act(lin.command("enrol"))
    assert "send a CSV file here" in lin.last.text
    await stage.act(lin.send_document(CSV.encode(), "list.csv"))
    assert "2 people would be enrolled" in lin.last.text
    await stage.act(lin.tap("✕ Cancel"))
    await stage.act(lin.command("broadcast"))
    await stage.act(lin.send_document(CSV.encode(), "list.csv"))
    assert "Broadcast (1/4)" in lin.last.text


async def test_a_file_that_is_no_table_is_refused_kindly(stage):
    lin = await stage.coordinator()
    await stage.act(lin.send_document(b"\xff\xd8\xff\x00\x00", "list.csv"))
    assert "Enrol from a file (1/2)" in lin.last.text
    assert "not a CSV file that can be read" in lin.last.text


async def test_a_physician_enrols_nobody_with_a_file(stage):
    zhao = await stage.coordinator("Zhao", Role.PI)
    await stage.act(zhao.send_document(CSV.encode(), "list.csv"))
    assert "Enrol from a file" not in zhao.last.text
    async with stage.app.study.db.begin() as tx:
        assert await participants.all_(tx) == []


async def test_a_card_to_print_comes_with_the_link_and_goes_with_it(stage):
    lin = await stage.coordinator()
    await stage.enrol()
    await stage.act(lin.command("participant", "001"))
    await stage.act(lin.tap("🔗 New join link"))
    card, picture = [each for each in lin.messages if each.from_bot][-2:]
    assert (card.kind, card.attachment.name, picture.kind) == ("document", "001.pdf", "photo")
    assert stage.world.files.content(card.attachment.file_id).startswith(b"%PDF")
    assert "hand over" in card.text
    await stage.act(lin.tap("✅ Done", picture.id))
    assert [each.id for each in lin.messages if each.deleted] == [card.id, picture.id]


async def test_the_list_of_who_has_not_joined_says_how_old_the_link_is(stage):
    lin = await stage.coordinator()
    await stage.enrol()
    await stage.clock.push(timedelta(hours=5))
    await stage.act(lin.command("enrol"))
    await stage.act(lin.tap("invite:list"))
    assert "link made 5 hours ago, still works" in lin.last.text
    await stage.clock.push(timedelta(days=4))
    await stage.act(lin.tap("invite:list"))
    assert "link made 4 days ago, ⚠️ no longer works" in lin.last.text
