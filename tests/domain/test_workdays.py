"""Weekends, public holidays and make-up days, and the day that is proposed for a visit on a day off."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot import almanac
from bot.domain.calendar import Window
from bot.domain.planning import Course, plan
from bot.domain.proposals import moved_outside, proposals, unannounced_years
from bot.domain.site import Bilingual, Holiday, Site, load_site
from bot.domain.workdays import DayName, Workdays, days_in, nearest_working, offered_day
from bot.sandbox.setting import SITE_FILE
from tests.domain.schedules import SHANGHAI, moved, shipped

SITE = load_site(SITE_FILE)
CHINA = almanac.workdays(SITE, date(2026, 11, 1))
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))


def with_site(**changed: object) -> Workdays:
    return almanac.workdays(Site.model_validate({**SITE.model_dump(), **changed}), date(2026, 11, 1))


def test_the_national_day_week_of_2026_is_off_and_its_make_up_days_are_worked() -> None:
    """As announced: off from 1 to 7 October, worked on Sunday 20 September and Saturday 10."""
    off = [on for on in (date(2026, 10, n) for n in range(1, 11)) if not CHINA.is_working(on)]
    assert off == [date(2026, 10, n) for n in range(1, 8)]
    assert CHINA.is_working(date(2026, 9, 20))
    assert CHINA.is_working(date(2026, 10, 10))
    assert not CHINA.is_working(date(2026, 10, 11))


def test_a_holiday_has_its_name_in_both_languages_and_a_plain_weekend_has_none() -> None:
    assert CHINA.name(date(2026, 10, 1)) == DayName("国庆节", "National Day")
    assert CHINA.name(date(2026, 10, 6)) == DayName("休息日", "Day off")
    assert CHINA.name(date(2026, 10, 11)) is None
    assert offered_day(date(2026, 10, 11), CHINA).mark == "weekend"
    assert offered_day(date(2026, 10, 1), CHINA).mark == "holiday"


def test_a_year_whose_make_up_days_are_not_out_yet_is_said_to_be_unannounced() -> None:
    assert CHINA.is_announced(date(2026, 12, 31))
    assert not CHINA.is_announced(date(2028, 1, 3))
    assert {2028, 2029} <= CHINA.unannounced


def test_a_country_without_make_up_days_is_always_announced() -> None:
    germany = with_site(country="DE")
    assert not germany.unannounced
    assert not germany.is_working(date(2026, 12, 25))


def test_without_a_country_weekends_alone_are_off() -> None:
    plain = with_site(country=None, holidays=())
    assert plain.is_working(date(2026, 10, 1))
    assert not plain.is_working(date(2026, 10, 10))


def test_the_site_adds_days_off_and_days_on_of_its_own() -> None:
    own = with_site(
        holidays=(Holiday(on=date(2026, 10, 10), name=Bilingual(zh_CN="院庆", en="Anniversary")),),
        works_on=(date(2026, 10, 3), date(2026, 12, 6)),
    )
    assert not own.is_working(date(2026, 10, 10))
    assert own.name(date(2026, 10, 10)) == DayName("院庆", "Anniversary")
    assert own.is_working(date(2026, 10, 3))
    assert own.name(date(2026, 10, 3)) is None
    assert own.is_working(date(2026, 12, 6))


def test_a_country_nobody_knows_is_told_apart() -> None:
    assert almanac.known_country("CN")
    assert not almanac.known_country("XX")


def test_the_nearest_working_day_is_in_the_window_and_of_two_the_earlier() -> None:
    saturday = date(2026, 12, 12)
    week = Window(saturday - timedelta(days=7), saturday + timedelta(days=7))
    assert nearest_working(saturday, week, CHINA, saturday - timedelta(days=9)) == date(2026, 12, 11)
    sunday = saturday + timedelta(days=1)
    assert nearest_working(sunday, week, CHINA, saturday) == date(2026, 12, 14)
    new_year = date(2027, 1, 1)
    single = Workdays({new_year: DayName("元旦", "New Year")})
    around = Window(date(2026, 12, 28), date(2027, 1, 5))
    assert nearest_working(new_year, around, single, date(2026, 12, 1)) == date(2026, 12, 31)
    wednesday = Workdays({date(2026, 12, 16): DayName("x", "x")})
    assert nearest_working(
        date(2026, 12, 16), Window(date(2026, 12, 14), date(2026, 12, 18)), wednesday, date(2026, 1, 1)
    ) == date(2026, 12, 15)


def test_a_window_without_a_working_day_gives_no_proposal() -> None:
    first, last = date(2026, 10, 1), date(2026, 10, 7)
    assert nearest_working(date(2026, 10, 4), Window(first, last), CHINA, first) is None


@given(DAYS, st.integers(0, 20), st.integers(0, 20), st.integers(-25, 25))
def test_what_is_proposed_is_a_working_day_inside_the_window_and_none_is_nearer(
    on: date, before: int, after: int, today: int
) -> None:
    window = Window(on - timedelta(days=before), on + timedelta(days=after))
    not_before = on + timedelta(days=today)
    found = nearest_working(on, window, CHINA, not_before)
    days = [each.on for each in days_in(window, CHINA, not_before) if CHINA.is_working(each.on)]
    if found is None:
        assert not days
    else:
        assert window.holds(found)
        assert found >= not_before
        assert CHINA.is_working(found)
        assert all(abs((each - on).days) >= abs((found - on).days) for each in days)


def test_over_eight_years_of_anchors_no_infusion_is_proposed_for_and_every_proposal_is_inside() -> None:
    for year in range(2024, 2032):
        known = almanac.workdays(SITE, date(year, 6, 1))
        for n in range(0, 366, 3):
            anchor = date(year, 1, 1) + timedelta(days=n)
            visits = plan(Course(anchor, SHANGHAI), shipped())
            found = {each.visit.id: each for each in proposals(visits, known, anchor)}
            for visit in visits:
                proposed = found.get(visit.id)
                if visit.type.kind == "infusion" or known.is_working(visit.on):
                    assert proposed is None
                else:
                    assert proposed is not None
                    assert proposed.to_on is None or visit.window.holds(proposed.to_on)


def test_the_proposals_of_one_participant_by_hand() -> None:
    """Day 1 on 7 December 2026: written with a calendar of 2027 beside it, Chinese New Year from 5 February.

    D14 is Sunday 20 December: Monday. D28 is Sunday 3 January: Monday. M2 is Sunday 7 February, New Year:
    the holidays run from Friday 5 to Wednesday 10, so Thursday 4 is nearest. M3 is Sunday 7 March: Monday.
    M6 is Monday, M9 Tuesday, M12 Tuesday.
    """
    visits = plan(Course(date(2026, 12, 7), SHANGHAI), shipped())
    found = {each.visit.id: each.to_on for each in proposals(visits, CHINA, date(2026, 12, 1))}
    assert found == {
        "D14": date(2026, 12, 21),
        "D28": date(2027, 1, 4),
        "M2": date(2027, 2, 4),
        "M3": date(2027, 3, 8),
    }


def test_what_staff_have_moved_is_not_proposed_again() -> None:
    course = Course(date(2026, 12, 7), SHANGHAI, (moved("D14", "2026-12-20"), moved("M3", "2027-03-06")))
    found = [each.visit.id for each in proposals(plan(course, shipped()), CHINA, date(2026, 12, 1))]
    assert found == ["D28", "M2"]


def test_a_moved_visit_whose_window_went_elsewhere_is_named() -> None:
    visits = plan(Course(date(2027, 1, 11), SHANGHAI, (moved("D14", "2026-12-21"),)), shipped())
    assert moved_outside(visits, date(2026, 12, 1))[0].id == "D14"


def test_the_years_that_are_not_announced_are_those_of_visits_ahead() -> None:
    visits = plan(Course(date(2027, 6, 7), SHANGHAI), shipped())
    assert 2028 in unannounced_years(visits, CHINA, date(2027, 6, 1))
    assert 2029 not in unannounced_years(visits, CHINA, date(2027, 6, 1))
