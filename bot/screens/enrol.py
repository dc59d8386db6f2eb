"""Enrolling in the chat: the questions, and the join link with its picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.domain.people import LANGUAGES, Language
from bot.domain.telephone import spaced
from bot.domain.words import Words
from bot.screens.common import phrase
from bot.screens.join import LANGUAGE_NAMES
from bot.screens.taps import Do, tap
from bot.screens.wizard import Choice, Question, days, from_day, in_rows
from bot.texts import Button, Day, Joined, Moment, Phrase, Rows, Screen, Verbatim, say, say_n

DAYS_OFFERED = 14
NO_FLAG = "none"
NO_PHONE = "none"


def code(proposed: str | None, chosen: str | None, waiting: int) -> Question:
    """Ask for the participant code; `waiting` are enrolled and have not joined."""
    offered = dict.fromkeys(each for each in (chosen, proposed) if each)
    rows = tuple((Choice(say("enrol.code", code=each), each, chosen=each == chosen),) for each in offered)
    extra: Rows = ()
    if waiting:
        extra = ((Button(say("enrol.button_waiting", count=waiting), tap(Do.INVITE, "list")),),)
    return Question((say("enrol.ask_code"),), rows, extra=extra)


def arm(names: Mapping[str, str], chosen: str | None) -> Question:
    """Ask for the arm; `names` are the keys of their names."""
    choices = [Choice(Phrase(name), each, chosen=each == chosen) for each, name in names.items()]
    return Question((say("enrol.ask_arm"),), in_rows(choices, 2))


def dose(levels: Sequence[Words], chosen: int | None) -> Question:
    """Ask for the dose level of the arm; `chosen` is its place in the list."""
    choices = [Choice(phrase(each), str(n), chosen=n == chosen) for n, each in enumerate(levels)]
    return Question((say("enrol.ask_dose"),), in_rows(choices, 1))


def day1(today: date, chosen: date | None) -> Question:
    """Ask for the date of Day 1."""
    lines = (say("enrol.ask_day1"), say("wizard.or_type_date"))
    return Question(lines, days(from_day(today, DAYS_OFFERED), chosen))


def icf(today: date, chosen: date | None) -> Question:
    """Ask for the date of the signed paper consent."""
    lines = (say("enrol.ask_icf"), say("wizard.or_type_date"))
    return Question(lines, days(from_day(today, -DAYS_OFFERED), chosen))


def language(chosen: str | None) -> Question:
    """Ask for the language of the participant."""
    rows = tuple((Choice(Phrase(LANGUAGE_NAMES[each]), each, chosen=each == chosen),) for each in LANGUAGES)
    return Question((say("enrol.ask_language"),), rows)


def flag_name(flag: str) -> Phrase:
    """Return a flag in words."""
    return Phrase(f"flag.{flag}")


def flags(known: Sequence[str], chosen: Sequence[str]) -> Question:
    """Ask which flags hold, as a list to tick."""
    rows = tuple((Choice(flag_name(each), each, chosen=each in chosen),) for each in known)
    done = Choice(say("enrol.flags_done") if chosen else say("enrol.flags_none"), NO_FLAG)
    return Question((say("enrol.ask_flags"),), (*rows, (done,)))


def phone(chosen: str | None) -> Question:
    """Ask for the telephone number, which reaches people when the chat does not; it may be left out."""
    lines: list[Phrase | None] = [say("enrol.ask_phone"), say("phone.ask_note")]
    if chosen is not None:
        lines += [None, say("enrol.summary_phone", phone=spaced(chosen))]
    return Question(tuple(lines), ((Choice(say("enrol.no_phone"), NO_PHONE),),))


def summary(
    code: str,
    arm: Phrase,
    dose: Words,
    day1_on: date,
    icf_on: date,
    language: Language,
    flags: Sequence[str],
    phone: str | None,
) -> Question:
    """Show all of it, to be confirmed."""
    named = Joined(tuple(flag_name(each) for each in flags)) if flags else say("enrol.no_flags")
    lines = (
        say("enrol.summary_code", code=code),
        say("enrol.summary_arm", arm=arm, dose=phrase(dose)),
        say("enrol.summary_day1", on=Day(day1_on, "year")),
        say("enrol.summary_icf", on=Day(icf_on, "year")),
        say("enrol.summary_language", language=Phrase(LANGUAGE_NAMES[language])),
        say("enrol.summary_flags", flags=named),
        say("enrol.summary_phone", phone=say("enrol.phone_none") if phone is None else spaced(phone)),
        None,
        say("enrol.check"),
    )
    return Question(lines, confirm=say("enrol.confirm"))


def enrolled(code: str) -> Screen:
    """Say that a participant is enrolled, and that the link follows."""
    return Screen((say("enrol.enrolled", code=code),))


def invitation(
    participant_id: int, code: str, link: str, expires: Moment, to_participant: Verbatim
) -> Screen:
    """Stand below the QR picture: the link, until when, and a sentence that the participant can read.

    Not protected: a coordinator must be able to pass the link on.
    """
    lines = (
        say("invite.title", code=code),
        None,
        say("invite.to_participant", text=to_participant),
        None,
        say("invite.link", link=link),
        say("invite.expires", at=expires),
    )
    again = Button(say("invite.button_new"), tap(Do.INVITE, "new", participant_id))
    done = Button(say("invite.button_done"), tap(Do.INVITE, "done", participant_id))
    return Screen(lines, ((again, done),))


def paper(code: str) -> Screen:
    """Stand below the card to print."""
    return Screen((say("invite.paper", code=code),))


def with_paper(screen: Screen, participant_id: int, paper_id: int) -> Screen:
    """Let the buttons of an invitation take the card away with the picture; both hold the link."""
    again = Button(say("invite.button_new"), tap(Do.INVITE, "new", participant_id, paper_id))
    done = Button(say("invite.button_done"), tap(Do.INVITE, "done", participant_id, paper_id))
    return replace(screen, buttons=((again, done),))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who has not joined: when their last link was made (None: never), and whether it works."""

    id: int
    code: str
    enrolled_at: datetime
    invited_at: datetime | None
    works: bool


def waiting(people: Sequence[Waiting], zone: str, now: datetime) -> Screen:
    """List who is enrolled and has not joined, with the age of their link; a button for each new link."""
    if not people:
        return Screen((say("invite.nobody"),))
    lines = [_waits(each, zone, now) for each in people]
    buttons = [
        Button(say("invite.button_for", code=each.code), tap(Do.INVITE, "new", each.id)) for each in people
    ]
    rows = tuple(tuple(buttons[first : first + 3]) for first in range(0, len(buttons), 3))
    return Screen((say("invite.waiting"), None, *lines), rows, protect=True)


def _age(hours: int) -> Phrase:
    if hours == 0:
        return say("invite.fresh")
    return say_n("invite.days", hours // 24) if hours >= 24 else say_n("invite.hours", hours)


def _waits(each: Waiting, zone: str, now: datetime) -> Phrase:
    enrolled = Moment(each.enrolled_at, zone, "day_time")
    if each.invited_at is None:
        return say("invite.waiting_never", code=each.code, at=enrolled)
    age = _age(int((now - each.invited_at).total_seconds() // 3600))
    if each.works:
        return say("invite.waiting_works", code=each.code, at=enrolled, age=age)
    return say("invite.waiting_void", code=each.code, at=enrolled, age=age)
