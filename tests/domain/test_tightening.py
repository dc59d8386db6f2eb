"""A baseline alerts sooner, never later."""

import pytest

from bot.domain.protocol import load_protocol
from bot.domain.tightening import check_baseline, limits, tighter
from bot.errors import BadInput

PROTOCOL = load_protocol(anchor="rituximab")


@pytest.mark.parametrize(
    ("name", "way"), [("spo2", "higher"), ("sbp", "higher"), ("weight_kg", "lower"), ("dbp", None)]
)
def test_which_way_alerts_sooner_follows_from_the_rules(name, way):
    assert tighter(name, PROTOCOL) == way


def test_a_baseline_says_at_which_value_it_alerts():
    assert [(each.item, each.side, each.value) for each in limits("spo2", 98, PROTOCOL)] == [
        ("Q9", "below", 95)
    ]
    assert [each.value for each in limits("weight_kg", 60, PROTOCOL)] == [62, 63]


@pytest.mark.parametrize(
    ("name", "before", "value"),
    [("spo2", 96, 97), ("spo2", None, 94), ("spo2", 96, 96), ("sbp", 120, 135), ("weight_kg", 62, 60.5)],
)
def test_tightening_is_taken(name, before, value):
    check_baseline(name, value, before, PROTOCOL)


@pytest.mark.parametrize(
    ("name", "before", "value"), [("spo2", 97, 96), ("sbp", 135, 120), ("weight_kg", 60, 61)]
)
def test_loosening_is_refused_and_says_what_it_needs(name, before, value):
    with pytest.raises(BadInput, match="looser"):
        check_baseline(name, value, before, PROTOCOL)


@pytest.mark.parametrize(("name", "value"), [("spo2", 980), ("sbp", 20), ("weight_kg", 12), ("height", 170)])
def test_what_nobody_has_is_refused(name, value):
    with pytest.raises(BadInput):
        check_baseline(name, value, None, PROTOCOL)
