"""What participants type and tap."""

from bot.screens.taps import Do
from handlers.common import TapByParticipant
from handlers.joining import decide, page, seen
from handlers.language import choose_by_participant
from handlers.participant.asked import answered
from handlers.participant.caring import caregivers, home_of_caregiver, stop
from handlers.participant.caring import pressed as caring
from handlers.participant.caring import pressed_by_caregiver as by_caregiver
from handlers.participant.checkin import answer, back, done, report, report_tapped, same, skip, toggle
from handlers.participant.home import contact, contact_tapped, help_tapped, home_tapped, language_tapped
from handlers.participant.leaving import pressed as leaving
from handlers.participant.leaving import withdraw
from handlers.participant.measuring import cannot
from handlers.participant.privacy import privacy, privacy_tapped
from handlers.participant.reminders import reminders
from handlers.participant.visits import (
    calendar,
    cannot_come,
    coming,
    propose,
    visit_tapped,
    visits,
    visits_tapped,
)
from handlers.participant.words import on_edited, on_other, on_text

PARTICIPANT_TAPS: dict[Do, TapByParticipant] = {
    Do.LANGUAGE: choose_by_participant,
    Do.CONSENT: decide,
    Do.JOIN: page,
    Do.SEEN: seen,
    Do.LEAVE: leaving,
    Do.CARE: caring,
    Do.PRIVACY: privacy_tapped,
    Do.COMING: coming,
    Do.CANNOT_COME: cannot_come,
    Do.ANSWER: answer,
    Do.TOGGLE: toggle,
    Do.DONE: done,
    Do.BACK: back,
    Do.SAME: same,
    Do.SKIP: skip,
    Do.OPEN_REPORT: report_tapped,
    Do.OPEN_VISITS: visits_tapped,
    Do.OPEN_CONTACT: contact_tapped,
    Do.HELP: answered,
    Do.HOME: home_tapped,
    Do.OPEN_HELP: help_tapped,
    Do.OPEN_LANGUAGE: language_tapped,
    Do.VISIT: visit_tapped,
    Do.CALENDAR: calendar,
    Do.PROPOSE: propose,
    Do.REMINDERS: reminders,
    Do.CANNOT_MEASURE: cannot,
}

# What a caregiver may do for the participant; everything else is the participant's own.
CAREGIVER_TAPS: dict[Do, TapByParticipant] = {
    Do.LANGUAGE: choose_by_participant,
    Do.CONSENT: decide,
    Do.JOIN: page,
    Do.SEEN: seen,
    Do.CARE: by_caregiver,
    Do.HOME: home_of_caregiver,
    **{
        do: PARTICIPANT_TAPS[do]
        for do in (
            Do.ANSWER,
            Do.TOGGLE,
            Do.DONE,
            Do.BACK,
            Do.SAME,
            Do.SKIP,
            Do.OPEN_REPORT,
            Do.OPEN_VISITS,
            Do.OPEN_CONTACT,
            Do.VISIT,
            Do.CALENDAR,
            Do.COMING,
            Do.CANNOT_COME,
            Do.PROPOSE,
            Do.CANNOT_MEASURE,
            Do.HELP,
        )
    },
}

__all__ = [
    "CAREGIVER_TAPS",
    "PARTICIPANT_TAPS",
    "caregivers",
    "contact",
    "on_edited",
    "on_other",
    "on_text",
    "privacy",
    "report",
    "stop",
    "visits",
    "withdraw",
]
