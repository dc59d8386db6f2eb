"""Exports: everything that was planned, asked, answered, found, sent and done, the same in each format."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from bot.domain.people import Participant, PersonRef
from bot.papers.export import Bundle, Cell, Sheet
from bot.papers.export.spreadsheets import csv_files, workbook
from bot.screens.infusion import HOLD_REASONS
from bot.screens.move import REASONS
from bot.services.exports import fields, rows
from bot.services.facts import course_of
from bot.services.trail import Actor, record
from bot.storage import audit, extract, participants, tables
from bot.storage.audit import Entry
from bot.storage.audit_words import parted
from bot.study import Study
from bot.texts import Phrase

EXPORTED = "export"
Format = Literal["csv", "xlsx", "odm"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx", "odm")


@dataclass
class _Gathered:
    """Rows by sheet; `alerts` tells to whose alert a row of the trail belongs."""

    rows: dict[str, list[Mapping[str, Cell]]] = field(default_factory=dict)
    codes: dict[PersonRef, str] = field(default_factory=dict)
    alerts: dict[int, str] = field(default_factory=dict)

    def add(self, sheet: Sheet, *found: Mapping[str, Cell]) -> None:
        """Add rows to a sheet."""
        self.rows.setdefault(sheet.name, []).extend(found)


async def export(study: Study, actor: Actor, format_: Format, *, words: bool = True) -> dict[str, bytes]:
    """Return the files of an export by name, and record who took it.

    `words`: with what participants and staff wrote themselves. Each
    participant is read in a transaction of their own, so that nobody's alert
    waits for an export; the audit trail ends where it ended at the start.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        await record(tx, study, actor, EXPORTED, now, after={"format": format_, "words": words})
    found = await gathered(study, now, words=words)
    return written(study, found, format_)


async def gathered(study: Study, now: datetime, *, words: bool = True) -> Bundle:
    """Return the facts as they are."""
    async with study.db.begin() as tx:
        head, _ = await audit.head(tx)
        everyone = await participants.all_(tx)
        staff = await extract.staff_members(tx)
    all_ = _Gathered(codes={each.ref: each.code for each in everyone})
    reports = fields.reports_sheet(study.protocol)
    for one in everyone:
        await _participant(study, one, reports, all_, words=words)
    all_.add(fields.STAFF, *(rows.member(row) for row in staff))
    await _messages(study, all_)
    await _trail(study, all_, head, words=words)
    sheets = (*fields.BEFORE, reports, *fields.AFTER)
    return Bundle(
        study.protocol.registration,
        study.texts.plain("en", Phrase(study.protocol.title)),
        study.protocol.version,
        now,
        tuple(sheet.filled(all_.rows.get(sheet.name, [])) for sheet in sheets),
    )


async def _participant(
    study: Study, one: Participant, reports: Sheet, all_: _Gathered, *, words: bool
) -> None:
    async with study.db.begin() as tx:
        course = await course_of(tx, one)
        checkins = await extract.of_participant(tx, tables.checkins, one.id)
        given = await extract.answers_of(tx, one.id)
        alerts = await extract.of_participant(tx, tables.alerts, one.id)
        findings = await extract.of_participant(tx, tables.findings, one.id)
        texts = await extract.of_participant(tx, tables.inbound_texts, one.id)
        replies = await extract.of_participant(tx, tables.replies, one.id)
        noted = await extract.of_participant(tx, tables.visits, one.id)
        helpers = await extract.caregivers_of(tx, one.id)
        consents = await extract.consents_of(tx, [one.ref, *helpers])
    if not words:
        texts, replies, noted = [], [], []
        given, alerts = _without(given, "text"), _without(alerts, "note")
    all_.codes |= dict.fromkeys(helpers, one.code)
    notes = {row["visit_type"]: row["note"] for row in noted}
    all_.alerts |= {row["id"]: one.code for row in alerts}
    all_.add(fields.PARTICIPANTS, rows.participant(one))
    all_.add(fields.CONSENTS, *(rows.consent(one.code, row) for row in consents))
    all_.add(fields.VISITS, *rows.visits(study, one, course, notes))
    all_.add(fields.CHECKINS, *(rows.checkin(one.code, row) for row in checkins))
    all_.add(fields.ANSWERS, *(part for row in given for part in rows.answers(study, one.code, row)))
    all_.add(reports, *_reports(study, one.code, given))
    all_.add(fields.ALERTS, *(rows.alert(one.code, row) for row in alerts))
    all_.add(fields.FINDINGS, *(rows.finding(one.code, row) for row in findings))
    all_.add(fields.WORDS, *(rows.words(one.code, row) for row in texts))
    all_.add(fields.REPLIES, *(rows.reply(one.code, row) for row in replies))


def _reports(study: Study, code: str, given: list[dict[str, Any]]) -> list[Mapping[str, Cell]]:
    by_checkin: dict[int, list[dict[str, Any]]] = {}
    for row in given:
        if row["superseded_at"] is None:
            by_checkin.setdefault(row["checkin_id"], []).append(row)
    return [rows.report(study, code, answers[0]["form"], answers) for answers in by_checkin.values()]


def _without(found: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [{**row, name: None} for row in found]


async def _messages(study: Study, all_: _Gathered) -> None:
    after = 0
    while True:
        async with study.db.begin() as tx:
            page = await extract.messages(tx, after)
        if not page:
            return
        all_.add(fields.MESSAGES, *(rows.message(all_.codes, row) for row in page))
        after = page[-1]["id"]


async def _trail(study: Study, all_: _Gathered, head: int, *, words: bool) -> None:
    after = 0
    while after < head:
        async with study.db.begin() as tx:
            page = [each for each in await audit.page(tx, after) if each.id <= head]
        told = page if words else [_unsaid(each) for each in page]
        all_.add(fields.AUDIT, *(rows.entry(all_.codes, all_.alerts, each) for each in told))
        after = page[-1].id


# Reasons that are buttons, not words.
_BUTTONS = frozenset({*REASONS, *HOLD_REASONS})


def _unsaid(entry: Entry) -> Entry:
    """Return a row of the trail without what was typed."""
    before, after, _ = parted(None, entry.before, entry.after)
    reason = entry.reason if entry.reason in _BUTTONS else None
    return replace(entry, before=before, after=after, reason=reason)


def written(study: Study, bundle: Bundle, format_: Format) -> dict[str, bytes]:
    """Return the files of a bundle by name."""
    stem = f"{bundle.study}-{bundle.made_at:%Y%m%dT%H%M%SZ}"
    if format_ == "csv":
        return {f"{stem}/{name}": data for name, data in csv_files(bundle, study.texts).items()}
    if format_ == "xlsx":
        return {f"{stem}.xlsx": workbook(bundle, study.texts)}
    # A slow import that only this format needs.
    from bot.papers.export.odm import document

    return {f"{stem}.xml": document(bundle, study.texts)}
