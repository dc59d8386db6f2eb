"""`suifang check`: settings, site, protocol, catalogs and database; all that is wrong at once."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from bot import almanac
from bot.cli.audit import anchored_heads
from bot.cli.base import opened_db
from bot.cli.run import look_at_the_file, second_channel_of, unwatched
from bot.domain.protocol import Protocol, load_protocol, text_keys
from bot.domain.site import load_site
from bot.errors import SettingsError, SuifangError
from bot.services.operation import backups
from bot.services.protocol import signing
from bot.settings import Settings, load_settings
from bot.storage import audit
from bot.texts import LOCALES, Screen, load_texts, say
from bot.transport.second import in_both

_NEEDED = ("telegram_bot_token", "secret_key", "site_file")


@click.command()
@click.option(
    "--send/--no-send", default=True, help="Send a test over the second channel, where there is one."
)
def check(send: bool) -> None:
    """Say whether a live start would work, and all that stands in its way."""
    settings = load_settings()
    problems = [problem for look in _LOOKS for problem in look(settings)]
    problems += _second_channel(settings) if send else []
    for problem in problems:
        click.echo(f"✗ {problem}", err=True)
    if problems:
        raise SettingsError(f"{len(problems)} to mend")
    click.echo("✓ settings, site, protocol, texts and database are in order")


def _settings(settings: Settings) -> Iterator[str]:
    missing = [name for name in _NEEDED if not settings.is_set(name)]
    yield from (f"{name.upper()} is not set" for name in missing)
    yield from unwatched(settings)
    folder = backups.folder_of(settings.database_url, settings.backup_dir)
    if folder is not None and folder.exists() and not os.access(folder, os.W_OK):
        yield f"BACKUP_DIR: {folder} cannot be written"


def _site(settings: Settings) -> Iterator[str]:
    if settings.site_file is not None:
        path = settings.site_file
        yield from _failing(lambda: load_site(path))
        yield from _country(path)


def _country(path: Path) -> Iterator[str]:
    try:
        country = load_site(path).country
    except SuifangError:
        return
    if country is not None and not almanac.known_country(country):
        yield f"{path.name}: country: no public holidays are known of {country}"


def _protocol(settings: Settings) -> Iterator[str]:
    try:
        protocol = load_protocol(settings.protocol_file)
    except SuifangError as error:
        yield str(error)
        return
    yield from _texts(protocol)
    if not protocol.anchor_set:
        yield signing.unset_anchor(protocol)
    elif settings.is_set("secret_key") and "signed_protocol" not in settings.without and _whole(settings):
        yield from _unsigned(settings, protocol)


def _unsigned(settings: Settings, protocol: Protocol) -> list[str]:
    # A database that cannot be used is told of in its own place, once.
    with contextlib.suppress(SuifangError):
        reason = signing.refusal(protocol, asyncio.run(_signature(settings)))
        return [] if reason is None else [reason]
    return []


async def _signature(settings: Settings) -> signing.Signature | None:
    db = await opened_db(settings)
    try:
        async with db.begin() as tx:
            return await signing.signature(tx)
    finally:
        await db.close()


def _texts(protocol: Protocol) -> Iterator[str]:
    texts = load_texts()
    for locale in LOCALES:
        known = texts.keys(locale)
        yield from (
            f"messages/{locale}: no text for {key}" for key in text_keys(protocol) if key not in known
        )


def _database(settings: Settings) -> Iterator[str]:
    if not settings.is_set("secret_key"):
        return
    yield from _failing(lambda: look_at_the_file(settings))
    if _whole(settings):
        yield from asyncio.run(_database_problems(settings))


def _whole(settings: Settings) -> bool:
    """Tell whether the database can be opened at all, so that one trouble is said once."""
    return not list(_failing(lambda: look_at_the_file(settings)))


async def _database_problems(settings: Settings) -> list[str]:
    try:
        db = await opened_db(settings)
    except SuifangError as error:
        return [str(error)]
    try:
        async with db.begin() as tx:
            anchors = anchored_heads(settings)
            return [f"audit trail: {problem}" for problem in await audit.verify(tx, *anchors)]
    finally:
        await db.close()


def _second_channel(settings: Settings) -> Iterator[str]:
    """Send a test to every address of the second channel, and say of each whether it arrived."""
    channel = second_channel_of(settings)
    if channel is None:
        return
    yield from channel.problems
    if channel.problems:
        return
    text = in_both(load_texts(), Screen((say("second.test"),)))
    for number, fate in enumerate(asyncio.run(channel.send(text)), 1):
        if fate.arrived:
            click.echo(
                f"✓ second channel, address {number} ({fate.service}): the test was taken; did it ring?"
            )
        else:
            yield f"second channel, address {number} ({fate.service}): {fate.problem}"


def _failing(attempt: Callable[[], object]) -> Iterator[str]:
    try:
        attempt()
    except SuifangError as error:
        yield str(error)


_LOOKS = (_settings, _site, _protocol, _database)
