"""What a page carries, and what it never does, whatever a participant is, has, or answers."""

import asyncio
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.clock import PushedClock
from bot.domain.people import Role
from bot.domain.protocol import load_protocol
from bot.domain.site import load_site
from bot.sandbox.setting import SITE_FILE
from bot.services import messages
from bot.services.outgoing import Outgoing
from bot.services.trail import SYSTEM
from bot.services.visits import infusions
from bot.storage.db import Db
from bot.storage.vault import Vault
from bot.study import Study
from bot.texts import load_texts
from tests.services.conftest import LIN, START, Ward, shanghai

FLAGS = ("HBCAB_POS", "HCVAB_POS", "CONTRACEPTION", "NO_GAMETE_DONATION", "LN", "STEROID", "ANTICOAG")
# In no form and in neither language: arms, doses, viruses, pregnancy, drugs.
NEVER = [
    "NK010",
    "NK042",
    "10⁹",
    "10^9",
    "e9",
    "e+09",
    "HBV",
    "HCV",
    "HBCAB",
    "HCVAB",
    "hepatitis",
    "pregnan",
    "dose",
    "STEROID",
    "ANTICOAG",
    "肝炎",
    "乙肝",
    "丙肝",
    "怀孕",
    "妊娠",
    "避孕",
    "剂量",
]


@st.composite
def people(draw):
    arm, dose = draw(st.sampled_from([("NK010", 2.5e9), ("NK010", 7.5e9), ("NK042", 6e8), ("NK042", 2.4e9)]))
    return {
        "arm": arm,
        "dose": dose,
        "flags": frozenset(draw(st.lists(st.sampled_from(FLAGS), unique=True))),
        "code": f"{draw(st.integers(1, 18)):03d}",
    }


async def page_of(ward, study, who, degrees):
    """Let somebody two days after NK report this temperature, and return the page in both languages."""
    participant = await ward.active(**who)
    for visit, day in (("D1", 4), ("D4", 7)):
        study.clock.set(shanghai(date(2026, 12, day), 13))
        on = date(2026, 12, day)
        await infusions.record(study, SYSTEM, participant, visit, shanghai(on, 9), shanghai(on, 12))
    study.clock.set(shanghai(date(2026, 12, 9), 11))
    await ward.staff(LIN, Role.COORDINATOR, "Lin")
    turn = await ward.answer(participant, await ward.report(participant), degrees)
    await ward.answer(participant, turn, "axillary")
    [page] = await ward.queue("page")
    return page


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_page_ever_tells_name_arm_dose_or_what_is_private(data, language):
    who = data.draw(people())
    degrees = str(data.draw(st.decimals(Decimal("38.3"), Decimal("41.9"), places=1)))
    text = asyncio.run(_written(who, degrees, language))
    lowered = text.lower()
    assert text.startswith(("<b>🔴 RED · " if language == "en" else "<b>🔴 红色 · ") + who["code"])
    assert degrees in text
    assert [word for word in NEVER if word.lower() in lowered] == []
    assert str(who["dose"]) not in text


async def _written(who, degrees, language):
    db = await Db.open("sqlite+aiosqlite://", Vault("a pass phrase for tests"), durable=False)
    await db.migrate()
    study = Study(
        db, load_protocol(anchor="rituximab"), load_texts(), PushedClock(START), load_site(SITE_FILE), "bot"
    )
    try:
        page = await page_of(Ward(study), study, who, degrees)
        async with db.begin() as tx:
            out = await messages.KINDS["page"].render(study, tx, page, study.clock.now())
        assert isinstance(out, Outgoing)
        assert out.screen.protect
        return study.texts.render(out.screen, language).text
    finally:
        await db.close()


async def test_a_page_carries_everything_that_section_5_lists(ward, study):
    page = await page_of(ward, study, {}, "38.6")
    text = await ward.written(page)
    for line in (
        "<b>🔴 RED · 001</b>",
        "Take it by Dec 9 11:05.",
        "⏱ Reach the participant by Dec 9 11:15.",
        "(R1, version 1)",
        "Temperature 38.6 °C (Armpit)",
        "47.0 h since the NK infusion",
        "Study day 6",
        "119.0 h since rituximab",
        f"Protocol {study.protocol.version}",
    ):
        assert line in text
