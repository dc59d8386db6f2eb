"""`suifang export`: all the facts as files, for those who analyse and inspect."""

from pathlib import Path

import click

from bot.cli.base import COMMAND_LINE, awaited, opened_study
from bot.services.exports import exports
from bot.services.exports.exports import FORMATS, Format


@click.command()
@click.option("--format", "format_", type=click.Choice(FORMATS), default="csv", show_default=True)
@click.option(
    "--to", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder to write into."
)
@click.option("--without-words", is_flag=True, help="Leave out what people wrote in their own words.")
@awaited
async def export(format_: Format, to: Path, without_words: bool) -> None:
    """Write visits, check-ins, answers, alerts, messages and the audit trail into a folder.

    `fields.csv`, or the sheet `fields`, says what every field means; docs/export.md, how to load it.
    """
    async with opened_study() as study:
        files = await exports.export(study, COMMAND_LINE, format_, words=not without_words)
    for name, data in files.items():
        path = to / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        click.echo(path)
