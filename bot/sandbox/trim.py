"""`python -m bot.sandbox.trim FULL_SCHEMA.json` cuts the published schema to what `bot_api.json` ships."""

import json
import re
import sys
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).with_name("bot_api.json")

METHODS = [
    "getMe",
    "getUpdates",
    "setWebhook",
    "deleteWebhook",
    "getWebhookInfo",
    "sendMessage",
    "sendPhoto",
    "sendDocument",
    "sendMediaGroup",
    "sendLocation",
    "sendVenue",
    "sendChatAction",
    "copyMessage",
    "forwardMessage",
    "editMessageText",
    "editMessageCaption",
    "editMessageReplyMarkup",
    "editMessageMedia",
    "deleteMessage",
    "deleteMessages",
    "answerCallbackQuery",
    "pinChatMessage",
    "unpinChatMessage",
    "unpinAllChatMessages",
    "setMyCommands",
    "getMyCommands",
    "deleteMyCommands",
    "setMyName",
    "getMyName",
    "setMyDescription",
    "getMyDescription",
    "setMyShortDescription",
    "getMyShortDescription",
    "setChatMenuButton",
    "getChatMenuButton",
    "getChat",
    "getChatMember",
    "getFile",
    "setMessageReaction",
    "leaveChat",
]

# A discriminating value is told only in prose: 'Type of the result, must be photo', 'always "member"'.
_CONSTANT = re.compile(r'(?:must be|always) "?([a-z_]+)"?$')


def trim(full: dict[str, Any]) -> dict[str, Any]:
    """Return the part of the published schema that the local Bot API serves, without the prose."""
    roots = [name for method in METHODS for name in _mentioned(full["methods"][method])]
    kept = _closure(full["types"], ["Update", *roots])
    return {
        "version": full["version"],
        "methods": {name: _method(full["methods"][name]) for name in METHODS},
        "not_served": sorted(set(full["methods"]) - set(METHODS)),
        "types": {name: _type(full["types"][name]) for name in sorted(kept)},
    }


def _closure(types: dict[str, Any], names: list[str]) -> set[str]:
    kept: set[str] = set()
    while names:
        name = names.pop()
        if name in types and name not in kept:
            kept.add(name)
            names.extend(_mentioned(types[name]))
    return kept


def _mentioned(entry: dict[str, Any]) -> list[str]:
    named = [*entry.get("returns", []), *entry.get("subtypes", [])]
    named += [name for field in entry.get("fields", []) for name in field["types"]]
    return [name.replace("Array of ", "") for name in named]


def _method(entry: dict[str, Any]) -> dict[str, Any]:
    return {"returns": entry["returns"], "fields": _fields(entry)}


def _type(entry: dict[str, Any]) -> dict[str, Any]:
    return {"subtypes": entry["subtypes"]} if "subtypes" in entry else {"fields": _fields(entry)}


def _fields(entry: dict[str, Any]) -> dict[str, Any]:
    return {field["name"]: _field(field) for field in entry.get("fields", [])}


def _field(field: dict[str, Any]) -> dict[str, Any]:
    trimmed: dict[str, Any] = {"types": field["types"]}
    if field["required"]:
        trimmed["required"] = True
    constant = _CONSTANT.search(field["description"])
    if constant and field["types"] == ["String"]:
        trimmed["constant"] = constant[1]
    return trimmed


def text(trimmed: dict[str, Any]) -> str:
    """Return the trimmed schema as JSON, a line for a method or type so that a diff can be read."""
    parts = []
    for key, value in trimmed.items():
        parts.append(f"{json.dumps(key)}: {_lines(value) if isinstance(value, dict) else json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(entries: dict[str, Any]) -> str:
    lines = [f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in entries.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def main(arguments: list[str]) -> int:
    """Write the shipped file from the full one that is named."""
    if len(arguments) != 1:
        print("use: python -m bot.sandbox.trim FULL_SCHEMA.json", file=sys.stderr)
        return 2
    SHIPPED.write_text(text(trim(json.loads(Path(arguments[0]).read_text("utf-8")))), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
