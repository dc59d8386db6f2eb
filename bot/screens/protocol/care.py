"""What happens with an alert, with a report that does not come, and with what people write, in sentences."""

from collections.abc import Iterator

from bot.domain.chains import Chain, ChainRole
from bot.domain.lexicon import Hazard
from bot.domain.missed import MissedPeriod
from bot.domain.outcomes import OUTCOMES, Outcome
from bot.domain.protocol import Protocol
from bot.screens.protocol.conditions import item_name, outlined
from bot.screens.protocol.outline import (
    Entry,
    Known,
    Listed,
    Outline,
    Section,
    Series,
    cited,
    labelled,
    lines,
    minutes,
    tier,
)
from bot.screens.protocol.sentences import in_a_row, numbers, sentences
from bot.texts import Joined, Phrase, key, say

_ROLES: dict[ChainRole, str] = {
    "coordinator": key("role.coordinator"),
    "on_call": key("role.on_call"),
    "sub_investigator": key("role.sub_investigator"),
    "pi": key("role.pi"),
}
_SERIOUS = {"yes": key("page.serious_yes"), "ask": key("page.serious_ask")}


def care(protocol: Protocol) -> Iterator[Section]:
    """Yield missed reports, chains and outcomes."""
    missed = tuple(_missed(period, protocol) for period in protocol.missed.values())
    yield Section(say("page.missed"), missed, (say("page.missed_explained"), say("page.missed_graver")))
    chains = tuple(_chain(chain) for chain in protocol.chains.values())
    yield Section(say("page.chains"), chains, (say("page.chains_explained"),))
    outcomes = tuple(_outcome(outcome) for outcome in OUTCOMES.values())
    yield Section(say("page.outcomes"), outcomes, (say("page.outcomes_explained"),))


def heard(protocol: Protocol) -> Iterator[Section]:
    """Yield what is listened for in what people write; nothing where the protocol has no words."""
    words = protocol.words
    if not words.hazards:
        return
    source = cited(words)
    hazards = tuple(_hazard(hazard, protocol) for hazard in words.hazards.values())
    own = Entry("words", say("page.words_source"), (), source)
    yield Section(say("page.words"), (own, *hazards), (say("page.words_explained"),))
    yield numbers(protocol)
    yield sentences(words)


def _missed(period: MissedPeriod, protocol: Protocol) -> Entry:
    nudges = Joined(tuple(minutes(after) for after in period.nudge_after_minutes))
    held = Outline(say("page.always")) if period.when is None else outlined(period.when, protocol)
    red = period.red_after_minutes
    told = lines(
        say("page.nudges", after=nudges) if period.nudge_after_minutes else None,
        say("page.caregiver") if period.caregiver else None,
        say("page.missed_alert", after=minutes(period.alert_after_minutes), tier=tier("amber", period.hours)),
        say("page.missed_red", after=minutes(red)) if red is not None else None,
        say("page.why", text=Phrase(f"rule.{period.rule}.why")),
    )
    asked = labelled(say("page.asked_while"), held)
    mark = tier("amber", period.hours)
    return Entry(period.rule, Phrase(f"rule.{period.rule}"), (asked, *told), cited(period), mark, "amber")


def _chain(chain: Chain) -> Entry:
    steps = tuple(
        Outline(say("page.step", after=minutes(step.after_minutes), roles=_roles(step.roles)))
        if step.after_minutes
        else Outline(say("page.step_at_once", roles=_roles(step.roles)))
        for step in chain.steps
    )
    asked, second = chain.ask_participant_every_minutes, chain.second_channel_after_minutes
    told = lines(
        say(
            "page.limits",
            acknowledge=minutes(chain.acknowledge_minutes),
            contact=minutes(chain.contact_minutes),
        ),
        say("page.paged_every", every=minutes(chain.page_every_minutes)),
        say("page.asked_every", every=minutes(asked)) if asked else None,
        say("page.second_channel", after=minutes(second)) if second else None,
        say("page.then", chain=chain.then) if chain.then else None,
    )
    title = say("page.chain", tier=tier(chain.tier, chain.hours))
    return Entry(chain.id, title, (*steps, *told), cited(chain), tier(chain.tier, chain.hours), chain.tier)


def _roles(roles: tuple[ChainRole, ...]) -> Joined:
    return Joined(tuple(Phrase(_ROLES[role]) for role in roles))


def _outcome(outcome: Outcome) -> Entry:
    without = say("page.without_contact") if outcome.without_contact else None
    serious = None if outcome.serious == "no" else Phrase(_SERIOUS[outcome.serious])
    return Entry(outcome.code, Phrase(f"outcome.{outcome.code}"), lines(serious, without))


_WHOSE = {"partner": "page.hazard_partner", "self": "page.hazard_self"}


def _hazard(hazard: Hazard, protocol: Protocol) -> Entry:
    asked = Series(tuple(item_name(item, protocol.items) for item in hazard.items))
    red = hazard.tier == "red"
    told = lines(
        say("page.hazard_red") if red else say("page.hazard_amber"),
        say("page.hazard_items", items=asked) if hazard.items else None,
        Phrase(_WHOSE[hazard.others]) if hazard.others in _WHOSE else None,
        say("page.hazard_explained") if hazard.explained else None,
        *(say("page.hazard_with", hazards=_named(others)) for others in hazard.red_with),
    )
    return Entry(
        hazard.id,
        say("page.hazard", name=Known(f"page.hazard.{hazard.id}", hazard.id)),
        told,
        mark=say("page.red") if red else say("page.hazard_asks"),
        tone=hazard.tier,
        listed=tuple(_listed(hazard)),
    )


def _named(hazards: tuple[str, ...]) -> Series:
    return Series(tuple(say("page.hazard", name=Known(f"page.hazard.{each}", each)) for each in hazards))


def _listed(hazard: Hazard) -> Iterator[Listed]:
    by_language = (
        (say("page.words_zh"), hazard.zh),
        (say("page.words_en"), hazard.en),
        (say("page.words_any"), hazard.any),
    )
    yield from (Listed(label, in_a_row(words)) for label, words in by_language if words)
    for near in hazard.near:
        then = "→" if near.ordered else "↔"
        yield Listed(say("page.near", gap=near.gap), f"{in_a_row(near.first)}  {then}  {in_a_row(near.then)}")
