"""Words for people: catalogs, plural forms, dates and numbers, in zh_CN, en or both.

Every text has a symbolic key and stands in both catalogs. What a person sees
is a `Screen`: phrases and buttons without a language, which `Texts.render`
turns into Telegram's HTML. Values are escaped there, and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from babel import Locale as BabelLocale
from babel.core import UnknownLocaleError
from babel.dates import format_skeleton
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from markupsafe import Markup

from bot.errors import SuifangError

Locale = Literal["zh_CN", "en"]
Language = Literal["zh_CN", "en", "both"]
LOCALES: tuple[Locale, ...] = ("zh_CN", "en")
MESSAGES_DIR = Path(__file__).resolve().parent.parent / "messages"

# In a message that speaks both languages the halves stand one below the other.
BETWEEN_LANGUAGES = "\n\n· · ·\n\n"
BETWEEN_LABELS = " · "


class Localised(Protocol):
    """A value that reads differently in each language."""

    def local(self, texts: "Texts", locale: Locale) -> str | Markup:
        """Return the value as `locale` writes it."""
        ...


Value = str | int | float | Localised


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text of the catalogs with its values; `count` chooses the plural form."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)
    count: int | None = None

    def local(self, texts: "Texts", locale: Locale) -> Markup:
        """Return the phrase as Telegram HTML."""
        return texts.html(locale, self)


def say(key: str, **values: Value) -> Phrase:
    """Name a text of the catalogs; Babel extracts the key from this call."""
    return Phrase(key, values)


def say_n(key: str, count: int, **values: Value) -> Phrase:
    """Name a text with plural forms; `{n}` in it is the count."""
    return Phrase(key, {"n": count, **values}, count)


def key(name: str) -> str:
    """Mark a key that is used elsewhere, so that Babel extracts it here."""
    return name


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Words that a member of staff wrote in both languages; never interpreted as markup."""

    zh_CN: str
    en: str

    def local(self, texts: "Texts", locale: Locale) -> str:
        """Return the words in that language."""
        return self.zh_CN if locale == "zh_CN" else self.en


MomentStyle = Literal["full", "day_time", "time"]


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant (aware) as the clock on the wall of `zone` shows it.

    `full` Friday 4 December, 07:00 · `day_time` 4 Dec 07:00 · `time` 07:00.
    """

    at: datetime
    zone: str
    style: MomentStyle = "full"

    def local(self, texts: "Texts", locale: Locale) -> str:
        """Return date and time as that language writes them."""
        wall = self.at.astimezone(ZoneInfo(self.zone))
        clock = f"{wall:%H:%M}"
        if self.style == "time":
            return clock
        style: DayStyle = "full" if self.style == "full" else "short"
        between = " " if locale == "zh_CN" or self.style != "full" else ", "
        return f"{Day(wall.date(), style).local(texts, locale)}{between}{clock}"


DayStyle = Literal["full", "short", "year"]


@dataclass(frozen=True, slots=True)
class Day:
    """A date: `full` with its weekday, `short` without, `year` with weekday and year."""

    on: date
    style: DayStyle = "full"

    def local(self, texts: "Texts", locale: Locale) -> str:
        """Return the date as that language writes it."""
        return _written_day(self.on, self.style, locale)


@lru_cache(maxsize=1024)
def _written_day(on: date, style: DayStyle, locale: Locale) -> str:
    skeleton = {"full": "MMMMEEEEd", "short": "MMMd", "year": "yMMMMEEEEd"}[style]
    # English times and dates of the CLDR hold narrow spaces that some phones show as boxes.
    return format_skeleton(skeleton, on, locale=locale).replace("\u202f", " ")


@dataclass(frozen=True, slots=True)
class Num:
    """A number with a fixed count of decimals."""

    value: float
    digits: int = 0

    def local(self, texts: "Texts", locale: Locale) -> str:
        """Return the number as that language writes it."""
        pattern = "#,##0" + ("." + "0" * self.digits if self.digits else "")
        return format_decimal(Decimal(str(self.value)), format=pattern, locale=locale)


@dataclass(frozen=True, slots=True)
class Joined:
    """Several values in a row, as a list in a sentence: 头痛、皮疹 · headache, rash."""

    parts: tuple[Value, ...]

    def local(self, texts: "Texts", locale: Locale) -> Markup:
        """Return the parts with the comma of that language."""
        return Markup("、" if locale == "zh_CN" else ", ").join(_local(texts, locale, p) for p in self.parts)


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button: `data` comes back when it is pressed, `url` opens."""

    label: Phrase
    data: str | None = None
    url: str | None = None


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """What a person sees, in no language yet: lines (None is an empty one) and rows of buttons.

    `protect` keeps clinical content from being forwarded or saved.
    """

    lines: tuple[Phrase | None, ...]
    buttons: Rows = ()
    protect: bool = False


@dataclass(frozen=True, slots=True)
class Rendered:
    """A screen in a language: Telegram HTML and an inline keyboard (rows of Bot API objects)."""

    text: str
    keyboard: list[list[dict[str, str]]]
    protect: bool


class MissingText(SuifangError):
    """A key that no catalog holds, or a text whose values are missing."""


