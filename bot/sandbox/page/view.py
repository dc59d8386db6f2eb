"""What the page shows, as one flat document: a key for each phone, message, outbox row and call."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.sandbox.accounts import Json, Letter
from bot.sandbox.notebook import NoteOfCall
from bot.sandbox.person import Person
from bot.sandbox.stage import ROLES, Phone, Stage

_MESSAGES_SHOWN = 250
_ROWS_SHOWN = 300
_TOASTS_SHOWN = 5
_SMS_SHOWN = 50
_STEPS = ("opened", "consented", "checked_in", "alert_taken", "broadcast")


async def document(stage: Stage) -> dict[str, Any]:
    """Return the whole state of the page."""
    doc: dict[str, Any] = {"meta": _meta(stage), "clock": await _clock(stage), "order": _order(stage)}
    for phone in stage.phones.values():
        person = stage.person(phone.user_id)
        doc[f"phone:{phone.user_id}"] = _phone(stage, phone, person)
        doc |= {f"msg:{phone.user_id}:{m['message_id']}": m for m in _messages(stage, person)}
    for row in (await stage.hooks.outbox_log())[:_ROWS_SHOWN]:
        doc[f"out:{row['id']}"] = row
    doc |= {f"sms:{n}": {"n": n, **asdict(sms)} for n, sms in enumerate(stage.gateway.taken[-_SMS_SHOWN:], 1)}
    doc |= {f"call:{note.number}": _call(note) for note in stage.notes.calls}
    done = await stage.story()
    doc["story"] = {step: step in done for step in _STEPS}
    return doc


def _order(stage: Stage) -> list[int]:
    # Participants first: it is their phones that one tries first.
    return sorted(stage.phones, key=lambda user_id: ROLES.index(stage.phones[user_id].role))


def _meta(stage: Stage) -> Json:
    bot = stage.world.bot
    return {
        "name": bot.name,
        "username": bot.username,
        "zone": stage.zone,
        "invites": bool(stage.hooks.invite),
    }


async def _clock(stage: Stage) -> Json:
    clock, walk = stage.clock, stage.walker.walk
    return {
        # While time runs by itself the page counts on from here; telling each second would be noise.
        "now": clock.now().isoformat(),
        "running": clock.running,
        "speed": clock.speed,
        "held_at": _iso(clock.held_at),
        "next_at": _iso(await stage.hooks.next_event_at()),
        "next_name": await stage.hooks.next_event_name(),
        "problem": stage.problem,
        "walk": walk and {"start": _iso(walk.start), "target": _iso(walk.target), "events": len(walk.events)},
    }


def _phone(stage: Stage, phone: Phone, person: Person) -> Json:
    account = person.account
    return {
        "id": person.id,
        "name": phone.name,
        "role": phone.role,
        "reads": phone.reads,
        "code": phone.code,
        "invitation": phone.invitation,
        "device_language": account.language_code,
        "started": account.started,
        "blocked": account.blocked,
        "offline": not account.online,
        "menu": person.menu,
        "keys": person.reply_keyboard,
        "pinned": _pinned(stage, person),
        "typing": stage.notes.is_typing(person.id),
        "asking": stage.notes.waiting_taps(person.id),
        "waiting": [_waiting(row) for row in account.waiting],
        "toasts": _toasts(person),
    }


def _pinned(stage: Stage, person: Person) -> Json | None:
    ids = (person.account.frozen or {"pinned": person.account.pinned})["pinned"]
    letter = stage.world.letter(person.id, ids[-1]) if ids else None
    return letter.message if letter else None


def _toasts(person: Person) -> list[Json]:
    return [{"id": t.query_id, "text": t.text, "alert": t.alert} for t in person.toasts[-_TOASTS_SHOWN:]]


def _waiting(row: list[Any]) -> str:
    action, first, *_ = row
    return str(first.get("text") or "…") if action == "post" else "…"


def _messages(stage: Stage, person: Person) -> list[Json]:
    account = person.account
    if account.frozen:
        letters = [Letter.of(row) for row in account.frozen["chats"].get(str(person.id), [])]
    else:
        letters = list(stage.world.messages.get(person.id, {}).values())
    return [_message(letter) for letter in letters[-_MESSAGES_SHOWN:] if not letter.deleted]


def _message(letter: Letter) -> Json:
    return {
        **letter.message,
        "protected": letter.protected,
        "silent": letter.silent,
        "reactions": letter.reactions,
    }


def _call(note: NoteOfCall) -> Json:
    call = note.call
    chat_id = str(call.params.get("chat_id", ""))
    known = int(chat_id) if chat_id.lstrip("-").isdigit() else None
    return {
        "n": note.number,
        "at": _iso(note.at),
        "method": call.method,
        "chat_id": known,
        "ok": call.ok,
        "code": call.code,
        "description": call.description,
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
