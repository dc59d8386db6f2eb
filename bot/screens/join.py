"""What somebody sees who comes by a link: the language, or why the link does not work."""

from bot.domain.people import LANGUAGES, Language, StaffMember
from bot.domain.site import Site
from bot.screens.common import HOME, OPEN_HOME, call_numbers
from bot.screens.taps import Do, tap
from bot.texts import Button, Phrase, Rows, Screen, Value, key, say

LANGUAGE_NAMES: dict[Language, str] = {
    "zh_CN": key("language.zh_CN"),
    "en": key("language.en"),
    "both": key("language.both"),
}
ROLE_NAMES = {
    "coordinator": key("role.coordinator"),
    "sub_investigator": key("role.sub_investigator"),
    "pi": key("role.pi"),
}


def choose_language(
    question: Phrase, offered: tuple[Language, ...] = LANGUAGES, *, home: bool = False
) -> Screen:
    """Ask for the language, one big button each; `home` adds the way back without a choice."""
    rows: Rows = tuple((Button(Phrase(LANGUAGE_NAMES[each]), tap(Do.LANGUAGE, each)),) for each in offered)
    return Screen((question,), (*rows, (OPEN_HOME,)) if home else rows)


def code_refused(site: Site) -> Screen:
    """Say the same for a wrong, a used and an expired code, so that nothing can be learnt from it."""
    return Screen((say("join.code_refused", **call_numbers(site)),))


def too_many_tries(site: Site) -> Screen:
    """Ask somebody who tried many codes to wait, or to phone."""
    return Screen((say("join.too_many", **call_numbers(site)),))


def unlinked(site: Site) -> Screen:
    """Tell a former chat that it was given up for another one."""
    return Screen((say("join.unlinked", **call_numbers(site)),))


def staff_welcome(staff: StaffMember, *, known: bool = False) -> Screen:
    """Greet a member of staff: newly joined, or known already."""
    values: dict[str, Value] = {"name": staff.name, "role": Phrase(ROLE_NAMES[staff.role.value])}
    return Screen((say("join.staff_known", **values) if known else say("join.staff_welcome", **values),))


def language_set() -> Screen:
    """Confirm the language, in that language, with what one may want next."""
    return Screen((say("language.set"),), HOME)
