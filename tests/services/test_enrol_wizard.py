"""The enrolling task before a real database: what a crash may not double, and who may take part."""

import re
from datetime import date

import pytest

from bot.errors import BadInput, NotAllowed, StaleTap
from bot.services.participation.enrolment import revoke_staff
from bot.services.tasks import enrol, tasks
from bot.services.trail import SYSTEM
from bot.storage import drafts, participants

CHOSEN = {
    "about": 0,
    "code": "005",
    "arm": "NK042",
    "dose": 6.0e8,
    "day1": "2026-12-08",
    "icf": "2026-11-30",
    "language": "both",
    "flags": ["LN"],
}


@pytest.fixture
async def lin(ward):
    return await ward.staff()


async def at_the_summary(ward, lin, **changed):
    async with ward.study.db.begin() as tx:
        now = ward.study.clock.now()
        return await drafts.start(tx, lin.ref, "enrol", "confirm", CHOSEN | changed, now)


async def test_what_was_chosen_is_what_is_enrolled(ward, lin):
    done = await enrol.finish(ward.study, lin, await at_the_summary(ward, lin))
    async with ward.study.db.begin() as tx:
        known = await participants.by_code(tx, "005")
    assert known is not None
    assert done.invite == known.ref
    assert (known.arm, known.dose, known.language, known.flags) == ("NK042", 6.0e8, "both", frozenset({"LN"}))
    assert (known.day1_on, known.icf_on) == (date(2026, 12, 8), date(2026, 11, 30))


async def test_finishing_once_more_after_a_crash_enrols_nobody_twice(ward, lin):
    draft = await at_the_summary(ward, lin)
    first = await enrol.finish(ward.study, lin, draft)
    again = await enrol.finish(ward.study, lin, draft)
    assert first.invite == again.invite
    assert (await ward.actions()).count("enrol") == 1


async def test_a_code_that_a_colleague_took_meanwhile_is_refused(ward, lin):
    draft = await at_the_summary(ward, lin)
    await ward.enrol(code="005")
    with pytest.raises(BadInput) as refused:
        await enrol.finish(ward.study, lin, draft)
    assert refused.value.key == "enrol.refused.code_taken"


async def test_a_refused_confirm_keeps_the_draft_and_says_why(ward, lin):
    draft = await at_the_summary(ward, lin, day1="2026-11-01")
    await tasks.placed(ward.study, lin.ref, 31)
    turn = await tasks.press(ward.study, lin.ref, 31, draft.version, "confirm")
    assert "⚠️" in ward.study.texts.render(turn.screen, "en").text
    assert turn.is_open
    async with ward.study.db.begin() as tx:
        assert await drafts.get(tx, lin.ref) is not None


async def test_confirming_before_the_last_step_is_refused(ward, lin):
    await tasks.begin(ward.study, lin.ref, "enrol")
    await tasks.placed(ward.study, lin.ref, 31)
    with pytest.raises(StaleTap):
        await tasks.press(ward.study, lin.ref, 31, 1, "confirm")


async def test_whoever_was_revoked_in_the_middle_of_a_task_goes_no_further(ward, lin):
    draft = await at_the_summary(ward, lin)
    await tasks.placed(ward.study, lin.ref, 31)
    await revoke_staff(ward.study, SYSTEM, lin.id)
    with pytest.raises(NotAllowed):
        await tasks.press(ward.study, lin.ref, 31, draft.version, "confirm")
    assert "enrol" not in await ward.actions()


@pytest.mark.parametrize(
    ("used", "proposed"),
    [((), "001"), (("001", "002"), "003"), (("003",), "004"), (("001", "999"), "002")],
)
def test_the_next_free_code_is_proposed(used, proposed):
    assert enrol.next_code(frozenset(used)) == proposed


def test_no_code_is_proposed_when_all_are_used():
    assert enrol.next_code(frozenset(f"{n:03}" for n in range(1, 1000))) is None


@pytest.mark.parametrize("name", ["enrol", "infusion", "move", "broadcast"])
async def test_a_task_begins_with_its_first_step_in_both_languages(ward, lin, name):
    turn = await tasks.begin(ward.study, lin.ref, name)
    for language in ("zh_CN", "en"):
        shown = ward.study.texts.render(turn.screen, language)
        # How many steps lie ahead depends on what is chosen first.
        assert re.search(r"[（(]1/[2-9]\d?[）)]", shown.text)
        assert shown.keyboard[-1][-1]["callback_data"].startswith("stop:")
