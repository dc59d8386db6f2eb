"""The program's own numbers stand on the page that the PI reads, as the code reads them."""

from bot.domain import contact, duty, missed, outcomes, practice
from bot.domain.protocol import load_protocol
from bot.screens.protocol import practice as screens
from bot.screens.protocol.page import page
from bot.services.alerts import emergencies
from bot.services.checkins import asking
from bot.services.operation import downtime
from bot.services.talk import threads


def test_every_number_has_its_name_and_stands_on_the_page():
    assert screens.NAMES.keys() == {each.id for each in practice.NUMBERS}
    entries = [
        entry for section in page(load_protocol(anchor="rituximab")).sections for entry in section.entries
    ]
    shown = {entry.id: entry for entry in entries}
    for each in practice.NUMBERS:
        assert [(cited.tag, cited.source) for cited in shown[each.id.upper()].cited] == [
            (each.tag, each.source)
        ]


def test_the_code_reads_the_numbers_that_are_shown():
    read = (
        missed.MOST_SILENCE,
        asking.ANSWER_WITHIN,
        threads.SOON,
        threads.LATER,
        threads.NEAR_DAYS,
        threads.REMIND_EVERY,
        downtime.WORTH_TELLING,
        outcomes.SAE_WITHIN,
        outcomes.CALLS_NEEDED,
        contact.CALL_BEFORE,
        duty.CHANGE_AT,
        duty.LOOK_AHEAD,
        emergencies.ONE_DANGER,
    )
    values = [each.value for each in practice.NUMBERS if each.id not in ("unreachable", "sae_late_every")]
    assert list(read[1:]) == values
    assert practice.UNREACHABLE.value.total_seconds() == missed.MOST_SILENCE * 3600
