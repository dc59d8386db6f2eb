"""Malformed updates and forged buttons before the whole bot: nothing stops, and nothing is accepted."""

import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Table, func, select

from bot.domain.people import Participant, Role, StaffMember
from bot.sandbox.crew import joins
from bot.sandbox.person import Person
from bot.sandbox.rehearsal import Rehearsal, rehearsal
from bot.screens.taps import Do
from bot.services import people
from bot.services.participation import enrolment
from bot.services.participation.enrolment import EnrolRequest
from bot.services.trail import SYSTEM
from bot.storage import tables
from tests.promises.malformed import Maker

START = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
TOGETHER = 50


@dataclass
class Place:
    """A running bot, with Wang (who raised an alarm and has a form open), Zhao, a coordinator and a PI."""

    stage: Rehearsal
    crowd: dict[str, Person] = field(default_factory=dict)
    _update_id: int = 900_000_000

    async def participant(self, name: str, code: str) -> Person:
        """Let somebody join and agree."""
        request = EnrolRequest(code, "NK010", 2.5e9, date(2026, 12, 4), date(2026, 11, 20), "en")
        enrolled = await enrolment.enrol(self.stage.study, SYSTEM, request)
        invitation = await enrolment.invite(self.stage.study, SYSTEM, enrolled)
        person = self.crowd[name] = self.stage.world.add_person(name)
        for step in joins(person, invitation.code, "en"):
            step()
            await self.stage.settle()
        return person

    async def staff(self, name: str, role: Role) -> Person:
        """Let a member of staff join."""
        _, invitation = await enrolment.invite_staff(self.stage.study, SYSTEM, name, role, "en")
        person = self.crowd[name] = self.stage.world.add_person(name)
        person.start(invitation.code)
        await self.stage.settle()
        return person

    async def known(self, name: str) -> Participant | StaffMember | None:
        """Return who somebody is to the bot."""
        return await people.who(self.stage.study, self.crowd[name].id)

    async def take(self, updates: Iterable[dict[str, Any]]) -> None:
        """Let updates come as Telegram's JSON, and let the bot deal with them."""
        for update in updates:
            await self.stage.app.intake.receive(json.loads(json.dumps(update)))
        await self.stage.app.intake.drain()

    def next_id(self) -> int:
        """Return a fresh update id."""
        self._update_id += 1
        return self._update_id

    async def states(self) -> Counter[str]:
        """Count the inbox by state."""
        async with self.stage.study.db.begin() as tx:
            return Counter(row.state for row in await tx.execute(select(tables.inbox.c.state)))


@contextlib.asynccontextmanager
async def place() -> AsyncIterator[Place]:
    """Open a place in which all of them are."""
    async with rehearsal(START) as stage:
        made = Place(stage)
        await made.staff("Lin", Role.COORDINATOR)
        await made.staff("Chen", Role.PI)
        wang = await made.participant("Wang", "001")
        await made.participant("Zhao", "002")
        made.crowd["Bo"] = stage.world.add_person("Bo")
        made.crowd["Bo"].say("hello")
        gone = await made.staff("Gone", Role.COORDINATOR)
        member = await made.known("Gone")
        assert isinstance(member, StaffMember)
        wang.say("I cannot breathe")
        # Ten minutes later the bot asks whether help was reached: with buttons of an alert, which are Wang's.
        await stage.until(stage.clock.now() + timedelta(minutes=10))
        await enrolment.revoke_staff(stage.study, SYSTEM, member.id)
        wang.command("report")
        gone.say("?")
        await stage.settle()
        wang.say("36.8")  # so that the form stands at a question that is answered by a button
        await stage.settle()
        assert {Do.ANSWER.value, Do.HELP.value} <= {data.partition(":")[0] for data in shown(made)}
        yield made


