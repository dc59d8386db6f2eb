"""`suifang sandbox`: the whole trial on this machine, without a token and without a network."""

import logging
import socket
from datetime import datetime
from pathlib import Path
from random import SystemRandom
from zoneinfo import ZoneInfo

import click

from bot.cli.base import awaited
from bot.cli.run import stopped_by_signal
from bot.clock import SystemClock
from bot.domain.site import load_site
from bot.errors import SettingsError
from bot.sandbox.setting import SITE_FILE, Folder
from bot.sandbox.setting import sandbox as opened

DATA = Path("data") / "sandbox"


@click.command()
@click.option("--port", default=8088, show_default=True, type=click.IntRange(0, 65535))
@click.option("--fresh", is_flag=True, help="Begin the story anew.")
@click.option(
    "--at",
    type=click.DateTime(formats=["%Y-%m-%dT%H:%M"]),
    help="When a fresh story begins, by the site's clock; now where it is not given.",
)
@click.option("--data", default=DATA, type=click.Path(file_okay=False, path_type=Path), show_default=True)
@awaited
async def sandbox(port: int, fresh: bool, at: datetime | None, data: Path) -> None:
    """Run everything on this machine: a local Bot API, the bot talking to it, and a page with all phones."""
    logging.basicConfig(level="WARNING", format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # First of all: `--fresh` must not clear the folder of a sandbox that is running.
    _refuse_taken(port)
    folder = Folder(data)
    if fresh:
        folder.clear()
    click.echo("Suifang 随访: starting the sandbox… 正在启动沙盒…")
    stop = stopped_by_signal()
    async with opened(folder, port, _start(at), SystemRandom()) as url:
        click.echo(f"\n    {url}\n\nOpen it in a browser. Ctrl-C stops. 请用浏览器打开。按 Ctrl-C 停止。")
        await stop.wait()
        click.echo("Stopping; it goes on where it is at the next start. 正在停止，下次会从这里继续。")


def _refuse_taken(port: int) -> None:
    with socket.socket() as knocking:
        if port and knocking.connect_ex(("127.0.0.1", port)) == 0:
            raise SettingsError(f"port {port} is in use: is a sandbox running already? --port takes another")


def _start(at: datetime | None) -> datetime:
    if at is None:
        return SystemClock().now().replace(second=0, microsecond=0)
    return at.replace(tzinfo=ZoneInfo(load_site(SITE_FILE).zone))
