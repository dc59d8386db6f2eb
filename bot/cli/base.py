"""What every command shares: opening the study, saying things, and how errors leave."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click
from sqlalchemy.exc import DBAPIError

from bot.channels.second import split_addresses
from bot.clock import SystemClock
from bot.domain.protocol import load_protocol
from bot.domain.site import load_site
from bot.errors import SettingsError, SuifangError
from bot.services.trail import operator
from bot.settings import Settings, load_settings
from bot.storage import files, meta
from bot.storage.db import Db
from bot.storage.vault import Vault
from bot.study import Study
from bot.texts import load_texts

P = ParamSpec("P")

# Whoever sits at the machine: the audit trail says that it was done there.
COMMAND_LINE = operator("command line")

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


def awaited(command: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """Let click call a coroutine."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def main() -> None:
            await command(*args, **kwargs)

        asyncio.run(main())

    return run


@asynccontextmanager
async def opened_study(settings: Settings | None = None) -> AsyncIterator[Study]:
    """Open the study that the settings name, its database brought up to date; closed at the end."""
    chosen = settings or load_settings()
    chosen.require("secret_key", "site_file")
    assert chosen.site_file is not None
    db = await opened_db(chosen)
    try:
        async with db.begin() as tx:
            username = await meta.get(tx, "bot_username") or ""
        yield Study(
            db=db,
            protocol=load_protocol(chosen.protocol_file),
            texts=load_texts(),
            clock=SystemClock(),
            site=load_site(chosen.site_file),
            bot_username=username,
        )
    finally:
        await db.close()


async def opened_db(settings: Settings) -> Db:
    """Open the database and bring it up to date; its folder is made when it is not there."""
    _make_room_for(settings.database_url)
    db = await Db.open(settings.database_url, Vault(settings.secret_key.get_secret_value()))
    try:
        await db.migrate()
    except DBAPIError as error:
        await db.close()
        if files.is_damage(error):
            raise
        raise SuifangError(f"the database cannot be used: {str(error.orig).splitlines()[0]}") from None
    return db


def require_username(study: Study) -> None:
    """Raise SettingsError unless the bot's name is known, without which a join link leads nowhere."""
    if not study.bot_username:
        raise SettingsError("the bot's name is not known yet: start `suifang run` once, it asks Telegram")


def print_rows(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    """Print rows as JSON, or as columns under their names."""
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, default=str, indent=1))
        return
    if not rows:
        click.echo("(none)")
        return
    table = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def set_up_logging(settings: Settings) -> None:
    """Log to stderr at the level of the settings, nothing of httpx, no secret anywhere."""
    from bot.transport.redaction import guard_logs

    handler = logging.StreamHandler()
    handler.setFormatter(_formatter(settings))
    logging.basicConfig(level=settings.log_level, handlers=[handler])
    for chatty in ("apscheduler", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    guard_logs(*_secrets(settings))


def _formatter(settings: Settings) -> logging.Formatter:
    if settings.log_format == "text":
        return logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    from pythonjsonlogger.json import JsonFormatter

    names = {"asctime": "at", "levelname": "level", "name": "logger"}
    line = "%(asctime)s %(levelname)s %(name)s %(message)s"
    return JsonFormatter(line, rename_fields=names, json_ensure_ascii=False)


def _secrets(settings: Settings) -> list[str]:
    """Return every value that must never stand in a log; of the keys, each one by itself."""
    held = (
        settings.telegram_bot_token,
        settings.secret_key,
        settings.telegram_proxy_url,
        settings.second_channel_urls,
        settings.heartbeat_url,
        settings.webhook_secret,
    )
    values = [each.get_secret_value() for each in held if each is not None]
    keys = [part.strip() for part in settings.secret_key.get_secret_value().split(",")]
    second = settings.second_channel_urls
    return [*values, *keys, *split_addresses(second.get_secret_value() if second else "")]


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _make_room_for(url: str) -> None:
    scheme, _, path = url.partition(":///")
    if scheme.startswith("sqlite") and path and not path.startswith(":memory:"):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
