"""The trial as data: the model of a whole protocol file, every reference in it checked at load."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PrivateAttr

from bot.domain.cadence import Cadence, check_cadence
from bot.domain.definition import (
    Identifier,
    Problem,
    Sourced,
    Strict,
    TextKey,
    ZoneName,
    parsed,
    read_raw,
    text_keys_in,
    validated,
    with_ids,
)
from bot.domain.escalation import Chain, check_chains
from bot.domain.items import Form, Item
from bot.domain.lexicon import NO_WORDS, Lexicon, lexicon_from
from bot.domain.missed import MissedPeriod, check_missed
from bot.domain.practice import Practice
from bot.domain.rules import Combination, Known, Rule, check_rules
from bot.domain.schedule import (
    Product,
    QuietHours,
    ReminderRule,
    VisitType,
    check_schedule,
    is_unscheduled,
)
from bot.domain.standing import Extra, Monthly, check_standing
from bot.domain.words import Words

SHIPPED = Path(__file__).parent.parent / "protocols" / "nct06676631.toml"
"""The protocol that comes with the program."""


WORDS_FILE = re.compile(r"[A-Za-z0-9_.-]+")
_LARGE = 1e5
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Arm(Sourced):
    """A study product with its dose levels; shown to staff, never in a page or a broadcast."""

    id: Identifier
    name: TextKey
    doses: Annotated[tuple[Annotated[float, Field(gt=0)], ...], Field(min_length=1)]
    unit: TextKey
    """How a dose is said: `{dose}` of something."""

    def in_words(self, dose: float) -> Words:
        """Return a dose level with its unit; large ones as 2.5 × 10⁹."""
        digits, _, power = f"{dose:e}".partition("e")
        large = f"{float(digits):g} × 10{str(int(power)).translate(_RAISED)}"
        return Words(self.unit, {"dose": large if dose >= _LARGE else f"{dose:g}"})


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of a protocol file, and of its words where it has any."""

    definition: bytes
    words: bytes | None = None

    @property
    def digest(self) -> str:
        """The SHA-256 over both."""
        digest = hashlib.sha256(self.definition).hexdigest()
        if self.words is None:
            return digest
        own = hashlib.sha256(self.words).hexdigest()
        return hashlib.sha256(f"{digest}{own}".encode()).hexdigest()


class Protocol(Strict):
    """One trial; `follow_up_anchor` is None until the PI has chosen it, and then nothing may be planned."""

    id: Identifier
    registration: str
    version: Annotated[str, Field(min_length=1)]
    title: TextKey
    tell_helpers: TextKey
    """What a participant tells the ambulance or the emergency department about the trial."""
    zone: ZoneName
    participants: Annotated[int, Field(strict=True, ge=1)]
    anchors: Annotated[dict[Identifier, Identifier], Field(min_length=1)]
    """What the follow-up may be counted from: the planned day of a visit, by the name of the choice."""
    follow_up_anchor: Identifier | None = None
    flags: tuple[Identifier, ...] = ()
    baselines: tuple[Identifier, ...] = ()
    arms: Annotated[dict[str, Arm], BeforeValidator(with_ids), Field(min_length=1)]
    visits: Annotated[dict[str, VisitType], BeforeValidator(with_ids), Field(min_length=1)]
    reminders: Annotated[dict[str, ReminderRule], BeforeValidator(with_ids)]
    quiet_hours: QuietHours
    monthly: Annotated[dict[str, Monthly], BeforeValidator(with_ids), Field(default_factory=dict)]
    extras: Annotated[dict[str, Extra], BeforeValidator(with_ids), Field(default_factory=dict)]
    cadence: Cadence
    items: Annotated[dict[str, Item], BeforeValidator(with_ids), Field(min_length=1)]
    forms: Annotated[dict[str, Form], BeforeValidator(with_ids), Field(min_length=1)]
    report_form: Identifier
    """The form of somebody who reports of their own accord: the fullest."""
    rules: Annotated[dict[str, Rule], BeforeValidator(with_ids)]
    combination: Combination
    missed: Annotated[dict[str, MissedPeriod], BeforeValidator(with_ids)]
    chains: Annotated[dict[str, Chain], BeforeValidator(with_ids)]
    practice: Practice
    words_file: Annotated[str, Field(pattern=f"^{WORDS_FILE.pattern}$")] | None = None
    """The file beside this one that holds the words of free text."""
    _words: Lexicon = PrivateAttr(default=NO_WORDS)
    _source: Source = PrivateAttr(default_factory=lambda: Source(b""))

    @property
    def digest(self) -> str:
        """The SHA-256 of the file's bytes, and of its words', over which the PI signs."""
        return self._source.digest

    @property
    def source(self) -> Source:
        """The files themselves, for keeping: an alert replays under the version that raised it."""
        return self._source

    @property
    def words(self) -> Lexicon:
        """The words of free text; none where the protocol was not loaded from a file."""
        return self._words

    @property
    def products(self) -> tuple[Product, ...]:
        """What is infused, in the order of the visits; each once."""
        return tuple(dict.fromkeys(v.product for v in self.visits.values() if v.product is not None))

    @property
    def anchor_set(self) -> bool:
        """Tell whether the follow-up anchor has been chosen."""
        return self.follow_up_anchor is not None

    def visit(self, visit_type: str) -> VisitType | None:
        """Return a visit type by its id, that of a visit which staff added too; None where there is none."""
        known = self.visits.get(visit_type)
        if known is not None or not is_unscheduled(visit_type):
            return known
        added = next((each for each in self.visits.values() if each.kind == "unscheduled"), None)
        return None if added is None else added.model_copy(update={"id": visit_type})

    # Schedules are cached by protocol: what was loaded once is one object, and compared as one.
    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


