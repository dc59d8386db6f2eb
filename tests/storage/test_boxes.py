"""Whatever is sealed: no column of it can be read in a stolen file, and a new key reaches each of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.domain.attachment import Attachment
from bot.domain.people import Participant, StaffMember
from bot.services.participation import enrolment
from bot.services.participation.enrolment import EnrolRequest
from bot.services.people import who
from bot.services.staff import phones
from bot.services.talk import conversations
from bot.services.trail import SYSTEM
from bot.storage import alerts, answers, audit, broadcasts, checkins, drafts, replies, texts_in, visits
from bot.storage.db import Db, Tx
from bot.storage.tables import metadata
from bot.storage.vault import Unreadable, Vault
from bot.study import Study
from tests.scenarios.machine import SECRET, Machine, machine
from tests.scenarios.test_daily_life import PNG
from tests.storage.test_rekeying import reseal, taken

START = datetime(2026, 12, 2, 1, 0, tzinfo=UTC)
BOXES = sorted(
    (table.name, column.name)
    for table in metadata.sorted_tables
    for column in table.c
    if column.name.endswith("_box")
)
# What somebody would look for in a stolen file; each stands in one of the boxes.
PLANTED = (
    *("canary account", "canary words", "canary question", "canary caption", "13900007788"),
    *("canary reply zh", "canary reply en", "canary saved zh", "canary saved en"),
    *("canary note of a visit", "canary note of an alert", "canary words of an answer"),
    *(
        "canary reason",
        "canary place",
        "canary broadcast zh",
        "canary broadcast en",
        "canary file",
        "canary draft",
    ),
)


async def lived_in(site: Machine) -> list[str]:
    """Let people do what leaves something in every box; return what else nobody may read: their chats."""
    study = site.app.study
    lin = await site.staff("Lin")
    person = await site.participant("001", START.date())
    other = EnrolRequest("002", "NK010", 2.5e9, START.date(), START.date() - timedelta(days=8), "en")
    invitation = await enrolment.invite(study, SYSTEM, await enrolment.enrol(study, SYSTEM, other))
    stranger = site.world.add_person("canary account")
    stranger.start(invitation.code)
    person.say("chest pain, canary words")
    person.say("canary question")
    person.send_photo(PNG, "canary caption")
    await site.app.settle()
    about, member = await who(study, person.id), await who(study, lin.id)
    assert isinstance(about, Participant)
    assert isinstance(member, StaffMember)
    async with study.db.begin() as tx:
        await by_staff(study, tx, about, member)
    await site.app.settle()
    return [str(person.id), str(lin.id), str(stranger.id)]


async def by_staff(study: Study, tx: Tx, about: Participant, member: StaffMember) -> None:
    now = study.clock.now()
    await phones.put(study, tx, member.ref, about.id, "+8613900007788", now)
    last = await texts_in.last_id(tx, about.id)
    words = ("canary reply zh", "canary reply en")
    assert await conversations.answer(study, tx, member.ref, about, last, 0, words, now)
    await replies.save(tx, "canary saved zh", "canary saved en", member.id, now)
    await visits.set_note(tx, about.id, "D14", {"note": "canary note of a visit"})
    [alert] = await alerts.open_for(tx, about.id)
    await alerts.close(tx, alert.id, member.id, now, outcome="10", note="canary note of an alert")
    form = await checkins.open_(
        tx,
        participant_id=about.id,
        key="canary",
        form="full",
        due_at=now,
        now=now,
        protocol_version=study.protocol.version,
    )
    assert form is not None
    said = {"value": True, "text": "canary words of an answer"}
    await answers.add(tx, checkin_id=form.id, item="Q21", value=said, now=now, answered_by="participant")
    await broadcasts.add(
        tx,
        by_staff_id=member.id,
        text_zh="canary broadcast zh",
        text_en="canary broadcast en",
        audience={},
        now=now,
        file=Attachment("document", "canary file"),
    )
    after = {"visit": "D14", "where": "canary place"}
    await audit.record(tx, member.ref, "settle_visit", about.ref, now, after=after, reason="canary reason")
    await drafts.start(tx, member.ref, "enrol", "code", {"code": "canary draft"}, now)


async def filled(db: Db) -> dict[tuple[str, str], list[bytes]]:
    """Return what stands in each column of boxes."""
    async with db.begin() as tx:
        return {
            (table, column): [
                row[0]
                for row in await tx.execute(text(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"))
            ]
            for table, column in BOXES
        }


async def test_no_box_can_be_read_in_a_stolen_file_and_a_new_key_reaches_them_all(tmp_path: Path) -> None:
    async with machine(tmp_path, START) as site:
        async with site.running():
            chats = await lived_in(site)
            stolen = b"".join(taken(tmp_path))
        url = site.database_url
    assert b"001" in stolen
    for canary in (*PLANTED, *chats):
        assert canary.encode() not in stolen, canary

    old = await Db.open(url, Vault(SECRET), durable=False)
    before = await filled(old)
    await old.close()
    # A new box has to be planted above: what is empty here is tested by nothing.
    assert [each for each, boxes in before.items() if not boxes] == []
    opened = "\n".join(Vault(SECRET).open(box) for boxes in before.values() for box in boxes)
    for canary in (*PLANTED, *chats):
        assert canary in opened, canary

    await reseal(url, f"new,{SECRET}")
    new = await Db.open(url, Vault("new"), durable=False)
    after = await filled(new)
    await new.close()
    for each, boxes in after.items():
        assert len(boxes) >= len(before[each]), each
        for box in boxes:
            assert Vault("new").open(box)
            with pytest.raises(Unreadable):
                Vault(SECRET).open(box)
