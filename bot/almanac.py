"""The public holidays of a country, from the `holidays` library, as data for the domain."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import holidays

from bot.domain.site import Site
from bot.domain.workdays import DayName, Workdays

# How long ago a country must have moved working days onto weekends for its silence to mean "not announced".
_YEARS_BACK = 6


def workdays(site: Site, around: date) -> Workdays:
    """Return the working days of a site for the year before a date and the three after it."""
    return _workdays(site, around.year - 1, around.year + 3)


@lru_cache(maxsize=64)
def _workdays(site: Site, first: int, last: int) -> Workdays:
    years = range(first, last + 1)
    off, worked, unannounced = _of_country(site.country, years) if site.country else ({}, set(), frozenset())
    for day in site.holidays:
        off[day.on] = DayName(day.name.zh_CN, day.name.en)
        worked.discard(day.on)
    for on in site.works_on:
        worked.add(on)
    return Workdays(off, frozenset(worked), unannounced)


def _of_country(country: str, years: Iterable[int]) -> tuple[dict[date, DayName], set[date], frozenset[int]]:
    asked = list(years)
    names = holidays.country_holidays(country, years=asked, language="en_US")
    chinese = holidays.country_holidays(country, years=asked, language="zh_CN")
    off = {on: DayName(_short(chinese.get(on) or name), _short(name)) for on, name in names.items()}
    worked = {on for on in names.weekend_workdays if on.year in asked}
    return off, worked, _unannounced(country, asked, worked)


def _short(name: str) -> str:
    """Leave out what the library adds in brackets, such as the day that is worked instead."""
    return name.split("（", maxsplit=1)[0].split(" (", maxsplit=1)[0].split(";", maxsplit=1)[0].strip()


def _unannounced(country: str, years: list[int], worked: set[date]) -> frozenset[int]:
    """Return the years without make-up days, in a country that has them every year.

    China's State Council announces the holidays of a year, and the weekends
    worked for them, late in the year before. Until then the library knows the
    statutory days alone.
    """
    before = holidays.country_holidays(country, years=range(years[0] - _YEARS_BACK, years[-1] + 1))
    moving = {on.year for on in before.weekend_workdays if on.year > years[0] - _YEARS_BACK}
    if len(moving) < 2:
        return frozenset()
    latest = max(moving)
    return frozenset(year for year in years if year > latest and year not in {on.year for on in worked})


def known_country(code: str) -> bool:
    """Tell whether the holidays of a country are known."""
    return code in holidays.list_supported_countries()
