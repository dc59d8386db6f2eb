"""The golden table of triage: lines that a physician reads, and how they become answers and a context."""

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.protocol import Protocol
from bot.domain.triage import Clocks, Context, Report, assess

GOLDEN = Path(__file__).parent.parent / "protocols" / "golden" / "triage.csv"

Answers = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One line of the table."""

    line: int
    title: str
    answers: Answers
    context: Context
    tier: str
    hours: int | None
    rules: frozenset[str]
    call_120: bool
    remeasure: tuple[str, ...]
    notes: frozenset[str]
    """The rules whose note for staff goes with them."""


def golden() -> Iterator[Case]:
    """Yield the cases; lines whose title begins with # are headings."""
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            if not row["case"].startswith("#"):
                yield _case(line, row)


def expected(case: Case) -> tuple[object, ...]:
    """Return what a line says, to be compared with what comes out."""
    return case.tier, case.hours, case.rules, case.call_120, case.remeasure, case.notes


def outcome(case: Case, protocol: Protocol) -> tuple[object, ...]:
    """Return what a protocol makes of the answers of a line."""
    found = assess(case.answers, case.context, protocol)
    rules = frozenset(each.rule for each in found.findings)
    notes = frozenset(each.rule for each in found.findings if each.notes)
    return found.tier, found.amber_hours, rules, found.call_120, found.remeasure, notes


def _case(line: int, row: dict[str, str]) -> Case:
    tier, _, hours = row["expected"].partition(" ")
    return Case(
        line=line,
        title=row["case"],
        answers=answers_of(row["answers"]),
        context=context_of(row["context"]),
        tier=tier.lower(),
        hours=int(hours.removesuffix(" h")) if hours else None,
        rules=frozenset(row["rules"].split()),
        call_120=row["call 120"] == "yes",
        remeasure=tuple(row["measure again"].split()),
        notes=frozenset(row["note"].split()),
    )


def _listed(item: str, code: str) -> Callable[[Answers, re.Match[str]], None]:
    def add(answers: Answers, found: re.Match[str]) -> None:
        answers.setdefault(item, []).append(code)

    return add


def _value(item: str, value: object) -> Callable[[Answers, re.Match[str]], None]:
    def put(answers: Answers, found: re.Match[str]) -> None:
        answers[item] = value

    return put


def _number(item: str) -> Callable[[Answers, re.Match[str]], None]:
    def put(answers: Answers, found: re.Match[str]) -> None:
        answers[item] = int(found[1])

    return put


def _part(item: str, key: str, value: object = None) -> Callable[[Answers, re.Match[str]], None]:
    def put(answers: Answers, found: re.Match[str]) -> None:
        answers.setdefault(item, {})[key] = float(found[1]) if value is None else value

    return put


def _temperature(answers: Answers, found: re.Match[str]) -> None:
    first: Answers = {"value": float(found["value"]), "unit": found["unit"] or "C"}
    if found["place"]:
        first["place"] = found["place"]
    if found["again"]:
        first["repeat"] = None if found["again"] == "none" else float(found["again"])
    answers["Q1"] = first


def _oxygen(answers: Answers, found: re.Match[str]) -> None:
    answers["Q9"] = {"value": int(found["value"])}
    if found["again"]:
        answers["Q9"]["repeat"] = None if found["again"] == "none" else int(found["again"])


def _pressure(answers: Answers, found: re.Match[str]) -> None:
    first = answers.setdefault("Q8", {})
    first |= {"sbp": int(found["sbp"]), "dbp": int(found["dbp"])}
    if found["again"]:
        sbp, _, dbp = found["again"].partition("/")
        first["repeat"] = None if found["again"] == "none" else {"sbp": int(sbp), "dbp": int(dbp)}


def _pulse(answers: Answers, found: re.Match[str]) -> None:
    first = answers.setdefault("Q8", {})
    first["pulse"] = int(found["value"])
    if found["again"]:
        first["repeat"] = None if found["again"] == "none" else {"pulse": int(found["again"])}


def _happened(tag: str) -> Callable[[Answers, re.Match[str]], None]:
    def add(answers: Answers, found: re.Match[str]) -> None:
        answers.setdefault("Q22", {"value": True, "tags": []})["tags"].append(tag)

    return add


