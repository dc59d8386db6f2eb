"""`suifang run`: the bot, live."""

import asyncio
import signal
from random import SystemRandom

import click

from bot.app import App, Webhook, Wire
from bot.channels.second import SecondChannel, second_channel
from bot.cli.base import awaited, opened_study, set_up_logging
from bot.errors import SettingsError
from bot.services import signing
from bot.settings import Settings, load_settings
from bot.study import Study


@click.command()
@awaited
async def run() -> None:
    """Run the bot with the settings of the environment, until SIGTERM or Ctrl-C."""
    settings = load_settings()
    settings.require("telegram_bot_token", "secret_key", "site_file")
    set_up_logging(settings)
    async with opened_study(settings) as study:
        await refuse_unsigned(study)
        second = second_channel_of(settings)
        async with App.connected(study, wire_of(settings), SystemRandom(), second) as app:
            await app.run(stopped_by_signal(), webhook_of(settings))


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
    secret = settings.webhook_secret.get_secret_value()
    return Webhook(settings.webhook_url, secret, settings.http_host, settings.http_port)


def stopped_by_signal() -> asyncio.Event:
    """Return an event that is set by SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def refuse_unsigned(study: Study) -> None:
    """Raise SettingsError unless the protocol is the one that the PI signed, its anchor chosen."""
    async with study.db.begin() as tx:
        signed = await signing.signature(tx)
    reason = signing.refusal(study.protocol, signed)
    if reason is not None:
        raise SettingsError(reason)
