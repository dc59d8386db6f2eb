"""Items, rules and their words: what a protocol file may say, and what it must be told about."""

import copy
import re
import tomllib
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from bot.domain import protocol as protocols
from bot.domain.items import Item
from bot.domain.protocol import load_protocol, protocol_from, text_keys
from bot.domain.triage import Clocks, Context, assess
from bot.domain.words import Words
from bot.errors import ProtocolError
from tests.domain.cases import golden

PROTOCOL = load_protocol(anchor="rituximab")
TABLE = tomllib.loads(protocols.SHIPPED.read_text(encoding="utf-8"))
MESSAGES = Path(__file__).parents[2] / "messages"
DOMAIN = Path(protocols.__file__).parent


def broken(*path, **changes):
    """Return the error that a change below `path` of the shipped file gives."""
    table = copy.deepcopy(TABLE)
    part = table
    for name in path:
        part = part[name]
    part.update(changes)
    with pytest.raises(ProtocolError) as error:
        protocol_from(table, "x.toml", anchor="rituximab")
    return f"{error.value.key}: {error.value.reason}"


R2 = ("rules", "R2")


@pytest.mark.parametrize(
    ("path", "changes", "reason"),
    [
        (R2, {"when": {"item": "Q99", "is": True}}, "rules.R2.when: unknown item or part Q99"),
        (
            R2,
            {"when": {"item": "Q8.mood", "below": 1}},
            "rules.R2.when: unknown item or part Q8.mood",
        ),
        (R2, {"when": {"item": "Q1", "above": "hot"}}, "rules.R2.when: Q1 has no band hot"),
        (
            R2,
            {"when": {"item": "Q2", "above": 1}},
            "rules.R2.when: Q2 is yes_no and has no order",
        ),
        (
            R2,
            {"when": {"item": "Q6", "has": "hiccups"}},
            "rules.R2.when: Q6 has no choice hiccups",
        ),
        (R2, {"when": {"item": "Q5", "is": True}}, "rules.R2.when: Q5 is severity, not yes_no"),
        (
            R2,
            {"when": {"item": "Q12.onset", "is": "slow"}},
            "rules.R2.when: Q12.onset has no choice slow",
        ),
        (R2, {"when": {"flag": "TALL"}}, "rules.R2.when: unknown flag TALL"),
        (R2, {"when": {"checkin": "nightly"}}, "rules.R2.when: unknown form nightly"),
        (
            R2,
            {"when": {"since": ["aspirin"], "within_hours": 1}},
            "rules.R2.when: unknown product aspirin",
        ),
        (
            R2,
            {"when": {"item": "Q9", "baseline": "mood", "below_by": 1}},
            "rules.R2.when: unknown baseline mood",
        ),
        (
            R2,
            {"when": {"item": "Q1", "rise": 1, "within_hours": 1, "same": "mood"}},
            "rules.R2.when: Q1 has no part mood",
        ),
        (
            R2,
            {"when": {"rule": "R3"}},
            "rules.R2: refers to rule R3, which is not listed before it",
        ),
        (R2, {"not_with": ["R9"]}, "rules.R2: refers to rule R9, which is not listed before it"),
        (R2, {"each": ["Q99"]}, "rules.R2.each: unknown item Q99"),
        (R2, {"hours": 4}, "rules.R2: AMBER needs hours, RED has none"),
        (("rules", "A_CHILLS"), {"call_120": True}, "rules.A_CHILLS: only RED says to call 120"),
        (R2, {"when": {"item": "Q2"}}, "needs one of is, has, at_least, above, at_most, below"),
        (R2, {"when": {"study_days": [5, 1]}}, "study_days go from a first to a last day"),
        (R2, {"when": {"study_days": [0, 1]}}, "Day 0 does not exist"),
        (
            ("rules", "R4"),
            {"remeasure": {"after_minutes": 9, "within_minutes": 9, "first_hours": 1, "cleared_hours": 4}},
            "a repeat must be asked before it is missed",
        ),
        (("forms", "full"), {"items": ["Q1", "Q99"]}, "forms.full.items: unknown item Q99"),
        (("forms", "full"), {"items": ["Q1", "Q1"]}, "an item stands twice in the form"),
        (("items", "Q21"), {"flags_any": ["TALL"]}, "items.Q21.flags_any: unknown flag TALL"),
        (("items", "Q5"), {"parts": [{"kind": "several"}]}, "choices belong to several and one_of"),
        (("items", "Q5"), {"parts": [{"kind": "number"}]}, "a range belongs to temperature and number"),
        (("items", "Q5"), {"parts": [{"kind": "blood_pressure"}]}, "ranges for sbp, dbp and pulse belong to"),
        (
            ("items", "Q5"),
            {"parts": [{"key": "x", "kind": "severity"}]},
            "a scalar item has the one part",
        ),
        (("items", "Q5"), {"shape": "flag"}, "a flag item begins with the yes_no part `value`"),
        (
            ("items", "Q1", "bands"),
            {"fever": {"oral": 38.0}},
            "bands.fever must name exactly axillary, ear, forehead, oral, unknown",
        ),
        (("items", "Q5"), {"bands_by": "place"}, "bands and bands_by go together"),
        (("combination",), {"one_item": {"nightly": ["Q1"]}}, "combination.one_item: unknown form nightly"),
        (("combination",), {"one_item": {"full": ["Q99"]}}, "combination.one_item.full: unknown item Q99"),
        (("missed", "first"), {"when": {"flag": "TALL"}}, "missed.first.when: unknown flag TALL"),
        (("missed", "later"), {"when": {"study_days": [1, 2]}}, "missed: the last period must hold always"),
        (("missed", "first"), {"alert_after_minutes": 45}, "nudges come before the alert"),
        (("chains", "red"), {"tier": "amber", "hours": 1}, "chains: needs exactly one chain for red"),
        (
            ("chains", "amber_1h"),
            {"then": "amber_2h"},
            "chains.amber_1h.then: amber_2h is no chain",
        ),
        (
            ("chains", "red"),
            {"steps": [{"roles": ["pi"], "after_minutes": 5}]},
            "steps begin at 0 minutes and go on in time",
        ),
        (("chains", "red"), {"acknowledge_minutes": 16}, "an alert is acknowledged before contact is due"),
        (("cadence", "slots", "weekly"), {"form": "nightly"}, "form nightly"),
    ],
)
def test_a_broken_protocol_names_the_key_and_the_reason(path, changes, reason):
    assert reason in broken(*path, **changes)


