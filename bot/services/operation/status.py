"""How the program is, in words for the coordinators: what is wrong, what waits, the last backup."""

from bot.services.operation import operating, watching
from bot.study import Study
from bot.texts import Moment, Phrase, Screen, say, say_n


async def screen(study: Study, codes: tuple[str, ...]) -> Screen:
    """Return the status as it is now; `codes` name what is wrong."""
    stored = await watching.look(study)
    now = Moment(study.clock.now(), study.site.zone, "day_time")
    lines: list[Phrase | None] = [say("status.title"), None]
    lines.append(say("status.wrong", at=now) if codes else say("status.well", at=now))
    lines += [say("status.line", what=Phrase(operating.TROUBLES[code])) for code in codes]
    lines.append(say_n("status.alerts", stored.alerts_open))
    lines.append(say_n("status.waiting", stored.outbox.get("queued", 0)))
    if stored.backup_at is not None:
        at = Moment(stored.backup_at, study.site.zone, "day_time")
        lines.append(say("status.backup", at=at))
    return Screen((*lines, None, say("status.how")))
