"""One attempt: written, checked when its turn has come, called, and tried in another way where that helps."""

from dataclasses import dataclass, replace
from typing import Any

from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.storage import links
from bot.storage.outbox import Message
from bot.study import Study
from bot.transport.calls import Call, calling
from bot.transport.sending import send, unchanged
from bot.transport.settling import Verdict
from bot.transport.trouble import Gone, Moved, NotSent, Refused, Unchanged, outcome_of
from bot.transport.writing import NoLonger, Otherwise, Prepared, Writing

# A message may go out once more in another way: plain, to the new chat, as a new one, in new words.
_ROUNDS = 6


@dataclass(slots=True)
class Trial:
    """How far the delivery of one message has come; `called`: a call is out and not answered."""

    message: Message
    called: bool = False
    plain: bool = False
    anew: bool = False
    moved: bool = False


class Attempt:
    """Tries to get a message to its person; what comes of it is a verdict, not an error."""

    def __init__(self, study: Study, bot: ExtBot[Any], writing: Writing) -> None:
        self._study, self._bot, self._writing = study, bot, writing

    async def make(self, trial: Trial) -> Verdict:
        """Write and send a message; raises only where our own code is at fault."""
        try:
            prepared = await self._writing.prepare(trial.message)
            for _ in range(_ROUNDS):
                verdict = await self._round(trial, prepared)
                if not isinstance(verdict, Prepared):
                    return verdict
                prepared = verdict
        except NoLonger as no_longer:
            return no_longer.verdict
        return NotSent("it changed again and again")

    async def _round(self, trial: Trial, prepared: Prepared) -> Verdict | Prepared:
        """Make one call; return the verdict, or how to try once more."""

        async def before_call() -> None:
            await self._writing.check(trial.message, prepared)
            trial.called = True

        outgoing = replace(prepared.outgoing, method="send") if trial.anew else prepared.outgoing
        try:
            with calling(Call(trial.message.priority, outbox=True, before_call=before_call)):
                return await send(self._bot, self._study.texts, prepared.chat_id, outgoing, plain=trial.plain)
        except Otherwise as otherwise:
            return otherwise.prepared
        except TelegramError as error:
            trial.called = False  # it was answered, one way or the other
            return await self._after_refusal(trial, prepared, outcome_of(error))

    async def _after_refusal(self, trial: Trial, prepared: Prepared, outcome: Verdict) -> Verdict | Prepared:
        match outcome:
            case Unchanged():
                return unchanged(self._study.texts, prepared.outgoing)
            case Moved(chat_id) if not trial.moved:
                trial.moved = True
                await self._move(trial.message, chat_id)
                return replace(prepared, chat_id=chat_id)
            case Gone() if prepared.outgoing.if_gone == "send" and not trial.anew:
                trial.anew = True
                return prepared
            case Refused() if not trial.plain:
                trial.plain = True
                return prepared
        return outcome

    async def _move(self, message: Message, chat_id: int) -> None:
        if message.to is None:
            return
        async with self._study.db.begin() as tx:
            await links.link(tx, message.to, chat_id, self._study.clock.now())
