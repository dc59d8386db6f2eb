"""`suifang roles`: who may see and do what, from the tables of the code."""

from pathlib import Path

import click

from bot.texts import load_texts
from handlers.roles import roles_page


@click.command()
@click.option("--write", type=click.Path(dir_okay=False, path_type=Path), help="Write the page into a file.")
def roles(write: Path | None) -> None:
    """Print who may see and do what, as Markdown in both languages."""
    text = roles_page(load_texts())
    if write is None:
        click.echo(text, nl=False)
        return
    write.write_text(text, encoding="utf-8")
    click.echo(f"written: {write}")
