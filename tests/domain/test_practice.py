"""How staff work, in numbers: data of the protocol file, on the page that the PI signs, and nowhere else."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.duty import Duty
from bot.domain.missed import silence_hours
from bot.domain.outcomes import next_reminder, sae_due_at
from bot.domain.protocol import SHIPPED, Protocol, Source, load_protocol, protocol_of
from bot.domain.triage import Clocks, Context
from bot.errors import ProtocolError
from bot.screens.protocol import practice as screens
from bot.screens.protocol.page import page

ROOT = Path(__file__).parent.parent.parent
NOON = datetime(2026, 12, 7, 4, 0, tzinfo=UTC)


def with_line(name: str, value: str) -> Protocol:
    """Load the shipped protocol with one number of its practice set otherwise; left out where it is empty."""
    before = SHIPPED.read_text(encoding="utf-8")
    line = f'{name} = {{ {value}, tag = "D", source = "invented" }}\n' if value else ""
    after, changed = re.subn(rf"^{name} = .*\n", line, before, flags=re.MULTILINE)
    assert changed == 1
    words = (SHIPPED.parent / "nct06676631-words.toml").read_bytes()
    return protocol_of(Source(after.encode(), words), "changed.toml", anchor="rituximab")


def test_every_number_has_its_name_and_stands_on_the_page_with_its_source():
    protocol = load_protocol(anchor="rituximab")
    numbers = dict(protocol.practice.numbers())
    assert screens.NAMES.keys() == numbers.keys()
    entries = [entry for section in page(protocol).sections for entry in section.entries]
    shown = {entry.id: entry for entry in entries}
    for name, each in numbers.items():
        assert [(cited.tag, cited.source) for cited in shown[name.upper()].cited] == [(each.tag, each.source)]


def test_a_signature_holds_for_them():
    signed = load_protocol(anchor="rituximab").digest
    assert with_line("calls", "count = 2").digest != signed


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("calls", "", "practice.calls"),
        ("calls", "count = 0", "practice.calls"),
        ("outage", "minutes = 15, hours = 1", "one of minutes, hours and days"),
        ("sae_reminders", "hours = [20, 12]", "in order"),
        ("unreachable", "hours = 5", "practice.unreachable"),
        ("duty_change", 'at = "8:00"', "HH:MM"),
    ],
)
def test_none_may_be_left_out_or_make_no_sense(name, value, said):
    with pytest.raises(ProtocolError, match=re.escape(said)):
        with_line(name, value)


def test_what_the_file_says_is_what_happens():
    practice = with_line("sae_form", "hours = 12").practice
    assert sae_due_at(NOON, practice) == NOON + timedelta(hours=12)
    practice = with_line("sae_reminders", "hours = [2, 3]").practice
    assert next_reminder(NOON, practice, NOON) == NOON + timedelta(hours=2)
    late = Context(Clocks(200))
    assert silence_hours(late, load_protocol(anchor="rituximab")) == 4
    assert silence_hours(late, with_line("unreachable", "hours = 1")) == 1


def test_duty_changes_at_the_hour_that_the_file_says():
    practice = with_line("duty_change", 'at = "13:00"').practice
    days = {date(2026, 12, 6): 1, date(2026, 12, 7): 2}
    duty = Duty("Asia/Shanghai", practice.duty_change.value, practice.duty_gap.value, days, active=(1, 2))
    assert (duty.at(NOON), duty.at(NOON + timedelta(hours=1))) == ((1,), (2,))


# How the machine works, and what is believed when it is typed: nothing that anybody signs for.
# A length of time or a time of day that is not in here belongs into the protocol file.
MACHINE = {
    "how far back or ahead a list, a curve or a dry run looks": """
        comparing.AHEAD comparing.BACK listed.PAST listed._RECENT listed._EVER view.FILES_BEFORE curves.LATELY
        dry_run._BACK oncall.overview oncall_watch._HORIZON overview.LOOK_BACK threads.LOOK_BACK outcome.SOON
    """,
    "what is believed when it is typed": """
        spelled._nearest typed.FURTHEST when.FURTHEST when.read hospital.LONGEST infusions.LONGEST_INFUSION
    """,
    "when a message about a moment is of no use any more": """
        forms_due.STALE_AFTER letters.EXPIRES_AFTER digest.EXPIRES_AFTER oncall_watch._FRESH phones.SHOWN_FOR
    """,
    "what a button offers": "forms_due.check_at letters.SHORTEST_PAUSE",
    "weeks of a rota": "oncall._week oncall.copy_week oncall_watch.tick",
    "seconds and minutes of the machine": """
        awaiting.ON_TIME downtime._AFTER reminders._LATE reminders._AFTER_CHECKIN oncall_watch._SAME
        days_off.AFTER moves_told.SETTLES_WITHIN
    """,
    "the daily test of the page itself": "selftest.FROM selftest.WITHIN",
    "how much is read so that a rule can look back": "facts.ASKED_WITHIN forms.LAST_WITHIN",
}


def _lengths() -> Iterator[str]:
    """Yield where a length of time or a time of day stands in domain and services as a literal of its own."""
    for folder in ("domain", "services"):
        for path in sorted((ROOT / "bot" / folder).rglob("*.py")):
            for part in ast.parse(path.read_text(encoding="utf-8")).body:
                if any(_is_literal(node) for node in ast.walk(part)):
                    yield f"{path.stem}.{_name(part)}"


def _is_literal(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or ast.unparse(node.func) not in ("timedelta", "time"):
        return False
    values = [*node.args, *(each.value for each in node.keywords)]
    # A single day or hour, and midnight, are how one counts.
    return any(isinstance(each, ast.Constant) and each.value not in (0, 1) for each in values)


def _name(part: ast.stmt) -> str:
    if isinstance(part, ast.Assign):
        return ast.unparse(part.targets[0]).strip("()").split(",")[0]
    return str(getattr(part, "name", ast.unparse(part)))


def test_no_other_length_of_time_stands_in_the_code():
    assert set(_lengths()) == {name for names in MACHINE.values() for name in names.split()}


def test_a_time_in_the_code_would_be_found():
    found = ast.parse("WAIT = timedelta(hours=4)\nAT = time(9)\nDAY = timedelta(days=1)").body
    assert [any(_is_literal(node) for node in ast.walk(part)) for part in found] == [True, True, False]
