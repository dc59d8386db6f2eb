"""Enrolling from a CSV file: what the file must hold, and what it would do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from bot.screens.taps import Do, tap
from bot.screens.wizard import Question
from bot.texts import Button, Joined, Phrase, Screen, Value, say, say_n

MOST_ERRORS, MOST_CODES = 25, 80


@dataclass(frozen=True, slots=True)
class DryRunView:
    """Whom a file enrols, who is there already, and what is wrong: line, key of the text, its values."""

    new: Sequence[str]
    known: Sequence[str]
    errors: Sequence[tuple[int, str, Mapping[str, object]]]


def ask_file(columns: Sequence[str]) -> Question:
    """Ask for the file."""
    return Question((say("import.ask", columns=",".join(columns)), None, say("import.rules")))


def dry_run(view: DryRunView) -> Question:
    """Show what a file would do; it can be confirmed only when nothing is wrong."""
    nobody_yet = say_n("import.could", len(view.new)) if view.errors else say_n("import.new", len(view.new))
    lines: list[Phrase | None] = [nobody_yet]
    if view.new:
        lines.append(say("import.codes", codes=_codes(view.new)))
    if view.known:
        lines.append(say("import.known", codes=_codes(view.known)))
    if view.errors:
        lines += [None, say_n("import.wrong", len(view.errors)), *_wrong(view), None, say("import.mend")]
        return Question(tuple(lines))
    if not view.new:
        return Question((*lines, None, say("import.nothing")))
    return Question(tuple(lines), confirm=say_n("import.confirm", len(view.new)))


def _wrong(view: DryRunView) -> list[Phrase | None]:
    lines: list[Phrase | None] = [error_line(*each) for each in view.errors[:MOST_ERRORS]]
    more = len(view.errors) - MOST_ERRORS
    return [*lines, say_n("import.more", more)] if more > 0 else lines


def error_line(line: int, key: str, values: Mapping[str, object]) -> Phrase:
    """Say what is wrong on a line; line 0 is the file itself."""
    why = Phrase(key, cast("Mapping[str, Value]", values))
    return say("import.error", line=line, why=why) if line else say("import.error_file", why=why)


def _codes(codes: Sequence[str]) -> Joined:
    return Joined((*codes[:MOST_CODES], *(("…",) if len(codes) > MOST_CODES else ())))


def imported(new: Sequence[str], known: Sequence[str]) -> Screen:
    """Say who was enrolled, and lead to their links."""
    lines: list[Phrase | None] = [say_n("import.done", len(new))]
    if new:
        lines.append(say("import.codes", codes=_codes(new)))
    if known:
        lines.append(say("import.known", codes=_codes(known)))
    links = Button(say("import.button_links"), tap(Do.INVITE, "list"))
    return Screen(tuple(lines), ((links,),), protect=True)
