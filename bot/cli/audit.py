"""`suifang audit`: is the trail whole, and does it still hold every head that was kept outside?"""

from pathlib import Path

import click

from bot.cli.base import awaited, opened_db
from bot.errors import SuifangError
from bot.services.operation import backups
from bot.settings import Settings, load_settings
from bot.storage import audit as store


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command()
@click.option(
    "--head", "heads", multiple=True, help="A head that was kept elsewhere, ROW:HASH; may be repeated."
)
@awaited
async def verify(heads: tuple[str, ...]) -> None:
    """Check every row of the trail, and every head that was anchored beside the backups or is named here."""
    settings = load_settings()
    settings.require("secret_key")
    anchors = [*anchored_heads(settings), *(backups.parse_head(head) for head in heads)]
    db = await opened_db(settings)
    try:
        async with db.begin() as tx:
            problems = await store.verify(tx, *anchors)
            last = await store.head(tx)
    finally:
        await db.close()
    for problem in problems:
        click.echo(f"✗ {problem}", err=True)
    if problems:
        raise SuifangError(f"the audit trail is not whole: {len(problems)} problems")
    click.echo(f"✓ {last[0]} rows, whole; {len(anchors)} anchored heads found; head {last[0]}:{last[1]}")


def anchored_heads(settings: Settings) -> list[tuple[int, str]]:
    """Return the heads that were written down beside the backups."""
    folder = backups.folder_of(settings.database_url, settings.backup_dir)
    return [] if folder is None else list(backups.read_heads(Path(folder) / backups.HEADS))
