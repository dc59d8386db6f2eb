"""The client of the Bot API, put together: no updater of its own, our limiter, few connections, timeouts."""

import importlib.util
import logging
import random
import sys
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx
from telegram.error import InvalidToken, TelegramError
from telegram.ext import Application, ApplicationBuilder
from telegram.request import BaseRequest, HTTPXRequest

from bot.clock import Clock
from bot.transport.blame import whereabouts
from bot.transport.client import DirectRequest
from bot.transport.limiter import PriorityLimiter
from bot.transport.pauses import Pauses

log = logging.getLogger(__name__)

# httpcore asks at four places of each call whether the loop is asyncio's by importing sniffio. Where it is
# not installed Python searches the whole path again each time, a tenth of the price of a call; a None here
# lets the import fail at once.
if importlib.util.find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]

# The pool of the usual client costs more processor time the more calls are in flight: 1.2 ms with one, 5.4
# with 256.
CONNECTIONS = 16
_PATIENCE = httpx.Timeout(connect=5.0, read=20.0, write=20.0, pool=5.0)
_LEAST_PAUSE_UNAUTHORIZED = 30.0
_MEANWHILE_SECONDS, _MOMENT_SECONDS = 1.0, 0.001

AnyApplication = Application[Any, Any, Any, Any, Any, Any]


def build_application(
    token: str,
    limiter: PriorityLimiter,
    *,
    api_url: str = "https://api.telegram.org",
    proxy_url: str | None = None,
    requests: Callable[[], BaseRequest] | None = None,
) -> AnyApplication:
    """Build the application; handlers are added by others, updates come from the intake.

    `requests` makes an HTTP client that takes the place of the usual one.
    """
    base = api_url.rstrip("/")
    return (
        ApplicationBuilder()
        .token(token)
        .base_url(f"{base}/bot")
        .base_file_url(f"{base}/file/bot")
        .updater(None)
        .job_queue(None)
        .rate_limiter(limiter)
        .request(requests() if requests else _request(base, proxy_url, CONNECTIONS))
        # A poll holds its connection for half a minute: it gets one of its own.
        .get_updates_request(requests() if requests else _request(base, proxy_url, 2))
        .build()
    )


async def initialize(
    application: AnyApplication,
    clock: Clock,
    *,
    rng: random.Random,
    on_unauthorized: Callable[[], Awaitable[None]] | None = None,
    meanwhile: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Initialize the application, however long Telegram takes to answer.

    By itself the client would give up at the first 502. A refused token is told
    once, and tried again slowly: it may be mended at Telegram's end. `meanwhile`
    is done once a second between two tries.
    """
    pauses, failures, told = Pauses(rng), 0, False
    while True:
        try:
            await application.initialize()
            return
        except TelegramError as error:
            failures += 1
            # Not its message: that of a refused token quotes the token.
            log.warning("Telegram does not answer as it should yet: %s", type(error).__name__)
            pause = pauses.after(failures)
            if isinstance(error, InvalidToken):
                pause = max(pause, _LEAST_PAUSE_UNAUTHORIZED)
                if on_unauthorized is not None and not told:
                    told = True
                    await on_unauthorized()
            await _wait(clock, pause, meanwhile)


async def _wait(clock: Clock, seconds: float, meanwhile: Callable[[], Awaitable[None]] | None) -> None:
    if meanwhile is None:
        await clock.sleep(seconds)
        return
    until = clock.monotonic() + seconds
    # What is left may be less than a clock can tell.
    while (left := until - clock.monotonic()) > _MOMENT_SECONDS:
        try:
            await meanwhile()
        except Exception as error:  # noqa: BLE001 (it is tried again in a second; Telegram is asked all the same)
            log.error("what is to be done without Telegram failed: %s", whereabouts(error))  # noqa: TRY400
        await clock.sleep(min(left, _MEANWHILE_SECONDS))


def _request(base: str, proxy_url: str | None, connections: int) -> BaseRequest:
    """Make a client: the usual one, which knows every kind of proxy, where there may be one."""
    if proxy_url is None and _is_direct(base):
        return DirectRequest(connections, _PATIENCE)
    return HTTPXRequest(
        connection_pool_size=connections,
        connect_timeout=_PATIENCE.connect,
        read_timeout=_PATIENCE.read,
        write_timeout=_PATIENCE.write,
        pool_timeout=_PATIENCE.pool,
        proxy=proxy_url,
        # A proxy that the environment names must not stand between us and this very machine.
        httpx_kwargs={"trust_env": not _is_loopback(base)},
    )


def _is_direct(base: str) -> bool:
    """Tell whether aiohttp may go there: without a proxy, a password or a host in other letters."""
    no_proxy = _is_loopback(base) or not getproxies().keys() & {"http", "https", "all"}
    return no_proxy and base.isascii() and "@" not in urlsplit(base).netloc


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
