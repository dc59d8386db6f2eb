"""`suifang simulate`: the whole trial without a page, people scripted."""

import asyncio
import json
import logging
from pathlib import Path

import click

from bot.sandbox import simulation
from bot.sandbox.simulation import Script


@click.command()
@click.option("--participants", default=18, show_default=True, type=click.IntRange(1, 999))
@click.option("--months", default=12, show_default=True, type=click.IntRange(1, 24))
@click.option("--seed", default=1, show_default=True)
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Write the counts as JSON.")
def simulate(participants: int, months: int, seed: int, report: Path | None) -> None:
    """Play the trial and print what was sent, asked, escalated and missed."""
    logging.basicConfig(level="WARNING")
    script = Script(participants, months, seed)
    counted = asyncio.run(simulation.simulate(script, lambda month: click.echo(f"… {month}", err=True)))
    for line in counted.lines():
        click.echo(line)
    if report is not None:
        report.write_text(json.dumps(counted.as_json(), indent=1), encoding="utf-8")
