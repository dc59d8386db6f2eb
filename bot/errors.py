"""The errors that the program raises; an expected outcome is a return value, not one of these."""


class SuifangError(Exception):
    """The root: catch it to catch all that we raise on purpose."""


class SettingsError(SuifangError):
    """A setting is missing or wrong; the text is one clear line for the operator."""


class ProtocolError(SuifangError):
    """A protocol or site file is wrong; the text names the file and the key."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(f"{file}: {key}: {reason}")
        self.file, self.key, self.reason = file, key, reason


class Damaged(SuifangError):
    """A database file cannot be relied on; the text says what is wrong, and nothing was changed."""


class NotAllowed(SuifangError):
    """This person may not do that."""


class StaleTap(SuifangError):
    """A button that no longer fits the state of what it belongs to, or that was never ours."""


class BadInput(SuifangError):
    """What a person typed cannot be used; `key` names the text that tells them why, `args` its values."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values


class DeliveryError(SuifangError):
    """A message did not go out, or perhaps did.

    `permanent`: trying again is useless. `retry_after`: seconds that Telegram
    asks for. `perhaps_sent`: the answer was lost, so the message may be there.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        perhaps_sent: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason, self.permanent = reason, permanent
        self.retry_after, self.perhaps_sent = retry_after, perhaps_sent
