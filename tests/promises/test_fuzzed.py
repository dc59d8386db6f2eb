"""P10 and the threat of forged buttons: short runs; the long ones are `make bench-fuzz`."""

import pytest

from bot.errors import StaleTap
from bot.screens.taps import read_tap
from bot.storage import outbox
from tests.promises.fuzzing import forge, forge_by_another, fuzz, place


async def test_p10_of_updates_malformed_in_any_way_none_stops_the_bot_and_every_good_one_is_handled():
    """Without the setting aside (`inbox.fail`), or with half a surrogate let into the inbox, it stops."""
    async with place() as made:
        done = await fuzz(made, 300, seed=1)
    assert done.faults == []
    assert done.states["quarantined"] > 20


async def test_p10_staff_are_told_that_something_was_set_aside_and_not_flooded():
    """Without the hook on setting aside nobody is told; with one note for each, Lin gets dozens."""
    async with place() as made:
        await fuzz(made, 60, seed=2)
        async with made.stage.study.db.begin() as tx:
            notes = [each for each in await outbox.latest(tx) if each.params.get("note") == "quarantined"]
    assert len(notes) == 1


async def test_forged_presses_of_a_stranger_of_the_revoked_and_in_a_group_change_nothing():
    """Without the look at who presses and where (`handlers/callbacks.py`), alerts and forms change."""
    async with place() as made:
        done = await forge(made, 1_000, seed=1)
    assert done.faults == []


async def test_a_participant_who_presses_what_is_anothers_or_the_staffs_changes_nothing_of_theirs():
    """Without the check of the owner (`services/answering.py`), Zhao answers Wang's form."""
    async with place() as made:
        done = await forge_by_another(made, 1_000, seed=1)
    assert done.faults == []


@pytest.mark.parametrize("digits", ["1_0", "+1", " 1", "１", "", "x", "2147483648", "9" * 40, "1.0", "-"])
def test_a_number_in_a_button_is_read_only_as_it_is_written(digits):
    with pytest.raises(StaleTap):
        read_tap(f"ans:{digits}").number(0)
    assert read_tap("ans:-12:2147483647").number(0) == -12
