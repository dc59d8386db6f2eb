"""The trial with people who fall ill, forget and fall silent: what is grave is caught, by phone alone."""

import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from random import Random

from click.testing import CliRunner

from bot.__main__ import cli
from bot.cli import simulate as cli_simulate
from bot.sandbox.population.burden import burden
from bot.sandbox.population.conditions import befalls
from bot.sandbox.population.habits import Habits
from bot.sandbox.population.ledger import ledger
from bot.sandbox.population.play import PopulationPlay
from bot.sandbox.rehearsal import rehearsal
from bot.sandbox.simulation import Script
from bot.sandbox.tally import tally

PROMPT = Habits(ignores=0, minutes=(1, 2), breaks_off=0, reports=0, writes=0, answers_calls=1)
ONE_MONTH_OF_ONE = ("--participants", "1", "--months", "1")
STAFF = {"Coordinator", "Investigator", "Principal investigator"}


async def played_for(days, *, kind=None, after_hours=20.8, habits=PROMPT, flags=frozenset()):
    """Play the first days of one participant who has a single illness or none; return what came of it."""
    script = Script(participants=1, months=1)
    begins_at = datetime(2026, 11, 21, 1, tzinfo=UTC)
    async with rehearsal(begins_at) as stage:
        play = PopulationPlay(stage, script, lambda _: None)
        day1_at = play.at(script.day1_on(0), time(0))
        [life] = play.lives
        life.habits, life.flags, life.blocks_at, life.conditions = habits, flags, None, []
        if kind is not None:
            life.conditions = [befalls(kind, day1_at + timedelta(hours=after_hours), Random(3))]
        await play.begin()
        await play.run(day1_at + timedelta(days=days))
        return await ledger(play), life


async def test_the_septic_one_on_steroids_without_fever_is_caught_and_comes_to_hospital() -> None:
    log, life = await played_for(1.45, kind="sepsis_without_fever", flags=frozenset({"STEROID"}))
    [sepsis] = life.conditions
    found = burden(log)
    assert found.missed == ()
    [red] = log.raised
    assert red.tier == "red"
    assert not {"R1", "R2", "R3", "A_LOW_GRADE"} & set(red.rules)
    assert red.opened_at - sepsis.felt_at < timedelta(hours=12)
    assert red.contacted_at is not None
    # Somebody looked at them at once, and the coordinator told the bot so.
    assert life.stays
    assert {each.to for each in log.pages} <= STAFF


async def test_who_forgets_the_form_is_telephoned_within_the_hour() -> None:
    log, _ = await played_for(0.79, habits=replace(PROMPT, ignores=1))
    missed = next(each for each in log.raised if each.rules == ("M_FIRST",))
    assert missed.tier == "amber 1 h"
    assert missed.contacted_at is not None
    assert missed.contacted_at - missed.opened_at <= timedelta(hours=1)
    assert burden(log).of("nothing") == len(log.raised)


async def test_a_healthy_one_raises_nothing_and_is_asked_all_the_same() -> None:
    log, _ = await played_for(1.0)
    assert [each.rules for each in log.raised] == []
    assert len([each for each in log.asked if each.answered_at is not None]) == len(log.asked) == 4


def test_the_command_prints_the_burden_and_writes_it(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(cli_simulate, "measured", _two_days)
    file = tmp_path / "burden.json"
    done = CliRunner().invoke(
        cli, ["simulate", "--participants", "1", "--months", "1", "--report", str(file)]
    )
    assert done.exit_code == 0, done.output
    assert "Rules that opened alerts" in done.stdout
    assert "needless" in done.stdout
    written = json.loads(file.read_text(encoding="utf-8"))
    assert written["script"] == {"participants": 1, "months": 1, "seed": 1}
    assert written["burden"]["pro_tect"] == {"surveys_with_an_alert": 0.34, "called_urgent": 0.1}
    assert written["checkins"]


async def _two_days(script, progress):
    """Measure as the command does, but stop soon: a month takes longer than a test may."""
    async with rehearsal(datetime(2026, 11, 21, 1, tzinfo=UTC)) as stage:
        play = PopulationPlay(stage, script, progress)
        await play.begin()
        await play.run(play.at(script.day1_on(0), time(10)))
        return await tally(stage.study), burden(await ledger(play))
