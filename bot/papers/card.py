"""The card that a participant takes home: how to open the bot, in large print, on one A5 page."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bot.domain.people import Language
from bot.domain.site import Site
from bot.papers import TYPEFACE
from bot.texts import Moment, Phrase, Texts, key, locales, say

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

# A5 upright at 200 dots an inch.
WIDTH, HEIGHT, DPI = 1165, 1654, 200
MARGIN = 80
# A patient of seventy reads 14 points; 39 dots are 14 points here.
LARGE, PLAIN, SMALL, HUGE = 58, 42, 30, 96
INK, QUIET, RED = "#111111", "#444444", "#b00020"
STEPS = (
    key("card_paper.step_telegram"),
    key("card_paper.step_scan"),
    key("card_paper.step_start"),
)
# As large as fits: two languages share the page, and a site's name may be long.
SCALES = tuple(step / 100 for step in range(130, 55, -5))
QR_SIDE = 470
# What may not begin a line in Chinese.
_NOT_FIRST = "，。、；：？！）》」”’…"


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What stands on a card; never a name. `expires` is until when the link works."""

    code: str
    link: str
    expires: Moment
    language: Language
    site: Site


def card(facts: CardFacts, texts: Texts) -> tuple[bytes, bytes]:
    """Return the card as PNG and as PDF; slow (drawing), so not for the event loop."""
    for scale in SCALES:
        page = _Page(texts, facts.language, scale)
        page.draw(facts)
        if page.fits:
            break
    return page.saved("PNG"), page.saved("PDF")


class _Page:
    """A page that is filled from the top."""

    def __init__(self, texts: Texts, language: Language, scale: float) -> None:
        # A tenth of a second to import, and most commands draw nothing.
        from PIL import Image, ImageDraw

        self._texts, self._locales = texts, locales(language)
        self._image = Image.new("RGB", (WIDTH, HEIGHT), "white")
        self._pen = ImageDraw.Draw(self._image)
        self._y = MARGIN
        self._scale = scale

    @property
    def fits(self) -> bool:
        """Whether nothing was cut off below."""
        return self._y <= HEIGHT - MARGIN // 2

    def draw(self, facts: CardFacts) -> None:
        """Fill the page."""
        for locale in self._locales:
            self._words(facts.site.name.zh_CN if locale == "zh_CN" else facts.site.name.en, SMALL, QUIET)
        self._gap(8)
        self._say(say("card_paper.title"), LARGE)
        self._gap(8)
        for locale in self._locales:
            for step in STEPS:
                self._words(self._texts.plain(locale, Phrase(step)), PLAIN)
            self._gap(10)
        self._qr(facts.link)
        self._say(say("card_paper.number", code=facts.code), PLAIN, centred=True)
        self._say(say("card_paper.expires", at=facts.expires), SMALL, QUIET, centred=True)
        self._words(facts.link, 22, QUIET, centred=True)
        self._phones(facts)

    def _phones(self, facts: CardFacts) -> None:
        self._gap(14)
        self._pen.line((MARGIN, self._y, WIDTH - MARGIN, self._y), fill=QUIET, width=2)
        self._gap(14)
        self._say(say("card_paper.site_phone"), SMALL, QUIET)
        self._words(facts.site.phones.site, LARGE)
        self._say(say("card_paper.emergency"), SMALL, RED)
        self._words(facts.site.phones.emergency, HUGE, RED)

    def saved(self, kind: Literal["PNG", "PDF"]) -> bytes:
        """Return the page as a file."""
        out = io.BytesIO()
        if kind == "PNG":
            self._image.save(out, "PNG", dpi=(DPI, DPI))
        else:
            self._image.save(out, "PDF", resolution=DPI)
        return out.getvalue()

    def _say(self, phrase: Phrase, size: int, ink: str = INK, *, centred: bool = False) -> None:
        for locale in self._locales:
            self._words(self._texts.plain(locale, phrase), size, ink, centred=centred)

    def _words(self, text: str, size: int, ink: str = INK, *, centred: bool = False) -> None:
        font = _font(max(20, round(size * self._scale)))
        for line in wrapped(text, font, WIDTH - 2 * MARGIN):
            x = (WIDTH - font.getlength(line)) / 2 if centred else MARGIN
            self._pen.text((x, self._y), line, font=font, fill=ink)
            self._y += round(font.size * 1.4)

    def _gap(self, dots: int) -> None:
        self._y += round(dots * self._scale)

    def _qr(self, link: str) -> None:
        import segno
        from PIL import Image

        made, drawn = segno.make(link, error="m"), io.BytesIO()
        # Whole dots for each square: a camera reads sharp edges best.
        dots = max(1, round(QR_SIDE * self._scale) // made.symbol_size(border=3)[0])
        made.save(drawn, kind="png", scale=dots, border=3)
        code = Image.open(drawn).convert("RGB")
        self._image.paste(code, ((WIDTH - code.width) // 2, self._y))
        self._y += code.height


def _font(size: int) -> "FreeTypeFont":
    from PIL import ImageFont

    return ImageFont.truetype(str(TYPEFACE), size)


def wrapped(text: str, font: "FreeTypeFont", width: int) -> Iterable[str]:
    """Yield a text in lines that fit, parted at spaces, and in Chinese anywhere but before a comma."""
    line = ""
    for part in _parts(text):
        if line and font.getlength(line + part.rstrip()) > width:
            yield line.rstrip()
            line = part.lstrip()
        else:
            line += part
    if line.strip():
        yield line.rstrip()


def _parts(text: str) -> list[str]:
    parts: list[str] = []
    for character in text:
        if parts and _joins(parts[-1][-1], character):
            parts[-1] += character
        else:
            parts.append(character)
    return parts


def _joins(before: str, character: str) -> bool:
    """Tell whether no line may end between two characters."""
    latin = ord(character) < 0x2E80 and ord(before) < 0x2E80 and before != " "
    return character in _NOT_FIRST or latin
