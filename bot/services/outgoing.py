"""What a kind of outbox message is: how it is written when its turn comes, and what follows."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.storage.db import Tx
from bot.storage.outbox import Message
from bot.study import Study
from bot.texts import Language, Screen

Method = Literal["send", "edit", "photo", "document"]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as it shall go out now.

    `edit` changes `edit_message_id` in the person's chat; where that message is
    gone, `if_gone` says whether a new one is sent instead. `photo` and
    `document` carry `file`, or what Telegram keeps under `file_id`, with the
    screen as the caption (1024 characters).
    """

    screen: Screen
    language: Language
    method: Method = "send"
    edit_message_id: int | None = None
    if_gone: Literal["nothing", "send"] = "nothing"
    file: bytes | None = None
    file_name: str | None = None
    file_id: str | None = None
    silent: bool = False
    reply_to: int | None = None
    # Last words go to a chat that is not linked any more; everything else to the person's own.
    chat_id: int | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """The message is no longer true, for this reason (for the log, not for people)."""

    reason: str


# Loads the facts afresh and checks that the message is still true. Called again when the message
# had to wait for its turn, so it must change nothing.
Renderer = Callable[[Study, Tx, Message, datetime], Awaitable[Outgoing | Skip]]
# In the transaction that settles the row; the message id is None where nothing new was sent.
AfterSent = Callable[[Study, Tx, Message, int | None, datetime], Awaitable[None]]
# In the transaction that settles the row; the reason holds no content.
AfterFailed = Callable[[Study, Tx, Message, str, datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of outbox message: written by `render`, followed by `after_sent` or `after_failed`."""

    render: Renderer
    after_sent: AfterSent | None = None
    after_failed: AfterFailed | None = None


Kinds = Mapping[str, Kind]
