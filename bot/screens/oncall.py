"""Who is on call."""

from collections.abc import Sequence

from bot.domain.people import StaffMember
from bot.screens.join import ROLE_NAMES
from bot.screens.taps import Do, tap
from bot.texts import Button, Phrase, Screen, say


def on_call(reader: StaffMember, members: Sequence[StaffMember]) -> Screen:
    """Show who is on call, and let the reader take or leave duty."""
    lines: list[Phrase | None] = [say("oncall.title"), None]
    lines += [
        say("oncall.line", name=member.name, role=Phrase(ROLE_NAMES[member.role.value])) for member in members
    ] or [say("oncall.nobody")]
    own = any(member.id == reader.id for member in members)
    if own:
        button = Button(say("oncall.button_leave"), tap(Do.ON_CALL, "off"))
    else:
        button = Button(say("oncall.button_take"), tap(Do.ON_CALL, "on"))
    return Screen(tuple(lines), ((button,),))
