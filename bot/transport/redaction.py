"""No token and no answer in a log: in messages, in their arguments, in tracebacks."""

import logging
import re
from collections.abc import Iterable

# The API's addresses carry the token, and so do the messages of the HTTP client's errors.
_TOKEN = re.compile(r"\b(?:bot)?\d{5,}(?::|%3A)[A-Za-z0-9_-]{20,}", re.IGNORECASE)
# SQLAlchemy quotes what it wrote, the client what it could not read.
_VALUES = re.compile(r"\[parameters: .*?\](?=\s*(?:\(Background|\n|$))", re.DOTALL)
_QUOTES_UPDATES = frozenset(
    {"telegram.ext.Application", "telegram.request.BaseRequest", "telegram.Bot", "telegram.ext.ExtBot"}
)
_CHATTY = ("httpx", "httpcore")


class Redaction:
    """Takes the given secrets, everything that looks like a bot's token, and quoted values out of a text."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(secret for secret in secrets if secret)

    def __call__(self, text: str) -> str:
        """Return the text without them."""
        for secret in self._secrets:
            text = text.replace(secret, "<secret>")
        return _VALUES.sub("[parameters: …]", _TOKEN.sub("<token>", text))


class RedactingFilter(logging.Filter):
    """Redacts a record for good, its traceback included, whatever formats it afterwards."""

    def __init__(self, redact: Redaction) -> None:
        super().__init__()
        self._redact = redact

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact; every record passes."""
        if record.name in _QUOTES_UPDATES and record.args:
            record.msg, record.args = f"{record.msg} (values left out)", ()
            record.exc_info = None
        record.msg, record.args = self._redact(record.getMessage()), ()
        if record.exc_info:
            record.exc_text = self._redact(logging.Formatter().formatException(record.exc_info))
            # Else another formatter would write the traceback anew, unredacted.
            record.exc_info = None
        if record.stack_info:
            record.stack_info = self._redact(record.stack_info)
        return True


class RedactingFormatter(logging.Formatter):
    """Redacts what another formatter has written: the last gate, for records that no filter saw."""

    def __init__(self, inner: logging.Formatter, redact: Redaction) -> None:
        super().__init__()
        self._inner, self._redact = inner, redact

    def format(self, record: logging.LogRecord) -> str:
        """Return the inner formatter's line, redacted."""
        return self._redact(self._inner.format(record))


def guard_logs(*secrets: str, logger: logging.Logger | None = None) -> None:
    """Redact in every handler that the logger (the root) has now, and quieten the HTTP client.

    Call it after the handlers are set up; calling it again adds the new secrets.
    """
    redact = Redaction(secrets)
    for handler in (logger or logging.getLogger()).handlers:
        handler.addFilter(RedactingFilter(redact))
        handler.setFormatter(RedactingFormatter(handler.formatter or logging.Formatter(), redact))
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
