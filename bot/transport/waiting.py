"""Waiting for something to happen, or for time to pass, whichever is first."""

import asyncio

from bot.clock import Clock


async def happens(event: asyncio.Event, clock: Clock, within: float) -> bool:
    """Wait for `event`, at most `within` seconds of the clock; return whether it happened."""
    if event.is_set():
        return True
    happened = asyncio.create_task(event.wait())
    rest = asyncio.create_task(clock.sleep(within))
    try:
        await asyncio.wait({happened, rest}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        happened.cancel()
        rest.cancel()
    return event.is_set()
