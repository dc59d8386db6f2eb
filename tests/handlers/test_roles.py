"""Every role, every command, every button: what the table refuses is refused, and nothing happens."""

from pathlib import Path

import pytest

from bot.domain.people import PERMISSIONS, Action, Participant, Role, StaffMember
from bot.screens.roles import ACTION_NAMES
from bot.screens.taps import Do
from bot.services import people
from bot.services.participation import enrolment
from bot.services.trail import SYSTEM
from bot.storage import audit, links, staff
from bot.texts import load_texts
from handlers.callbacks import BY_STAFF
from handlers.common import NOBODY, whose
from handlers.participant import PARTICIPANT_TAPS
from handlers.roles import roles_page
from handlers.routing import COMMANDS

ROOT = Path(__file__).parents[2]
# Ids of nothing: whoever may press it is told that the button is old, or that something is not there.
DATA = {do: f"{do.value}:999999:1:x" for do in Do}
REFUSED, NOT_YOURS = "You cannot do this.", "This button is not for you."


async def trail(stage):
    async with stage.app.study.db.begin() as tx:
        return [entry.action for entry in await audit.page(tx)]


async def toast_of_each(stage, person, message_id, *, chat=None):
    """Press every button there is, and return the toast of each."""
    asked = {}
    for do, data in DATA.items():
        # One after the other: of a stranger's heap the end would be dropped.
        asked[do] = person.forge(data, message_id, chat=chat)
        await stage.act()
    said = {toast.query_id: toast.text for toast in person.toasts}
    return {do: said.get(query_id) for do, query_id in asked.items()}


def test_every_action_has_its_roles_and_a_name():
    assert set(PERMISSIONS) == set(ACTION_NAMES) == set(Action)


def test_the_page_of_roles_is_as_the_code_has_it():
    """`suifang roles --write docs/roles.md` writes it anew."""
    assert (ROOT / "docs" / "roles.md").read_text(encoding="utf-8") == roles_page(load_texts())


@pytest.mark.parametrize("role", list(Role))
async def test_a_member_of_staff_can_press_what_the_table_allows_and_nothing_else(stage, role):
    person = await stage.coordinator("Lin", role)
    member = await people.who(stage.app.study, person.id)
    assert isinstance(member, StaffMember)
    before = await trail(stage)
    toasts = await toast_of_each(stage, person, person.last.id)
    may = {do for do, each in BY_STAFF.items() if each.is_for(member)}
    for do, toast in toasts.items():
        assert (toast == REFUSED) is (do not in may), do
    assert await trail(stage) == before


async def test_a_participant_can_press_nothing_of_the_staff(stage):
    wang = await stage.participant("English", "Wang")
    before = await trail(stage)
    toasts = await toast_of_each(stage, wang, wang.last.id)
    for do, toast in toasts.items():
        if do not in PARTICIPANT_TAPS:
            assert toast == REFUSED, do
    # A report of one's own accord is the one button that needs no id.
    assert [each for each in await trail(stage) if each != "open_checkin"] == before


async def test_a_stranger_and_who_was_revoked_can_press_nothing(stage):
    lin, bo = await stage.coordinator(), stage.world.add_person("Bo")
    await stage.act(bo.say("hello"))
    member = await people.who(stage.app.study, lin.id)
    assert isinstance(member, StaffMember)
    await enrolment.revoke_staff(stage.app.study, SYSTEM, member.id)
    before = await trail(stage)
    for person in (bo, lin):
        toasts = set((await toast_of_each(stage, person, person.last.id)).values())
        assert len(toasts) == 1
        assert NOT_YOURS in str(toasts)
    assert await trail(stage) == before


async def test_in_a_group_nobody_can_press_anything(stage):
    lin = await stage.coordinator()
    group = stage.world.add_group("Ward", [lin], kind="group")
    await stage.act()
    sent = await stage.app.application.bot.send_message(group.id, "hello")
    before = await trail(stage)
    toasts = set((await toast_of_each(stage, lin, sent.message_id, chat=group.id)).values())
    assert len(toasts) == 1
    assert NOT_YOURS in str(toasts)
    assert await trail(stage) == before


@pytest.mark.parametrize("user_id", sorted(NOBODY))
async def test_telegrams_own_users_are_nobody_even_with_a_link(stage, user_id):
    assert {1087968824, 777000} == NOBODY
    study = stage.app.study
    async with study.db.begin() as tx:
        now = study.clock.now()
        member = await staff.add(tx, name="X", role=Role.PI, language="en", now=now)
        await links.link(tx, member.ref, user_id, now)
    assert await people.who(study, user_id) is not None
    assert await whose(study, user_id) is None


@pytest.mark.parametrize("role", [*Role, None])
async def test_every_command_does_for_each_role_what_the_table_says(stage, role):
    """Who may not is shown what they can do instead; `None` is a participant."""
    person = await (stage.participant("English", "W") if role is None else stage.coordinator("L", role))
    known = await people.who(stage.app.study, person.id)
    assert known is not None
    foreign = [each for each in COMMANDS if not each.is_for(known)]
    assert bool(foreign)
    before = await trail(stage)
    for command in foreign:
        await stage.act(person.command(command.name))
        offered = person.last.text
        assert "/help" in offered
        assert f"/{command.name}" not in offered.split()
    assert await trail(stage) == before
    assert [name for name, _ in person.menu] == [each.name for each in COMMANDS if each.is_for(known)]


async def test_a_stranger_who_types_any_command_is_told_what_this_is(stage):
    bo = stage.world.add_person("Bo")
    for command in COMMANDS:
        # One after the other: of a stranger's heap the end would be dropped.
        await stage.act(bo.command(command.name))
    told = [each.text for each in bo.messages if each.from_bot]
    assert len(told) == len(COMMANDS)
    assert all("120" in each for each in told)


def test_a_participant_has_no_way_to_an_action_of_staff():
    assert not hasattr(Participant, "may")
