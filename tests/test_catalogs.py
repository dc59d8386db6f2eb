"""Both catalogs hold every text, whole, with the same placeholders and tags."""

import io
import string

import pytest
from babel.messages.pofile import read_po

from bot.texts import LOCALES
from tests import catalogs


@pytest.fixture(scope="module")
def used() -> dict[str, str]:
    return catalogs.used_keys()


@pytest.fixture(scope="module")
def both() -> dict[str, dict[str, catalogs.Forms]]:
    return {locale: catalogs.held(locale) for locale in LOCALES}


def test_keys_are_found_in_code_and_in_the_protocol(used):
    places = {place.split("/")[0] for place in used.values()}
    assert places >= {"bot", "handlers"}
    assert any(place.startswith("bot/protocols/") for place in used.values())


@pytest.mark.parametrize("locale", LOCALES)
def test_every_key_that_is_used_has_a_text(locale, used, both):
    assert not {key: place for key, place in used.items() if key not in both[locale]}, "run `make messages`"


def test_neither_language_has_a_text_that_the_other_lacks(both):
    zh, en = (set(both[locale]) for locale in LOCALES)
    assert zh
    assert zh ^ en == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_no_text_is_empty_or_fuzzy(locale):
    assert catalogs.files(locale)
    assert not catalogs.unfinished(locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_no_key_stands_in_two_files(locale):
    assert not catalogs.twice(locale)


def test_both_languages_have_the_same_placeholders_and_tags(both):
    zh, en = (both[locale] for locale in LOCALES)
    differ = {
        key: (zh[key], en[key])
        for key in zh.keys() & en.keys()
        if catalogs.placeholders(zh[key]) - {"n"} != catalogs.placeholders(en[key]) - {"n"}
        or catalogs.tags(zh[key]) != catalogs.tags(en[key])
    }
    assert not differ


@pytest.mark.parametrize("locale", LOCALES)
def test_every_placeholder_can_be_filled(locale, both):
    for key, forms in both[locale].items():
        for text in forms:
            names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
            assert all(name.isidentifier() for name in names), key


def test_the_chinese_texts_are_chinese(both):
    english = {
        key: forms
        for key, forms in both["zh_CN"].items()
        if forms == both["en"].get(key) and any(len(text.split()) > 3 for text in forms)
    }
    assert not english


def test_an_empty_or_fuzzy_entry_is_noticed(tmp_path, monkeypatch):
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    po = (
        'msgid "a.empty"\nmsgstr ""\n\n#, fuzzy\nmsgid "a.fuzzy"\nmsgstr "x"\n\nmsgid "a.whole"\nmsgstr "y"\n'
    )
    (folder / "some.po").write_text(po, encoding="utf-8")
    (folder / "other.po").write_text('msgid "a.whole"\nmsgstr "z"\n', encoding="utf-8")
    monkeypatch.setattr(catalogs, "MESSAGES_DIR", tmp_path)
    assert catalogs.unfinished("en") == ["en/some.po: a.empty", "en/some.po: a.fuzzy"]
    assert catalogs.twice("en") == ["a.whole: other.po and some.po"]
    assert set(catalogs.held("en")) == {"a.whole"}


def test_what_is_missing_is_written_down_to_be_filled_in(tmp_path, monkeypatch, used):
    monkeypatch.setattr(catalogs, "MESSAGES_DIR", tmp_path)
    assert catalogs.write_missing("en") == len(used)
    written = (tmp_path / "en" / "LC_MESSAGES" / catalogs.NEW).read_bytes()
    assert {message.id for message in read_po(io.BytesIO(written)) if message.id} == set(used)
