"""The protocol file: what is refused, with which words, and what the shipped one promises."""

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bot.domain.definition import ProtocolErrors
from bot.domain.planning import Course, clocks, plan
from bot.domain.protocol import SHIPPED, Protocol, load_protocol, protocol_from, text_keys
from bot.errors import ProtocolError
from tests.domain.schedules import DAY1, SHANGHAI, at, shipped, visit

BROKEN = sorted((Path(__file__).parent.parent / "protocols" / "broken").glob("*.toml"))
REMOVED = "(removed)"


def patched(table: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Return the table with the patch: "(removed)" takes a key away, a condition is replaced whole."""
    merged = dict(table)
    for key, value in patch.items():
        if value == REMOVED:
            del merged[key]
        elif isinstance(value, dict) and isinstance(merged.get(key), dict) and key != "when":
            merged[key] = patched(merged[key], value)
        else:
            merged[key] = value
    return merged


def load_broken(path: Path) -> Protocol:
    """Load the shipped file with the patch, or the file itself where it says that it is whole."""
    if "# whole file" in path.read_text(encoding="utf-8"):
        return load_protocol(path)
    base, patch = (tomllib.loads(one.read_text(encoding="utf-8")) for one in (SHIPPED, path))
    return protocol_from(patched(base, patch), path.name)


def expected(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("# expect: ") for line in lines if line.startswith("# expect: ")]


def test_there_are_at_least_twenty_broken_files() -> None:
    assert len(BROKEN) >= 20


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_file_gives_exactly_the_errors_it_announces(path: Path) -> None:
    with pytest.raises(ProtocolError) as caught:
        load_broken(path)
    assert str(caught.value).splitlines() == [f"{path.name}: {line}" for line in expected(path)]
    assert f"{caught.value.file}: {caught.value.key}: {caught.value.reason}" in str(caught.value)


def test_several_errors_are_told_at_once() -> None:
    (path,) = (path for path in BROKEN if path.stem.endswith("several_at_once"))
    with pytest.raises(ProtocolErrors) as caught:
        load_broken(path)
    assert len(caught.value.problems) == 3
    assert (caught.value.key, caught.value.reason) == tuple(caught.value.problems[0])


def test_a_file_that_is_not_there_or_not_utf_8_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"gone\.toml: file: cannot be read"):
        load_protocol(tmp_path / "gone.toml")
    (tmp_path / "odd.toml").write_bytes(b'id = "\xff"')
    with pytest.raises(ProtocolError, match=r"odd\.toml: file: is not UTF-8"):
        load_protocol(tmp_path / "odd.toml")


def test_the_anchor_has_no_default_and_nothing_is_planned_without_it() -> None:
    unset = load_protocol()
    assert unset.follow_up_anchor is None
    assert not unset.anchor_set
    assert shipped().anchor_set
    with pytest.raises(ProtocolError, match="follow_up_anchor: is not set"):
        plan(Course(DAY1, SHANGHAI), unset)


def test_an_anchor_in_the_file_wins_over_the_one_for_tests() -> None:
    table = {**tomllib.loads(SHIPPED.read_text(encoding="utf-8")), "follow_up_anchor": "first_nk"}
    assert protocol_from(table, "x", anchor="rituximab").follow_up_anchor == "first_nk"


def test_counting_from_the_first_nk_moves_the_follow_up_by_three_days_and_no_infusion() -> None:
    by_rituximab = {v.id: v.on for v in plan(Course(DAY1, SHANGHAI), shipped())}
    by_nk = {v.id: v.on for v in plan(Course(DAY1, SHANGHAI), load_protocol(anchor="first_nk"))}
    moved = {name: (by_nk[name] - by_rituximab[name]).days for name in by_nk}
    assert {name for name, days in moved.items() if days == 0} == {"D1", "D4", "D6", "D8"}
    assert {days for name, days in moved.items() if name not in ("D1", "D4", "D6", "D8")} == {3}


def test_the_digest_is_that_of_the_file_and_of_its_words(tmp_path: Path) -> None:
    copy, words = tmp_path / "copy.toml", tmp_path / "nct06676631-words.toml"
    words.write_bytes(SHIPPED.with_name(words.name).read_bytes())
    copy.write_bytes(SHIPPED.read_bytes())
    assert load_protocol(copy).digest == load_protocol().digest
    copy.write_bytes(SHIPPED.read_bytes() + b"\n")
    assert load_protocol(copy).digest != load_protocol().digest
    copy.write_bytes(SHIPPED.read_bytes())
    words.write_bytes(words.read_bytes() + b"\n")
    assert load_protocol(copy).digest != load_protocol().digest


def test_every_visit_of_the_registration_is_there_and_no_other() -> None:
    assert list(shipped().visits) == [
        "SCR",
        "D1",
        "D4",
        "D6",
        "D8",
        "D14",
        "D28",
        "M2",
        "M3",
        "M6",
        "M9",
        "M12",
        "UNS",
    ]


def test_every_number_of_the_schedule_carries_its_tag_and_source() -> None:
    parts = list(_parts([*shipped().visits.values(), *shipped().reminders.values(), shipped().cadence]))
    with_numbers = [part for part in parts if any(isinstance(v, int) and v is not True for v in _own(part))]
    assert len(with_numbers) > 20
    assert all("tag" in type(part).model_fields or type(part).__name__ == "Point" for part in with_numbers)


def _parts(value: Any) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield value
        yield from _parts(_own(value))
    elif isinstance(value, dict):
        yield from _parts(list(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _parts(each)


def _own(part: BaseModel) -> list[Any]:
    return [
        getattr(part, name) for name in type(part).model_fields if not isinstance(getattr(part, name), bool)
    ]


def test_text_keys_are_told_once_each_and_hold_those_of_the_visits() -> None:
    keys = list(text_keys(shipped()))
    assert len(keys) == len(set(keys))
    assert {"trial.title", "visit.D14.name", "bring.follow_up", "visit.reminder.morning"} <= set(keys)


def test_the_clocks_count_from_the_recorded_end_and_else_from_the_assumed_one() -> None:
    now = at("2026-12-04 16:30")
    planned = clocks(Course(DAY1, SHANGHAI), shipped(), now)
    assert (planned.study_day, planned.hours_since) == (4, {"rituximab": 75.0, "nk": 4.0})
    assert planned.recorded == frozenset()
    ended = visit("D4", started_at=at("2026-12-04 09:00"), ended_at=at("2026-12-04 15:00"))
    known = clocks(Course(DAY1, SHANGHAI, (ended,)), shipped(), now)
    assert (known.hours_since["nk"], known.recorded) == (1.5, frozenset({"nk"}))
    held = clocks(Course(DAY1, SHANGHAI, (visit("D4", status="held"),)), shipped(), now)
    assert "nk" not in held.hours_since


def test_before_the_first_infusion_no_clock_runs_and_day_minus_one_is_yesterday() -> None:
    eve = clocks(Course(DAY1, SHANGHAI), shipped(), at("2026-11-30 19:00"))
    assert (eve.study_day, eve.hours_since) == (-1, {})


def test_a_visit_that_began_stands_on_its_actual_day() -> None:
    late = visit("D14", moved_to_on=DAY1, started_at=datetime(2026, 12, 15, 1, 0, tzinfo=UTC))
    (d14,) = (v for v in plan(Course(DAY1, SHANGHAI, (late,)), shipped()) if v.id == "D14")
    assert (f"{d14.on} {d14.at:%H:%M}", d14.in_window, d14.is_ahead) == ("2026-12-15 09:00", True, False)


def test_screening_is_planned_only_when_staff_have_set_its_date() -> None:
    assert "SCR" not in [v.id for v in plan(Course(DAY1, SHANGHAI), shipped())]
    dated = Course(DAY1, SHANGHAI, (visit("SCR", moved_to_on=at("2026-11-24 00:00").date()),))
    assert plan(dated, shipped())[0].id == "SCR"
