"""The list of alerts: open first, by age; filtered; and how quickly they were taken and reached."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.people import Action, PersonRef
from bot.domain.response import Response, medians
from bot.screens.alert_view import AlertView
from bot.screens.alerts_list import Filters, Times
from bot.services.alerts.acts import allowed
from bot.services.alerts.view import view_of
from bot.storage import alerts, participants
from bot.storage.alerts import Alert
from bot.storage.db import Tx
from bot.study import Study

PAST = timedelta(days=7)
_RECENT = timedelta(days=30)
# Longer than a trial is.
_EVER = timedelta(days=3650)


async def overview(
    study: Study, by: PersonRef, wanted: Filters | None = None
) -> tuple[list[AlertView], list[AlertView]]:
    """Return the live alerts by age, and the closed ones: of the last days, or with a form still due.

    With the filter "closed", or of one participant, those of any age.
    """
    now = study.clock.now()
    asked = wanted or Filters()
    async with study.db.begin() as tx:
        member = await allowed(tx, by, Action.SEE_ALERTS)
        person = None if asked.code is None else await participants.by_code(tx, asked.code)
        chosen = await _of_tier(tx, asked, person.id if person else None, now)
        views = [await view_of(study, tx, each) for each in chosen if _is_wanted(each, asked, member.id)]
    live = [each for each in views if each.state != "closed"]
    return live, [each for each in reversed(views) if each.state == "closed"]


async def _of_tier(tx: Tx, asked: Filters, participant_id: int | None, now: datetime) -> list[Alert]:
    everything = asked.state == "closed" or asked.code is not None
    since = now - (_EVER if everything else PAST)
    found = {each.id: each for each in await alerts.opened_since(tx, since)}
    found |= {each.id: each for each in (*await alerts.all_live(tx), *await alerts.forms_due(tx))}
    ordered = sorted(found.values(), key=lambda each: (each.opened_at, each.id))
    return [each for each in ordered if asked.code is None or each.participant_id == participant_id]


def _is_wanted(alert: Alert, asked: Filters, reader: int) -> bool:
    holders = (alert.acknowledged_by, alert.contacted_by, alert.closed_by)
    return (
        asked.tier in (None, alert.tier)
        and asked.state in (None, alert.state)
        and (not asked.mine or reader in holders)
    )


async def codes(study: Study, by: PersonRef) -> list[str]:
    """Return the codes of everybody who has had an alert."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await allowed(tx, by, Action.SEE_ALERTS)
        had = {each.participant_id for each in await alerts.opened_since(tx, now - _EVER)}
        return [each.code for each in await participants.all_(tx) if each.id in had]


async def times(study: Study, by: PersonRef) -> Times:
    """Return the medians of the time to take and to reach, by tier: of the last 30 days, and of all."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        await allowed(tx, by, Action.SEE_ALERTS)
        everything = await alerts.opened_since(tx, now - _EVER)
    recent = [each for each in everything if each.opened_at >= now - _RECENT]
    return Times(medians(_responses(recent)), medians(_responses(everything)))


def _responses(chosen: Sequence[Alert]) -> list[Response]:
    return [
        Response(one.tier, one.hours, _minutes(one, one.acknowledged_at), _minutes(one, one.contacted_at))
        for one in chosen
    ]


def _minutes(alert: Alert, at: datetime | None) -> float | None:
    # From when it got its tier: where it was raised, it had to be taken anew.
    return None if at is None else (at - alert.tier_since) / timedelta(minutes=1)
