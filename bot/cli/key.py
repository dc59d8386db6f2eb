"""`suifang key rotate`: seal everything with a new SECRET_KEY."""

import click

from bot.cli.base import COMMAND_LINE, awaited, opened_db
from bot.clock import SystemClock
from bot.errors import SettingsError
from bot.settings import load_settings
from bot.storage import audit, rekeying


@click.group()
def key() -> None:
    """SECRET_KEY, which seals chats, phones and words."""


@key.command()
@awaited
async def rotate() -> None:
    """Seal everything with the first key of SECRET_KEY=NEW,OLD; it may be stopped and run again."""
    settings = load_settings()
    settings.require("secret_key")
    if "," not in settings.secret_key.get_secret_value():
        raise SettingsError("SECRET_KEY holds one key: put the new one in front, SECRET_KEY=NEW,OLD")
    db, total = await opened_db(settings), 0
    try:
        async for table, rows in rekeying.reseal(db):
            total += rows
            click.echo(f"{table}: {rows} sealed anew")
        async with db.begin() as tx:
            now, after = SystemClock().now(), {"rows": total}
            await audit.record(tx, COMMAND_LINE, "key.rotated", None, now, after=after)
    finally:
        await db.close()
    click.echo("done. Take the old key out of SECRET_KEY, restart the bot, and make a backup: the old")
    click.echo("backups open with the old key only, so keep it as long as you keep them.")
