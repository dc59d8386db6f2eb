"""What people type for a measurement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import units
from bot.domain.items import Part, Range
from bot.errors import BadInput

TEMPERATURE = Part(kind="temperature", digits=1, range=Range(plausible=(34.0, 42.5), refuse=(30.0, 45.0)))


@pytest.mark.parametrize(
    ("typed", "celsius"),
    [
        ("38.5", 38.5),
        ("38,5", 38.5),
        ("38。5", 38.5),
        ("38．5", 38.5),
        ("３８．５", 38.5),
        ("38度5", 38.5),
        ("38度", 38.0),
        ("38 度 5", 38.5),
        ("38点5", 38.5),
        ("38℃", 38.0),
        ("37.45", 37.5),
        ("37.44", 37.4),
        ("38.55", 38.6),
        ("38.5℃", 38.5),
        ("38.5°C", 38.5),
        ("38.5 c", 38.5),
        ("38.5 degrees", 38.5),
        ("体温38.5", 38.5),
        ("三十八度五", 38.5),
        ("三十八点五", 38.5),
        ("三八度五", 38.5),
        ("三十八度半", 38.5),
        ("四十度", 40.0),
        ("385", 38.5),
        ("101.3F", 38.5),
        ("101.3°F", 38.5),
        ("101.3 ℉", 38.5),
        ("１０１．３°F", 38.5),
        ("华氏101.3度", 38.5),
        ("101.3", 38.5),
        ("100.4", 38.0),
        ("99.5 Fahrenheit", 37.5),
        ("  37 ", 37.0),
    ],
)
def test_a_temperature_is_understood(typed, celsius):
    assert units.temperature(typed) == celsius


@pytest.mark.parametrize("typed", ["", "high", "发烧", "-38", "38.5 37.9", "38 39 40", "度"])
def test_what_is_not_one_number_is_refused_with_a_reason(typed):
    with pytest.raises(BadInput) as refused:
        units.temperature(typed)
    assert refused.value.key in ("item.refused.not_a_number", "item.refused.one_number")


@given(st.integers(300, 450))
def test_every_tenth_of_a_degree_survives_every_way_of_writing_it(tenths):
    whole, tenth = divmod(tenths, 10)
    for typed in (
        f"{whole}.{tenth}",
        f"{whole},{tenth}",
        f"{whole}度{tenth}",
        f"{whole}.{tenth}℃",
        str(tenths),
    ):
        assert units.temperature(typed) == tenths / 10


@given(st.integers(860, 1130))
def test_fahrenheit_becomes_celsius_rounded_to_a_tenth(tenths):
    exact = (tenths / 10 - 32) * 5 / 9
    read = units.temperature(f"{tenths / 10}F")
    assert abs(read - exact) <= 0.0501
    assert round(read, 1) == read


def outcome(typed: str) -> float | str:
    try:
        return units.read(TEMPERATURE, typed)["value"]
    except BadInput as refused:
        return refused.key


@given(st.text(max_size=30))
def test_any_text_is_a_possible_number_or_a_kind_refusal(typed):
    read = outcome(typed)
    assert read.startswith("item.refused.") if isinstance(read, str) else 30.0 <= read <= 45.0


@pytest.mark.parametrize("typed", ["29.9", "45.1", "0", "120"])
def test_an_impossible_temperature_is_refused_with_its_limits(typed):
    with pytest.raises(BadInput) as refused:
        units.read(TEMPERATURE, typed)
    assert refused.value.key == "item.refused.impossible"
    assert (refused.value.values["low"], refused.value.values["high"]) == (30.0, 45.0)


@pytest.mark.parametrize(
    ("typed", "odd"),
    [("30", 30.0), ("33.9", 33.9), ("34", None), ("42.5", None), ("42.6", 42.6), ("45", 45.0)],
)
def test_an_unusual_temperature_is_asked_once_more(typed, odd):
    assert units.implausible(TEMPERATURE, units.read(TEMPERATURE, typed)) == odd


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("120/80 75", {"sbp": 120, "dbp": 80, "pulse": 75}),
        ("120/80", {"sbp": 120, "dbp": 80}),
        ("１２０／８０　７５", {"sbp": 120, "dbp": 80, "pulse": 75}),
        ("120 80 75", {"sbp": 120, "dbp": 80, "pulse": 75}),
        ("高压120低压80脉搏75", {"sbp": 120, "dbp": 80, "pulse": 75}),
        ("120，80，75", {"sbp": 120, "dbp": 80, "pulse": 75}),
        ("120-80-75", {"sbp": 120, "dbp": 80, "pulse": 75}),
    ],
)
def test_blood_pressure_is_understood(typed, read):
    assert units.blood_pressure(typed) == read


@pytest.mark.parametrize("typed", ["120", "80/120", "120/120", "fine", "120/80/75/60"])
def test_what_is_no_blood_pressure_is_refused(typed):
    with pytest.raises(BadInput, match=r"item\.refused\.blood_pressure"):
        units.blood_pressure(typed)


@pytest.mark.parametrize(
    ("typed", "read"), [("98", 98), ("98%", 98), ("血氧九十八", 98), ("一百", 100), ("９８", 98)]
)
def test_oxygen_is_understood(typed, read):
    assert units.number(typed, 0) == read
