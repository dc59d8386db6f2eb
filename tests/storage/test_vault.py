"""Sealing, and the names of chats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SettingsError
from bot.storage.vault import Unreadable, Vault


@given(text=st.text())
def test_what_is_sealed_opens_again_and_is_not_readable(vault, text):
    box = vault.seal(text)
    assert vault.open(box) == text
    assert not text or len(text) < 4 or text.encode() not in box


def test_the_same_words_look_different_each_time(vault):
    assert vault.seal("fever") != vault.seal("fever")


@given(st.data())
def test_a_changed_box_is_refused(vault, data):
    box = vault.seal("发烧")
    place, bit = data.draw(st.integers(0, len(box) - 1)), data.draw(st.integers(0, 5))
    changed = box[:place] + bytes([box[place] ^ (1 << bit)]) + box[place + 1 :]
    try:
        assert vault.open(changed) == "发烧"  # the last characters of base64 may hold spare bits
        assert place >= len(box.rstrip(b"=")) - 1
    except Unreadable:
        pass


def test_another_key_opens_nothing(vault):
    with pytest.raises(Unreadable):
        Vault("another").open(vault.seal("x"))


def test_a_rotated_key_seals_with_the_new_one_and_opens_the_old(vault):
    old, new = Vault("old"), Vault("new")
    both = Vault(" new , old ")
    assert both.open(old.seal("x")) == "x"
    assert new.open(both.seal("x")) == "x"
    assert both.chat_keys(5) == [new.chat_key(5), old.chat_key(5)]
    assert both.chat_key(5) == new.chat_key(5)


@pytest.mark.parametrize("key", ["", " ", ",", " , "])
def test_an_empty_key_is_refused(key):
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        Vault(key)


@given(st.integers(-(2**52), 2**52), st.integers(-(2**52), 2**52))
def test_the_name_of_a_chat_is_its_own_and_does_not_show_it(vault, one, other):
    assert (vault.chat_key(one) == vault.chat_key(other)) == (one == other)
    assert len(vault.chat_key(one)) == 64


def test_the_name_of_a_chat_needs_the_key(vault):
    assert vault.chat_key(5) != Vault("another").chat_key(5)


def test_a_vault_shows_nothing_of_its_keys():
    assert "secret" not in repr(Vault("secret"))


def test_json_is_sealed_whole(vault):
    value = {"b": [1, None, "发烧"], "a": 1.5}
    assert vault.open_json(vault.seal_json(value)) == value
