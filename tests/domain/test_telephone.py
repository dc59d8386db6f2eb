"""Telephone numbers: many ways to write one, one way to keep it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.telephone import normal_phone, spaced
from bot.errors import BadInput


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("138 0000 0000", "+8613800000000"),
        ("138-0000-0000", "+8613800000000"),
        ("１３８００００００００", "+8613800000000"),
        ("+86 138 0000 0000", "+8613800000000"),
        ("0086 13800000000", "+8613800000000"),
        ("8613800000000", "+8613800000000"),
        ("021-0000-0142", "+862100000142"),
        ("(010) 0000 0142", "+861000000142"),
        ("+44 20 0000 0142", "+442000000142"),
    ],
)
def test_a_number_is_kept_in_one_form(typed, kept):
    assert normal_phone(typed) == kept
    assert normal_phone(spaced(kept)) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "120", "1380000000", "138000000000", "+86 1380000000", "call me", "+", "+8613800000000x", "٠١٢"],
)
def test_what_can_be_no_number_is_refused(typed):
    with pytest.raises(BadInput) as refused:
        normal_phone(typed)
    assert refused.value.key == "phone.refused"


@given(st.text(alphabet="+0123456789 -()（）０１²三", max_size=24))
def test_what_is_kept_is_kept_as_it_is_when_typed_again(typed):
    try:
        kept = normal_phone(typed)
    except BadInput:
        return
    assert kept.isascii()
    assert normal_phone(kept) == kept
