"""`suifang protocol`: the protocol in plain words, and the PI's signature over it."""

from pathlib import Path

import click

from bot.cli.base import awaited, opened_study
from bot.domain.protocol import load_protocol
from bot.errors import SuifangError
from bot.screens.protocol.page import Part, page
from bot.screens.protocol.paper import as_html, as_text
from bot.services import signing
from bot.settings import load_settings
from bot.texts import LOCALES, Locale, load_texts


@click.group()
def protocol() -> None:
    """The protocol: read it, sign it."""


@protocol.command()
@click.option("--lang", type=click.Choice(LOCALES), help="One language; both where none is named.")
@click.option("--rules", "part", flag_value="rules", help="Only what is asked and what follows from it.")
@click.option("--schedule", "part", flag_value="schedule", help="Only visits, reminders and check-ins.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write one page to print and sign, the languages side by side.",
)
def show(lang: Locale | None, part: Part | None, html: Path | None) -> None:
    """Print the whole protocol in plain words: no database, no Telegram, no settings but PROTOCOL_FILE."""
    loaded, texts = load_protocol(load_settings().protocol_file), load_texts()
    chosen = (lang,) if lang else LOCALES
    asked = page(loaded, part or "all")
    if html is not None:
        _write(html, as_html(asked, texts, chosen))
        return
    click.echo("\n\n\n".join(as_text(asked, texts, locale) for locale in chosen))


def _write(file: Path, content: str) -> None:
    try:
        file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise SuifangError(f"cannot write {file}: {error.strerror}") from error
    click.echo(f"written: {file}")


@protocol.command()
@click.option("--by", required=True, help="The principal investigator's name.")
@awaited
async def sign(by: str) -> None:
    """Record that the PI has read and signed this very file; a later change needs a new signature."""
    async with opened_study() as study:
        given = await signing.sign(study, by)
    click.echo(f"signed: {given.protocol} {given.version}, follow_up_anchor {given.anchor}, by {given.by}")
    click.echo(f"at {given.at:%Y-%m-%d %H:%M} UTC over SHA-256 {given.digest}")
