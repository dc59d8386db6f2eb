"""The site of a trial: what a person needs to find it and to reach it, in both languages."""

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from bot.domain.definition import Problem, Strict, ZoneName, read_definition, validated

Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 \-]{1,20}$")]


class Bilingual(Strict):
    """A text of the site itself, in the two languages of the bot; plain words, never markup."""

    zh_CN: Words
    en: Words


class Phones(Strict):
    """Whom to call: `emergency` is the ambulance, 120 in China."""

    site: Phone
    emergency: Phone = "120"


class Holiday(Strict):
    """A day on which the site is closed beside its ordinary ones."""

    on: date
    name: Bilingual


class Site(Strict):
    """One site: its names, address, zone, phones, working hours and days closed."""

    name: Bilingual
    address: Bilingual
    zone: ZoneName
    phones: Phones
    hours: Bilingual
    holidays: Annotated[tuple[Holiday, ...], Field(default=())]

    def closed_on(self, on: date) -> bool:
        """Tell whether the site's own list says that it is closed on a date."""
        return any(holiday.on == on for holiday in self.holidays)


def load_site(path: Path | str) -> Site:
    """Return the site of a TOML file, or raise a ProtocolError naming the file and each key at fault."""
    path = Path(path)
    table, _ = read_definition(path)
    return validated(Site, table, path.name, _check)


def _check(site: Site) -> tuple[Problem, ...]:
    dates = [holiday.on for holiday in site.holidays]
    twice = sorted({on for on in dates if dates.count(on) > 1})
    return tuple(Problem("holidays", f"{on} stands there twice") for on in twice)
