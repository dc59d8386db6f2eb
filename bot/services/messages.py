"""Every kind of outbox message, and how it is written when its turn comes."""

from bot.services import checkins, judging, notices, reminders, visits
from bot.services.outgoing import Kind

KINDS: dict[str, Kind] = {
    visits.REMINDER: reminders.KIND,
    checkins.CHECKIN: checkins.KIND,
    judging.EMERGENCY: judging.KIND,
    "staff_note": notices.STAFF_NOTE,
}
