"""Reads from the bot's own tables what a simulation did, for the arithmetic of the burden."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, time

from sqlalchemy import func, select

from bot.domain.calendar import to_local
from bot.sandbox.population.burden import Asked, Burden, Followed, Log, Page, Raised, burden
from bot.sandbox.population.play import PopulationPlay, played
from bot.sandbox.population.site import is_night
from bot.sandbox.simulation import Progress, Script
from bot.sandbox.tally import Tally, tally
from bot.services.alerts.chain import PAGE
from bot.storage import alerts as stored_alerts
from bot.storage import participants, staff
from bot.storage.db import Tx
from bot.storage.tables import answers, checkins, findings, outbox

_RULES = select(findings.c.alert_id, findings.c.rule, findings.c.found_at).where(
    findings.c.alert_id.is_not(None)
)
_PAGES = (
    select(outbox.c.subject_id, outbox.c.person_id, outbox.c.sent_at)
    .where(outbox.c.kind == PAGE, outbox.c.sent_at.is_not(None))
    .order_by(outbox.c.sent_at)
)
_ANSWERED = select(answers.c.checkin_id, func.min(answers.c.answered_at)).group_by(answers.c.checkin_id)
_ALERTED = select(findings.c.checkin_id).where(
    findings.c.alert_id.is_not(None), findings.c.answer_id.is_not(None)
)
_ASKED = select(checkins.c.id, checkins.c.participant_id, checkins.c.opened_at, checkins.c.form)


async def measured(script: Script, progress: Progress) -> tuple[Tally, Burden]:
    """Play the script with the population; return what was sent and asked, and what the alerts cost."""
    async with played(script, progress) as play:
        return await tally(play.stage.study), burden(await ledger(play))


async def ledger(play: PopulationPlay) -> Log:
    """Return everything that was raised, paged and asked, and the lives beside it."""
    async with play.stage.study.db.begin() as tx:
        codes = {each.id: each.code for each in await participants.all_(tx)}
        return Log(_followed(play), await _raised(tx, codes), await _pages(tx, play), await _asked(tx, codes))


def _followed(play: PopulationPlay) -> list[Followed]:
    return [
        Followed(
            life.code,
            life.character,
            play.at(play.script.day1_on(number), time(0)),
            play.ends_of(number),
            tuple(life.conditions),
            life.blocks_at,
            tuple(life.stays),
        )
        for number, life in enumerate(play.lives)
    ]


async def _raised(tx: Tx, codes: Mapping[int, str]) -> list[Raised]:
    rules: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    paged_at: dict[int, datetime] = {}
    for alert_id, rule, found_at in await tx.execute(_RULES):
        rules[alert_id].append((found_at, rule))
    for alert_id, _, sent_at in await tx.execute(_PAGES):
        paged_at.setdefault(alert_id, sent_at)
    return [
        Raised(
            codes[each.participant_id],
            each.tier if each.hours is None else f"{each.tier} {each.hours} h",
            _opening(rules[each.id]),
            each.opened_at,
            each.tier_since,
            paged_at.get(each.id),
            each.acknowledged_at,
            each.contacted_at,
            each.closed_at,
        )
        for each in await stored_alerts.opened_since(tx, datetime.min.replace(tzinfo=UTC))
    ]


def _opening(found: list[tuple[datetime, str]]) -> tuple[str, ...]:
    first_at = min((at for at, _ in found), default=None)
    return tuple(sorted({rule for at, rule in found if at == first_at}))


async def _pages(tx: Tx, play: PopulationPlay) -> list[Page]:
    names = {each.id: each.name for each in await staff.all_(tx)}
    zone = play.stage.study.site.zone
    return [
        Page(names[person_id], sent_at, is_night(to_local(sent_at, zone).time()))
        for _, person_id, sent_at in await tx.execute(_PAGES)
        if person_id in names
    ]


async def _asked(tx: Tx, codes: Mapping[int, str]) -> list[Asked]:
    answered_at = {row[0]: row[1] for row in await tx.execute(_ANSWERED)}
    alerted = {row[0] for row in await tx.execute(_ALERTED)}
    return [
        Asked(codes[row[1]], row[2], answered_at.get(row[0]), row[0] in alerted, row[3])
        for row in await tx.execute(_ASKED)
    ]
