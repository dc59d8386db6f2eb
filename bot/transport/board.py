"""The status message: one in each coordinator's chat, pinned, its time renewed every 5 minutes."""

import logging
from typing import Any

from telegram.error import BadRequest, TelegramError
from telegram.ext import ExtBot

from bot.domain.people import Role
from bot.services.operation import status
from bot.services.outgoing import Outgoing
from bot.storage import links, meta, staff
from bot.study import Study
from bot.transport.calls import REMINDER, Call, calling
from bot.transport.sending import send

log = logging.getLogger(__name__)


class Board:
    """Keeps the status messages; a lost one is written anew, since the next renewal is 5 minutes away."""

    def __init__(self, study: Study, bot: ExtBot[Any]) -> None:
        self._study, self._bot = study, bot

    async def renew(self, codes: tuple[str, ...]) -> int:
        """Write how things stand into every coordinator's chat; return how many could be written."""
        shown = await status.screen(self._study, codes)
        written = 0
        for staff_id, chat_id, language, message_id in await self._chats():
            try:
                with calling(Call(REMINDER, outbox=True)):
                    await self._show(staff_id, chat_id, Outgoing(shown, language), message_id)
            except TelegramError as error:
                log.info("the status of staff %d was not renewed: %s", staff_id, type(error).__name__)
            else:
                written += 1
        return written

    async def _chats(self) -> list[tuple[int, int, Any, int | None]]:
        found = []
        async with self._study.db.begin() as tx:
            for member in await staff.active_with_roles(tx, [Role.COORDINATOR]):
                link = await links.get(tx, member.ref)
                if link is not None and link.unreachable_at is None:
                    kept = await meta.get(tx, _key(member.id, link.id))
                    found.append((member.id, link.chat_id, member.language, int(kept) if kept else None))
        return found

    async def _show(self, staff_id: int, chat_id: int, out: Outgoing, message_id: int | None) -> None:
        if message_id is not None:
            edit = Outgoing(out.screen, out.language, method="edit", edit_message_id=message_id, silent=True)
            try:
                await send(self._bot, self._study.texts, chat_id, edit)
            except BadRequest as error:
                if "not modified" in error.message.lower():
                    return
            else:
                return
        await self._anew(staff_id, chat_id, Outgoing(out.screen, out.language, silent=True))

    async def _anew(self, staff_id: int, chat_id: int, out: Outgoing) -> None:
        sent = await send(self._bot, self._study.texts, chat_id, out)
        if sent.message_id is None:
            return
        async with self._study.db.begin() as tx:
            member = await staff.get(tx, staff_id)
            link = await links.get(tx, member.ref) if member else None
            if link is not None:
                await meta.put(tx, _key(staff_id, link.id), str(sent.message_id))
        await self._bot.pin_chat_message(chat_id, sent.message_id, disable_notification=True)


def _key(staff_id: int, link_id: int) -> str:
    return f"status_message:{staff_id}:{link_id}"
