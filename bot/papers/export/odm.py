"""CDISC ODM-XML 1.3.2: the same facts, with definitions that a data manager's tools can read.

Every sheet is a study event with one form and one repeating item group. Facts
about nobody in particular stand under the subject key `SITE`.
"""

import itertools
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import odmlib.odm_1_3_2.model as odm

from bot.papers.export import Bundle, Field, Plain, Sheet
from bot.texts import LOCALES, Phrase, Texts

NOBODY = "SITE"
NAMESPACE = "http://www.cdisc.org/ns/odm/v1.3"
_TYPES = {
    "text": "text",
    "integer": "integer",
    "float": "float",
    "yes_no": "text",
    "date": "date",
    "instant": "datetime",
}
_LANGUAGES = {"zh_CN": "zh-CN", "en": "en"}


def document(bundle: Bundle, texts: Texts) -> bytes:
    """Return the document, UTF-8."""
    root = odm.ODM(
        FileOID=f"ODM.{bundle.study}.{bundle.made_at:%Y%m%dT%H%M%SZ}",
        FileType="Snapshot",
        Granularity="All",
        CreationDateTime=f"{bundle.made_at:%Y-%m-%dT%H:%M:%S}+00:00",
        AsOfDateTime=f"{bundle.made_at:%Y-%m-%dT%H:%M:%S}+00:00",
        ODMVersion="1.3.2",
        SourceSystem="Suifang",
    )
    writer = _Writer(bundle, texts)
    root.Study = [writer.study()]
    root.ClinicalData = [writer.clinical_data()]
    tree: Any = root.to_xml()
    tree.set("xmlns", NAMESPACE)
    return bytes(ElementTree.tostring(tree, encoding="utf-8", xml_declaration=True))


def item_oid(sheet: str, field: str) -> str:
    """Return the OID of a field's ItemDef."""
    return f"I.{sheet}.{field}".upper()


class _Writer:
    """One document being written."""

    def __init__(self, bundle: Bundle, texts: Texts) -> None:
        self.bundle, self.texts = bundle, texts
        self.study_oid = f"S.{bundle.study}"
        self.version_oid = f"MDV.{bundle.protocol_version}"

    def study(self) -> Any:
        """Return names, units, and the definition of every field."""
        study = odm.Study(OID=self.study_oid)
        study.GlobalVariables = odm.GlobalVariables()
        study.GlobalVariables.StudyName = odm.StudyName(_content=self.bundle.study)
        study.GlobalVariables.StudyDescription = odm.StudyDescription(_content=self.bundle.title)
        study.GlobalVariables.ProtocolName = odm.ProtocolName(_content=self.bundle.study)
        units = sorted({f.unit for sheet in self.bundle.sheets for f in sheet.fields if f.unit})
        if units:
            study.BasicDefinitions = odm.BasicDefinitions()
            study.BasicDefinitions.MeasurementUnit = [_unit(unit) for unit in units]
        study.MetaDataVersion = [self._definitions()]
        return study

    def _definitions(self) -> Any:
        version = odm.MetaDataVersion(OID=self.version_oid, Name=self.bundle.protocol_version)
        version.Protocol = odm.Protocol()
        version.Protocol.StudyEventRef = [
            odm.StudyEventRef(StudyEventOID=_oid("SE", sheet), OrderNumber=number, Mandatory="No")
            for number, sheet in enumerate(self.bundle.sheets, start=1)
        ]
        version.StudyEventDef = [self._event(sheet) for sheet in self.bundle.sheets]
        version.FormDef = [self._form(sheet) for sheet in self.bundle.sheets]
        version.ItemGroupDef = [self._group(sheet) for sheet in self.bundle.sheets]
        fields = [(sheet, field) for sheet in self.bundle.sheets for field in sheet.fields]
        version.ItemDef = [self._item(sheet, field) for sheet, field in fields]
        version.CodeList = [self._codes(sheet, field) for sheet, field in fields if field.choices]
        return version

    def _event(self, sheet: Sheet) -> Any:
        event = odm.StudyEventDef(OID=_oid("SE", sheet), Name=sheet.name, Repeating="No", Type="Common")
        event.FormRef = [odm.FormRef(FormOID=_oid("F", sheet), OrderNumber=1, Mandatory="No")]
        return event

    def _form(self, sheet: Sheet) -> Any:
        form = odm.FormDef(OID=_oid("F", sheet), Name=sheet.name, Repeating="No")
        form.Description = self._description(sheet.about)
        form.ItemGroupRef = [odm.ItemGroupRef(ItemGroupOID=_oid("IG", sheet), OrderNumber=1, Mandatory="No")]
        return form

    def _group(self, sheet: Sheet) -> Any:
        group = odm.ItemGroupDef(OID=_oid("IG", sheet), Name=sheet.name, Repeating="Yes")
        group.ItemRef = [
            odm.ItemRef(ItemOID=item_oid(sheet.name, field.name), OrderNumber=number, Mandatory="No")
            for number, field in enumerate(sheet.fields, start=1)
        ]
        return group

    def _item(self, sheet: Sheet, field: Field) -> Any:
        item = odm.ItemDef(
            OID=item_oid(sheet.name, field.name),
            Name=field.name,
            DataType=_TYPES[field.kind],
            **_size(sheet, field),
        )
        item.Description = self._description(field.about)
        if field.unit:
            item.MeasurementUnitRef = [odm.MeasurementUnitRef(MeasurementUnitOID=_unit_oid(field.unit))]
        if field.choices:
            item.CodeListRef = odm.CodeListRef(CodeListOID=_codes_oid(sheet, field))
        if field.loinc:
            item.Alias = [odm.Alias(Context="LOINC", Name=field.loinc)]
        return item

    def _codes(self, sheet: Sheet, field: Field) -> Any:
        codes = odm.CodeList(OID=_codes_oid(sheet, field), Name=f"{sheet.name}.{field.name}", DataType="text")
        codes.CodeListItem = [self._code(code, key) for code, key in field.choices.items()]
        return codes

    def _code(self, code: str, key: str) -> Any:
        item = odm.CodeListItem(CodedValue=code)
        item.Decode = odm.Decode()
        item.Decode.TranslatedText = self._in_words(key)
        return item

    def _description(self, key: str) -> Any:
        description = odm.Description()
        description.TranslatedText = self._in_words(key)
        return description

    def _in_words(self, key: str) -> list[Any]:
        return [
            odm.TranslatedText(lang=_LANGUAGES[locale], _content=self.texts.plain(locale, Phrase(key)))
            for locale in LOCALES
        ]

    def clinical_data(self) -> Any:
        """Return the facts, subject by subject."""
        data = odm.ClinicalData(StudyOID=self.study_oid, MetaDataVersionOID=self.version_oid)
        by_subject = sorted(self._rows(), key=lambda each: (each[0] == NOBODY, each[0]))
        data.SubjectData = [
            self._subject(subject, [(sheet, row) for _, sheet, row in rows])
            for subject, rows in itertools.groupby(by_subject, key=lambda each: each[0])
        ]
        return data

    def _rows(self) -> Iterator[tuple[str, Sheet, tuple[Plain, ...]]]:
        for sheet in self.bundle.sheets:
            place = next((n for n, field in enumerate(sheet.fields) if field.name == sheet.subject), None)
            for row in sheet.rows:
                subject = None if place is None else row[place]
                yield (NOBODY if subject is None else str(subject)), sheet, row

    def _subject(self, key: str, rows: list[tuple[Sheet, tuple[Plain, ...]]]) -> Any:
        subject = odm.SubjectData(SubjectKey=key)
        subject.StudyEventData = [
            _event_data(sheet, [row for _, row in group])
            for sheet, group in itertools.groupby(rows, key=lambda each: each[0])
        ]
        return subject