_AGAIN = r"(?: then (?P<again>none|[\d./]+))?"
_PLACE = r"(?: (?P<place>oral|ear|axillary|forehead|unknown))?"
WORDS: dict[str, Callable[[Answers, re.Match[str]], None]] = {
    rf"(?P<value>[\d.]+) ?(?P<unit>[CF])?{_PLACE}{_AGAIN}": _temperature,
    "chills": _value("Q2", True),
    "no chills": _value("Q2", False),
    "fever medicine": _value("Q3", {"value": True, "hours_ago": 3}),
    "no fever medicine": _value("Q3", False),
    "no signs of infection": _value("Q4", []),
    "cough": _listed("Q4", "cough"),
    "sore throat": _listed("Q4", "sore_throat"),
    "painful urination": _listed("Q4", "painful_urination"),
    "red hot skin": _listed("Q4", "red_hot_skin"),
    "painful blisters": _listed("Q4", "painful_blisters"),
    "mouth sores": _listed("Q4", "mouth_sores"),
    r"breathing (\d)": _number("Q5"),
    "chest pain": _listed("Q6", "chest_pain"),
    "fainting": _listed("Q6", "fainting"),
    "racing heart": _listed("Q6", "racing_heart"),
    "swollen face": _value("Q7", True),
    "no swollen face": _value("Q7", False),
    rf"BP (?P<sbp>\d+)/(?P<dbp>\d+){_AGAIN}": _pressure,
    rf"pulse (?P<value>\d+){_AGAIN}": _pulse,
    rf"SpO2 (?P<value>\d+){_AGAIN}": _oxygen,
    "confused": _value("Q10", True),
    "confused says caregiver": _value("Q10", {"value": True, "by": "caregiver", "seizure": False}),
    "not confused": _value("Q10", False),
    "seizure": _value("Q10", {"value": True, "seizure": True, "by": "caregiver"}),
    r"headache (\d)": _number("Q11"),
    "sudden weakness": _value("Q12", {"value": True, "onset": "sudden"}),
    "gradual weakness": _value("Q12", {"value": True, "onset": "gradual"}),
    "weakness onset not told": _value("Q12", {"value": True}),
    r"rash (\d)": _part("Q13", "severity"),
    "blisters": _part("Q13", "blisters", True),
    r"stools (\d+)": _number("Q14"),
    r"vomiting (\d)": _part("Q15", "severity"),
    "medicines vomited": _part("Q15", "keeps_medicines_down", False),
    "medicines stay down": _part("Q15", "keeps_medicines_down", True),
    "jaundice": _value("Q16", True),
    r"joints (\d)": _number("Q17"),
    "bleeding": _listed("Q18", "bleeding_wont_stop"),
    "black stool": _listed("Q18", "black_stool"),
    "blood vomited": _listed("Q18", "vomited_or_coughed_blood"),
    "bruises": _listed("Q18", "new_bruises"),
    "red spots": _listed("Q18", "red_spots"),
    r"swelling (\d)": _part("Q19", "severity"),
    "one leg": _part("Q19", "one_leg", True),
    "both legs": _part("Q19", "one_leg", False),
    r"weight ([\d.]+)": _part("Q19", "weight_kg"),
    "foamy urine": _listed("Q20", "foamy"),
    "red urine": _listed("Q20", "red"),
    "much less urine": _listed("Q20", "much_less"),
    "perhaps pregnant": _value("Q21", True),
    "feels worse": _happened("feel_worse"),
    "care outside": _happened("care_outside"),
    "admitted": _happened("admitted"),
    "new medicine": _happened("new_medicine"),
    "vaccine": _happened("vaccine"),
    "something not told": _value("Q22", {"value": True}),
    "nothing new": _value("Q22", False),
    "screen: infection": _part("screen", "new_infection", True),
    "screen: antibiotic": _part("screen", "antibiotic", True),
    "screen: fever medicine": _part("screen", "fever_medicine", True),
    "screen: vaccine": _part("screen", "vaccine", True),
    "screen: bleeding": _part("screen", "bleeding", True),
    "screen: pregnancy": _part("screen", "pregnancy", True),
    "screen: no infection": _part("screen", "new_infection", False),
}


CHECKINS = {"screen": "pre_infusion", "eve": "eve"}


def answers_of(text: str) -> Answers:
    """Return canonical answers of `38.2 axillary; chills; SpO2 90 then none`."""
    answers: Answers = {}
    for phrase in filter(None, (part.strip() for part in text.split(";"))):
        take, found = _understood(phrase)
        take(answers, found)
    return answers


def _understood(phrase: str) -> tuple[Callable[[Answers, re.Match[str]], None], re.Match[str]]:
    for pattern, take in WORDS.items():
        if found := re.fullmatch(pattern, phrase):
            return take, found
    raise ValueError(f"not in the vocabulary of the table: {phrase}")


def context_of(text: str) -> Context:
    """Return the context of `day 9; NK 20 h; STEROID; usual spo2 97; 12 h ago: breathing 1`."""
    day: int | None = None
    since: dict[str, float] = {}
    flags: set[str] = set()
    usual: dict[str, float] = {}
    past: dict[float, list[str]] = {}
    checkin = None
    heard: set[str] = set()
    for phrase in filter(None, (part.strip() for part in text.split(";"))):
        if found := re.fullmatch(r"day (-?\d+)", phrase):
            day = int(found[1])
        elif found := re.fullmatch(r"(NK|rituximab) ([\d.]+) h", phrase):
            since[found[1].lower()] = float(found[2])
        elif found := re.fullmatch(r"usual (\w+) ([\d.]+)", phrase):
            usual[found[1]] = float(found[2])
        elif found := re.fullmatch(r"([\d.]+) h ago: (.+)", phrase):
            past.setdefault(float(found[1]), []).append(found[2])
        elif phrase in CHECKINS:
            checkin = CHECKINS[phrase]
        elif found := re.fullmatch(r"text: (\w+)", phrase):
            heard.add(found[1])
        elif re.fullmatch(r"[A-Z_]+", phrase):
            flags.add(phrase)
        else:
            raise ValueError(f"not in the vocabulary of the table: {phrase}")
    history = tuple(Report(age, answers_of(";".join(said))) for age, said in past.items())
    return Context(Clocks(day, since), frozenset(flags), usual, history, False, checkin, frozenset(heard))
