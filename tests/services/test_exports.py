"""Exports: the same facts in each format, nothing a formula, valid ODM."""

import csv
import io
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from odmlib.odm_parser import ODMSchemaValidator
from openpyxl import load_workbook

from bot.papers.export import Bundle, Field, Sheet, plain
from bot.papers.export.odm import NOBODY, document, item_oid
from bot.papers.export.spreadsheets import csv_files, defused, restored, workbook
from bot.services.exports import exports
from bot.services.talk import words
from bot.services.trail import SYSTEM, operator
from bot.storage import audit, tables
from tests.services.conftest import START

AUDITOR = operator("auditor")
ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
# What each format may write differently: nothing but the type of a number.
FACT = tuple[str, tuple[tuple[str, str], ...]]


def facts(bundle: Bundle) -> set[FACT]:
    return {
        (sheet.name, _cells([f.name for f in sheet.fields], row))
        for sheet in bundle.sheets
        for row in sheet.rows
    }


def _cells(names, row) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, _text(value)) for name, value in zip(names, row, strict=True) if value not in (None, "")
    )


def _text(value) -> str:
    return f"{float(value):g}" if isinstance(value, int | float) else str(value)


def in_csv(files: dict[str, bytes], bundle: Bundle) -> set[FACT]:
    found = set()
    for sheet in bundle.sheets:
        rows = csv.reader(io.StringIO(files[f"{sheet.name}.csv"].decode("utf-8-sig"), newline=""))
        names = next(rows)
        for row in rows:
            found.add((sheet.name, _cells(names, [_typed(sheet, n, cell) for n, cell in enumerate(row)])))
    return found


def _typed(sheet: Sheet, number: int, cell: str) -> object:
    if cell == "":
        return None
    return float(cell) if sheet.fields[number].kind in ("integer", "float") else restored(cell)


def in_workbook(data: bytes, bundle: Bundle) -> set[FACT]:
    book = load_workbook(io.BytesIO(data))
    found = set()
    for sheet in bundle.sheets:
        names, *rows = book[sheet.name].iter_rows(values_only=True)
        found |= {(sheet.name, _cells(names, row)) for row in rows}
    return found


def in_odm(data: bytes, bundle: Bundle) -> set[FACT]:
    root = ElementTree.fromstring(data)
    sheets = {f"IG.{sheet.name}".upper(): sheet for sheet in bundle.sheets}
    found = set()
    for group in root.iter(f"{ODM}ItemGroupData"):
        sheet = sheets[group.attrib["ItemGroupOID"]]
        values = {item.attrib["ItemOID"]: item.attrib["Value"] for item in group}
        row = [
            _odm_value(sheet, field, values.get(item_oid(sheet.name, field.name))) for field in sheet.fields
        ]
        found.add((sheet.name, _cells([f.name for f in sheet.fields], row)))
    return found


def _odm_value(sheet: Sheet, field: Field, value: str | None) -> object:
    return float(value) if value is not None and field.kind in ("integer", "float") else value


def subject_of(data: bytes, group_oid: str) -> set[str]:
    root = ElementTree.fromstring(data)
    return {
        subject.attrib["SubjectKey"]
        for subject in root.iter(f"{ODM}SubjectData")
        for group in subject.iter(f"{ODM}ItemGroupData")
        if group.attrib["ItemGroupOID"] == group_oid
    }


@pytest.fixture
async def busy(ward):
    """A participant who reported a fever, wrote a formula, and corrected an answer."""
    participant = await ward.active()
    await ward.staff()
    turn = await ward.report(participant)
    turn = await ward.answer(participant, turn, "39.1")
    await ward.answer(participant, turn, "axillary")
    await words.keep_words(ward.study, participant, '=HYPERLINK("http://x.example")', 901)
    return ward


async def test_each_format_holds_the_same_facts(busy):
    study = busy.study
    bundle = await exports.gathered(study, study.clock.now())
    expected = facts(bundle)
    assert {name for name, _ in expected} >= {
        "participants",
        "visits",
        "checkins",
        "answers",
        "reports",
        "alerts",
    }
    assert in_csv(csv_files(bundle, study.texts), bundle) == expected
    assert in_workbook(workbook(bundle, study.texts), bundle) == expected
    assert in_odm(document(bundle, study.texts), bundle) == expected


