"""What people did and got in a long run, compared with what is stored."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from bot.domain.people import PersonRef
from bot.storage import audit, links, outbox, tables
from bot.storage.db import Tx
from bot.study import Study
from tests.promises import broadcasts_kept, reminders_kept
from tests.promises.reckoning import Ledger
from tests.promises.town import Town


async def balance(town: Town, study: Study) -> Ledger:
    """Compare what people did and got with what is stored."""
    ledger = Ledger()
    shown = await broadcasts_kept.shown(town, study)
    async with study.db.begin() as tx:
        await _updates(ledger, town, tx)
        await _alarms(ledger, town, tx)
        await _copies(ledger, town, tx)
        await _once_more(ledger, tx)
        await reminders_kept.enter(ledger, town.reminded, tx)
        await broadcasts_kept.enter(ledger, town, shown, tx)
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
