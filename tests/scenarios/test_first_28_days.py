"""The first 28 days of three participants, one of whom runs a fever on Day 6: every message is expected.

The timelines beside this file are read by people. A message that is not in
them fails the test, and so does one that is in them and does not come.
"""

import os
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from bot.domain.people import Language, Role
from bot.sandbox.crew import Fever, Patient
from bot.sandbox.person import Person
from tests.scenarios.theatre import ZONE, Theatre, theatre

TIMELINES = Path(__file__).parent / "first_28_days"
DAY1: dict[str, date] = {"001": date(2026, 12, 1), "002": date(2026, 12, 3), "003": date(2026, 12, 8)}
READS: dict[str, Language] = {"001": "zh_CN", "002": "en", "003": "both"}
INFUSIONS = {"D1": 0, "D4": 3, "D6": 5, "D8": 7}
FEVER = Fever(datetime(2026, 12, 6, 18, tzinfo=ZONE), timedelta(hours=10), 38.6)
BETWEEN = "\n\n· · ·\n\n"


async def _played() -> dict[str, list[str]]:
    """Play it; return each phone's timeline, a line for each message."""
    async with theatre(date(2026, 11, 25)) as stage:
        phones = await _everyone_joins(stage)
        for at, code, visit in sorted(_infusion_ends()):
            if (at.date(), code) == (date(2026, 12, 8), "001"):
                await _fever_is_answered(stage, phones)
            await stage.until(at.date(), at.time())
            await stage.infusion(code, visit, at - timedelta(hours=2), at)
        await stage.until(DAY1["003"] + timedelta(days=28), time(0))
        return {
            name: [_line(at, text) for at, text in stage.letters(phone)] for name, phone in phones.items()
        }


async def _everyone_joins(stage: Theatre) -> dict[str, Person]:
    phones = {
        "coordinator": await stage.staff("林小禾", Role.COORDINATOR, "zh_CN"),
        "investigator": await stage.staff("Dr Song", Role.SUB_INVESTIGATOR, "en", on_call=True),
        "pi": await stage.staff("Dr Fang", Role.PI, "en"),
    }
    for code, day1_on in DAY1.items():
        enrolled = await stage.enrol(code, day1_on, READS[code])
        phones[code] = await stage.joins(code, enrolled, READS[code])
        ill = FEVER if code == "001" else None
        stage.answers_by_itself(Patient(phones[code], Random(code), ill))
    return phones


async def _fever_is_answered(stage: Theatre, phones: dict[str, Person]) -> None:
    """001 reports the fever at 19:00 on Day 6; the investigator takes the page seven minutes later."""
    await stage.until(date(2026, 12, 6), time(19, 7))
    investigator = phones["investigator"]
    investigator.tap("✋ I take it")
    await stage.stage.settle()
    investigator.tap("☎️ Reached them")
    await stage.stage.settle()
    investigator.tap("by phone")
    await stage.stage.settle()


def _infusion_ends() -> list[tuple[datetime, str, str]]:
    return [
        (datetime.combine(day1_on + timedelta(days=after), time(11), ZONE), code, visit)
        for code, day1_on in DAY1.items()
        for visit, after in INFUSIONS.items()
    ]


def _line(at: datetime, text: str) -> str:
    """Shorten a message to what tells it from every other: when, and its telling lines in one language."""
    first_language = text.split(BETWEEN, maxsplit=1)[0]
    telling = [line.strip() for line in first_language.split("\n") if line.strip()][:3]
    return f"{at:%m-%d %H:%M}  {' | '.join(telling)}"


async def test_every_message_of_the_first_28_days_is_expected() -> None:
    """Set WRITE_TIMELINES to write the files anew, and read the difference before it is committed."""
    played = await _played()
    for name, lines in played.items():
        if os.environ.get("WRITE_TIMELINES"):
            _file(name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        assert lines == _file(name).read_text(encoding="utf-8").splitlines(), name


def _file(name: str) -> Path:
    return TIMELINES / f"{name}.txt"
