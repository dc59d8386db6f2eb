"""Injection: whatever stands in a value is read as it was written, in every text and both languages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.markup import parse_html
from bot.texts import LOCALES, Phrase, Screen, Verbatim, load_texts
from tests import catalogs

TEXTS = load_texts()
HELD = {locale: catalogs.held(locale) for locale in LOCALES}
HOSTILE = (
    "<b>x</b>", "</b>", "<a href='tg://user?id=1'>x</a>", "&lt;b&gt;", "&", "<", ">", '"', "{x}", "%(x)s",
    "<script>", "<tg-spoiler>", "</code>", "\u202e", "*x* _y_ [z](http://x)",
)  # fmt: skip


def fields(locale, key):
    return {name for name in catalogs.placeholders(HELD[locale][key]) if name}


def shown(locale, key, value):
    """Return what a phone shows of a text with this value everywhere, and which markup is in it."""
    values = {name: Verbatim(value, value) for name in fields(locale, key) - {"n"}}
    phrase = Phrase(key, values | {"n": 2}, 2)
    text, entities = parse_html(TEXTS.render(Screen((phrase,)), locale).text)
    return text, [entity["type"] for entity in entities]


def check(locale, key, value):
    _, markup = shown(locale, key, "x")
    text, markup_now = shown(locale, key, value)
    assert markup_now == markup, key
    names = fields(locale, key) - {"n"}
    assert text.count(value) >= min(1, len(names)), key


@pytest.mark.parametrize("locale", LOCALES)
def test_no_value_becomes_markup_in_any_text(locale):
    """Without the escaping in `Texts.html` (`Markup.format`) a value opens tags, or breaks the message."""
    keys = sorted(key for key in HELD[locale] if fields(locale, key) - {"n"})
    assert len(keys) > 100
    for place, key in enumerate(keys):
        check(locale, key, HOSTILE[place % len(HOSTILE)])
        check(locale, key, HOSTILE[0])


@settings(max_examples=60)
@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30), st.sampled_from(LOCALES)
)
def test_whatever_somebody_wrote_is_shown_as_it_was_written(words, locale):
    text, _ = shown(locale, "staffnote.unreachable", words)
    assert words.strip() in text
