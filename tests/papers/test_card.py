"""The card to hand over: the right size, readable, with a code that leads to the link and no name."""

import io
from datetime import UTC, datetime

import pytest
import segno
from PIL import Image, ImageChops

from bot.domain.site import load_site
from bot.papers import TYPEFACE
from bot.papers.card import HEIGHT, MARGIN, WIDTH, CardFacts, _font, card, wrapped
from bot.sandbox.setting import SITE_FILE
from bot.texts import Moment, load_texts

SITE = load_site(SITE_FILE)
LINK = "https://t.me/suifang_sandbox_bot?start=AbCdEfGhIjKlMnOpQrStUv"


def facts(language, code="001", link=LINK):
    return CardFacts(code, link, Moment(datetime(2026, 12, 4, 1, tzinfo=UTC), SITE.zone), language, SITE)


def opened(png):
    return Image.open(io.BytesIO(png)).convert("L")


@pytest.mark.parametrize("language", ["zh_CN", "en", "both"])
def test_the_card_is_one_page_with_nothing_cut_off(language):
    png, pdf = card(facts(language), load_texts())
    page = opened(png)
    assert page.size == (WIDTH, HEIGHT)
    assert pdf.startswith(b"%PDF-")
    box = ImageChops.invert(page).getbbox()
    assert box is not None
    left, top, right, bottom = box
    assert left >= MARGIN - 5
    assert top >= MARGIN - 5
    assert right <= WIDTH - MARGIN + 5
    assert bottom <= HEIGHT - MARGIN // 2


def test_the_code_on_the_card_is_the_link_of_this_person():
    page = opened(card(facts("zh_CN"), load_texts())[0])
    found = [scale for scale in range(6, 20) if stands_on(page, segno.make(LINK, error="m"), scale)]
    assert len(found) == 1
    other = segno.make(LINK[:-1] + "w", error="m")
    assert not stands_on(page, other, found[0])


def stands_on(page, made, scale):
    drawn = io.BytesIO()
    made.save(drawn, kind="png", scale=scale, border=3)
    wanted = Image.open(drawn).convert("L")
    side, x = wanted.width, (WIDTH - wanted.width) // 2
    corner = 3 * scale
    dark = [y for y in range(HEIGHT - side) if page.getpixel((x + corner, y + corner)) < 128]
    boxes = ((x, y, x + side, y + side) for y in dark if page.getpixel((x + corner, y + corner - 1)) > 128)
    return any(ImageChops.difference(page.crop(box), wanted).getbbox() is None for box in boxes)


def test_another_person_gets_another_card():
    assert card(facts("en"), load_texts())[0] != card(facts("en", code="002"), load_texts())[0]


def test_lines_are_parted_at_spaces_and_no_line_begins_with_a_comma():
    font = _font(40)
    lines = list(wrapped("二维码只能用一次，过期了请向研究团队要新的。" * 3, font, 400))
    assert len(lines) > 3
    assert all(font.getlength(line) <= 400 + 40 for line in lines)
    assert not any(line[0] in "，。" for line in lines)
    assert list(wrapped("one two", font, 60)) == ["one", "two"]


def test_the_typeface_has_every_sign_of_the_texts():
    from matplotlib.ft2font import FT2Font

    known = set(FT2Font(str(TYPEFACE)).get_charmap())
    texts = load_texts()
    from bot.texts import LOCALES, Phrase

    for locale in LOCALES:
        for name in texts.keys(locale):
            if name.startswith(("card_paper.", "curve.", "choice.")):
                words = texts._template(locale, Phrase(name))
                assert {each for each in words if ord(each) not in known} == set(), name
