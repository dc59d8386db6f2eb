"""Every kind of outbox message, and how it is written when its turn comes."""

from bot.services import (
    alerts_forms,
    alerts_pages,
    arrival,
    awaiting,
    broadcast_letters,
    checkin_copies,
    checkins,
    consenting,
    conversations,
    days_off,
    digest,
    downtime,
    emergencies,
    hospital,
    leaving,
    measuring,
    monthly,
    moves_told,
    notices,
    nudging,
    oncall_watch,
    operating,
    phones,
    proposals,
    receipts,
    remeasuring,
    reminders,
    selftest,
    visit_changes,
)
from bot.services.notices import tell_coordinators
from bot.services.outgoing import Kind
from bot.study import Study

KINDS: dict[str, Kind] = {
    visit_changes.REMINDER: reminders.KIND,
    days_off.DAYS_OFF: days_off.KIND,
    monthly.MONTHLY: monthly.KIND,
    moves_told.MOVED: moves_told.KIND,
    checkins.CHECKIN: checkins.KIND,
    checkin_copies.COPY: checkin_copies.KIND,
    emergencies.EMERGENCY: emergencies.KIND,
    remeasuring.MEASURE_AGAIN: measuring.KIND,
    awaiting.NUDGE: nudging.KIND,
    hospital.ENDS: hospital.KIND,
    "staff_note": notices.STAFF_NOTE,
    **alerts_pages.KINDS,
    downtime.DIGEST: downtime.KIND,
    **operating.KINDS,
    **selftest.KINDS,
    **oncall_watch.KINDS,
    **alerts_forms.KINDS,
    **arrival.KINDS,
    digest.DIGEST: digest.KIND,
    phones.HIDE: phones.KIND,
    **broadcast_letters.KINDS,
    **consenting.KINDS,
    **conversations.KINDS,
    **leaving.KINDS,
    **proposals.KINDS,
    **receipts.KINDS,
}


async def tell_of_quarantine(study: Study) -> None:
    """Tell the coordinators that something a person sent was set aside, without what it was.

    Once an hour at most: a thousand broken updates must not bury what else they have to read.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        await tell_coordinators(tx, "quarantined", f"{now:%Y-%m-%dT%H}", now)
