"""`suifang backup`, `restore`, `resume` and `audit verify`, as an operator types them."""

import sqlite3

from tests.cli.operator import Operator


async def test_a_backup_is_made_restored_and_the_trail_is_whole(operator: Operator) -> None:
    assert (await operator.types("protocol", "sign", "--by", "Dr Fang"))[0] == 0
    code, printed = await operator.types("backup", "--to", "copy.db")
    assert code == 0, printed
    assert "written and verified: copy.db" in printed
    head = printed.rsplit(maxsplit=1)[-1]
    code, printed = await operator.types("audit", "verify", "--head", head)
    assert code == 0, printed
    assert "2 anchored heads found" not in printed
    key, operator.settings["SECRET_KEY"] = operator.settings["SECRET_KEY"], "another key"
    code, printed = await operator.types("restore", "copy.db")
    assert code == 1
    assert "it was sealed with another SECRET_KEY" in printed
    operator.settings["SECRET_KEY"] = key
    code, printed = await operator.types("restore", "copy.db")
    assert code == 0, printed
    assert "backup.made" in printed
    assert "suifang resume" in printed
    code, printed = await operator.types("resume")
    assert (code, printed.strip()) == (0, "sending goes on within 5 s")
    with sqlite3.connect(operator.folder / "data" / "suifang.db") as db:
        db.execute("DROP TRIGGER audit_never_updated")
        db.execute("UPDATE audit SET reason = 'another' WHERE id = 1")
    code, printed = await operator.types("audit", "verify")
    assert code == 1
    assert "✗ row 1: was changed" in printed


async def test_a_damaged_database_stops_the_start_and_the_way_out_is_named(
    operator: Operator,
) -> None:
    operator.settings["WITHOUT"] = "second_channel,heartbeat,signed_protocol"
    file = operator.folder / "data" / "suifang.db"
    file.parent.mkdir()
    file.write_bytes(b"SQLite format 3\0" + b"\xff" * 8000)
    before = file.read_bytes()
    code, printed = await operator.types("run")
    assert code == 1
    assert printed.count("\n") == 1
    assert "suifang restore" in printed
    code, printed = await operator.types("check")
    assert code == 2
    assert printed.count("suifang.db") == 1
    assert file.read_bytes() == before
