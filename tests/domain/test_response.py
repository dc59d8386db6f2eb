"""Medians of how quickly alerts were taken and reached."""

from bot.domain.response import Median, Response, medians


def test_medians_are_by_tier_red_first_and_leave_out_what_has_no_time():
    found = medians(
        [
            Response("amber", 4, 30, None),
            Response("red", None, 2, 9),
            Response("red", None, 4, 20),
            Response("red", None, 60, None),
            Response("amber", 1, None, None),
        ]
    )
    assert list(found.items()) == [
        (("red", None), Median(3, 4, 14.5)),
        (("amber", 1), Median(1, None, None)),
        (("amber", 4), Median(1, 30, None)),
    ]


def test_without_an_alert_there_is_no_median():
    assert medians([]) == {}
