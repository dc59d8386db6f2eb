"""Enrolling from a CSV file: read whole, every error by its line, written whole or not at all."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.domain import calendar
from bot.domain.people import LANGUAGES, Language, Participant
from bot.domain.spelled import read_date
from bot.domain.telephone import normal_phone
from bot.errors import BadInput
from bot.services.participation import enrolment
from bot.services.participation.enrolment import EnrolRequest
from bot.services.trail import Actor, record
from bot.storage import participants
from bot.storage.db import Tx
from bot.study import Study

COLUMNS = ("code", "arm", "dose", "day1", "icf", "language", "flags", "phone")
REQUIRED = COLUMNS[:5]
# As a site's own table may name them.
_ALIASES: Mapping[str, str] = {
    "编号": "code",
    "组别": "arm",
    "剂量": "dose",
    "第1天": "day1",
    "第一天": "day1",
    "知情同意": "icf",
    "知情同意日期": "icf",
    "语言": "language",
    "lang": "language",
    "知情同意书": "icf",
    "情况": "flags",
    "标记": "flags",
    "flag": "flags",
    "电话": "phone",
    "电话号码": "phone",
    "手机": "phone",
}
_LANGUAGE_NAMES: Mapping[str, Language] = {
    "": "zh_CN",
    "zh": "zh_CN",
    "zh_cn": "zh_CN",
    "中文": "zh_CN",
    "en": "en",
    "english": "en",
    "英文": "en",
    "both": "both",
    "双语": "both",
}
MOST_BYTES, MOST_ROWS = 256 * 1024, 500


@dataclass(frozen=True, slots=True)
class LineError:
    """What is wrong on one line, counted from 1 with the header; line 0 is the file itself."""

    line: int
    why: BadInput


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a file would do: whom it enrols, who is there already just like that, and what is wrong."""

    new: tuple[EnrolRequest, ...]
    known: tuple[str, ...]
    errors: tuple[LineError, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of who would be enrolled."""
        return tuple(each.code for each in self.new)


def decoded(content: bytes) -> str:
    """Return the text of a file: UTF-8, or what Excel writes in China; BadInput for anything else."""
    if len(content) > MOST_BYTES:
        raise BadInput("import.refused_big", most=MOST_BYTES // 1024)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise BadInput("import.refused_text")


def readable(content: bytes) -> str | None:
    """Return the text of a file, or None where it cannot be read."""
    try:
        return decoded(content)
    except BadInput:
        return None


async def dry_run(study: Study, text: str) -> DryRun:
    """Say what a file would do, and change nothing."""
    async with study.db.begin() as tx:
        return await look(study, tx, text, study.clock.now())


async def commit(study: Study, actor: Actor, text: str) -> DryRun:
    """Enrol everyone in a file in one transaction; nobody where anything is wrong.

    Who is there already just like that stays as they are: the same file twice enrols nobody twice.
    """
    now = study.clock.now()
    async with study.db.begin() as tx:
        found = await look(study, tx, text, now)
        if found.errors or not found.new:
            return found
        for request in found.new:
            await enrolment.enrol_checked(study, tx, actor, request, now)
        await record(tx, study, actor, "import", now, after={"codes": list(found.codes)})
        return found


async def look(study: Study, tx: Tx, text: str, now: datetime) -> DryRun:
    """Read a file against who is enrolled, in the caller's transaction."""
    taken = {each.code: each for each in await participants.all_(tx)}
    today = calendar.to_local(now, study.site.zone).date()
    try:
        rows = _rows(text)
    except BadInput as why:
        return DryRun((), (), (LineError(0, why),))
    new: list[EnrolRequest] = []
    known: list[str] = []
    errors: list[LineError] = []
    seen: set[str] = set()
    for line, row in rows:
        request, wrong = _request(study, row, today)
        if request is not None and not wrong:
            wrong = _clash(request, taken, seen)
        errors += [LineError(line, why) for why in wrong]
        if request is None or wrong:
            continue
        seen.add(request.code)
        if request.code in taken:
            known.append(request.code)
        else:
            new.append(request)
    return DryRun(tuple(new), tuple(known), tuple(errors))


def _rows(text: str) -> list[tuple[int, dict[str, str]]]:
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise BadInput("import.refused_text") from error
    lines = [(number, cells) for number, cells in lines if any(cells)]
    if not lines:
        raise BadInput("import.refused_empty")
    header = [_ALIASES.get(name.lower(), name.lower()) for name in lines[0][1]]
    _check_header(header)
    if len(lines) == 1:
        raise BadInput("import.refused_empty")
    if len(lines) > MOST_ROWS:
        raise BadInput("import.refused_long", most=MOST_ROWS)
    return [(number, _named(header, cells)) for number, cells in lines[1:]]


def _named(header: list[str], cells: list[str]) -> dict[str, str]:
    # What stands beyond the header must not vanish: it is a comma too many.
    extra = {"": "x"} if any(cells[len(header) :]) else {}
    return dict(zip(header, [*cells, *[""] * len(header)], strict=False)) | extra


def _check_header(header: list[str]) -> None:
    for name in REQUIRED:
        if name not in header:
            raise BadInput("import.refused_column", column=name)
    for name in header:
        if name not in COLUMNS or header.count(name) > 1:
            raise BadInput("import.refused_unknown", column=name[:40], columns=", ".join(COLUMNS))


def _request(study: Study, row: Mapping[str, str], today: date) -> tuple[EnrolRequest | None, list[BadInput]]:
    """Return the request of a row, and all that is wrong with it at once."""
    wrong: list[BadInput] = []

    def value(read: Callable[[str], Any], name: str) -> Any:
        try:
            return read(row.get(name, ""))
        except BadInput as why:
            wrong.append(why)
            return None

    if "" in row:
        wrong.append(BadInput("import.refused_cells"))
    code, arm = row["code"].zfill(3) if row["code"].isdigit() else row["code"], row["arm"]
    dose, day1_on, icf_on = value(_dose, "dose"), value(_date, "day1"), value(_date, "icf")
    language, phone = value(_language, "language"), value(_phone, "phone")
    flags = frozenset(row.get("flags", "").replace(";", " ").replace("、", " ").split())
    wrong += _checked(study, code, arm, dose, flags)
    if icf_on is not None:
        wrong += _tried(enrolment.check_icf, icf_on, today)
    if icf_on is not None and day1_on is not None:
        wrong += _tried(enrolment.check_day1, day1_on, icf_on)
    if wrong:
        return None, wrong
    return EnrolRequest(code, arm, dose, day1_on, icf_on, language, flags, phone=phone), []


def _checked(study: Study, code: str, arm: str, dose: float | None, flags: frozenset[str]) -> list[BadInput]:
    wrong = _tried(enrolment.check_code, code)
    if dose is not None:
        wrong += _tried(enrolment.check_dose, study.protocol, arm, dose)
    unknown = sorted(flags - set(study.protocol.flags))
    return wrong + [BadInput("enrol.refused.flag", flag=each[:40]) for each in unknown]


def _tried(check: Callable[..., None], *values: Any) -> list[BadInput]:
    try:
        check(*values)
    except BadInput as why:
        return [why]
    return []


def _clash(request: EnrolRequest, taken: Mapping[str, Participant], seen: set[str]) -> list[BadInput]:
    if request.code in seen:
        return [BadInput("import.refused_twice", code=request.code)]
    known = taken.get(request.code)
    if known is None or _same(known, request):
        return []
    return [BadInput("import.refused_other", code=request.code)]


def _same(known: Participant, request: EnrolRequest) -> bool:
    facts = (known.arm, known.dose, known.day1_on, known.icf_on, known.flags)
    return facts == (request.arm, request.dose, request.day1_on, request.icf_on, request.flags)


def _dose(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise BadInput("enrol.refused.dose", dose=text[:20]) from error


def _date(text: str) -> date:
    # The year must be there: a file is read later than it was written.
    if not any(len(part) == 4 and part.isdigit() for part in _parts(text)) and len(text) != 8:
        raise BadInput("import.refused_date", text=text[:20])
    try:
        return read_date(text, date(2026, 1, 1))
    except BadInput as error:
        raise BadInput("import.refused_date", text=text[:20]) from error


def _parts(text: str) -> list[str]:
    return "".join(each if each.isdigit() else " " for each in text).split()


def _language(text: str) -> Language:
    found = _LANGUAGE_NAMES.get(text.lower(), text)
    for language in LANGUAGES:
        if found == language:
            return language
    raise BadInput("enrol.refused.language")


def _phone(text: str) -> str | None:
    return normal_phone(text) if text else None
