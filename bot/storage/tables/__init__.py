"""Every table, in SQLAlchemy Core: the only description of what is stored.

`…_at` is an instant, `…_on` a date, `…_box` a sealed value (see vault.py). A
state column carries its transitions in a comment, and a CHECK. The migrations
must lead to exactly this: a test compares the two.
"""

from bot.storage.tables.base import metadata
from bot.storage.tables.care import alerts, answers, checkins, findings, visits
from bot.storage.tables.daily import calendar_files, proposals, reminder_times
from bot.storage.tables.duty import duty_hours, duty_swaps, known, rota
from bot.storage.tables.joining import caregivers, consents, link_checks, phone_list
from bot.storage.tables.messages import (
    asked_texts,
    attempts,
    broadcasts,
    drafts,
    inbound_texts,
    inbox,
    outbox,
)
from bot.storage.tables.people import code_tries, codes, links, participants, phones, staff
from bot.storage.tables.records import audit, audit_words, meta, protocols
from bot.storage.tables.talk import media, receipts, replies, saved_answers, threads
from bot.storage.tables.watching import awaited_reports, second_readings

__all__ = [
    "alerts",
    "answers",
    "asked_texts",
    "attempts",
    "audit",
    "audit_words",
    "awaited_reports",
    "broadcasts",
    "calendar_files",
    "caregivers",
    "checkins",
    "code_tries",
    "codes",
    "consents",
    "drafts",
    "duty_hours",
    "duty_swaps",
    "findings",
    "inbound_texts",
    "inbox",
    "known",
    "link_checks",
    "links",
    "media",
    "meta",
    "metadata",
    "outbox",
    "participants",
    "phone_list",
    "phones",
    "proposals",
    "protocols",
    "receipts",
    "reminder_times",
    "replies",
    "rota",
    "saved_answers",
    "second_readings",
    "staff",
    "threads",
    "visits",
]
