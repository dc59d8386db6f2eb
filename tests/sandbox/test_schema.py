"""The schema that ships, and how parameters are read by it."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox import trim
from bot.sandbox.api_schema import Upload, schema
from bot.sandbox.calls import method_called
from bot.sandbox.refusals import Refusal
from bot.sandbox.registry import HANDLERS

PUBLISHED = Path(__file__).parents[3] / "shared" / "telegram" / "bot-api-10.1.json"


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published schema is not beside the repository")
def test_the_shipped_schema_is_the_trimmed_published_one():
    assert trim.SHIPPED.read_text("utf-8") == trim.text(trim.trim(json.loads(PUBLISHED.read_text("utf-8"))))


def test_trimming_writes_the_shipped_file_from_the_one_that_is_named(tmp_path, monkeypatch):
    types: dict[str, Any] = {"Update": {"fields": []}, "Unused": {"fields": []}}
    method = {"returns": ["Update"], "fields": []}
    full = {"version": "x", "methods": dict.fromkeys([*trim.METHODS, "other"], method), "types": types}
    (tmp_path / "full.json").write_text(json.dumps(full))
    monkeypatch.setattr(trim, "SHIPPED", tmp_path / "small.json")
    assert trim.main([str(tmp_path / "full.json")]) == 0
    small = json.loads((tmp_path / "small.json").read_text())
    assert small["not_served"] == ["other"]
    assert list(small["types"]) == ["Update"]


def test_trimming_without_a_file_says_how_it_is_used(capsys):
    assert trim.main([]) == 2
    assert "FULL_SCHEMA.json" in capsys.readouterr().err


def test_every_method_of_the_shipped_schema_is_served():
    assert set(HANDLERS) == set(schema().methods)


def test_method_names_are_read_without_regard_to_case():
    assert method_called("SENDMESSAGE") == "sendMessage"


def test_a_method_that_telegram_has_and_the_sandbox_has_not_is_named():
    with pytest.raises(Refusal, match="does not serve the method sendPoll") as refusal:
        method_called("sendPoll")
    assert refusal.value.code == 501


def test_a_method_that_nobody_has_is_not_found():
    with pytest.raises(Refusal, match="Not Found") as refusal:
        method_called("sendMoney")
    assert refusal.value.code == 404


@pytest.mark.parametrize(
    ("method", "given", "read"),
    [
        ("sendMessage", {"chat_id": "-5", "text": "7"}, {"chat_id": -5, "text": "7"}),
        ("sendMessage", {"chat_id": "@x", "text": "a"}, {"chat_id": "@x", "text": "a"}),
        ("getUpdates", {"allowed_updates": '["message"]'}, {"allowed_updates": ["message"]}),
        ("sendLocation", {"chat_id": 1, "latitude": "1.5", "longitude": "2"},
         {"chat_id": 1, "latitude": 1.5, "longitude": 2}),
        ("deleteWebhook", {"drop_pending_updates": "True"}, {"drop_pending_updates": True}),
        ("deleteWebhook", {"drop_pending_updates": "0"}, {"drop_pending_updates": False}),
    ],
)  # fmt: skip
def test_strings_are_read_as_what_the_parameter_is(method, given, read):
    assert schema().parameters(method, given) == read


@pytest.mark.parametrize(
    ("method", "given", "why"),
    [
        ("sendMessage", {"text": "a"}, "chat_id is empty"),
        ("sendMessage", {"chat_id": 1}, "message text is empty"),
        ("setWebhook", {}, "parameter 'url' is required"),
        ("sendMessage", {"chat_id": 1, "text": "a", "colour": "red"}, "unknown parameter 'colour'"),
        ("sendMessage", {"chat_id": 1, "text": 5}, "text: expected String"),
        ("sendMessage", {"chat_id": True, "text": "a"}, "chat_id: expected"),
        ("getUpdates", {"offset": "soon"}, "can't parse offset"),
        ("getUpdates", {"offset": "1.5"}, "can't parse offset"),
        ("getUpdates", {"allowed_updates": "message"}, "can't parse allowed_updates"),
        ("getUpdates", {"allowed_updates": [1]}, r"allowed_updates\[0\]: expected String"),
        ("deleteWebhook", {"drop_pending_updates": "perhaps"}, "Boolean expected"),
        ("sendMessage", {"chat_id": 1, "text": "a", "reply_markup": "{"}, "can't parse reply_markup"),
        ("sendMessage", {"chat_id": 1, "text": "a", "reply_markup": {"inline_keyboard": [[{}]]}}, '"text"'),
        ("sendMessage", {"chat_id": 1, "text": "a", "reply_markup": {"inline_keyboard": [["a"]]}}, "Button"),
        ("sendMessage", {"chat_id": 1, "text": "a", "link_preview_options": {"off": True}}, '"off" is not'),
        ("setMyCommands", {"commands": [], "scope": {"type": "everyone"}}, "scope.type: expected"),
        ("getMe", {"photo": "x"}, "unknown parameter"),
    ],
)
def test_what_the_schema_does_not_allow_is_refused(method, given, why):
    with pytest.raises(Refusal, match=why) as refusal:
        schema().parameters(method, given)
    assert refusal.value.code == 400
    assert refusal.value.description.startswith("Bad Request: ")


def test_a_file_is_refused_where_none_is_meant():
    with pytest.raises(Refusal, match="is not a file"):
        schema().parameters("sendMessage", {"chat_id": 1, "text": Upload("a", "text/plain", b"a")})


def test_a_wrong_answer_and_a_wrong_update_are_found():
    assert schema().answer_problem("getMe", {"id": 1, "is_bot": True}) is not None
    assert schema().answer_problem("getMe", {"id": 1, "is_bot": True, "first_name": "x"}) is None
    assert schema().update_problem({"update_id": "1"}) is not None
    assert schema().update_problem({"update_id": 1}) is None
