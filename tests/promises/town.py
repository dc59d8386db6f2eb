"""The people of a long run: what they do, what reaches them, and what must have come of it."""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select

from bot.domain import consent
from bot.domain.people import Participant, PersonRef, Role
from bot.sandbox.accounts import Event
from bot.sandbox.crew import Caretaker, Fever, Patient
from bot.sandbox.person import Person
from bot.sandbox.world import World
from bot.services.participation import consenting, enrolment, joining
from bot.services.participation.enrolment import EnrolRequest
from bot.services.trail import SYSTEM
from bot.storage import audit, links, outbox, tables
from bot.storage.db import Tx
from bot.study import Study

CANNOT_BREATHE = "我喘不上气了"
STAFF = (("Lin", Role.COORDINATOR), ("Zhao", Role.SUB_INVESTIGATOR), ("Chen", Role.PI))
_THUMB_SECONDS = 0.02


@dataclass
class Town:
    """Everybody in it; `fresh` have not yet done anything, and each of them raises one alarm."""

    world: World
    rng: Random
    fresh: list[tuple[Person, int]] = field(default_factory=list)
    writers: list[tuple[Person, int]] = field(default_factory=list)
    actors: dict[int, Patient | Caretaker] = field(default_factory=dict)
    alarmed: dict[int, str] = field(default_factory=dict)
    """Participant → how they raised their alarm."""
    said: Counter[tuple[int, str]] = field(default_factory=Counter)
    put: set[int] = field(default_factory=set)
    copies: Counter[tuple[int, str]] = field(default_factory=Counter)
    """Messages that were carried out, by chat and text as sent."""
    calls: Counter[str] = field(default_factory=Counter)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _n: int = 0

    def __post_init__(self) -> None:
        self.world.listen(self._heard)

    async def settle_in(self, study: Study, alarms: int, writers: int = 6) -> None:
        """Let people have joined long ago; staff come last, so that they need not hear of each."""
        # Three digits are enough for a trial, and not for ten thousand alarms.
        enrolment.CODE_FORMAT = re.compile(r"\d{5}")
        for n in range(alarms + writers):
            person, participant = await self._participant(study, n)
            (self.fresh if n < alarms else self.writers).append((person, participant.id))
        for name, role in STAFF:
            _, invitation = await enrolment.invite_staff(study, SYSTEM, name, role, "en")
            person = self._newcomer(name)
            joined = await joining.redeem(study, person.id, invitation.code)
            assert isinstance(joined, joining.Joined)
            async with study.db.begin() as tx:
                await tx.execute(tables.staff.update().values(on_call=True))
            self.actors[person.id] = Caretaker(person)

    def _newcomer(self, name: str) -> Person:
        person = self.world.add_person(name)
        person.account.started = True
        person.save("started")
        return person

    async def _participant(self, study: Study, n: int) -> tuple[Person, Participant]:
        day1_on: date = study.clock.now().date() + timedelta(days=60)
        request = EnrolRequest(f"{n:05}", "NK010", 2.5e9, day1_on, study.clock.now().date(), "zh_CN")
        enrolled = await enrolment.enrol(study, SYSTEM, request)
        invitation = await enrolment.invite(study, SYSTEM, enrolled)
        person = self._newcomer(f"P{n}")
        joined = await joining.redeem(study, person.id, invitation.code)
        assert isinstance(joined, joining.Joined)
        assert isinstance(joined.person, Participant)
        known = joined.person
        for kind in consent.KINDS:
            known = (await consenting.decide(study, known, kind, consent.VERSION, agrees=True)).participant
        return person, known

    # --- what they do ---------------------------------------------------------

    def alarm(self) -> None:
        """Let somebody who was well until now be in danger: in their own words, or on the form."""
        if not self.fresh:
            return
        person, participant = self.fresh.pop()
        if len(self.alarmed) % 2 == 0:
            self.alarmed[participant] = "words"
            self.said[participant, CANNOT_BREATHE] += 1
            person.say(CANNOT_BREATHE)
            return
        self.alarmed[participant] = "form"
        ill = Fever(datetime(2000, 1, 1, tzinfo=UTC), timedelta(days=99_999), 39.6)
        self.actors[person.id] = Patient(person, self.rng, ill)
        person.command("report")

    def write(self) -> None:
        """Let somebody write something harmless."""
        person, participant = self.rng.choice(self.writers)
        self._n += 1
        self.said[participant, f"谢谢 {self._n}"] += 1
        person.say(f"谢谢 {self._n}")

    def look(self) -> None:
        """Let somebody look at their visits, of which nobody else hears."""
        person, _ = self.rng.choice(self.writers)
        person.command("visits")

    def _heard(self, event: Event) -> None:
        if event.kind == "update":
            self.put.add(event.data["update"]["update_id"])
        elif event.kind == "call":
            self._called(event.data["call"])
        elif event.kind in ("message", "edited") and event.chat_id in self.actors:
            task = asyncio.get_running_loop().create_task(self._act(self.actors[event.chat_id]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _act(self, actor: Patient | Caretaker) -> None:
        await asyncio.sleep(_THUMB_SECONDS)
        actor.act(self.world.clock.now())

    def _called(self, call: Any) -> None:
        self.calls[call.method] += 1
        if call.ok and call.method == "sendMessage":
            self.copies[int(call.params["chat_id"]), call.params["text"]] += 1

    @property
    def busy(self) -> bool:
        """Whether somebody is about to do something."""
        return bool(self._tasks) or self.world.pending_updates() > 0


@dataclass
class Ledger:
    """What was, beside what must be; `faults` names every line that does not hold."""

    lines: dict[str, object] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def must(self, name: str, *, found: object, be: object = 0) -> None:
        """Enter a figure that must be so."""
        self.lines[name] = found
        if found != be:
            self.faults.append(f"{name}: {found!r}, and it must be {be!r}")

    def note(self, name: str, value: object) -> None:
        """Enter a figure that may be what it is."""
        self.lines[name] = value

    def __str__(self) -> str:
        width = max(len(name) for name in self.lines)
        return "\n".join(f"  {name:<{width}}  {value}" for name, value in self.lines.items())


async def balance(town: Town, study: Study) -> Ledger:
    """Compare what people did and got with what is stored."""
    ledger = Ledger()
    async with study.db.begin() as tx:
        await _updates(ledger, town, tx)
        await _alarms(ledger, town, tx)
        await _copies(ledger, town, tx)
        await _once_more(ledger, tx)
        ledger.must("P13 breaks in the audit trail", found=len(await audit.verify(tx)))
    return ledger


async def _updates(ledger: Ledger, town: Town, tx: Tx) -> None:
    rows = (await tx.execute(select(tables.inbox.c.update_id, tables.inbox.c.state))).all()
    states = Counter(row.state for row in rows)
    ledger.note("updates that people caused", len(town.put))
    # What nobody confirmed Telegram still has.
    held = {update["update_id"] for update in town.world.updates.head(10**6)}
    ledger.must("P1 updates lost", found=len(town.put - held - {row.update_id for row in rows}))
    ledger.must("P1 updates not fetched at the end", found=len(held))
    ledger.must("P1 updates left unhandled", found=states["new"])
    ledger.note("P10 updates set aside", states["quarantined"])
    texts = tables.inbound_texts
    kept: Counter[tuple[int, str]] = Counter()
    for row in await tx.execute(select(texts.c.participant_id, texts.c.text_box)):
        text = row.participant_id, tx.open(row.text_box)
        # A temperature that was typed once too often is kept as a text, which is as it should be.
        kept[text] += text in town.said
    ledger.note("texts that people wrote", town.said.total())
    ledger.must("P1 texts lost", found=(town.said - kept).total())
    ledger.must("P1 texts kept twice", found=(kept - town.said).total())


async def _alarms(ledger: Ledger, town: Town, tx: Tx) -> None:
    alerts, findings = tables.alerts, tables.findings
    opened = Counter(row[0] for row in await tx.execute(select(alerts.c.participant_id)))
    red = await tx.execute(select(alerts.c.participant_id).where(alerts.c.tier == "red"))
    ledger.note("alarms in words", list(town.alarmed.values()).count("words"))
    ledger.note("alarms on the form", list(town.alarmed.values()).count("form"))
    ledger.must("P2 alarms without a red alert", found=len(town.alarmed.keys() - {row[0] for row in red}))
    ledger.must("P2 alarms with two alerts", found=sum(opened[each] > 1 for each in town.alarmed))
    ledger.must("P2 alerts of nobody", found=len(opened.keys() - town.alarmed.keys()))
    twice = (
        select(func.count())
        .select_from(findings)
        .group_by(findings.c.source, findings.c.rule)
        .having(func.count() > 1)
    )
    ledger.must("P2 findings twice", found=len((await tx.execute(twice)).all()))
    never = select(func.count()).where(alerts.c.paged_at.is_(None))
    ledger.must("P3 alerts never paged", found=(await tx.execute(never)).scalar_one())
    waiting = select(func.count()).where(alerts.c.state == "open")
    ledger.note("alerts that nobody has taken yet", (await tx.execute(waiting)).scalar_one())


@dataclass
class _Sent:
    rows: int = 0
    allowed: int = 0
    urgent: bool = False
    keys: list[str] = field(default_factory=list)


async def _copies(ledger: Ledger, town: Town, tx: Tx) -> None:
    """Count copies over what was meant: an answer that was lost, or a kill, adds one at most."""
    out, tried = tables.outbox, tables.attempts
    lost = select(tried.c.outbox_id, func.count()).where(tried.c.result.in_(("crashed", "perhaps")))
    again = {row[0]: row[1] for row in await tx.execute(lost.group_by(tried.c.outbox_id))}
    sent: dict[tuple[int, str], _Sent] = {}
    states: Counter[str] = Counter()
    unsent: list[str] = []
    # What was given up as uncertain may be there all the same, in words that were not kept.
    spare: Counter[int] = Counter()
    for row in (await tx.execute(select(out))).all():
        states[row.state] += 1
        if row.priority == 0 and row.channel == "telegram" and row.state not in ("sent", "skipped"):
            unsent.append(f"{row.key}: {row.state} ({row.last_error})")
        if row.channel != "telegram":
            continue
        chat = await links.chat_of(tx, PersonRef(row.person_kind, row.person_id)) or 0
        if row.state != "sent":
            spare[chat] += again.get(row.id, 0)
        elif row.method == "sendMessage":
            each = sent.setdefault((chat, tx.open(row.text_box)), _Sent())
            each.rows += 1
            each.allowed += 1 + again.get(row.id, 0)
            each.urgent |= row.priority == 0
            each.keys.append(row.key)
    ledger.note("outbox", ", ".join(f"{count} {state}" for state, count in sorted(states.items())))
    ledger.must("urgent messages that did not go out", found=unsent, be=[])
    _count(ledger, town, sent, spare, sum(again.values()))


async def _once_more(ledger: Ledger, tx: Tx) -> None:
    """Count what perhaps arrived and is no page: it may go once more, and a third time never."""
    out, tried = tables.outbox, tables.attempts
    lost = (
        select(func.count())
        .join_from(tried, out, out.c.id == tried.c.outbox_id)
        .where(tried.c.result.in_(("crashed", "perhaps")), out.c.priority > outbox.URGENT)
        .group_by(tried.c.outbox_id)
    )
    times = Counter(row[0] for row in await tx.execute(lost))
    ledger.note("P8 messages that are no page, perhaps sent", times.total())
    ledger.must(
        "P8 messages that are no page, perhaps sent three times", found=sum(times[n] for n in times if n > 2)
    )
    third = select(out.c.key).where(
        out.c.state == "sent", out.c.priority > outbox.URGENT, out.c.id.in_(_twice_in_doubt())
    )
    found = [row[0] for row in await tx.execute(third)]
    ledger.must("P8 sent for certain after it was perhaps sent twice", found=found, be=[])


def _twice_in_doubt() -> Any:
    tried = tables.attempts
    doubtful = select(tried.c.outbox_id).where(tried.c.result.in_(("crashed", "perhaps")))
    return doubtful.group_by(tried.c.outbox_id).having(func.count() > 1)


def _count(
    ledger: Ledger, town: Town, sent: dict[tuple[int, str], _Sent], spare: Counter[int], doubtful: int
) -> None:
    copies = {each: town.copies[each] for each in sent}
    ledger.must("messages kept as sent that nobody got", found=sum(not copies[each] for each in sent))
    ledger.note("calls in hand at a kill, or whose answer was lost", doubtful)
    ledger.note("P5 second copies", sum(copies[each] - sent[each].rows for each in sent))
    over = [
        (one.keys, copies[each]) for each, one in sent.items() if copies[each] > one.allowed + spare[each[0]]
    ]
    ledger.must("P5 messages with more copies than kills and lost answers explain", found=over, be=[])
    most = [
        (one.keys, copies[each])
        for each, one in sent.items()
        if not one.urgent and copies[each] > 2 * one.rows + spare[each[0]]
    ]
    ledger.must("P5 messages that are no page, in more than two copies", found=most, be=[])