# --- malformed updates ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """What became of them: `good` were handled of so many `sent` in between."""

    states: Counter[str]
    sent: int
    good: int

    def __str__(self) -> str:
        """Return the ledger."""
        return f"inbox {dict(self.states)}; good ones {self.good} of {self.sent}"

    @property
    def faults(self) -> list[str]:
        """Name what does not hold."""
        stuck = [f"{self.states['new']} updates were left behind"] if self.states["new"] else []
        lost = [f"{self.sent - self.good} good ones lost"] if self.sent != self.good else []
        return [*stuck, *lost]


async def fuzz(made: Place, count: int, seed: int) -> Fuzzed:
    """Send so many malformed and unknown updates, and a good one of Zhao behind every few."""
    rng, zhao = Random(seed), made.crowd["Zhao"]
    # Not Zhao's own chat: somebody who is said to have left, or to take back, would be believed.
    others = [each.id for name, each in made.crowd.items() if name != "Zhao"]
    maker = Maker(rng, [*others, made.stage.world.bot.id, -1_000_000_000_001, 5, 777000])
    sent = []
    for first in range(0, count, TOGETHER):
        bad = [maker.update(made.next_id()) for _ in range(min(TOGETHER, count - first))]
        sent.append(f"still here {first}")
        good = {"message_id": 50_000 + first, "date": 1_796_000_000, "from": zhao.account.user()}
        said = good | {"chat": zhao.account.chat(), "text": sent[-1]}
        await made.take([*bad, {"update_id": made.next_id(), "message": said}])
    texts = tables.inbound_texts
    async with made.stage.study.db.begin() as tx:
        kept = Counter(tx.open(row.text_box) for row in await tx.execute(select(texts.c.text_box)))
    return Fuzzed(await made.states(), len(sent), sum(kept[each] == 1 for each in sent))


# --- forged buttons -------------------------------------------------------------------------------------

# What belongs to others: none of it may change by what a person presses who has no right to it.
_KEPT: tuple[Table, ...] = (
    tables.alerts, tables.findings, tables.staff, tables.participants, tables.links, tables.codes,
    tables.visits, tables.consents, tables.broadcasts, tables.replies, tables.answers,
)  # fmt: skip


async def facts(made: Place) -> dict[str, Any]:
    """Return everything that a forged button could change, but for the wake-up hints of the clock."""
    async with made.stage.study.db.begin() as tx:
        rows = {
            table.name: [
                {name: value for name, value in row._mapping.items() if not name.endswith("wake_at")}
                for row in await tx.execute(table.select().order_by(table.c.id))
            ]
            for table in _KEPT
        }
        forms = await tx.execute(tables.checkins.select().order_by(tables.checkins.c.id))
        rows["checkins"] = [dict(row._mapping) for row in forms]
        rows["audit"] = [row.action for row in await tx.execute(select(tables.audit.c.action))]
        return rows


def shown(made: Place) -> list[str]:
    """Return the data of every button that anybody was ever shown."""
    everything = (
        button for each in made.crowd.values() for m in each.messages for row in m.buttons for button in row
    )
    return sorted({button.data for button in everything if button.data})


def forged(rng: Random, real: list[str]) -> str:
    """Return button data: a real one of somebody, a real one tampered with, or a guess; 64 bytes at most."""
    how = rng.randrange(4)
    if how == 0:
        return rng.choice(real)
    if how == 1:
        parts = rng.choice(real).split(":")
        parts[rng.randrange(len(parts))] = _part(rng)
        return _cut(":".join(parts))
    if how == 2:
        return _cut(":".join([rng.choice(list(Do)).value, *(_part(rng) for _ in range(rng.randrange(6)))]))
    return _cut(
        "".join(chr(rng.choice((rng.randrange(1, 128), rng.randrange(0x3000, 0x9FFF)))) for _ in range(30))
    )


def _part(rng: Random) -> str:
    number = str(rng.choice((rng.randrange(12), rng.randrange(-5, 2**31), 2**31, 2**63, 10**40)))
    odd = ("", "yes", "on", "off", "x", "１", "+1", " 1", "1_0", "NaN", "zh_CN", "reach", "\0", "'; --")
    return number if rng.random() < 0.7 else rng.choice(odd)


