"""Telephone numbers as people write them, brought into one form: +8613800138000."""

import re
import unicodedata

from bot.errors import BadInput

_SIGNS = re.compile(r"[\s\-().·/]+")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{9,11}")
# What may follow +861: a mobile number, or a line in Beijing.
_IN_CHINA = re.compile(r"1[3-9]\d{9}|10\d{8}")
_WHOLE = re.compile(r"\+[1-9]\d{6,14}")


def normal_phone(text: str) -> str:
    """Return a number with its country code and nothing but digits; BadInput where it can be none.

    Without a country code it is Chinese: a mobile number, or a line with its area code.
    """
    typed = _SIGNS.sub("", unicodedata.normalize("NFKC", text))
    if typed.startswith("00"):
        typed = f"+{typed[2:]}"
    elif _MOBILE.fullmatch(typed):
        typed = f"+86{typed}"
    elif _LANDLINE.fullmatch(typed):
        typed = f"+86{typed[1:]}"
    elif typed.startswith("86") and _MOBILE.fullmatch(typed[2:]):
        typed = f"+{typed}"
    if not typed.isascii() or not _WHOLE.fullmatch(typed):
        raise BadInput("phone.refused")
    if typed.startswith("+861") and not _IN_CHINA.fullmatch(typed[3:]):
        # One digit too few or too many is a slip of the finger.
        raise BadInput("phone.refused")
    return typed


def masked(number: str) -> str:
    """Return a number as it may stand in a file: its end alone, enough to know it again."""
    return "•" * max(len(number) - 4, 0) + number[-4:]


def spaced(number: str) -> str:
    """Return a normal number in groups, to be read aloud and dialled."""
    if number.startswith("+86") and len(number) == 14:
        return f"{number[:3]} {number[3:6]} {number[6:10]} {number[10:]}"
    return f"{number[:3]} {number[3:]}"
