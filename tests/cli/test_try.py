"""`suifang try`: the PI questions the rules, without a database and without Telegram."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import cli
from bot.errors import SuifangError

CORPUS = Path(__file__).parent.parent / "protocols" / "corpus"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("TELEGRAM_BOT_TOKEN", "SECRET_KEY", "DATABASE_URL", "PROTOCOL_FILE", "SITE_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def tried(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["try", *arguments])


def answers(tmp_path: Path, *cases: dict[str, Any]) -> list[dict[str, Any]]:
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(json.dumps(case, ensure_ascii=False) for case in cases), encoding="utf-8")
    result = tried("--cases", str(file), "--json")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_sentence_is_answered_with_what_the_bot_does_and_why() -> None:
    answer = json.loads(tried("--text", "昨晚烧到38度9", "--json").stdout)
    assert answer["act"] == "ask"
    assert {
        "hazard": "temperature",
        "phrase": "38.9",
        "negated": False,
        "status": "past",
        "act": "ask",
    } in answer["findings"]


def test_a_denied_symptom_is_shown_as_denied() -> None:
    (found,) = json.loads(tried("--text", "no fever today", "--json").stdout)["findings"]
    assert (found["hazard"], found["negated"], found["status"]) == ("fever", True, "negated")


def test_a_person_reads_lines() -> None:
    assert tried("--text", "I can't breathe").stdout.splitlines()[0] == "red"


def test_the_example_of_the_interface_is_answered_in_both_languages(tmp_path: Path) -> None:
    case = {
        "id": "x1",
        "clock": {"study_day": 9, "hours_since_rtx": 190, "hours_since_nk": 20},
        "flags": ["STEROID"],
        "baseline": {"spo2": 97},
        "history": [{"hours_ago": 12, "answers": {"Q5": 1}}],
        "answers": {"Q1": {"value": 38.2, "unit": "C", "place": "axillary"}, "Q2": True},
    }
    (answer,) = answers(tmp_path, case)
    assert (answer["id"], answer["tier"], answer["amber_hours"]) == ("x1", "red", None)
    assert {"R1", "R2", "R3"} <= set(answer["rules"])
    assert answer["reasons"]["en"]
    assert answer["reasons"]["zh_CN"] != answer["reasons"]["en"]


def test_a_reading_that_is_asked_again_is_named(tmp_path: Path) -> None:
    waiting, failed = answers(
        tmp_path, {"answers": {"Q9": {"value": 90}}}, {"answers": {"Q9": {"value": 90, "repeat": None}}}
    )
    assert (waiting["tier"], waiting["amber_hours"], waiting["remeasure"]) == ("amber", 1, ["Q9"])
    assert (failed["tier"], failed["remeasure"]) == ("red", [])


def test_sentences_and_answers_stand_in_one_file(tmp_path: Path) -> None:
    heard, judged = answers(tmp_path, {"id": "a", "text": "胸口痛"}, {"id": "b", "answers": {"Q2": False}})
    assert (heard["id"], heard["act"]) == ("a", "red")
    assert (judged["id"], judged["tier"]) == ("b", "green")


def test_the_clock_of_a_case_counts_for_a_sentence(tmp_path: Path) -> None:
    later, soon = answers(
        tmp_path, {"text": "体温37.6"}, {"text": "体温37.6", "clock": {"study_day": 5, "hours_since_nk": 20}}
    )
    assert (later["act"], soon["act"]) == ("ask", "red")
    assert "R1" in soon["rules"]


def test_the_corpus_is_read_as_it_is() -> None:
    result = tried("--cases", str(CORPUS / "tuning.jsonl"), "--json")
    count = len((CORPUS / "tuning.jsonl").read_text(encoding="utf-8").splitlines())
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == count


@pytest.mark.parametrize("arguments", [(), ("--text", "x", "--cases", str(CORPUS / "tuning.jsonl"))])
def test_one_of_text_and_cases_is_wanted(arguments: tuple[str, ...]) -> None:
    assert tried(*arguments).exit_code == 2


@pytest.mark.parametrize("line", ["{", "[]", '{"answers": [1]}', '{"history": [{}]}'])
def test_a_line_that_is_no_case_is_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text('{"text": "ok"}\n' + line, encoding="utf-8")
    result = tried("--cases", str(file))
    assert isinstance(result.exception, SuifangError)
    assert str(result.exception).startswith("cases.jsonl, line 2: ")
