"""The temperature as a picture: a real one, with every place, infusion and threshold in it."""

import io
import sys
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from bot.domain.protocol import load_protocol
from bot.papers.curve import CurveFacts, Measured, curve
from bot.texts import Phrase, load_texts

NOW = datetime(2026, 12, 10, 1, tzinfo=UTC)
ITEM = load_protocol(anchor="rituximab").items["Q1"]
PLACES = {place: Phrase(name) for place, name in ITEM.part("place").options}


def facts(places=("axillary", "ear"), infusions=1, values=(36.6, 38.4)):
    measured = [
        Measured(NOW + timedelta(hours=12 * n), value, place)
        for place in places
        for n, value in enumerate(values)
    ]
    given = [(NOW - timedelta(days=n), Phrase("task.infusion")) for n in range(infusions)]
    return CurveFacts("001", "Asia/Shanghai", measured, given, PLACES, ITEM.bands)


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_it_is_a_picture_in_either_language_and_nothing_is_missing_from_the_typeface(locale):
    # A sign without a shape is a warning of matplotlib, and a warning is an error here.
    picture = Image.open(io.BytesIO(curve(facts(), load_texts(), locale)))
    assert picture.format == "PNG"
    assert picture.width > picture.height > 500


def test_another_place_another_infusion_and_another_value_each_change_it():
    drawn = {
        curve(each, load_texts(), "en")
        for each in (
            facts(),
            facts(places=("axillary",)),
            facts(infusions=2),
            facts(values=(36.6, 38.5)),
        )
    }
    assert len(drawn) == 4


def test_a_single_value_without_infusions_is_drawn_too():
    assert curve(facts(("unknown",), 0, (37.0,)), load_texts(), "en").startswith(b"\x89PNG")


def test_nothing_of_pyplot_is_loaded():
    curve(facts(), load_texts(), "en")
    assert "matplotlib.pyplot" not in sys.modules
