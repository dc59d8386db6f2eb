"""The emergency text to a participant: at once, and one for one danger."""

from datetime import datetime

from bot.domain.people import Participant
from bot.screens.contact import emergency
from bot.services import people
from bot.services.outgoing import Kind, Outgoing, Skip
from bot.storage import outbox
from bot.storage.db import Tx
from bot.storage.outbox import Intent, Message
from bot.storage.types import Subject
from bot.study import Study

EMERGENCY = "emergency"
_IN_VAIN = ("failed", "expired", "skipped")


async def send(
    study: Study, tx: Tx, participant: Participant, subject: Subject, call_120: bool, now: datetime
) -> None:
    """Queue the emergency text once for a subject; once more only where "go there" becomes "call".

    None where the participant was told as much within the last minutes.
    """
    # Words and an answer of the same minutes tell of one danger: two texts would only be read twice.
    since = now - study.protocol.practice.double_words.value
    recent = await outbox.to_since(tx, participant.ref, EMERGENCY, since)
    if any(_says_as_much(each, call_120) for each in recent) or await _called(tx, subject):
        return
    for each in recent:
        # What still waits would now say less than what is true.
        await outbox.cancel(tx, each.id, "graver now", now)
    intent = Intent(
        _key(subject, call_120=call_120),
        EMERGENCY,
        outbox.URGENT,
        participant.ref,
        {"call_120": call_120, subject.kind: subject.id},
        subject=subject,
    )
    await outbox.enqueue_many(tx, [intent, *await people.copies(tx, intent, participant.id)], now)


def _says_as_much(message: Message, call_120: bool) -> bool:
    return message.state not in _IN_VAIN and (bool(message.params["call_120"]) or not call_120)


async def _called(tx: Tx, subject: Subject) -> bool:
    return await outbox.by_key(tx, _key(subject, call_120=True)) is not None


def _key(subject: Subject, *, call_120: bool) -> str:
    return f"{EMERGENCY}:{subject.kind}:{subject.id}:{'call' if call_120 else 'go'}"


async def render(study: Study, tx: Tx, message: Message, now: datetime) -> Outgoing | Skip:
    """Write the emergency text: true whatever has happened since."""
    if message.to is None:
        return Skip("nobody to help")
    participant = await people.reader(tx, message.to)
    screen = emergency(study.site, study.protocol.tell_helpers, call_120=bool(message.params["call_120"]))
    return Outgoing(screen, participant.language)


KIND = Kind(render)
