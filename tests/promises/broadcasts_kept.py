"""What became of every letter of every broadcast in a town, beside what must have."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from bot.domain.people import PersonRef
from bot.screens.broadcast import BroadcastView
from bot.services.broadcasts import broadcasts
from bot.storage import participants, tables
from bot.storage.db import Tx
from bot.study import Study
from tests.promises.announcer import NUMBERED, letters
from tests.promises.reckoning import Ledger
from tests.promises.town import Town


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one letter: how often it came, its state, and whether staff are told it is uncertain."""

    name: str
    came: int
    state: str | None
    told: bool

    @property
    def is_lost(self) -> bool:
        """Whether nobody got it and staff are not told that this may be so."""
        return not self.came and not self.told


async def shown(town: Town, study: Study) -> list[BroadcastView]:
    """Return every broadcast as its author sees it."""
    async with study.db.begin() as tx:
        rows = (await tx.execute(select(tables.broadcasts.c.id, tables.broadcasts.c.by_staff_id))).all()
    return [await broadcasts.show(study, PersonRef("staff", row.by_staff_id), row.id) for row in rows]


async def enter(ledger: Ledger, town: Town, views: list[BroadcastView], tx: Tx) -> None:
    """Enter what became of every letter."""
    stored = Counter(int(number) for view in views for number in NUMBERED.findall(view.text.zh_CN))
    wrong = [number for number in town.announcer.sent_off if stored[number] != 1]
    ledger.note("broadcasts confirmed", len(town.announcer.sent_off))
    ledger.must("P5 broadcasts confirmed that are not stored once", found=wrong, be=[])
    ledger.must(
        "broadcasts that are not over", found=[each.id for each in views if each.state != "done"], be=[]
    )
    rows = select(tables.outbox.c.key, tables.outbox.c.state).where(tables.outbox.c.kind == "broadcast")
    states = {row.key: row.state for row in await tx.execute(rows)}
    codes = {each.id: each.code for each in await participants.all_(tx)}
    copies = letters(town.copies)
    fates = []
    for view in views:
        (number,) = NUMBERED.findall(view.text.zh_CN)
        told = view.missed.get("uncertain", ())
        for chat, participant_id in town.everybody.items():
            key = f"broadcast:{view.id}:{participant_id}"
            came = copies[int(number), chat]
            fates.append(Fate(key, came, states.get(key), codes[participant_id] in told))
    judge(ledger, fates)


def judge(ledger: Ledger, fates: list[Fate]) -> None:
    """Enter the fates of letters: how many there were of each, and by name those that must not be."""

    def those(are: Callable[[Fate], bool]) -> list[str]:
        return [each.name for each in fates if are(each)]

    ledger.note("letters of broadcasts", len(fates))
    ledger.note("letters that came", len(those(lambda each: each.came > 0)))
    uncertain = those(lambda each: each.told)
    ledger.note("letters that staff are told are uncertain", len(uncertain))
    arrived = those(lambda each: each.told and each.came > 0)
    ledger.note("… of which had come", len(arrived))
    ledger.must("P5 letters lost", found=those(lambda each: each.is_lost), be=[])
    ledger.must("P5 letters in two copies", found=those(lambda each: each.came > 1), be=[])
    untold = those(lambda each: (each.state == "uncertain") != each.told)
    ledger.must("letters uncertain and not told, or told and not uncertain", found=untold, be=[])
