"""The methods about the bot itself, its updates, and what it may know of chats and files."""

import re
from typing import Any

from bot.sandbox.accounts import Group, Json
from bot.sandbox.chats import known_chat, writable_chat
from bot.sandbox.core import Core
from bot.sandbox.files import DOWNLOAD_BYTES, as_json
from bot.sandbox.groups import bot_moved, member
from bot.sandbox.profile import scope_key
from bot.sandbox.refusals import WEBHOOK_ACTIVE, bad_request, conflict
from bot.sandbox.registry import serves

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_LONGEST_POLL = 50
_LOOPBACK = ("http://127.0.0.1:", "http://localhost:", "http://[::1]:")


@serves("getMe")
def get_me(core: Core, p: Json) -> Json:
    """Tell who the bot is."""
    named = core.profile.get("name", "") or core.bot.name
    rights = {"can_join_groups": True, "can_read_all_group_messages": core.bot.reads_all_group_messages}
    rights |= dict.fromkeys(("supports_inline_queries", "can_connect_to_business", "has_main_web_app"), False)
    return core.bot.user() | {"first_name": named, **rights}


@serves("getUpdates")
async def get_updates(core: Core, p: Json) -> list[Json]:
    """Hand out updates; see `Updates` for the rules."""
    if core.webhook.url:
        raise conflict(WEBHOOK_ACTIVE)
    core.updates.allow(p.get("allowed_updates"))
    limit = min(max(p.get("limit", 100), 1), 100)
    timeout = min(max(p.get("timeout", 0), 0), _LONGEST_POLL)
    return await core.updates.poll(p.get("offset", 0), limit, timeout)


@serves("setWebhook")
def set_webhook(core: Core, p: Json) -> bool:
    """Post updates to a URL; plain http is taken for this machine only."""
    url, secret = p["url"], p.get("secret_token", "")
    if url and not url.startswith(("https://", *_LOOPBACK)):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if secret and not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    core.updates.allow(p.get("allowed_updates"))
    _drop_pending(core, p)
    if url:
        core.updates.end_poll("terminated by setWebhook request")
    state: Json = {"url": url, "max_connections": p.get("max_connections", 40)}
    state |= {"allowed_updates": core.updates.allowed, "secret_token": secret}
    core.webhook.set(state if url else {})
    return True


@serves("deleteWebhook")
def delete_webhook(core: Core, p: Json) -> bool:
    """Let updates be polled again."""
    _drop_pending(core, p)
    core.webhook.set({})
    return True


def _drop_pending(core: Core, p: Json) -> None:
    if p.get("drop_pending_updates"):
        core.updates.forget_all()


@serves("getWebhookInfo")
def get_webhook_info(core: Core, p: Json) -> Json:
    """Tell where updates go and how that fares."""
    return core.webhook.info()


@serves("setMyCommands")
def set_my_commands(core: Core, p: Json) -> bool:
    """Set the menu of commands for a scope and a language."""
    if len(p["commands"]) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in p["commands"]:
        _check_command(command)
    _put_commands(core, p, p["commands"])
    return True


@serves("deleteMyCommands")
def delete_my_commands(core: Core, p: Json) -> bool:
    """Remove the menu of a scope and a language."""
    _put_commands(core, p, [])
    return True


@serves("getMyCommands")
def get_my_commands(core: Core, p: Json) -> list[Json]:
    """Return the menu of a scope and a language, as it was set."""
    return core.profile.get("commands", scope_key(p.get("scope")), _language(p)) or []


def _check_command(command: Json) -> None:
    if not _COMMAND.fullmatch(command["command"].removeprefix("/")):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(command["description"]) <= 256:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")


def _put_commands(core: Core, p: Json, commands: list[Json]) -> None:
    scope = p.get("scope")
    if scope and "chat_id" in scope:
        known_chat(core, scope["chat_id"])
    named = [command | {"command": command["command"].removeprefix("/")} for command in commands]
    core.profile.put(named, "commands", scope_key(scope), _language(p))
    core.emit("commands", None)


