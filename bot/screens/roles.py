"""Who may see and do what, as a page: written from the tables of the code, never by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.people import ON_DUTY_ONLY, PERMISSIONS, Action, Role
from bot.screens.join import ROLE_NAMES
from bot.texts import Phrase, Texts, key

ACTION_NAMES: Mapping[Action, str] = {
    Action.SEE_ALERTS: key("action.see_alerts"),
    Action.ACKNOWLEDGE: key("action.acknowledge"),
    Action.CLOSE: key("action.close"),
    Action.SEE_PARTICIPANT: key("action.see_participant"),
    Action.BE_ON_CALL: key("action.be_on_call"),
    Action.PLAN_DUTY: key("action.plan_duty"),
    Action.ENROL: key("action.enrol"),
    Action.MOVE_VISIT: key("action.move_visit"),
    Action.RECORD_INFUSION: key("action.record_infusion"),
    Action.BROADCAST: key("action.broadcast"),
    Action.APPROVE_BROADCAST: key("action.approve_broadcast"),
    Action.SEE_PHONE: key("action.see_phone"),
    Action.ANSWER_MESSAGES: key("action.answer_messages"),
    Action.EXPORT: key("action.export"),
    Action.SET_CARE: key("action.set_care"),
    Action.LOOSEN_BASELINE: key("action.loosen_baseline"),
}
YES, ON_DUTY, NO = "●", "◐", "·"
INTRO = """# Who may see and do what · 谁可以看什么、做什么

Written by `suifang roles --write docs/roles.md` from the tables in the code; a test holds this page to them.
本页由 `suifang roles --write docs/roles.md` 从程序里的表生成，有测试保证一致。

● yes 可以 · ◐ while on call 值班时可以 · “·” no 不可以

Whoever presses or types is looked up each time, as their role is then. Strangers, revoked staff, groups, and
Telegram's own users (1087968824, 777000) can do nothing but read what this bot is. A button carries ids and a
version: they are checked against their owner and object, whoever the button was meant for.
每次点击和输入都重新核对身份和角色。
陌生人、已停用的工作人员、群聊和 Telegram 自己的账号（1087968824、777000）什么都不能做。
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A command or a button: for participants, for staff, and for which of their actions (None: all)."""

    name: str
    participants: bool
    staff: bool
    action: Action | None = None


def page(texts: Texts, commands: Sequence[Entry], buttons: Sequence[Entry]) -> str:
    """Return the page as Markdown."""
    parts = [INTRO, "## Actions · 权限\n", *_actions(texts)]
    parts += ["\n## Commands · 命令\n", *_entries(texts, commands)]
    parts += ["\n## Buttons · 按钮\n", *_entries(texts, buttons)]
    return "\n".join(parts) + "\n"


def _head(texts: Texts, *first: str) -> list[str]:
    names = [f"{texts.plain('en', Phrase(name))} {texts.plain('zh_CN', Phrase(name))}" for name in _roles()]
    columns = [*first, *names]
    return [f"| {' | '.join(columns)} |", f"|{' - |' * len(columns)}"]


def _roles() -> list[str]:
    return [ROLE_NAMES[role.value] for role in Role]


def _actions(texts: Texts) -> list[str]:
    rows = _head(texts, "Action", "权限")
    for action in Action:
        name = Phrase(ACTION_NAMES[action])
        marks = [_mark(action, role) for role in Role]
        rows.append(f"| {texts.plain('en', name)} | {texts.plain('zh_CN', name)} | {' | '.join(marks)} |")
    return rows


def _mark(action: Action | None, role: Role) -> str:
    if action is None:
        return YES
    if role not in PERMISSIONS[action]:
        return NO
    return ON_DUTY if action in ON_DUTY_ONLY and role is not Role.COORDINATOR else YES


def _entries(texts: Texts, entries: Sequence[Entry]) -> list[str]:
    rows = _head(texts, "", "Participant 参与者")
    for each in entries:
        marks = [YES if each.participants else NO]
        marks += [_mark(each.action, role) if each.staff else NO for role in Role]
        rows.append(f"| `{each.name}` | {' | '.join(marks)} |")
    return rows
