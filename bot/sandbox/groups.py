"""Groups: who is in them, what of them the bot reads, and how one becomes a supergroup."""

from bot.sandbox.accounts import Account, BotIdentity, Group, Json, Letter
from bot.sandbox.core import Core

_FIRST_GROUP, _FIRST_SUPERGROUP = 4_000_000, 1_000_002_000_000


def add_group(core: Core, title: str, members: list[Account], kind: str) -> Group:
    """Make a group with these members, the first as its owner, and add the bot to it."""
    roles = {str(member.id): "member" for member in members}
    roles |= {str(members[0].id): "creator"}
    group = Group(_fresh_id(core, kind), title, kind, roles, bot_status="left")
    bot_moved(core, group, "member")
    return group


def migrate(core: Core, group: Group) -> Group:
    """Turn a group into a supergroup under a new id, and tell the bot as Telegram does: in both chats."""
    target = Group(_fresh_id(core, "supergroup"), group.title, "supergroup", dict(group.members))
    group.migrated_to = target.id
    _keep(core, group)
    _keep(core, target)
    _service(core, group, {"migrate_to_chat_id": target.id})
    _service(core, target, {"migrate_from_chat_id": group.id})
    return target


def bot_moved(core: Core, group: Group, status: str) -> None:
    """Change what the bot is in a group, and tell it."""
    update = {"chat": group.chat(), "from": owner(core, group).user(), "date": core.now()}
    update["old_chat_member"] = member(core.bot.user(), group.bot_status)
    update["new_chat_member"] = member(core.bot.user(), status)
    group.bot_status = status
    _keep(core, group)
    core.updates.put("my_chat_member", update)
    core.store.commit()


def owner(core: Core, group: Group) -> Account:
    """Return the account of the group's owner."""
    return core.accounts[next(int(key) for key, role in group.members.items() if role == "creator")]


def reads(bot: BotIdentity, group: Group, letter: Letter) -> bool:
    """Return whether the bot gets this message: by privacy mode only what is meant for it."""
    if group.bot_status not in ("member", "administrator"):
        return False
    if bot.reads_all_group_messages or group.bot_status == "administrator":
        return True
    text = str(letter.message.get("text", ""))
    answered = letter.message.get("reply_to_message", {}).get("from", {}).get("id")
    if text.startswith("/"):
        _, _, addressee = text.split(maxsplit=1)[0].partition("@")
        return addressee.lower() in ("", bot.username.lower())
    return answered == bot.id or f"@{bot.username}".lower() in text.lower()


def _service(core: Core, group: Group, content: Json) -> None:
    sender = owner(core, group).user()
    beginnings = {"message_id": core.next_message_id(group.id), "from": sender, "chat": group.chat()}
    message = {**beginnings, "date": core.now(), **content}
    core.keep(Letter(message), "message")
    core.updates.put("message", message)
    core.store.commit()


def _keep(core: Core, group: Group) -> None:
    core.groups[group.id] = group
    core.save(group)


def _fresh_id(core: Core, kind: str) -> int:
    number = core.count(f"groups:{kind}")
    return -(number + (_FIRST_SUPERGROUP if kind == "supergroup" else _FIRST_GROUP))


_MAY = [
    "can_be_edited",
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
]


def member(user: Json, status: str) -> Json:
    """Return a ChatMember."""
    extra: Json = {}
    if status == "kicked":
        extra = {"until_date": 0}
    if status == "creator":
        extra = {"is_anonymous": False}
    if status == "administrator":
        extra = {"is_anonymous": False, **dict.fromkeys(_MAY, False), "can_manage_chat": True}
        extra["can_delete_messages"] = True
    return {"status": status, "user": user, **extra}
