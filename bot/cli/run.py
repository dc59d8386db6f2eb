"""`suifang run`: the bot, live."""

import asyncio
import signal
from pathlib import Path
from random import SystemRandom

import click
from sqlalchemy.exc import DBAPIError

from bot.app import Webhook, Wire
from bot.channels.second import SecondChannel, second_channel
from bot.cli.base import awaited, opened_study, set_up_logging
from bot.errors import Damaged, SettingsError
from bot.live import Live, Plan
from bot.services.operation import operating
from bot.services.protocol import signing
from bot.settings import GUARDS, Settings, load_settings
from bot.storage import files
from bot.study import Study
from bot.texts import Phrase, Screen, load_texts, say
from bot.transport.second import in_both

_MEND = "put the newest whole backup in its place with `suifang restore FILE` (docs/operations.md)"
_WATCHED = (
    ("second_channel", "second_channel_urls", "nobody is paged when Telegram fails"),
    ("heartbeat", "heartbeat_url", "nobody notices when the bot falls silent"),
)


@click.command()
@click.option(
    "--without",
    help=f"Start although these are missing, separated by commas: {', '.join(GUARDS)}.",
)
@awaited
async def run(without: str | None) -> None:
    """Run the bot with the settings of the environment, until SIGTERM or Ctrl-C."""
    settings = load_settings() if without is None else load_settings(without=without)
    settings.require("telegram_bot_token", "secret_key", "site_file")
    set_up_logging(settings)
    refuse_unwatched(settings)
    try:
        look_at_the_file(settings)
        async with opened_study(settings) as study:
            if "signed_protocol" not in settings.without:
                await refuse_unsigned(study)
            await Live(study, plan_of(settings), SystemRandom()).run(stopped_by_signal())
    except (DBAPIError, Damaged) as error:
        if not isinstance(error, Damaged) and not files.is_damage(error):
            raise
        await say_damaged(settings)
        raise Damaged(f"{_what(error)}: every file is kept; {_MEND}") from None


def look_at_the_file(settings: Settings) -> None:
    """Raise Damaged before anything is written to a broken database; a new one is no trouble."""
    path = files.path_of(settings.database_url)
    if path is not None and path.exists() and path.stat().st_size:
        files.examine(path)
        _told_of(path).unlink(missing_ok=True)


async def say_damaged(settings: Settings) -> None:
    """Tell staff over the second channel, once, however often the start is tried."""
    path, channel = files.path_of(settings.database_url), second_channel_of(settings)
    if path is None or channel is None or _told_of(path).exists():
        return
    lines = Screen((say("ops.first"), Phrase(operating.TROUBLES["damaged"])))
    if any(fate.problem is None for fate in await channel.send(in_both(load_texts(), lines))):
        _told_of(path).touch()


def _told_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.damage-told")


def _what(error: DBAPIError | Damaged) -> str:
    return str(error) if isinstance(error, Damaged) else f"the database is damaged ({error.orig})"


def plan_of(settings: Settings) -> Plan:
    """Return what the settings want of a live start."""
    heartbeat = settings.heartbeat_url
    return Plan(
        wire=wire_of(settings),
        http_host=settings.http_host,
        http_port=settings.http_port,
        database_url=settings.database_url,
        webhook=webhook_of(settings),
        second=second_channel_of(settings),
        heartbeat_url=heartbeat.get_secret_value() if heartbeat else None,
        backup_dir=settings.backup_dir,
        backup_keep=settings.backup_keep,
    )


def wire_of(settings: Settings) -> Wire:
    """Return how Telegram is reached."""
    proxy = settings.telegram_proxy_url
    return Wire(
        token=settings.telegram_bot_token.get_secret_value(),
        api_url=settings.telegram_api_url,
        proxy_url=proxy.get_secret_value() if proxy else None,
    )


def second_channel_of(settings: Settings) -> SecondChannel | None:
    """Return the way to staff beside Telegram, or None where none was named."""
    urls = settings.second_channel_urls
    return second_channel(urls.get_secret_value() if urls else None)


def webhook_of(settings: Settings) -> Webhook | None:
    """Return how Telegram reaches us, or None where we ask."""
    if settings.webhook_url is None or settings.webhook_secret is None:
        return None
    return Webhook(settings.webhook_url, settings.webhook_secret.get_secret_value())


def stopped_by_signal() -> asyncio.Event:
    """Return an event that is set by SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def unwatched(settings: Settings) -> list[str]:
    """Return what is missing so that nobody would notice our silence, unless the operator named it."""
    return [
        f"{name.upper()} is not set, so {so}: set it, or start --without {guard}"
        for guard, name, so in _WATCHED
        if guard not in settings.without and not settings.is_set(name)
    ]


def refuse_unwatched(settings: Settings) -> None:
    """Raise SettingsError with one line, unless someone would notice if the bot fell silent."""
    if missing := unwatched(settings):
        raise SettingsError("; ".join(missing))


async def refuse_unsigned(study: Study) -> None:
    """Raise SettingsError unless the protocol is the one that the PI signed, its anchor chosen."""
    async with study.db.begin() as tx:
        signed = await signing.signature(tx)
    reason = signing.refusal(study.protocol, signed)
    if reason is not None:
        raise SettingsError(reason)
