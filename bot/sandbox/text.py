"""Text as Telegram keeps it: UTF-16 offsets, trimming, and the entities that it finds by itself."""

import re
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
# Telegram drops control characters and carriage returns, line feeds and tabs aside.
_DROPPED = re.compile("[\x00-\x08\x0b-\x1f\u2028-\u202e\u200e\u200f]")
_SPACE = " \n\t\r\v\f\u00a0\u3000"
_KEEPS_SPACE = {"pre", "code", "blockquote", "expandable_blockquote"}


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 code units: what Telegram counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16_slice(text: str, offset: int, length: int) -> str:
    """Return the part of `text` that an entity covers."""
    units = text.encode("utf-16-le", "surrogatepass")
    return units[offset * 2 : (offset + length) * 2].decode("utf-16-le", "replace")


def finish(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Return text and entities as they are stored: cleaned, trimmed, sorted, with those found by itself.

    A text of white space alone comes back empty.
    """
    text, entities = _clean(text, entities)
    text, entities = _trim(text, entities)
    return text, _sorted(entities + _found(text, entities))


def check_entities(text: str, entities: list[Entity]) -> list[Entity]:
    """Return the entities that Telegram would keep of the `entities` parameter."""
    length = utf16_length(text)
    for entity in entities:
        if entity["offset"] < 0 or entity["length"] < 0 or entity["offset"] > length:
            raise bad_request(f"entity beginning at UTF-16 offset {entity['offset']} is out of the text")
        if entity["offset"] + entity["length"] > length:
            end = entity["offset"] + entity["length"]
            raise bad_request(
                f"entity beginning at UTF-16 offset {entity['offset']} ends after the end of the text "
                f"at UTF-16 offset {end}"
            )
    return [dict(entity) for entity in entities if entity["length"]]


def _clean(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
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
