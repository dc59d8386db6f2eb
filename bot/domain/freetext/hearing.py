"""What the bot does with what somebody wrote: act at once, ask, or leave it to the staff's queue."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from bot.domain.findings import Answers, Assessment, Clinical, Context
from bot.domain.freetext.figures import Figure, figures
from bot.domain.freetext.matching import hits
from bot.domain.freetext.normal import normal, simplified
from bot.domain.freetext.page import Page
from bot.domain.freetext.sense import Meant, Status, senses
from bot.domain.lexicon import Lexicon
from bot.domain.triage import assess

Act = Literal["red", "ask", "queue"]
_RANK: dict[Act, int] = {"queue": 0, "ask": 1, "red": 2}


class Worded(Clinical, Protocol):
    """What reading needs of a protocol."""

    @property
    def words(self) -> Lexicon:
        """Return the words of the protocol."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """One hazard in a text: its phrase as it was matched, in what sense it is meant, and what to do."""

    hazard: str
    phrase: str
    status: Status
    act: Act
    items: tuple[str, ...] = ()
    heard: str | None = None

    @property
    def negated(self) -> bool:
        """Tell whether it is plainly denied."""
        return self.status == "negated"

    def as_json(self) -> dict[str, object]:
        """Return the finding as the interface describes it."""
        return {
            "hazard": self.hazard,
            "phrase": self.phrase,
            "negated": self.negated,
            "status": self.status,
            "act": self.act,
        }


@dataclass(frozen=True, slots=True)
class Heard:
    """What a text means. `answers` are the readings of now; `rules` fired on them."""

    act: Act
    findings: tuple[Found, ...] = ()
    answers: Answers = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    call_120: bool = False

    @property
    def items(self) -> tuple[str, ...]:
        """Return the items to ask, each once, those of the gravest findings first."""
        asking = sorted((f for f in self.findings if f.act != "queue"), key=lambda f: -_RANK[f.act])
        return tuple(dict.fromkeys(item for found in asking for item in found.items))

    @property
    def heard(self) -> frozenset[str]:
        """Return the names of what rules wait for (`Context.heard`)."""
        return frozenset(f.heard for f in self.findings if f.heard is not None and f.act == "red")


def read(text: str, protocol: Worded, context: Context | None = None, *, settled: bool = False) -> Heard:
    """Return what a text means, under the clocks, flags and baselines of `context` where they are known.

    A reading has no second one here: what a check-in would measure again counts
    as though the repeat never came. Of earlier readings it is asked, and so it
    is of a temperature that is hardly possible; `settled`: it was asked in
    vain, and is taken as it is.
    """
    page = Page(normal(text, protocol.words), protocol.words)
    meant = senses(page, hits(page))
    numbers = _theirs(figures(page, protocol.items), meant)
    doubted = () if settled else tuple(each for each in numbers if _is_doubted(each, protocol))
    present = (each for each in numbers if each.status == "present" and each not in doubted)
    answers = _answers(present, page)
    judged = assess(answers, context or Context(), protocol)
    findings = (
        *(_word(page, one) for one in meant),
        *_together(page, meant),
        *(
            _doubt(figure) if figure in doubted else _number(figure, page, context or Context(), protocol)
            for figure in numbers
        ),
        *(Found("idiom", idiom, "idiom", "queue") for idiom in page.idioms),
    )
    act = max((_act(judged), *(found.act for found in findings)), key=_RANK.__getitem__)
    rules = tuple(dict.fromkeys(finding.rule for finding in judged.findings))
    return Heard(act, findings, answers, rules, _calls(judged, findings, protocol))


def _together(page: Page, meant: Sequence[Meant]) -> Iterator[Found]:
    """Yield what is RED because of what else the text tells."""
    now = {one.hit.hazard.id: one for one in meant if one.status == "present"}
    for one in now.values():
        hit = one.hit
        if any(now.keys() >= set(others) for others in hit.hazard.red_with):
            phrase = page.text[hit.start : hit.end]
            yield Found(hit.hazard.id, phrase, "present", "red", hit.hazard.items, hit.hazard.heard)


def _theirs(numbers: Sequence[Figure], meant: Sequence[Meant]) -> tuple[Figure, ...]:
    """Give a temperature to whom every symptom of the text belongs: 孩子传染了手足口,发烧39度."""
    who = {one.who for one in meant}
    if not who or None in who:
        return tuple(numbers)
    return tuple(
        replace(n, status="other", who=who.copy().pop()) if n.status == "present" else n for n in numbers
    )


def _calls(judged: Assessment, findings: Iterable[Found], protocol: Worded) -> bool:
    """Tell whether 120 is called for: by the rules, or by any RED word but one of a temperature alone."""
    red = [found.items for found in findings if found.act == "red"]
    return judged.call_120 or any(not _is_temperature(items, protocol) for items in red)


def _is_temperature(items: tuple[str, ...], protocol: Worded) -> bool:
    known = [protocol.items[each] for each in items if each in protocol.items]
    return len(known) == len(items) == 1 and known[0].parts[0].kind == "temperature"


def _act(judged: Assessment) -> Act:
    acts: dict[str, Act] = {"red": "red", "amber": "ask", "green": "queue"}
    return acts[judged.tier]


def _word(page: Page, meant: Meant) -> Found:
    hazard, hit = meant.hit.hazard, meant.hit
    phrase = page.text[hit.start : hit.end]
    return Found(hazard.id, phrase, meant.status, _act_of(meant), hazard.items, hazard.heard)


def _act_of(meant: Meant) -> Act:
    """Return what one hit asks for; denials, suppositions and exposure stay in the queue."""
    hazard, status = meant.hit.hazard, meant.status
    red = hazard.tier == "red"
    plain: Act = "red" if red else "ask"
    if status == "present":
        return plain
    if status == "other":
        return _act_of_others(meant, red)
    if status == "over":
        return "ask"
    # A thought of suicide is asked about however it is put, but for a plain denial.
    return "ask" if status in ("long_ago", "unreal", "question") and hazard.others == "self" else "queue"


def _act_of_others(meant: Meant, red: bool) -> Act:
    hazard, who = meant.hit.hazard, meant.who
    if not red:
        return "ask" if who == "partner" and hazard.others == "partner" else "queue"
    if who == "fiction":
        return "ask" if hazard.others == "self" else "queue"
    # Who writes may be the one who cares: a wife who cannot breathe may be the participant.
    if hazard.others == "self" or who in ("kin", "partner"):
        return "red"
    return "queue" if who == "strangers" else "ask"


def _is_doubted(figure: Figure, protocol: Worded) -> bool:
    """Tell whether a temperature of now is so low that a check-in would ask for it once more."""
    if figure.kind != "temperature" or figure.status != "present":
        return False
    allowed = protocol.items[figure.item].part(figure.key).range
    return allowed is not None and figure.value < allowed.plausible[0]


def _doubt(figure: Figure) -> Found:
    return Found(figure.kind, figure.phrase, figure.status, "ask", (figure.item,))


def _number(figure: Figure, page: Page, context: Context, protocol: Worded) -> Found:
    act = _act(assess(_answers([figure], page), context, protocol))
    if act == "queue" and _is_asked(figure, page, protocol):
        act = "ask"
    if figure.status in ("past", "other") and act != "queue":
        act = "ask" if figure.status == "past" or act == "red" else "queue"
    if figure.status in ("negated", "question", "long_ago"):
        act = "queue"
    return Found(figure.kind, figure.phrase, figure.status, act, (figure.item,))


def _is_asked(figure: Figure, page: Page, protocol: Worded) -> bool:
    """Tell whether a reading is one to ask about whatever the rules of the day say: 37.4 under the arm."""
    band = page.words.readings[figure.kind].asked_from
    if band is None:
        return False
    of_places = protocol.items[figure.item].bands[band]
    return figure.value >= of_places[place_in(page.text, page.words)]


def _answers(figures: Iterable[Figure], page: Page) -> Answers:
    """Return the readings as answers of a check-in; of several of a kind, the last one."""
    answers: dict[str, dict[str, object]] = {}
    for figure in figures:
        known = answers.setdefault(figure.item, {})
        known[figure.key] = figure.value
        # What is asked again within minutes counts as not measured again; a temperature has an hour.
        known |= _where(page) if figure.kind == "temperature" else {"repeat": None}
    return answers


def _where(page: Page) -> dict[str, object]:
    return {"unit": "C", "place": place_in(page.text, page.words)}


def place_in(text: str, words: Lexicon) -> str:
    """Return where a temperature was measured, as the text tells it; `unknown` where it does not."""
    written = f" {simplified(text)} "
    found: Sequence[str] = [
        place for place, phrases in words.places.items() if any(phrase in written for phrase in phrases)
    ]
    return found[0] if len(found) == 1 else "unknown"


def as_json(heard: Heard) -> Mapping[str, object]:
    """Return what was heard as the interface describes it."""
    return {
        "act": heard.act,
        "findings": [found.as_json() for found in heard.findings],
        "answers": dict(heard.answers),
        "rules": list(heard.rules),
        "ask": list(heard.items),
        "call_120": heard.call_120,
    }