async def test_the_odm_document_is_valid_against_the_schema(busy, tmp_path):
    data = document(await exports.gathered(busy.study, busy.study.clock.now()), busy.study.texts)
    path = tmp_path / "export.xml"
    path.write_bytes(data)
    validator = ODMSchemaValidator(standard="odm", version="1.3.2")
    validator.validate_file(str(path))
    path.write_bytes(
        data.replace(b"<SubjectData ", b"<SubjectDatum ").replace(b"</SubjectData>", b"</SubjectDatum>")
    )
    with pytest.raises(Exception, match="SubjectDatum"):
        validator.validate_file(str(path))


async def test_a_measurement_carries_unit_and_code(busy):
    files = csv_files(await exports.gathered(busy.study, busy.study.clock.now()), busy.study.texts)
    rows = list(csv.DictReader(io.StringIO(files["answers.csv"].decode("utf-8-sig"), newline="")))
    found = [row for row in rows if (row["item"], row["part"]) == ("Q1", "value")]
    assert [(row["value"], row["unit"], row["loinc"]) for row in found] == [("39.1", "Cel", "8310-5")] * len(
        found
    )


async def test_a_formula_that_somebody_wrote_is_text_in_every_spreadsheet(busy):
    bundle = await exports.gathered(busy.study, busy.study.clock.now())
    assert b"'=HYPERLINK" in csv_files(bundle, busy.study.texts)["words.csv"]
    book = load_workbook(io.BytesIO(workbook(bundle, busy.study.texts)))
    cells = [cell for page in book for row in page.iter_rows() for cell in row if cell.value is not None]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    assert any(cell.quotePrefix and str(cell.value).startswith("=HYPERLINK") for cell in cells)


async def test_words_are_left_out_where_that_is_asked(busy):
    study = busy.study
    now, after = study.clock.now(), {"visit": "D14", "where": "her village"}
    async with study.db.begin() as tx:
        for reason in ("her son marries", "clinical"):
            await audit.record(tx, SYSTEM, "settle_visit", None, now, after=after, reason=reason)
    bundle = await exports.gathered(study, now, words=False)
    everything = b"".join(csv_files(bundle, study.texts).values())
    for typed in (b"HYPERLINK", b"her village", b"her son"):
        assert typed not in everything
    assert b"39.1" in everything
    # A button is no word of anybody's.
    assert b",clinical," in everything
    with_words = b"".join(csv_files(await exports.gathered(study, now), study.texts).values())
    assert b"her village" in with_words
    assert b"her son marries" in with_words


async def test_an_export_is_recorded_with_who_took_it(busy):
    await exports.export(busy.study, AUDITOR, "csv")
    assert (await busy.actions())[-1] == "export"


async def test_what_is_about_nobody_stands_under_the_site(busy):
    data = document(await exports.gathered(busy.study, busy.study.clock.now()), busy.study.texts)
    assert subject_of(data, "IG.STAFF") == {NOBODY}
    assert subject_of(data, "IG.VISITS") == {"001"}


async def test_every_field_says_in_both_languages_what_it_means(busy):
    files = csv_files(await exports.gathered(busy.study, busy.study.clock.now()), busy.study.texts)
    rows = list(csv.DictReader(io.StringIO(files["fields.csv"].decode("utf-8-sig"), newline="")))
    assert len(rows) > 100
    assert all(row["about_zh_CN"] and row["about_en"] for row in rows)


async def test_no_chat_and_no_message_text_is_exported(busy):
    everything = b"".join((await exports.export(busy.study, AUDITOR, "csv")).values())
    assert b"7001" not in everything  # the chat of the participant
    async with busy.study.db.begin() as tx:
        assert (await tx.execute(tables.links.select())).all()


DANGEROUS = st.text(alphabet="=+-@\t\r\n '\u00a0\u3000a1", max_size=6)


@given(DANGEROUS | st.text())
def test_no_text_is_a_formula_and_every_text_comes_back(text):
    cell = defused(text)
    assert isinstance(cell, str)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert not cell.strip(" \u00a0\u3000\n").startswith(("=", "+", "-", "@"))
    assert restored(cell) == text


@given(st.text())
def test_whatever_was_written_can_be_kept_in_every_format(text):
    kept = plain(text)
    assert isinstance(kept, str)
    assert len(kept) == len(text)
    ElementTree.fromstring(ElementTree.tostring(_element(kept)))


def _element(text: str) -> ElementTree.Element:
    element = ElementTree.Element("a")
    element.text = text
    return element


def test_an_instant_is_written_in_utc_and_a_truth_as_a_letter():
    assert plain(START + timedelta(hours=1)) == "2026-12-01T02:00:00Z"
    assert (plain(True), plain(False), plain(None), plain(3)) == ("Y", "N", None, 3)
