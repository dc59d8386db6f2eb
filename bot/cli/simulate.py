"""`suifang simulate`: the whole trial without a page, people scripted."""

import asyncio
import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from bot.sandbox import simulation
from bot.sandbox.population import report as told
from bot.sandbox.population.ledger import measured
from bot.sandbox.simulation import Script
from bot.sandbox.tally import Tally

Counted = tuple[Iterable[str], Mapping[str, object]]


@click.command()
@click.option("--participants", default=18, show_default=True, type=click.IntRange(1, 999))
@click.option("--months", default=12, show_default=True, type=click.IntRange(1, 24))
@click.option("--seed", default=1, show_default=True)
@click.option("--well", is_flag=True, help="Nobody is ill, but for a fever now and then: count the messages.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures as JSON.")
def simulate(participants: int, months: int, seed: int, well: bool, report: Path | None) -> None:
    """Play the trial and print what was sent, asked, escalated and missed.

    The people fall ill, forget, write and block the bot as a model draws it
    from the seed; the alerts are held against what was true in the model.
    """
    # A refusal for a second is life as usual, and would stand between the figures.
    logging.basicConfig(level="ERROR")
    script = Script(participants, months, seed)
    lines, figures = asyncio.run(_well(script) if well else _population(script))
    for line in lines:
        click.echo(line)
    if report is not None:
        report.write_text(json.dumps(figures, indent=1), encoding="utf-8")


async def _well(script: Script) -> Counted:
    counted = await simulation.simulate(script, _progress)
    return counted.lines(), counted.as_json()


async def _population(script: Script) -> Counted:
    counted, found = await measured(script, _progress)
    return (*counted.lines(), "", *told.lines(found)), _both(script, counted, told.as_json(found))


def _both(script: Script, counted: Tally, figures: Mapping[str, object]) -> dict[str, object]:
    played = {"participants": script.participants, "months": script.months, "seed": script.seed}
    return {"script": played, **counted.as_json(), "burden": dict(figures)}


def _progress(month: str) -> None:
    click.echo(f"… {month}", err=True)
