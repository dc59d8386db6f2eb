"""Text as Telegram keeps it: UTF-16 offsets, trimming, and the entities that it finds by itself."""

import re
import unicodedata
from typing import Any

from bot.sandbox.refusals import bad_request

Entity = dict[str, Any]

_FOUND_BY_ITSELF = (
    ("url", re.compile(r"https?://[^\s<>\"']+", re.I)),
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.A)),
    ("mention", re.compile(r"(?<![\w@/])@[A-Za-z]\w{3,31}\b", re.A)),
    ("bot_command", re.compile(r"(?<![\w/@<>])/\w{1,64}(?:@\w{3,32})?(?![\w/])", re.A)),
    ("hashtag", re.compile(r"(?<!\w)#\w*[^\W\d]\w*")),
)
# These are dropped: carriage returns, separators and overrides, and three combining marks.
_DROPPED = re.compile("[\r\u2028-\u202e\u030a\u0333\u033f]")
_CONTROL = dict.fromkeys([*range(10), 11, 12, *range(14, 32)], " ")
_SPACE = " \n"
_BLANK = "\u2800"
# What Telegram finds by itself is ignored where a bot gives it.
_NOT_GIVEN = {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"}
# These carry something that is not seen, so that they may cover white space alone.
_KEEPS_SPACE = {"text_link", "text_mention", "custom_emoji"}


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 code units: what Telegram counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16_slice(text: str, offset: int, length: int) -> str:
    """Return the part of `text` that an entity covers."""
    units = text.encode("utf-16-le", "surrogatepass")
    return units[offset * 2 : (offset + length) * 2].decode("utf-16-le", "replace")


def finish(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Return text and entities as they are stored: cleaned, trimmed, sorted, with those found by itself."""
    text, entities = _clean(text, entities)
    text, entities = _trim(text, entities)
    return text, _sorted(entities + _found(text, entities))


def is_blank(text: str) -> bool:
    """Return whether a reader would see nothing at all: spaces of any width, marks without a glyph."""
    return all(unicodedata.category(letter) in ("Zs", "Cf") or letter in _SPACE + _BLANK for letter in text)


def check_entities(text: str, entities: list[Entity]) -> list[Entity]:
    """Return the entities that Telegram would keep of the `entities` parameter; a 400 for wrong offsets."""
    for entity in entities:
        for key in ("offset", "length"):
            if not 0 <= entity[key] <= 1_000_000:
                raise bad_request(f"receive an entity with incorrect {key} {entity[key]}")
    kept = [dict(entity) for entity in entities if entity["length"] and entity["type"] not in _NOT_GIVEN]
    places = _boundaries(text) if kept else {}
    for entity in kept:
        _check_place(entity, places)
    return kept


def _boundaries(text: str) -> dict[int, int]:
    """Return where characters begin and end, UTF-16 offset → byte offset."""
    place, byte = 0, 0
    places = {0: 0}
    for character in text:
        place += utf16_length(character)
        byte += len(character.encode("utf-8", "surrogatepass"))
        places[place] = byte
    return places


def _check_place(entity: Entity, places: dict[int, int]) -> None:
    begin, end, length = entity["offset"], entity["offset"] + entity["length"], next(reversed(places))
    if begin >= length:
        raise bad_request(f"entity begins after the end of the text at UTF-16 offset {begin}")
    if begin not in places:
        at = places[begin + 1]
        raise bad_request(f"entity begins in a middle of a UTF-16 symbol at byte offset {at}")
    beginning = f"entity beginning at UTF-16 offset {begin}"
    if end > length:
        raise bad_request(f"{beginning} ends after the end of the text at UTF-16 offset {end}")
    if end not in places:
        raise bad_request(f"{beginning} ends in a middle of a UTF-16 symbol at byte offset {places[end + 1]}")


def _clean(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    text = text.translate(_CONTROL)
    dropped = [utf16_length(text[: found.start()]) for found in _DROPPED.finditer(text)]
    if not dropped:
        return text, [dict(entity) for entity in entities]

    def moved(place: int) -> int:
        return place - sum(gone < place for gone in dropped)

    kept = []
    for entity in entities:
        start, end = moved(entity["offset"]), moved(entity["offset"] + entity["length"])
        kept.append({**entity, "offset": start, "length": end - start})
    return _DROPPED.sub("", text), kept


def _trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    text = text.rstrip(_SPACE)
    end = utf16_length(text)
    entities = [{**entity, "length": min(entity["length"], end - entity["offset"])} for entity in entities]
    entities = [entity for entity in entities if entity["length"] > 0 and _says_something(text, entity)]
    # White space that is formatted stays at the front, as it does in Telegram.
    first = min((entity["offset"] for entity in entities), default=len(text))
    lead = min(len(text) - len(text.lstrip(" \n")), first)
    return text[lead:], [{**entity, "offset": entity["offset"] - lead} for entity in entities]


def _says_something(text: str, entity: Entity) -> bool:
    covered = utf16_slice(text, entity["offset"], entity["length"])
    return entity["type"] in _KEEPS_SPACE or bool(covered.strip(_SPACE))


def _found(text: str, entities: list[Entity]) -> list[Entity]:
    taken = [(e["offset"], e["offset"] + e["length"]) for e in entities if e["type"] in _CLOSED]
    found: list[Entity] = []
    for kind, pattern in _FOUND_BY_ITSELF:
        for match in pattern.finditer(text):
            start = utf16_length(text[: match.start()])
            end = start + utf16_length(match[0])
            if all(end <= from_ or start >= to for from_, to in taken):
                taken.append((start, end))
                found.append({"type": kind, "offset": start, "length": end - start})
    return found


_CLOSED = {"pre", "code", "text_link", "text_mention", "url", "email", "mention", "bot_command", "hashtag"}


def _sorted(entities: list[Entity]) -> list[Entity]:
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