class Texts:
    """The catalogs of all locales, in memory."""

    def __init__(self, catalogs: Mapping[Locale, Mapping[str, "_Entry"]]) -> None:
        self._catalogs = catalogs
        # Most phrases have no values, and read the same each time: one for each text of a catalog at most.
        self._bare: dict[tuple[Locale, str], Markup] = {}

    def html(self, locale: Locale, phrase: Phrase) -> Markup:
        """Return a phrase as Telegram HTML, its values escaped; MissingText when it is not there."""
        if phrase.values or phrase.count is not None:
            return self._filled(locale, phrase)
        found = self._bare.get((locale, phrase.key))
        if found is None:
            found = self._bare[(locale, phrase.key)] = self._filled(locale, phrase)
        return found

    def _filled(self, locale: Locale, phrase: Phrase) -> Markup:
        values = {name: _local(self, locale, value) for name, value in phrase.values.items()}
        return Markup(self._template(locale, phrase)).format(**values)

    def plain(self, locale: Locale, phrase: Phrase) -> str:
        """Return a phrase as plain text, for buttons, toasts, menus and files."""
        return (
            self.html(locale, phrase).striptags()
            if "<" in self._template(locale, phrase)
            else _unescaped(self.html(locale, phrase))
        )

    def label(self, language: Language, phrase: Phrase) -> str:
        """Return a phrase on one line, in one language or in both; a sign before it stands once."""
        first, *others = (self.plain(locale, phrase) for locale in locales(language))
        sign = _sign(first)
        return BETWEEN_LABELS.join(dict.fromkeys([first, *(each.removeprefix(sign) for each in others)]))

    def render(self, screen: Screen, language: Language) -> Rendered:
        """Return a screen in one language, or in both, Chinese first."""
        halves = [self._lines(screen, locale) for locale in locales(language)]
        keyboard = [[self._button(b, language) for b in row] for row in screen.buttons]
        return Rendered(BETWEEN_LANGUAGES.join(dict.fromkeys(halves)), keyboard, screen.protect)

    def keys(self, locale: Locale) -> frozenset[str]:
        """Return every key that the catalog of `locale` holds."""
        return frozenset(self._catalogs[locale])

    def _template(self, locale: Locale, phrase: Phrase) -> str:
        entry = self._catalogs[locale].get(phrase.key)
        if entry is None:
            raise MissingText(f"{locale}: no text for {phrase.key!r}")
        return entry.form(phrase.count)

    def _lines(self, screen: Screen, locale: Locale) -> str:
        return "\n".join(
            "" if line is None else str(self.html(locale, line)) for line in screen.lines
        ).strip()

    def _button(self, button: Button, language: Language) -> dict[str, str]:
        made = {"text": self.label(language, button.label)}
        if button.url is not None:
            return {**made, "url": button.url}
        return {**made, "callback_data": button.data or ""}


@dataclass(frozen=True, slots=True)
class _Entry:
    forms: tuple[str, ...]
    locale: str

    def form(self, count: int | None) -> str:
        if count is None or len(self.forms) == 1:
            return self.forms[0]
        return self.forms[0 if BabelLocale.parse(self.locale).plural_form(count) == "one" else 1]


def _sign(label: str) -> str:
    """Return what stands before the first word and is none, an emoji and its space say."""
    head, space, _ = label.partition(" ")
    return head + space if space and not any(character.isalnum() for character in head) else ""


def locales(language: Language) -> tuple[Locale, ...]:
    """Return the locales that a language setting speaks, Chinese first."""
    return LOCALES if language == "both" else (language,)


def load_texts(*directories: Path) -> Texts:
    """Read every `.po` file of the given message directories (ours when none is given)."""
    where = directories or (MESSAGES_DIR,)
    return Texts({locale: _merged(where, locale) for locale in LOCALES})


def read_catalog(path: Path, locale: Locale) -> Catalog:
    """Read one `.po` file; MissingText when it cannot be parsed."""
    try:
        with path.open("rb") as file:
            return read_po(file, locale=locale, abort_invalid=True)
    except (UnknownLocaleError, ValueError) as error:
        raise MissingText(f"{path.name}: {error}") from error


@lru_cache(maxsize=64)
def _entries(path: Path, locale: Locale) -> dict[str, _Entry]:
    found: dict[str, _Entry] = {}
    for message in read_catalog(path, locale):
        if not message.id or not message.string or message.fuzzy:
            continue
        name = message.id if isinstance(message.id, str) else message.id[0]
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string)
        found[name] = _Entry(forms, locale)
    return found


def _merged(directories: tuple[Path, ...], locale: Locale) -> dict[str, _Entry]:
    merged: dict[str, _Entry] = {}
    for directory in directories:
        for path in sorted((directory / locale / "LC_MESSAGES").glob("*.po")):
            merged |= _entries(path, locale)
    return merged


def _local(texts: Texts, locale: Locale, value: Value) -> str | Markup:
    if isinstance(value, str | int | float):
        return str(value)
    return value.local(texts, locale)


def _unescaped(markup: Markup) -> str:
    return markup.unescape()
