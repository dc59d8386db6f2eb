"""Telegram's dialect of HTML: from it come text and entities."""

import re
from dataclasses import dataclass

from bot.sandbox.refusals import Refusal, bad_request
from bot.sandbox.text import Entity, utf16_length

_KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
}
_SPACES = " \t\r\n\0\v"
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_CHARACTER = re.compile(r"&(?:#x([0-9a-fA-F]{1,7})|#([0-9]{1,7})|(lt|gt|amp|quot)(?![A-Za-z]));?")
_URL = re.compile(r"(?:https?|tg|tonsite)://\S|mailto:\S|tel:\S|[\w.-]+\.[A-Za-z]{2,}")
_PLAIN = re.compile("[^<&]+")
_NAME_TOKEN = re.compile(r"[A-Za-z0-9.-]*")


@dataclass
class _Open:
    tag: str
    argument: str
    at: int
    """UTF-16 offset at which the entity begins."""
    start: int
    """Index of the piece of text at which it begins."""


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Return text and entities, offsets in UTF-16 units; a 400 in Telegram's words, offsets in bytes."""
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source, self.place = source, 0
        self.text: list[str] = []
        self.offset = 0
        self.open: list[_Open] = []
        self.entities: list[Entity] = []
        self._languages: list[str] = []

    def parse(self) -> tuple[str, list[Entity]]:
        while self.place < len(self.source):
            if self.source[self.place] != "<":
                self._plain()
            elif self.source.startswith("/", self.place + 1):
                self._end_tag()
            else:
                self._start_tag()
        if self.open:
            raise _cannot(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return "".join(self.text), sorted(
            self.entities, key=lambda found: (found["offset"], -found["length"])
        )

    def _plain(self) -> None:
        found = _PLAIN.match(self.source, self.place)
        text = found[0] if found else self._character()
        self.place = found.end() if found else self.place
        self.text.append(text)
        self.offset += utf16_length(text)

    def _character(self) -> str:
        """Read one character, or one character reference; what is no reference stays as it is written."""
        found = _CHARACTER.match(self.source, self.place) if self.source[self.place] == "&" else None
        character = _decoded(found) if found else None
        if found is None or character is None:
            self.place += 1
            return self.source[self.place - 1]
        self.place = found.end()
        return character

    def _start_tag(self) -> None:
        begin = self.place
        tag = self._until(_SPACES + ">", begin + 1, f"Unclosed start tag at byte offset {self._bytes(begin)}")
        tag = tag.lower()
        if tag not in _KINDS:
            raise _cannot(f'Unsupported start tag "{tag}" at byte offset {self._bytes(begin)}')
        argument = self._attributes(tag, begin)
        if tag == "span" and argument != "tg-spoiler":
            raise _cannot(f'Tag "span" must have class "tg-spoiler" at byte offset {self._bytes(begin)}')
        self.open.append(_Open(tag, argument, self.offset, len(self.text)))

    def _attributes(self, tag: str, begin: int) -> str:
        argument = ""
        while True:
            self._skip_spaces()
            if self._peek() == ">":
                self.place += 1
                return argument
            name, value = self._attribute(tag, begin)
            argument = _argument(tag, name, value) or argument

    def _attribute(self, tag: str, begin: int) -> tuple[str, str]:
        at = self._bytes(begin)
        name = self._until(_SPACES + "=>/\"'", self.place, f"Unclosed start tag at byte offset {at}")
        if not name:
            raise _cannot(f'Empty attribute name in the tag "{tag}" at byte offset {at}')
        self._skip_spaces()
        if self._peek() != "=":
            self._still_inside(at)
            return name.lower(), ""
        self.place += 1
        self._skip_spaces()
        value = self._quoted() if self._peek() in ("'", '"') else self._token()
        self._still_inside(at)
        return name.lower(), value

    def _quoted(self) -> str:
        quote, value = self.source[self.place], []
        self.place += 1
        while self._peek() not in (quote, ""):
            value.append(self._character())
        self.place += 1
        return "".join(value)

    def _token(self) -> str:
        begin = self.place
        found = _NAME_TOKEN.match(self.source, begin)
        self.place = found.end() if found else begin
        if self._peek() not in (*_SPACES, ">", ""):
            raise _cannot(f"Unexpected end of name token at byte offset {self._bytes(begin)}")
        return self.source[begin : self.place].lower()

    def _end_tag(self) -> None:
        begin = self.place
        at = self._bytes(begin)
        if not self.open:
            raise _cannot(f"Unexpected end tag at byte offset {at}")
        found = self._until(_SPACES + ">", begin + 2, f"Unclosed end tag at byte offset {at}")
        self._skip_spaces()
        if self._peek() != ">":
            raise _cannot(f"Unclosed end tag at byte offset {at}")
        self.place += 1
        opened = self.open.pop()
        if found and found.lower() != opened.tag:
            raise _cannot(
                f'Unmatched end tag at byte offset {at}, expected "</{opened.tag}>", found "</{found}>"'
            )
        self._close(opened)

    def _close(self, opened: _Open) -> None:
        length = self.offset - opened.at
        if not length:
            return
        entity: Entity = {"type": _KINDS[opened.tag], "offset": opened.at, "length": length}
        if opened.tag == "a":
            url = _link(opened.argument or "".join(self.text[opened.start :]))
            if not url:
                # Telegram drops a link that leads nowhere, and keeps its text.
                return
            entity["url"] = url
        elif opened.tag == "blockquote" and opened.argument:
            entity["type"] = "expandable_blockquote"
        elif opened.tag == "pre":
            self._take_language(entity)
        self.entities.append(entity)
        self._languages.append(opened.argument if opened.tag == "code" else "")

    def _take_language(self, pre: Entity) -> None:
        """`<pre><code class="language-x">` is one entity: a pre that knows its language."""
        last = self.entities[-1] if self.entities else {}
        if last.get("type") == "code" and _range(last) == _range(pre):
            self.entities.pop()
            language = self._languages.pop()
            if language:
                pre["language"] = language

    def _until(self, stops: str, begin: int, unclosed: str) -> str:
        self.place = begin
        while self._peek() and self._peek() not in stops:
            self.place += 1
        if not self._peek():
            raise _cannot(unclosed)
        return self.source[begin : self.place]

    def _still_inside(self, at: int) -> None:
        if not self._peek():
            raise _cannot(f"Unclosed start tag at byte offset {at}")

    def _skip_spaces(self) -> None:
        while self._peek() and self._peek() in _SPACES:
            self.place += 1

    def _peek(self) -> str:
        return self.source[self.place : self.place + 1]

    def _bytes(self, place: int) -> int:
        return len(self.source[:place].encode())


def _argument(tag: str, name: str, value: str) -> str:
    if (tag, name) in (("a", "href"), ("span", "class")):
        return value
    if (tag, name) == ("code", "class") and value.startswith("language-"):
        return value.removeprefix("language-")
    return "1" if (tag, name) == ("blockquote", "expandable") else ""


def _link(url: str) -> str:
    if not _URL.match(url):
        return ""
    return url if re.match(r"\w+:", url) else f"http://{url}/"


def _range(entity: Entity) -> tuple[int, int]:
    return entity["offset"], entity["length"]


def _decoded(found: re.Match[str]) -> str | None:
    if found[3]:
        return _NAMED[found[3]]
    number = int(found[1], 16) if found[1] else int(found[2])
    return chr(number) if 0 < number < 0x10FFFF and not 0xD800 <= number < 0xE000 else None


def _cannot(reason: str) -> Refusal:
    return bad_request(f"can't parse entities: {reason}")