def load_protocol(path: Path | str = SHIPPED, *, anchor: str | None = None) -> Protocol:
    """Return the protocol of a file, or raise a ProtocolError that names the file and each key at fault.

    `anchor` sets the follow-up anchor where the file leaves it open: for the
    sandbox and for tests only.
    """
    path = Path(path)
    definition = read_raw(path)
    words_file = parsed(definition, path.name).get("words_file")
    # A name that is none is left to the model, which says so.
    is_named = isinstance(words_file, str) and WORDS_FILE.fullmatch(words_file) is not None
    words = read_raw(path.parent / str(words_file)) if is_named else None
    return protocol_of(Source(definition, words), path.name, anchor=anchor)


def protocol_of(source: Source, file: str, *, anchor: str | None = None) -> Protocol:
    """Return the protocol of files that were read or kept; errors as in `load_protocol`."""
    protocol = protocol_from(parsed(source.definition, file), file, anchor=anchor)
    protocol._source = source
    if source.words is not None:
        protocol._words = lexicon_from(source.words, protocol.words_file or file, protocol.items)
    return protocol


def protocol_from(table: dict[str, Any], file: str, *, anchor: str | None = None) -> Protocol:
    """Return the protocol of a table that was read already; errors as in `load_protocol`."""
    if anchor is not None:
        table = {"follow_up_anchor": anchor, **table}
    return validated(Protocol, table, file, _check)


def text_keys(protocol: Protocol) -> Iterator[str]:
    """Yield every text key that the protocol uses, each once."""
    parts: tuple[Item | Form | Rule | Combination | MissedPeriod, ...] = (
        *protocol.items.values(),
        *protocol.forms.values(),
        *protocol.rules.values(),
        protocol.combination,
        *protocol.missed.values(),
    )
    derived = (key for part in parts for key in part.text_keys())
    yield from dict.fromkeys((*text_keys_in(protocol), *derived, *_named(protocol)))


def _named(protocol: Protocol) -> Iterator[str]:
    """Yield the keys of what the file names without a text of its own."""
    yield from (f"flag.{name}" for name in protocol.flags)
    yield from (f"page.anchor.{name}" for name in protocol.anchors)
    for product in protocol.products:
        yield from (f"page.product.{product}", f"rule.since.{product}")


def _check(protocol: Protocol) -> Iterator[Problem]:
    yield from check_schedule(protocol.visits, protocol.reminders)
    yield from check_standing(protocol.monthly, protocol.extras, protocol.visits, protocol.flags)
    yield from check_cadence(protocol.visits, protocol.cadence)
    yield from check_rules(_known(protocol), protocol.rules, protocol.combination)
    yield from check_missed(protocol.missed, _known(protocol))
    yield from check_chains(protocol.chains)
    yield from _check_anchors(protocol)
    if protocol.report_form not in protocol.forms:
        yield Problem("report_form", f"unknown form {protocol.report_form}")
    for key, form in protocol.cadence.forms():
        if form not in protocol.forms:
            yield Problem(key, f"unknown form {form}")


def _check_anchors(protocol: Protocol) -> Iterator[Problem]:
    for name, visit in protocol.anchors.items():
        if visit not in protocol.visits or protocol.visits[visit].day is None:
            yield Problem(f"anchors.{name}", f"{visit} is no visit with a day")
    if protocol.follow_up_anchor is not None and protocol.follow_up_anchor not in protocol.anchors:
        choices = ", ".join(protocol.anchors)
        yield Problem("follow_up_anchor", f"{protocol.follow_up_anchor} is none of {choices}")


def _known(protocol: Protocol) -> Known:
    return Known(
        items=protocol.items,
        forms=protocol.forms,
        flags=frozenset(protocol.flags),
        baselines=frozenset(protocol.baselines),
        products=frozenset(protocol.products),
    )
