"""One language's screens as they are played: who saw what, when, and which texts were said on the way."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from bot.sandbox.person import Person
from bot.sandbox.shown import Shown
from bot.texts import Locale, Phrase, Texts, load_texts

# Codes are drawn at random; everything else is the same at every play.
_CODE = re.compile(r"start=[A-Za-z0-9_-]+")
_FENCE = "```"


class Noting(Texts):
    """The catalogs, with a note of every key that was said."""

    def __init__(self, texts: Texts) -> None:
        super().__init__(texts._catalogs)
        self.said: set[str] = set()

    def html(self, locale: Locale, phrase: Phrase) -> Markup:
        """Return a phrase as Telegram HTML, and note its key."""
        self.said.add(phrase.key)
        return super().html(locale, phrase)


def noting() -> Noting:
    """Return our catalogs with nothing said yet."""
    return Noting(load_texts())


@dataclass
class Book:
    """The chapters of one language, each a list of headings and screens, by the file that they go into."""

    locale: Locale
    texts: Noting = field(default_factory=noting)
    chapters: dict[str, list[str]] = field(default_factory=dict)

    def title(self, words: str) -> str:
        """Return the half of `中文 | English` that this book is in."""
        zh, bar, en = words.partition(" | ")
        return zh if self.locale == "zh_CN" or not bar else en

    def begin(self, chapter: str, words: str) -> None:
        """Begin a part of a chapter."""
        self._write(chapter, f"## {self.title(words)}")

    def note(self, chapter: str, words: str, messages: list[Shown], toasts: list[str]) -> None:
        """Write down what a phone shows at this point."""
        self._write(chapter, f"### {self.title(words)}")
        for toast in toasts:
            self._write(chapter, self._fenced([f"💬 {toast}"]))
        # Staff have a copy of each page: what reads the same stands once.
        for block in dict.fromkeys(self._fenced(list(self._lines(each))) for each in messages):
            self._write(chapter, block)

    def plain(self, chapter: str, words: str, lines: list[str]) -> None:
        """Write down lines that are no message: keys, a menu, a text on another way."""
        self._write(chapter, f"### {self.title(words)}")
        self._write(chapter, self._fenced(lines))

    def page(self, chapter: str) -> str:
        """Return a chapter as the file has it, without its head."""
        return "\n\n".join(self.chapters.get(chapter, [])) + "\n"

    def _write(self, chapter: str, words: str) -> None:
        self.chapters.setdefault(chapter, []).append(words)

    def _fenced(self, lines: list[str]) -> str:
        return "\n".join([f"{_FENCE}text", *lines, _FENCE])

    def _lines(self, message: Shown) -> Iterator[str]:
        if message.deleted:
            yield self.title("（这条消息收走了） | (this message is taken away)")
            return
        if message.attachment is not None:
            yield f"📎 {message.attachment.name}"
        yield from _CODE.sub("start=…", message.text).split("\n")
        if message.buttons:
            yield ""
        for row in message.buttons:
            yield "  ".join(f"[{button.label}]" for button in row)


def keyboard(person: Person) -> str:
    """Return the keys below the input field, row by row."""
    return "\n".join("  ".join(f"[{key['text']}]" for key in row) for row in person.reply_keyboard)


def table(rows: Mapping[str, str]) -> str:
    """Return keys and their texts as a table."""
    cells = (f"| `{key}` | {_cell(text)} |" for key, text in rows.items())
    return "\n".join(["| | |", "| - | - |", *cells])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "\\<")
