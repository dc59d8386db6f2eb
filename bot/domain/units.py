"""Typed measurements: what people write on a phone, in two languages, into numbers and units."""

import re
import unicodedata
from collections.abc import Mapping

from bot.domain.items import Part, Range, celsius
from bot.errors import BadInput

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_NUMERALS = "零〇一二两兩三四五六七八九十百"
_CHINESE_NUMBER = re.compile(rf"[{_NUMERALS}]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_FAHRENHEIT = re.compile(r"(?:°\s*f|华氏|華氏|\d\s*f\b|\bf\b|fahrenheit)", re.IGNORECASE)
_CELSIUS = re.compile(r"(?:°\s*c|℃|摄氏|攝氏|\d\s*c\b|\bc\b|celsius)", re.IGNORECASE)
# 华氏 is what is left of the range where nobody alive has that temperature in °C.
_FAHRENHEIT_FROM = 80.0
_HALF = {"度半": ".5", "点半": ".5"}
_NOT_A_NUMBER = "item.refused.not_a_number"


def plain(raw: str) -> str:
    """Return the text with every digit as 0 to 9, and with a dot where 度 or 点 stands for one."""
    text = unicodedata.normalize("NFKC", raw).strip().replace("。", ".").replace("º", "°").replace("˚", "°")
    text = text.replace("卅", "三十").replace("廿", "二十")
    text = _CHINESE_NUMBER.sub(lambda found: _numeral(found.group()), text)
    for half, digits in _HALF.items():
        text = text.replace(half, digits)
    # 七点38.4 is a time of day and a temperature.
    text = re.sub(r"(?<=\d)\s*[点點]\s*(?=\d)(?!\d*\.\d)", ".", text)
    # 38度5: the digit after 度 is a tenth.
    return re.sub(r"(\d)\s*度\s*(\d)(?!\d)", r"\1.\2", text)


def _decimal(raw: str) -> str:
    """Return `plain` text in which a decimal comma is a dot."""
    return re.sub(r"(?<=\d),(?=\d{1,2}(?!\d))", ".", plain(raw))


def _numeral(written: str) -> str:
    """Return digits for 三十八, 一百零一, 三八; a run without 十 or 百 is read digit by digit."""
    if "十" not in written and "百" not in written:
        return "".join(str(_DIGITS[c]) for c in written)
    total, digit = 0, None
    for c in written:
        if c in "十百":
            total += (1 if digit is None else digit) * (100 if c == "百" else 10)
            digit = None
        else:
            digit = _DIGITS[c] if not (digit == 0 and _DIGITS[c] == 0) else 0
    # 一百四 is 140; 104 is 一百零四.
    tail = 10 if len(written) > 1 and written[-2] == "百" else 1
    return str(total + (digit or 0) * tail)


def temperature(raw: str) -> float:
    """Return the one temperature that is written in `raw`, in °C to 0.1.

    A value from 80 up is °F even without its sign. `385` is 38.5: nobody types
    three digits without a dot for anything else. BadInput where there is no
    number, or more than one.
    """
    text = _decimal(raw)
    value = _only_number(text)
    if _FAHRENHEIT.search(text):
        return celsius(value) or 0.0
    if re.fullmatch(r"[34]\d\d", text.strip()):
        return value / 10
    if value >= _FAHRENHEIT_FROM and not _CELSIUS.search(text):
        return celsius(value) or 0.0
    # Half a tenth goes up: a fever must not be lost to how binary fractions are kept.
    return round(value + 1e-9, 1)


def number(raw: str, digits: int) -> float:
    """Return the one number in `raw`, rounded to `digits`; BadInput where there is none or several."""
    value = round(_only_number(_decimal(raw)), digits)
    return value if digits else int(value)


def _only_number(text: str) -> float:
    if re.search(r"-\s*\d", text):
        raise BadInput(_NOT_A_NUMBER)
    found = _NUMBER.findall(text)
    if len(found) != 1:
        raise BadInput("item.refused.one_number" if found else _NOT_A_NUMBER)
    return float(found[0])


def blood_pressure(raw: str) -> dict[str, int]:
    """Return sbp, dbp and, where it is given, pulse, from `120/80 75` or `高压120低压80脉搏75`."""
    numbers = [round(float(n)) for n in _NUMBER.findall(plain(raw))]
    if len(numbers) not in (2, 3):
        raise BadInput("item.refused.blood_pressure")
    sbp, dbp = numbers[0], numbers[1]
    if dbp >= sbp:
        raise BadInput("item.refused.blood_pressure")
    return {"sbp": sbp, "dbp": dbp} | ({"pulse": numbers[2]} if len(numbers) == 3 else {})


def read(part: Part, raw: str) -> dict[str, float | int]:
    """Return what `raw` stores for a measured part, by its keys; impossible values are BadInput."""
    if part.kind == "blood_pressure":
        pressures = blood_pressure(raw)
        for key, pressure in pressures.items():
            refuse(pressure, part.ranges[key])
        return dict(pressures)
    value = temperature(raw) if part.kind == "temperature" else number(raw, part.digits)
    if part.range is not None:
        refuse(value, part.range)
    return {part.key: value}


def refuse(value: float, allowed: Range) -> None:
    """Raise BadInput for an impossible value, telling the range."""
    low, high = allowed.refuse
    if not low <= value <= high:
        raise BadInput("item.refused.impossible", value=value, low=low, high=high)


def implausible(part: Part, values: Mapping[str, float | int]) -> float | None:
    """Return the first value that should be asked once more, or None."""
    for key, value in values.items():
        allowed = part.ranges[key] if part.ranges else part.range
        if allowed is not None and not allowed.plausible[0] <= value <= allowed.plausible[1]:
            return value
    return None
