"""`suifang backup`, `restore` and `resume`: a copy of everything, and the way back to it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from bot.cli.base import COMMAND_LINE, awaited, opened_db, opened_study, print_rows
from bot.clock import SystemClock
from bot.errors import Damaged, SettingsError, SuifangError
from bot.services.operation import backups, restoring
from bot.services.operation.restoring import Restored
from bot.settings import Settings, load_settings
from bot.storage import files
from bot.storage.db import Db
from bot.storage.vault import Vault
from bot.watch.lock import live_holder


@click.command()
@click.option("--to", "target", type=click.Path(path_type=Path), help="The file to write.")
@awaited
async def backup(target: Path | None) -> None:
    """Copy the database to a file and verify the copy; the bot may go on working meanwhile."""
    settings, clock = load_settings(), SystemClock()
    settings.require("secret_key")
    folder = backups.folder_of(settings.database_url, settings.backup_dir)
    if folder is None:
        raise SettingsError(
            "only SQLite is copied from here: for PostgreSQL use pg_dump (docs/operations.md)"
        )
    _refuse_to_overwrite(target)
    db = await opened_db(settings)
    try:
        made = await backups.make(db, clock, target or folder / backups.name_at(clock.now()), COMMAND_LINE)
    finally:
        await db.close()
    click.echo(f"written and verified: {made.file} ({made.size} bytes)")
    click.echo(f"audit head, to keep elsewhere: {made.head[0]}:{made.head[1]}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@awaited
async def restore(file: Path) -> None:
    """Put a backup in the place of the database; sending is paused until `suifang resume`."""
    settings = load_settings()
    settings.require("secret_key")
    path = files.path_of(settings.database_url)
    if path is None:
        raise SettingsError(
            "only SQLite is restored from here: for PostgreSQL use pg_restore (docs/operations.md)"
        )
    vault = Vault(settings.secret_key.get_secret_value())
    files.examine(file, vault)
    await _refuse_while_running(settings, path, vault)
    clock = SystemClock()
    done = await restoring.restore(settings.database_url, path, file, vault, clock, COMMAND_LINE)
    folder = backups.folder_of(settings.database_url, settings.backup_dir)
    if folder is not None:
        backups.set_heads_aside(folder, clock.now())
    _show(done, file)


@click.command()
@awaited
async def resume() -> None:
    """Let messages go out again after a restore."""
    async with opened_study() as study:
        dropped = await restoring.resume(study, COMMAND_LINE)
    if dropped is None:
        click.echo("nothing is paused")
        return
    click.echo("sending goes on within 5 s" + (f"; {dropped} reminders are left out" if dropped else ""))


def _refuse_to_overwrite(target: Path | None) -> None:
    if target is not None and target.exists():
        raise SuifangError(f"{target} is there already: nothing is overwritten")


async def _refuse_while_running(settings: Settings, path: Path, vault: Vault) -> None:
    """Raise SuifangError while the bot works on the database; a damaged one cannot say who does."""
    try:
        files.examine(path)
    except Damaged:
        return
    db = await Db.open(settings.database_url, vault)
    try:
        await db.migrate()
        other = await live_holder(db, SystemClock())
    finally:
        await db.close()
    if other is not None:
        raise SuifangError(f"the bot is running ({other}): stop it first")


def _show(done: Restored, file: Path) -> None:
    when = _time(done.copied_at)
    click.echo(f"restored: {file}, copied {when}")
    if done.old is not None:
        click.echo(f"the database as it was is kept: {done.old}")
    click.echo(f"sending is paused; {done.held} messages are held. `suifang run` takes in what people write,")
    click.echo("and answers it. When the lists below are dealt with: `suifang resume`.")
    if done.later is None:
        click.echo(f"\nWhat was sent and done after {when} cannot be known from here: look at the phones.")
        click.echo("Reminders that were due since then will not be sent; check-ins will be asked again.")
        return
    click.echo("\nSent after the copy was made, and not sent again (check-ins are asked again):")
    _table(("at", "kind", "to"), done.later.sent)
    click.echo("\nDone after the copy was made, and lost with it; enter again what still matters:")
    print_rows(
        [dict(zip(("at", "what", "about"), row, strict=True)) for row in done.later.deeds], as_json=False
    )


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    print_rows([dict(zip(names, row, strict=True)) for row in rows], as_json=False)


def _time(at: datetime | None) -> str:
    return "at an unknown time" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
