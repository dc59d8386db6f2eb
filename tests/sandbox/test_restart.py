"""A world with a path goes on where it was."""

import httpx

from bot.sandbox.server import serve
from bot.sandbox.shown import Shown
from bot.sandbox.world import World

BUTTON = {"inline_keyboard": [[{"text": "好", "callback_data": "yes"}]]}


async def test_everything_survives_a_restart(clock, tmp_path):
    path = tmp_path / "world.db"
    first = World(clock, path=path)
    wang = first.add_person("王", phone="+86139")
    wang.start()
    group = first.add_group("值班", [wang])
    async with serve(first) as url, httpx.AsyncClient(trust_env=False, verify=False) as client:

        async def ask(method, **params):
            answer = await client.post(f"{url}/bot{first.bot.token}/{method}", json=params)
            assert answer.json()["ok"], answer.text
            return answer.json()["result"]

        await ask("getUpdates", offset=-1, allowed_updates=["message", "callback_query"])
        sent = await ask("sendMessage", chat_id=wang.id, text="一", reply_markup=BUTTON, protect_content=True)
        await ask("pinChatMessage", chat_id=wang.id, message_id=sent["message_id"])
        await ask("setMyCommands", commands=[{"command": "help", "description": "帮助"}])
        await ask("sendMessage", chat_id=wang.id, text="二", reply_markup={"keyboard": [[{"text": "报告"}]]})
    query = wang.tap("好") or ""
    wang.send_document(b"content", "a.txt")
    wang.offline()
    wang.say("等网")
    before = seen(wang)
    updates = first.updates.head(99)
    await first.close()

    second = World(clock, path=path)
    again = second.person(wang.id)
    assert seen(again) == before
    assert (again.menu, again.reply_keyboard) == ([("help", "帮助")], [[{"text": "报告"}]])
    assert again.pinned is not None
    assert again.pinned.text == "一"
    assert second.updates.head(99) == updates
    assert second.updates.allowed == ["message", "callback_query"]
    assert second.queries[query].user_id == wang.id
    assert second.groups[group.id].title == "值班"
    attached = next(message.attachment for message in again.messages if message.attachment)
    assert second.files.content(attached.file_id) == b"content"
    again.online()
    assert again.messages[-1].text == "等网"
    assert again.messages[-1].id not in {message["id"] for message in before}
    assert second.updates.head(99)[-1]["update_id"] == updates[-1]["update_id"] + 1
    await second.close()


async def test_what_was_confirmed_does_not_come_back(clock, tmp_path):
    first = World(clock, path=tmp_path / "world.db")
    wang = first.add_person("王")
    for text in "一二三":
        wang.say(text)
    kept = first.updates.head(9)[2]
    first.updates.confirm(kept["update_id"])
    await first.close()
    second = World(clock, path=tmp_path / "world.db")
    assert second.updates.head(9) == [kept]
    await second.close()


async def test_a_death_without_a_farewell_loses_nothing(clock, tmp_path):
    first = World(clock, path=tmp_path / "world.db")
    wang = first.add_person("王")
    wang.say("一")
    second = World(clock, path=tmp_path / "world.db")
    assert [message.text for message in second.person(wang.id).messages] == ["一"]
    await second.close()
    await first.close()


async def test_a_world_without_a_path_writes_nothing(clock, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    world = World(clock)
    world.add_person("王").start()
    await world.close()
    assert list(tmp_path.iterdir()) == []


async def test_a_webhook_goes_on_after_a_restart(clock, tmp_path):
    first = World(clock, path=tmp_path / "world.db")
    first.webhook.set({"url": "http://127.0.0.1:9/", "secret_token": "s"})
    await first.close()
    second = World(clock, path=tmp_path / "world.db")
    assert second.webhook.url == "http://127.0.0.1:9/"
    await second.close()


def seen(person):
    """Return what a phone shows, in plain values."""
    return [describe(message) for message in person.messages]


def describe(message: Shown):
    return {"id": message.id, "raw": message.raw, "protected": message.protected, "html": message.html}