def test_a_follow_up_must_follow_from_an_earlier_part():
    parts = [{"kind": "yes_no"}, {"key": "x", "kind": "yes_no", "when": {"part": "y", "is": True}}]
    assert "when names y, which is not an earlier part" in broken("items", "Q3", parts=parts)


def test_two_parts_cannot_share_a_key():
    assert "two parts share a key" in broken("items", "Q3", parts=[{"kind": "yes_no"}, {"kind": "yes_no"}])


def catalog(locale: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for file in (MESSAGES / locale / "LC_MESSAGES").glob("*.po"):
        with file.open("rb") as source:
            texts |= {str(entry.id): str(entry.string) for entry in read_po(source, abort_invalid=True)}
    return texts


ENGLISH, CHINESE = catalog("en"), catalog("zh_CN")


def test_every_text_of_the_protocol_stands_in_both_catalogs():
    for key in text_keys(PROTOCOL):
        assert ENGLISH.get(key), key
        assert CHINESE.get(key), key


def test_every_text_that_the_domain_names_stands_in_both_catalogs():
    named = re.compile(r'"((?:item|rule|choice)\.[a-z]\w*(?:\.[a-z]\w*)*)"')
    keys = {key for file in DOMAIN.glob("*.py") for key in named.findall(file.read_text(encoding="utf-8"))}
    assert len(keys) > 15
    assert not keys - ENGLISH.keys()
    assert not keys - CHINESE.keys()


def test_both_languages_have_the_same_places_for_values():
    for key in [key for key in ENGLISH if key.startswith(("item.", "rule.", "choice."))]:
        places = [set(re.findall(r"\{(\w+)\}", texts[key])) for texts in (ENGLISH, CHINESE)]
        assert places[0] == places[1], key


def test_every_finding_of_the_golden_table_has_its_words_in_both_languages():
    for case in golden():
        for finding in assess(case.answers, case.context, PROTOCOL).findings:
            for words in (finding.reason, *finding.evidence, *finding.notes):
                assert all(ENGLISH.get(key) and CHINESE.get(key) for key in words.text_keys())
                assert Words.from_json(words.as_json()) == words
            assert finding.evidence


def test_a_finding_carries_its_values_its_place_and_its_clock():
    context = Context(Clocks(5, {"nk": 20.0}))
    (found,) = assess({"Q1": {"value": 37.6, "place": "axillary"}}, context, PROTOCOL).findings
    assert (found.rule, found.version, found.values) == ("R1", 1, {"Q1.value": 37.6})
    assert found.evidence[0].values["place"] == Words("choice.axillary")
    assert found.evidence[1] == Words("rule.since.nk", {"hours": 20.0})


def test_no_words_tell_a_pregnancy_or_a_liver_status():
    said = assess({"Q21": True, "screen": {"pregnancy": True}}, Context(checkin="pre_infusion"), PROTOCOL)
    keys = {key for found in said.findings for words in found.evidence for key in words.text_keys()}
    assert keys == {"rule.seen.private"}
    liver = assess({"Q16": True}, Context(flags=frozenset({"HBCAB_POS"})), PROTOCOL)
    assert "HB" not in str(liver.findings[0].reason) + str(liver.findings[0].evidence)


def test_the_crs_and_icans_notes_are_for_staff_while_their_clock_runs():
    def notes(hours, answers):
        found = assess(answers, Context(Clocks(9, {"nk": hours})), PROTOCOL).findings
        return [note.key for finding in found for note in finding.notes]

    feverish = {"Q1": {"value": 38.0, "place": "axillary"}, "Q2": True}
    assert notes(336, feverish) == ["rule.R3.note"]
    assert notes(336.1, feverish) == []
    assert notes(720, {"Q10": True}) == ["rule.R6.note"]
    assert notes(720.1, {"Q10": True}) == []


def test_only_an_admission_asks_for_the_serious_event_form():
    def prompt(tag):
        (found,) = assess({"Q22": {"value": True, "tags": [tag]}}, Context(), PROTOCOL).findings
        return found.serious_prompt

    assert prompt("admitted")
    assert not prompt("care_outside")


def test_a_scalar_answer_stands_for_the_main_part():
    assert PROTOCOL.items["Q13"].read(2) == {"severity": 2}
    assert PROTOCOL.items["Q3"].read(False) == {"value": False}
    assert PROTOCOL.items["Q8"].read(None) == {}
    with pytest.raises(ValueError, match="an answer cannot hold"):
        PROTOCOL.items["Q3"].read(object())


def test_every_number_says_where_it_comes_from():
    for part in (*PROTOCOL.items.values(), *PROTOCOL.rules.values(), *PROTOCOL.chains.values()):
        assert part.tag in "RLD"
        assert len(part.source) > 10


def test_an_item_knows_its_parts():
    item: Item = PROTOCOL.items["Q8"]
    assert item.part("sbp") is item.part("pressure")
    assert (item.unit_of("pulse"), PROTOCOL.items["Q14"].unit_of("value")) == ("per_minute", None)
    with pytest.raises(ValueError, match="Q8 has no part mood"):
        item.part("mood")


def test_the_words_tell_the_usual_value_and_the_hours_to_a_tenth():
    (low,) = assess({"Q9": {"value": 95}}, Context(baseline={"spo2": 98.0}), PROTOCOL).findings
    assert low.evidence[1] == Words("rule.baseline", {"value": 98.0})
    (hot,) = assess({"Q1": {"value": 37.6}}, Context(Clocks(5, {"nk": 20.04})), PROTOCOL).findings
    assert hot.evidence[1] == Words("rule.since.nk", {"hours": 20.0})


def test_a_place_that_the_protocol_does_not_know_counts_as_unknown():
    (found,) = assess({"Q1": {"value": 38.0, "place": "wrist"}}, Context(Clocks(90)), PROTOCOL).findings
    assert found.rule == "R2"
    assert found.evidence[0].values["place"] == Words("choice.unknown")