def _language(p: Json) -> str:
    code = str(p.get("language_code", ""))
    if code and not re.fullmatch("[a-z]{2}", code):
        raise bad_request("invalid language code specified")
    return code


def _serve_text(what: str, key: str, longest: int) -> None:
    """Serve the getter and setter of one of the bot's texts."""

    def put(core: Core, p: Json) -> bool:
        if len(p.get(key, "")) > longest:
            raise bad_request(f"{key.replace('_', ' ')} is too long")
        core.profile.put(p.get(key, ""), key, _language(p))
        return True

    def get(core: Core, p: Json) -> Json:
        found = core.profile.get(key, _language(p)) or core.profile.get(key, "")
        return {key: found or (core.bot.name if key == "name" else "")}

    serves(f"setMy{what}")(put)
    serves(f"getMy{what}")(get)


_serve_text("Name", "name", 64)
_serve_text("Description", "description", 512)
_serve_text("ShortDescription", "short_description", 120)


@serves("setChatMenuButton")
def set_chat_menu_button(core: Core, p: Json) -> bool:
    """Set what stands left of the input field, for one private chat or for all."""
    core.profile.put(p.get("menu_button"), "menu_button", _private(core, p))
    return True


@serves("getChatMenuButton")
def get_chat_menu_button(core: Core, p: Json) -> Json:
    """Return the menu button of one private chat or of all."""
    found = core.profile.get("menu_button", _private(core, p)) or core.profile.get("menu_button", "")
    return found or {"type": "commands"}


def _private(core: Core, p: Json) -> int | str:
    if "chat_id" not in p:
        return ""
    chat = known_chat(core, p["chat_id"])
    if isinstance(chat, Group):
        raise bad_request("chat must be private")
    return chat.id


@serves("getChat")
def get_chat(core: Core, p: Json) -> Json:
    """Tell about a chat, its pinned message included."""
    chat = writable_chat(core, p["chat_id"]) if _is_group(core, p) else known_chat(core, p["chat_id"])
    gifts = (
        "unlimited_gifts",
        "limited_gifts",
        "unique_gifts",
        "premium_subscription",
        "gifts_from_channels",
    )
    full = chat.chat() | {"accent_color_id": 0, "max_reaction_count": 11}
    full["accepted_gift_types"] = dict.fromkeys(gifts, False)
    pinned = core.letter(chat.id, chat.pinned[-1]) if chat.pinned else None
    return full | ({"pinned_message": pinned.message} if pinned else {})


def _is_group(core: Core, p: Json) -> bool:
    return isinstance(known_chat(core, p["chat_id"]), Group)


@serves("getChatMember")
def get_chat_member(core: Core, p: Json) -> Json:
    """Tell what somebody is in a chat."""
    chat, user_id = known_chat(core, p["chat_id"]), p["user_id"]
    if user_id == core.bot.id:
        return member(core.bot.user(), chat.bot_status if isinstance(chat, Group) else "member")
    account = core.accounts.get(user_id)
    if account is None:
        raise bad_request("user not found")
    inside = chat.members if isinstance(chat, Group) else {str(chat.id): "member"}
    if not isinstance(chat, Group) and user_id != chat.id:
        raise bad_request("user not found")
    return member(account.user(), inside.get(str(user_id), "left"))


@serves("getFile")
def get_file(core: Core, p: Json) -> Json:
    """Tell where a file can be fetched."""
    file = core.files.get(p["file_id"])
    if file is None:
        raise bad_request("invalid file_id")
    if file.size > DOWNLOAD_BYTES:
        raise bad_request("file is too big")
    return as_json(file) | {"file_path": file.path}


@serves("leaveChat")
def leave_chat(core: Core, p: Json) -> bool:
    """Leave a group."""
    chat: Any = writable_chat(core, p["chat_id"])
    if not isinstance(chat, Group):
        raise bad_request("chat member status can't be changed in private chats")
    bot_moved(core, chat, "left")
    return True