def _cut(data: str) -> str:
    return data.encode()[:64].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class Forged:
    """What came of so many forged presses: tables that changed, and presses that the bot could not take."""

    presses: int
    changed: list[str]
    states: Counter[str]

    def __str__(self) -> str:
        """Return the ledger."""
        return (
            f"{self.presses} forged presses: accepted in {self.changed or 'none'}; inbox {dict(self.states)}"
        )

    @property
    def faults(self) -> list[str]:
        """Name what does not hold."""
        left = {state: self.states[state] for state in ("new", "quarantined") if self.states[state]}
        return [f"{name} changed" for name in self.changed] + ([f"the inbox holds {left}"] if left else [])


async def forge(made: Place, count: int, seed: int) -> Forged:
    """Let a stranger, somebody revoked, and Wang and staff in a group press what they may not."""
    rng, real, before = Random(seed), shown(made), await facts(made)
    private = [(made.crowd[name], made.crowd[name].account.chat()) for name in ("Bo", "Gone")]
    ward = {"id": -4_000_000_001, "type": "group", "title": "Ward"}
    pressers = [*private, *((made.crowd[name], ward) for name in ("Wang", "Lin", "Chen"))]
    for first in range(0, count, TOGETHER):
        presses = (
            _press(made, *rng.choice(pressers), forged(rng, real))
            for _ in range(min(TOGETHER, count - first))
        )
        await made.take(list(presses))
    after = await facts(made)
    return Forged(count, [name for name in before if before[name] != after[name]], await made.states())


def _press(made: Place, person: Person, chat: dict[str, Any], data: str) -> dict[str, Any]:
    update_id = made.next_id()
    message = {
        "message_id": 1,
        "date": 1_796_000_000,
        "chat": chat,
        "from": made.stage.world.bot.user(),
        "text": "x",
    }
    query = {"id": str(update_id), "from": person.account.user(), "chat_instance": "1", "message": message}
    return {"update_id": update_id, "callback_query": query | {"data": data}}


def of(rows: dict[str, Any], person: Participant) -> dict[str, Any]:
    """Return the rows that belong to a participant."""
    theirs = {
        name: [row for row in rows[name] if isinstance(row, dict) and row.get("participant_id") == person.id]
        for name in rows
    }
    forms = {row["id"] for row in theirs["checkins"]}
    return theirs | {"answers": [row for row in rows["answers"] if row["checkin_id"] in forms]}


async def forge_by_another(made: Place, count: int, seed: int) -> Forged:
    """Let Zhao, who is a participant, press what belongs to Wang and to staff, from her own chat."""
    rng, real, before = Random(seed), shown(made), await facts(made)
    wang, zhao = await made.known("Wang"), made.crowd["Zhao"]
    assert isinstance(wang, Participant)
    for first in range(0, count, TOGETHER):
        many = range(min(TOGETHER, count - first))
        await made.take([_press(made, zhao, zhao.account.chat(), forged(rng, real)) for _ in many])
    after = await facts(made)
    mine = [f"Wang's {name}" for name, rows in of(before, wang).items() if rows != of(after, wang)[name]]
    staffs = [name for name in ("staff", "broadcasts", "replies") if before[name] != after[name]]
    about = ["alerts, on the trail"] if await _on_the_trail_of_alerts(made) else []
    return Forged(count, mine + staffs + about, await made.states())


async def _on_the_trail_of_alerts(made: Place) -> int:
    """Count what Zhao, who has no alert, did to one."""
    zhao, trail = await made.known("Zhao"), tables.audit.c
    assert isinstance(zhao, Participant)
    asked = select(func.count()).where(trail.subject_kind == "alert", trail.actor_id == zhao.id)
    async with made.stage.study.db.begin() as tx:
        found = await tx.execute(asked.where(trail.actor_kind == "participant"))
        return int(found.scalar_one())
