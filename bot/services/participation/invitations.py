"""One-time join links: made here, kept as a hash, shown once with their QR picture."""

import io
import secrets
from dataclasses import dataclass
from datetime import datetime

import segno

from bot.domain.people import PersonRef
from bot.services.trail import Actor, record
from bot.storage import codes
from bot.storage.db import Tx
from bot.study import Study

CODE_BYTES = 16  # 128 bits
QR_SCALE = 8


@dataclass(frozen=True, slots=True)
class Invitation:
    """A join link; the code in it is nowhere else, so a lost one is replaced, not looked up."""

    link: str
    code: str
    expires_at: datetime

    def png(self) -> bytes:
        """Return the link as a QR picture."""
        picture = io.BytesIO()
        segno.make(self.link, error="m").save(picture, kind="png", scale=QR_SCALE)
        return picture.getvalue()


async def invite_person(study: Study, tx: Tx, actor: Actor, person: PersonRef, now: datetime) -> Invitation:
    """Make a one-time code for a person and revoke their older ones."""
    code = secrets.token_urlsafe(CODE_BYTES)
    expires_at = now + study.protocol.practice.invitation.value
    revoked = await codes.revoke_for(tx, person, now)
    await codes.add(tx, codes.hash_code(code), person, now, expires_at)
    after = {"expires_at": expires_at.isoformat(), "older_revoked": revoked}
    await record(tx, study, actor, "invite", now, subject=person, after=after)
    return Invitation(f"https://t.me/{study.bot_username}?start={code}", code, expires_at)
