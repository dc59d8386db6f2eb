"""Whom a broadcast is for: the criteria as buttons, and in words."""

from collections.abc import Mapping, Sequence

from bot.domain.audience import PHASES, VISIT_WITHIN_DAYS, Audience
from bot.domain.people import LANGUAGES
from bot.domain.protocol import Protocol
from bot.screens.common import phrase
from bot.screens.wizard import Choice, Question, in_rows
from bot.texts import Joined, Phrase, key, say, say_n

EVERYONE, THESE = "all", "go"
LANGUAGE_KEYS: Mapping[str, str] = {
    "zh_CN": key("broadcast.to_zh"),
    "en": key("broadcast.to_en"),
    "both": key("broadcast.to_both"),
}
PHASE_KEYS: Mapping[str, str] = {
    "before": key("broadcast.phase_before"),
    "during": key("broadcast.phase_during"),
    "after": key("broadcast.phase_after"),
}
MOST_CODES = 60


def ask(chosen: Audience, protocol: Protocol, reached: Sequence[str], left_out: Sequence[str]) -> Question:
    """Ask who shall read it; `reached` and `left_out` are the codes as it stands now."""
    lines: list[Phrase | None] = [say("broadcast.ask_audience"), None]
    lines.append(say("broadcast.audience", name=described(chosen, protocol)))
    lines.append(say_n("broadcast.count", len(reached)))
    if reached:
        lines.append(say("broadcast.codes", codes=_codes(reached)))
    if left_out:
        lines.append(say_n("broadcast.left_out", len(left_out)))
        lines.append(say("broadcast.codes", codes=_codes(left_out)))
    lines += [None, say("broadcast.narrow")]
    return Question(tuple(lines), (_on(chosen, len(reached)), *_criteria(chosen, protocol)))


def _codes(codes: Sequence[str]) -> Joined:
    return Joined((*codes[:MOST_CODES], *(["…"] if len(codes) > MOST_CODES else [])))


def _on(chosen: Audience, count: int) -> tuple[Choice, ...]:
    if chosen.is_everyone:
        everyone = Phrase(key("broadcast.to_all"))
        return (Choice(say("broadcast.choice", name=everyone, count=count), EVERYONE),)
    return (Choice(say_n("broadcast.these", count), THESE),)


def _criteria(chosen: Audience, protocol: Protocol) -> tuple[tuple[Choice, ...], ...]:
    def choice(label: Phrase, word: str) -> Choice:
        return Choice(label, word, chosen=chosen.holds(word))

    languages = [choice(Phrase(LANGUAGE_KEYS[each]), f"l.{each}") for each in LANGUAGES]
    arms = [choice(Phrase(arm.name), f"a.{id_}") for id_, arm in protocol.arms.items()]
    doses = [
        choice(_dose(protocol, id_, level), f"d.{id_}.{level}")
        for id_, arm in protocol.arms.items()
        for level in range(len(arm.doses))
    ]
    phases = [choice(Phrase(PHASE_KEYS[each]), f"p.{each}") for each in PHASES]
    visits = [choice(say_n("broadcast.visit_within", each), f"v.{each}") for each in VISIT_WITHIN_DAYS]
    return (
        *in_rows(languages, 1),
        *in_rows(phases, 2),
        *in_rows(visits, 2),
        *in_rows(arms, 2),
        *in_rows(doses, 2),
    )


def _dose(protocol: Protocol, arm: str, level: int) -> Phrase:
    known = protocol.arms[arm]
    return say("broadcast.to_dose", arm=Phrase(known.name), dose=phrase(known.in_words(known.doses[level])))


def described(chosen: Audience, protocol: Protocol) -> Phrase:
    """Return an audience in words, for staff."""
    if chosen.is_everyone:
        return Phrase(key("broadcast.to_all"))
    first, *more = [Joined(tuple(each)) for each in _parts(chosen, protocol) if each]
    words = say("broadcast.to_some", criteria=first)
    for each in more:
        words = say("broadcast.to_both_of", first=words, second=each)
    return words


def _parts(chosen: Audience, protocol: Protocol) -> list[list[Phrase]]:
    return [
        [Phrase(LANGUAGE_KEYS[each]) for each in LANGUAGES if each in chosen.languages],
        [Phrase(PHASE_KEYS[each]) for each in PHASES if each in chosen.phases],
        [say_n("broadcast.visit_within", chosen.visit_within)] if chosen.visit_within is not None else [],
        [Phrase(arm.name) for id_, arm in protocol.arms.items() if id_ in chosen.arms],
        [_dose(protocol, arm, level) for arm, level in sorted(chosen.doses) if arm in protocol.arms],
    ]
