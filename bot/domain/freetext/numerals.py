"""English numbers in words: thirty nine point two, a hundred and three, one forty, ninety-one."""

import re

_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_ONES = {word: number for number, word in enumerate(_UNITS)} | {"oh": 0}
_DECADES = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TENS = {word: 10 * number for number, word in enumerate(_DECADES, 2)}
_ONE, _TEN = "|".join(_ONES), "|".join(_TENS)
_TWO = rf"(?:(?:{_TEN})(?: (?:{_ONE}))?|(?:{_ONE}))"
_TWO_MORE = rf"(?:(?:{_TEN})(?: (?:{_ONE}))?|oh (?:{_ONE}))"
"""What follows the one of one forty five, and of one oh two."""
_WRITTEN = re.compile(
    rf"(?<![a-z'])(?:(?P<hundreds>a|one|two) hundred(?: (?:and )?(?P<rest>{_TWO}))?"
    rf"|hundred (?:and )?(?P<more>{_TWO})"
    rf"|one (?P<above>{_TWO_MORE})|(?P<tens>{_TEN})(?: (?P<one>{_ONE}))?|(?P<figures>\d\d\d?)(?= point ))"
    rf"(?: point (?P<tenth>{_ONE}|\d))?(?![a-z'\d])"
)


def digits(text: str) -> str:
    """Return a normal text with digits for the English numbers from twenty up that it writes in words."""
    return _WRITTEN.sub(_digits, text)


def _digits(found: re.Match[str]) -> str:
    if found["hundreds"]:
        whole = (2 if found["hundreds"] == "two" else 1) * 100 + _below_hundred(found["rest"] or "")
    elif found["above"] or found["more"]:
        whole = 100 + _below_hundred(found["above"] or found["more"])
    else:
        whole = int(found["figures"] or _below_hundred(f"{found['tens']} {found['one'] or ''}"))
    tenth = found["tenth"]
    return f"{whole}.{_ONES.get(tenth, tenth)}" if tenth else str(whole)


def _below_hundred(written: str) -> int:
    return sum(_TENS.get(word, 0) + _ONES.get(word, 0) for word in written.split())
