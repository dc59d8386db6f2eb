"""What a hand on the page can do: to one phone, and to the clock."""

import base64
import binascii
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.sandbox.person import Person
from bot.sandbox.stage import Stage

Body = dict[str, Any]
_PHONE_LANGUAGES = ("zh-hans", "zh-hant", "en", "de")


def phone_hand(stage: Stage, person: Person, action: str, body: Body) -> Body:
    """Do one thing on one phone and return what came of it; KeyError for an action that there is not."""
    done = _switch(stage, person, body) if action == "switch" else _ON_PHONE[action](person, body)
    return {"ok": True, "result": done}


def clock_hand(stage: Stage, what: str, speed: float) -> Body:
    """Push, play or pause the clock; `ok` is false while an earlier push is still under way."""
    if what == "play":
        stage.play(speed)
        return {"ok": True}
    if what in ("pause", "stop"):
        (stage.pause if what == "pause" else stage.walker.stop)()
        return {"ok": True}
    pushes: dict[str, Callable[[], bool]] = {
        "now": lambda: stage.begin(stage.catch_up()),
        "hour": lambda: stage.push_by(timedelta(hours=1)),
        "day": lambda: stage.push_by(timedelta(days=1)),
        "next": lambda: stage.begin(stage.push_to_next()),
    }
    return {"ok": pushes[what]()}


def _say(person: Person, body: Body) -> object:
    return person.say(str(body["text"]))


def _tap(person: Person, body: Body) -> object:
    return person.tap(str(body["data"]), int(body["message_id"]))


def _key(person: Person, body: Body) -> object:
    return person.press_key(str(body["label"]))


def _start(person: Person, body: Body) -> object:
    return person.start(str(body.get("payload", "")))


def _file(person: Person, body: Body) -> object:
    try:
        content = base64.b64decode(str(body["content"]), validate=True)
    except binascii.Error as error:
        raise ValueError("the file did not arrive whole") from error
    caption = str(body.get("caption", ""))
    if body["kind"] == "photo":
        return person.send_photo(content, caption)
    mime_type = str(body.get("type") or "application/octet-stream")
    return person.send_document(content, str(body["name"]), caption, mime_type=mime_type)


def _voice(person: Person, _: Body) -> object:
    return person.send_voice()


def _sticker(person: Person, body: Body) -> object:
    return person.send_sticker(str(body.get("emoji", "👍")))


def _switch(stage: Stage, person: Person, body: Body) -> object:
    if "blocked" in body:
        (person.block if body["blocked"] else person.unblock)()
    if "offline" in body:
        (person.offline if body["offline"] else person.online)()
    if "device_language" in body:
        _speak(stage, person, str(body["device_language"]))
    return None


def _speak(stage: Stage, person: Person, language: str) -> None:
    if language not in _PHONE_LANGUAGES:
        raise ValueError(f"the sandbox has no phone in {language}")
    person.account.language_code = language
    stage.world.save(person.account)
    stage.world.store.commit()
    stage.world.emit("commands", person.id)


_ON_PHONE: dict[str, Callable[[Person, Body], object]] = {
    "say": _say,
    "tap": _tap,
    "key": _key,
    "start": _start,
    "file": _file,
    "voice": _voice,
    "sticker": _sticker,
}
