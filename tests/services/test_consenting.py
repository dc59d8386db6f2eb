"""The two consents: each by itself, each with its edition, and the telephone where one is refused."""

import hashlib

import pytest

from bot.domain import consent
from bot.domain.people import ParticipantStatus
from bot.errors import StaleTap
from bot.screens.consent import PAGES
from bot.services.participation import consenting
from bot.storage import audit, checkins, consents, links, phone_list
from bot.texts import say
from tests.services.conftest import WANG

# What each edition said, over every page in both languages. Where a text changes, `VERSION` goes up by
# one and the digest of the new one is added: whoever agreed to the old words is then asked again.
EDITIONS = {"1": "ca7e46579195b5e3"}


async def decides(study, who, kind, *, agrees=True, version=None):
    return await consenting.decide(study, who, kind, version or consent.VERSION, agrees=agrees)


async def notes(ward):
    return [each.params["note"] for each in await ward.queue("staff_note")]


def test_a_changed_text_is_a_new_edition(texts):
    said = "\n".join(
        f"{locale} {name} {texts._template(locale, say(name))}"
        for locale in ("zh_CN", "en")
        for name in sorted({text for page in PAGES.values() for text in page.texts})
    )
    assert EDITIONS[consent.VERSION] == hashlib.sha256(said.encode()).hexdigest()[:16]


async def test_both_together_begin_the_work_and_either_alone_does_not(ward, study):
    await ward.staff()
    joined = await ward.joined()
    first = await decides(study, joined, "sensitive")
    assert first.participant.status is ParticipantStatus.JOINED
    assert not first.begins
    assert first.standing.next == "abroad"
    second = await decides(study, joined, "abroad")
    assert second.begins
    assert second.participant.status is ParticipantStatus.ACTIVE
    assert second.participant.wake_at is not None
    assert (await notes(ward)).count("consented") == 1


async def test_each_is_kept_with_edition_language_and_time_and_stands_in_the_trail(ward, study):
    agreed = await ward.active(language="en")
    async with study.db.begin() as tx:
        kept = await consents.of_person(tx, agreed.ref)
        trail = [each for each in await audit.page(tx) if each.action == "consent"]
    now = study.clock.now()
    assert [(c.kind, c.version, c.language, c.decision, c.at) for c in kept] == [
        ("sensitive", consent.VERSION, "en", "given", now),
        ("abroad", consent.VERSION, "en", "given", now),
    ]
    assert [each.after["kind"] for each in trail] == ["sensitive", "abroad"]
    assert {each.after["version"] for each in trail} == {consent.VERSION}


async def test_saying_it_twice_changes_nothing(ward, study):
    await ward.staff()
    agreed = await ward.active()
    await ward.pass_time(hours=1)
    again = await decides(study, agreed, "abroad")
    assert again.outcome == "same"
    assert not again.begins
    assert again.participant.consented_at == agreed.consented_at
    async with study.db.begin() as tx:
        assert len(await consents.of_person(tx, agreed.ref)) == 2
    assert (await notes(ward)).count("consented") == 1


async def test_a_refusal_puts_them_on_the_phone_list_and_a_change_of_mind_takes_them_off(ward, study):
    await ward.staff()
    joined = await ward.joined()
    await decides(study, joined, "sensitive", agrees=False)
    async with study.db.begin() as tx:
        [on_the_list] = await phone_list.all_live(tx)
    assert (on_the_list.participant_id, on_the_list.reason) == (joined.id, "refused")
    assert (await notes(ward)).count("consent_refused") == 1
    assert (await ward.now(joined)).consented_at is None
    await ward.agrees(joined)
    async with study.db.begin() as tx:
        assert await phone_list.all_live(tx) == []


async def test_an_older_edition_can_no_longer_be_agreed_to(ward, study):
    joined = await ward.joined()
    decided = await decides(study, joined, "sensitive", version="0")
    assert decided.outcome == "old_text"
    assert decided.standing.next == "sensitive"


async def test_somebody_who_has_not_joined_cannot_decide(ward, study):
    with pytest.raises(StaleTap):
        await decides(study, await ward.enrol(), "sensitive")


async def test_a_new_edition_is_asked_about_once_and_all_goes_on_meanwhile(ward, study, monkeypatch):
    agreed = await ward.active()
    assert await consenting.ask_again(study) == 0
    monkeypatch.setattr(consent, "VERSION", "next")
    assert await consenting.ask_again(study) == 1
    assert await consenting.ask_again(study) == 0
    [asked] = await ward.queue(consenting.AGAIN)
    assert "在您回答之前，一切照旧" in await ward.written(asked)
    assert (await ward.now(agreed)).status is ParticipantStatus.ACTIVE
    await ward.agrees(agreed)
    assert await ward.written(asked) == "skipped: agreed meanwhile"


async def test_refusing_a_new_edition_stops_what_waits_and_keeps_the_chat(ward, study, monkeypatch):
    agreed = await ward.active()
    await ward.report(agreed)
    monkeypatch.setattr(consent, "VERSION", "next")
    await consenting.ask_again(study)
    await decides(study, agreed, "abroad", agrees=False)
    assert (await ward.now(agreed)).status is ParticipantStatus.JOINED
    async with study.db.begin() as tx:
        assert await checkins.all_open(tx, agreed.id) == []
        assert await links.chat_of(tx, agreed.ref) == WANG
    [asked] = await ward.queue(consenting.AGAIN)
    assert asked.state == "skipped"
