"""Enrolling from a file: everything wrong at once, all or nobody, and never twice."""

from datetime import date

import pytest

from bot.errors import BadInput
from bot.services.participation import importing
from bot.services.trail import SYSTEM
from bot.storage import participants, phones

HEADER = "code,arm,dose,day1,icf,language,flags,phone\n"
GOOD = (
    HEADER
    + "001,NK010,2.5e9,2026-12-04,2026-11-20,zh_CN,STEROID LN,138 0000 0000\n"
    + "2,NK042,6e8,2026-12-10,2026-11-21,en,,\n"
)


async def everyone(study):
    async with study.db.begin() as tx:
        return await participants.all_(tx)


def said(study, found):
    return [(each.line, each.why.key) for each in found.errors]


async def test_a_dry_run_says_who_would_be_enrolled_and_writes_nothing(study):
    found = await importing.dry_run(study, GOOD)
    assert (found.codes, found.known, found.errors) == (("001", "002"), (), ())
    assert await everyone(study) == []


async def test_a_good_file_enrols_everyone_with_flags_language_and_phone(ward, study):
    await importing.commit(study, SYSTEM, GOOD)
    one, two = await everyone(study)
    assert (one.code, one.day1_on, one.flags, one.language) == (
        "001",
        date(2026, 12, 4),
        {"STEROID", "LN"},
        "zh_CN",
    )
    assert (two.code, two.arm, two.language, two.wake_at is not None) == ("002", "NK042", "en", True)
    async with study.db.begin() as tx:
        assert await phones.get(tx, one.id) == "+8613800000000"
        assert not await phones.is_known(tx, two.id)
    assert await ward.actions() == ["enrol", "enrol", "import"]


async def test_the_same_file_twice_enrols_nobody_twice(study):
    await importing.commit(study, SYSTEM, GOOD)
    again = await importing.commit(study, SYSTEM, GOOD)
    assert (again.codes, again.known, again.errors) == ((), ("001", "002"), ())
    assert len(await everyone(study)) == 2


async def test_a_file_half_bad_is_refused_whole_with_every_error_by_its_line(ward, study):
    await ward.enrol(code="009")
    bad = (
        HEADER
        + "001,NK010,2.5e9,2026-12-04,2026-11-20,zh_CN,,\n"
        + "x1,NK999,2.5e9,soon,2026-11-20,fr,TALL,120\n"
        + "\n"
        + "001,NK010,2.5e9,2026-12-04,2026-11-20,zh_CN,,\n"
        + "009,NK010,5e9,2026-12-04,2026-11-20,zh_CN,,\n"
        + "004,NK010,2.5e9,2026-11-01,2026-11-20,zh_CN,,\n"
        + "005,NK010,2.5e9,2026-12-04,2026-11-20,zh_CN,,,,oops\n"
    )
    found = await importing.commit(study, SYSTEM, bad)
    assert said(study, found) == [
        (3, "import.refused_date"),
        (3, "enrol.refused.language"),
        (3, "phone.refused"),
        (3, "enrol.refused.code_format"),
        (3, "enrol.refused.arm"),
        (3, "enrol.refused.flag"),
        (5, "import.refused_twice"),
        (6, "import.refused_other"),
        (7, "enrol.refused.day1_before_icf"),
        (8, "import.refused_cells"),
    ]
    assert [each.code for each in await everyone(study)] == ["009"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "import.refused_empty"),
        (HEADER, "import.refused_empty"),
        ("code,arm\n001,NK010\n", "import.refused_column"),
        ("code,arm,dose,day1,icf,name\n1,2,3,4,5,6\n", "import.refused_unknown"),
        ("code,code,arm,dose,day1,icf\n1,2,3,4,5,6\n", "import.refused_unknown"),
        (HEADER + GOOD.splitlines()[1] + "\n" * 1 + "001,,,,,,,\n" * 500, "import.refused_long"),
    ],
)
async def test_a_file_that_is_no_table_of_participants_is_refused(study, text, key):
    assert said(study, await importing.dry_run(study, text)) == [(0, key)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_what_a_spreadsheet_writes_is_read(encoding):
    assert importing.decoded("编号,组别".encode(encoding)) == "编号,组别"


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe0\x00\x10", b"x" * 300_000])
def test_what_is_no_text_or_too_big_is_refused(content):
    with pytest.raises(BadInput):
        importing.decoded(content)
    assert importing.readable(content) is None


@pytest.mark.parametrize("delimiter", [";", "\t"])
async def test_chinese_names_of_columns_and_other_commas_are_understood(study, delimiter):
    text = "编号,组别,剂量,第1天,知情同意\r\n7,NK010,2.5e9,2026年12月4日,2026/11/20\r\n"
    found = await importing.dry_run(study, text.replace(",", delimiter))
    assert (found.codes, found.errors) == (("007",), ())


async def test_a_date_without_its_year_is_refused(study):
    found = await importing.dry_run(study, GOOD.replace("2026-12-04", "12月4日"))
    assert said(study, found) == [(2, "import.refused_date")]


async def test_columns_are_known_by_the_words_of_the_site(study):
    header = "编号,组别,剂量,第1天,知情同意书,语言,标记,手机\n"
    found = await importing.dry_run(study, GOOD.replace(HEADER, header))
    assert (found.codes, found.errors) == (("001", "002"), ())


async def test_a_column_that_is_not_known_is_named_with_those_that_are(study):
    found = await importing.dry_run(study, GOOD.replace("language", "tongue"))
    [error] = found.errors
    assert error.why.values["column"] == "tongue"
    assert "language" in str(error.why.values["columns"])
