"""The echo bot of python-telegram-bot's first example: polled, answered, nothing kept, nothing of ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection

from telegram import Update
from telegram.ext import Application, ApplicationBuilder, MessageHandler, filters

from tests.bench.bots import live


def main(connection: Connection, url: str, token: str) -> None:
    """Be the echo bot's process."""
    asyncio.run(live(connection, _polling(url, token)))


@asynccontextmanager
async def _polling(url: str, token: str) -> AsyncIterator[None]:
    async def echo(update: Update, context: object) -> None:
        assert update.message is not None
        await update.message.reply_text(update.message.text or "")

    application: Application = ApplicationBuilder().token(token).base_url(f"{url}/bot").build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    async with application:
        await application.start()
        assert application.updater is not None
        await application.updater.start_polling()
        try:
            yield
        finally:
            await application.updater.stop()
            await application.stop()
