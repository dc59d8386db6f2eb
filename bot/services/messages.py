"""Every kind of outbox message, and how it is written when its turn comes."""

from bot.services import notices
from bot.services.alerts import emergencies, forms_due, pages
from bot.services.broadcasts import letters
from bot.services.checkins import awaiting, checkins, copies, measuring, nudging, remeasuring
from bot.services.notices import tell_coordinators
from bot.services.operation import downtime, operating, selftest
from bot.services.outgoing import Kind
from bot.services.participation import arrival, consenting, hospital, leaving
from bot.services.reminders import monthly, reminders
from bot.services.staff import digest, oncall_watch, phones
from bot.services.talk import conversations, receipts
from bot.services.visits import changes, completing, days_off, moves_told, proposals
from bot.study import Study

KINDS: dict[str, Kind] = {
    changes.REMINDER: reminders.KIND,
    completing.FAREWELL: completing.KIND,
    days_off.DAYS_OFF: days_off.KIND,
    monthly.MONTHLY: monthly.KIND,
    moves_told.MOVED: moves_told.KIND,
    checkins.CHECKIN: checkins.KIND,
    copies.COPY: copies.KIND,
    emergencies.EMERGENCY: emergencies.KIND,
    remeasuring.MEASURE_AGAIN: measuring.KIND,
    awaiting.NUDGE: nudging.KIND,
    hospital.ENDS: hospital.KIND,
    "staff_note": notices.STAFF_NOTE,
    **pages.KINDS,
    downtime.DIGEST: downtime.KIND,
    **operating.KINDS,
    **selftest.KINDS,
    **oncall_watch.KINDS,
    **forms_due.KINDS,
    **arrival.KINDS,
    digest.DIGEST: digest.KIND,
    phones.HIDE: phones.KIND,
    **letters.KINDS,
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
