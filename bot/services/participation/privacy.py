"""What is stored about a participant, gathered for themselves; each reading stands in the audit trail."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from markupsafe import Markup

from bot.domain import planning
from bot.domain.items import Item
from bot.domain.people import Caregiver, Participant
from bot.domain.telephone import masked
from bot.papers.my_data import FILE_NAME, Entry, MyData, my_data
from bot.screens.caring import NAMES
from bot.screens.consent import decision_line
from bot.screens.join import LANGUAGE_NAMES
from bot.screens.threads import KINDS
from bot.services import people
from bot.services.facts import course_of
from bot.services.trail import record
from bot.storage import (
    alerts,
    answers,
    caregivers,
    checkins,
    consents,
    media,
    outbox,
    phones,
    replies,
    texts_in,
)
from bot.storage.alerts import Alert
from bot.storage.answers import NEVER
from bot.storage.db import Tx
from bot.storage.media import Kept
from bot.study import Study
from bot.texts import Day, Joined, Moment, Phrase, Verbatim, say, say_n


async def file_of(study: Study, participant: Participant) -> tuple[str, bytes]:
    """Return name and content of the file with all that is stored about a participant."""
    now = study.clock.now()
    async with study.db.begin() as tx:
        known = await people.participant(tx, participant.id)
        data = await _data(study, tx, known, now)
        await record(tx, study, known.ref, "see_my_data", now, subject=known.ref)
    content = my_data(study.texts, data, study.site, participant.language)
    return FILE_NAME.format(code=known.code), content


async def _data(study: Study, tx: Tx, known: Participant, now: datetime) -> MyData:
    return MyData(
        code=known.code,
        zone=known.zone,
        made_at=now,
        person=await _person(tx, known),
        plan=await _plan(study, tx, known),
        answers=await _answers(study, tx, known),
        words=tuple(Entry(t.at, t.text) for t in await texts_in.of_participant(tx, known.id, NEVER)),
        alerts=tuple([each for alert in await alerts.ever_for(tx, known.id) for each in _alert(alert)]),
        messages=tuple(
            Entry(each.sent_at, _plain(each.text))
            for each in await outbox.sent_to(tx, known.ref)
            if each.sent_at is not None and each.text
        ),
        consents=tuple(decision_line(each, known.zone) for each in await consents.of_person(tx, known.ref)),
        media=tuple(Entry(each.at, Phrase(KINDS[each.medium.kind])) for each in await _media(tx, known)),
        replies=await _replies(tx, known),
    )


async def _person(tx: Tx, known: Participant) -> tuple[Phrase, ...]:
    lines = [
        say("mydata.code", code=known.code),
        say("mydata.language", language=Phrase(LANGUAGE_NAMES[known.language])),
        say("mydata.icf", on=Day(known.icf_on, "year")),
    ]
    if known.joined_at is not None:
        lines.append(say("mydata.joined", at=Moment(known.joined_at, known.zone)))
    number = await phones.get(tx, known.id)
    if number is not None:
        lines.append(say("mydata.phone", number=masked(number)))
    lines += [_caregiver(each, known.zone) for each in await caregivers.ever_of(tx, known.id)]
    if known.flags:
        # What each of them says belongs to a talk with a physician.
        lines.append(say_n("mydata.flags", len(known.flags)))
    return (*lines, say("mydata.not_here"))


def _caregiver(each: Caregiver, zone: str) -> Phrase:
    who, at = Phrase(NAMES[each.relation]), Moment(each.joined_at or each.invited_at, zone)
    if each.status == "ended":
        return say("mydata.caregiver_before", who=who, at=at)
    return say("mydata.caregiver", who=who, at=at)


async def _media(tx: Tx, known: Participant) -> list[Kept]:
    return await media.since(tx, known.id, NEVER)


async def _replies(tx: Tx, known: Participant) -> tuple[Entry, ...]:
    """Return what the team has answered, in the reader's language; who wrote it stays with the team."""
    return tuple(
        Entry(each.at, say("mydata.reply", text=Verbatim(each.zh, each.en)))
        for each in await replies.of_participant(tx, known.id, NEVER)
    )


async def _plan(study: Study, tx: Tx, known: Participant) -> tuple[Phrase, ...]:
    plan = planning.plan(await course_of(tx, known), study.protocol)
    return tuple(
        say("visits.line", name=Phrase(visit.type.name), on=Day(visit.on, "year"))
        for visit in plan
        if visit.takes_place
    )


async def _answers(study: Study, tx: Tx, known: Participant) -> tuple[Entry, ...]:
    found: list[Entry] = []
    for checkin in await checkins.since(tx, known.id, NEVER):
        for given in await answers.ever(tx, checkin.id):
            item = study.protocol.items.get(given.item)
            if item is not None:
                found.append(Entry(given.answered_at, _told(item, given.value, given.answered_by)))
    return tuple(found)


def _told(item: Item, value: Any, by: str) -> Phrase:
    parts = tuple(_parts(item, item.read(value))) if value is not None else ()
    what: Phrase = say("mydata.skipped") if not parts else say("mydata.parts", parts=Joined(parts))
    if by == "caregiver":
        return say("mydata.answer_by_caregiver", item=Phrase(item.name_key), value=what)
    return say("mydata.answer", item=Phrase(item.name_key), value=what)


def _parts(item: Item, read: Mapping[str, Any]) -> Iterator[Phrase | Verbatim]:
    """Yield each part of an answer in words; what is private too, since it is their own."""
    for part in item.parts:
        if part.key not in read or read[part.key] is None:
            continue
        labels, given = dict(part.options), read[part.key]
        raw = given if isinstance(given, tuple) else (_raw(given),)
        for each in raw:
            yield Phrase(labels[each]) if each in labels else Verbatim(str(each), str(each))


def _raw(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _alert(alert: Alert) -> Iterator[Entry]:
    """Say in neutral words that the team was told, and when they had reached and ended it."""
    yield Entry(alert.opened_at, say("mydata.alert_opened"))
    if alert.contacted_at is not None:
        yield Entry(alert.contacted_at, say("mydata.alert_contacted"))
    if alert.closed_at is not None:
        yield Entry(alert.closed_at, say("mydata.alert_closed"))


def _plain(html: str) -> str:
    return "\n".join(str(Markup(line).striptags()) for line in html.split("\n"))
