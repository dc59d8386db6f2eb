"""The dead-man's switch: a ping a minute while all is well, else `/fail` with what is wrong."""

import logging

import httpx

from bot.watch.report import Report

log = logging.getLogger(__name__)

_TIMEOUT = 10.0


class Heartbeat:
    """Pings an address as healthchecks has it; whoever watches that address notices our silence."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._client = httpx.AsyncClient(timeout=_TIMEOUT)

    def __repr__(self) -> str:
        return "Heartbeat(…)"

    async def ping(self, report: Report) -> bool:
        """Tell how things stand; False when it could not be told.

        The head of the audit trail goes along: kept there, it is an anchor outside.
        """
        address = self._url if report.well else f"{self._url}/fail"
        try:
            answer = await self._client.post(address, content=_body(report))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # Not its message, which quotes the address, and that is a secret.
            log.warning("the heartbeat was not heard: %s", type(error).__name__)
            return False
        if answer.is_error:
            log.warning("the heartbeat was answered with %d", answer.status_code)
        return not answer.is_error

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()


def _body(report: Report) -> str:
    if not report.well:
        return " ".join(trouble.code for trouble in report.troubles)
    if report.stored is None:
        return "ok"
    row, digest = report.stored.audit_head
    return f"ok audit {row}:{digest}"