def _event_data(sheet: Sheet, rows: list[tuple[Plain, ...]]) -> Any:
    event = odm.StudyEventData(StudyEventOID=_oid("SE", sheet))
    form = odm.FormData(FormOID=_oid("F", sheet))
    form.ItemGroupData = [_group_data(sheet, number, row) for number, row in enumerate(rows, start=1)]
    event.FormData = [form]
    return event


def _group_data(sheet: Sheet, number: int, row: tuple[Plain, ...]) -> Any:
    group = odm.ItemGroupData(ItemGroupOID=_oid("IG", sheet), ItemGroupRepeatKey=str(number))
    group.ItemData = [
        odm.ItemData(ItemOID=item_oid(sheet.name, field.name), Value=str(value))
        for field, value in zip(sheet.fields, row, strict=True)
        if value is not None
    ]
    return group


def _size(sheet: Sheet, field: Field) -> dict[str, int]:
    """Return Length, and SignificantDigits of a float: as much as the facts need, at least 1."""
    place = sheet.fields.index(field)
    texts = [str(row[place]) for row in sheet.rows if row[place] is not None]
    if field.kind in ("date", "instant"):
        return {}
    longest = {"Length": max((len(text) for text in texts), default=1) or 1}
    if field.kind != "float":
        return longest
    return {**longest, "SignificantDigits": max((len(text.partition(".")[2]) for text in texts), default=1)}


def _oid(prefix: str, sheet: Sheet) -> str:
    return f"{prefix}.{sheet.name}".upper()


def _codes_oid(sheet: Sheet, field: Field) -> str:
    return f"CL.{sheet.name}.{field.name}".upper()


def _unit_oid(unit: str) -> str:
    return f"MU.{unit}".upper()


def _unit(unit: str) -> Any:
    made = odm.MeasurementUnit(OID=_unit_oid(unit), Name=unit)
    made.Symbol = odm.Symbol()
    made.Symbol.TranslatedText = [odm.TranslatedText(lang="en", _content=unit)]
    return made
