"""/export in the chat: a file for the coordinator, and for nobody else."""

import io
import zipfile

from openpyxl import load_workbook

from bot.domain.people import Role
from bot.sandbox.person import Person
from tests.handlers.conftest import labels
from tests.handlers.test_coordinator_enrol import toasts


def file_of(stage, person: Person) -> bytes:
    assert person.last.document is not None
    return stage.world.files.content(person.last.document.file_id)


async def test_the_coordinator_gets_the_file_that_was_asked_for(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    await stage.act(wang.say("我有一个问题"))
    await stage.act(lin.command("export"))
    assert labels(lin.last) == ["CSV tables (zip)", "Excel workbook", "CDISC ODM-XML"]
    menu = lin.last.id
    await stage.act(lin.tap("CSV tables (zip)", menu))
    names = zipfile.ZipFile(io.BytesIO(file_of(stage, lin))).namelist()
    assert {name.rpartition("/")[2] for name in names} >= {
        "visits.csv",
        "answers.csv",
        "audit.csv",
        "fields.csv",
    }
    await stage.act(lin.tap("Excel workbook", menu))
    assert load_workbook(io.BytesIO(file_of(stage, lin)))["participants"]["A2"].value == "001"
    await stage.act(lin.tap("CDISC ODM-XML", menu))
    assert b"http://www.cdisc.org/ns/odm/v1.3" in file_of(stage, lin)


async def test_what_people_wrote_does_not_travel_through_the_chat(stage):
    lin = await stage.coordinator()
    wang = await stage.participant()
    await stage.act(wang.say("请问周五几点到"))
    await stage.act(lin.command("export"))
    await stage.act(lin.tap("CDISC ODM-XML"))
    assert "请问周五几点到".encode() not in file_of(stage, lin)
    assert lin.last.protected


async def test_a_physician_is_not_offered_the_export(stage):
    lin = await stage.coordinator()
    chen = await stage.coordinator("Chen", Role.SUB_INVESTIGATOR)
    await stage.act(lin.command("export"))
    data = lin.last.buttons[0][0].data
    before = len(chen.messages)
    chen.forge(data, chen.last.id)
    await stage.act()
    assert toasts(chen)[-1]
    assert len(chen.messages) == before
