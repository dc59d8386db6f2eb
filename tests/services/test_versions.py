"""An alert replays under the version that raised it; a new version shows beforehand what it would change."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.findings import Clocks, Context, Report
from bot.domain.protocol import Protocol, protocol_of
from bot.domain.trying import read_case, written_case
from bot.errors import SettingsError, SuifangError
from bot.services.protocol import dry_run, signing, versions
from bot.services.talk import words
from bot.storage import alerts
from tests.services.test_checkins import well


def edited(protocol: Protocol, *changes: tuple[str, str], version: str = "2026.2") -> Protocol:
    """Another version of the shipped protocol, as somebody would type it."""
    text = protocol.source.definition.decode()
    for before, after in (('version = "2026.1"', f'version = "{version}"'), *changes):
        assert before in text
        text = text.replace(before, after)
    source = replace(protocol.source, definition=text.encode())
    return protocol_of(source, "edited.toml", anchor=protocol.follow_up_anchor)


HIGHER = (
    "high = { oral = 38.3, ear = 38.3, axillary = 38.0, forehead = 38.0, unknown = 38.0 }",
    "high = { oral = 39.5, ear = 39.5, axillary = 39.5, forehead = 39.5, unknown = 39.5 }",
)


async def kept(ward) -> None:
    async with ward.study.db.begin() as tx:
        await versions.keep(ward.study, tx, ward.study.clock.now())


async def feverish(ward) -> int:
    """Report 38.2 under the arm, and return the alert."""
    participant = await ward.active()
    turn = await ward.report(participant)
    turn = await ward.answer(participant, turn, "38.2")
    await ward.answer(participant, turn, "axillary")
    async with ward.study.db.begin() as tx:
        (alert,) = await alerts.all_live(tx)
    return alert.id


def with_protocol(ward, protocol):
    return replace(ward.study, protocol=protocol)


async def test_an_alert_comes_out_the_same_under_its_own_version(ward):
    await kept(ward)
    alert = await feverish(ward)
    await ward.pass_time(days=40)
    today = with_protocol(ward, edited(ward.study.protocol, HIGHER))
    found = await versions.replay(today, alert)
    assert [(each.rule, each.again, each.same, each.version) for each in found] == [
        ("A_FEVER_ONCE", "AMBER-2h A_FEVER_ONCE", True, "2026.1"),
        ("R2", "RED R2", True, "2026.1"),
    ]
    # The new threshold would have seen it otherwise.
    assert [each.today for each in found] == ["AMBER-2h A_FEVER_ONCE"] * 2


async def test_words_replay_under_their_own_version_too(ward):
    await kept(ward)
    participant = await ward.active()
    await words.keep_words(ward.study, participant, "我喘不上气", 77)
    async with ward.study.db.begin() as tx:
        (alert,) = await alerts.all_live(tx)
    found = await versions.replay(ward.study, alert.id)
    assert found
    assert all(each.same for each in found)


async def test_a_version_that_was_not_kept_cannot_be_replayed(ward):
    alert = await feverish(ward)
    with pytest.raises(SuifangError, match=r"version 2026\.1 of the protocol was not kept"):
        await versions.replay(ward.study, alert)
    with pytest.raises(SuifangError, match="no findings of an alert 99"):
        await versions.replay(ward.study, 99)


async def test_a_changed_file_needs_a_version_of_its_own(ward):
    await signing.sign(ward.study, "PI")
    same_version = with_protocol(ward, edited(ward.study.protocol, HIGHER, version="2026.1"))
    with pytest.raises(SettingsError, match="give the changed file a version of its own"):
        await signing.sign(same_version, "PI")
    await signing.sign(with_protocol(ward, edited(ward.study.protocol, HIGHER)), "PI")


async def test_the_dry_run_tells_whose_reports_would_have_meant_something_else(ward):
    participant = await ward.active()
    turn = await ward.report(participant)
    turn = await ward.answer(participant, turn, "38.2")
    turn = await ward.answer(participant, turn, "axillary")
    await well(ward, participant, turn)
    found = await dry_run.dry_run(ward.study, edited(ward.study.protocol, HIGHER))
    assert ("version", "2026.1", "2026.2") in found.keys
    assert [key for key, _, _ in found.keys if key.startswith("items.Q1.bands.high")]
    (change,) = [each for each in found.people["001"] if each.kind == "report"]
    assert change.before is not None
    assert "R2" in change.before
    assert "R2" not in (change.after or "")


async def test_the_dry_run_judges_a_report_that_was_left_half_way_too(ward):
    await feverish(ward)
    found = await dry_run.dry_run(ward.study, edited(ward.study.protocol, HIGHER))
    (change,) = [each for each in found.people["001"] if each.kind == "report"]
    assert (change.before, change.after) == ("RED R2", "AMBER-2h A_FEVER_ONCE")


async def test_the_dry_run_tells_which_visits_and_messages_would_move(ward):
    await ward.active()
    new = edited(
        ward.study.protocol,
        ('[visits.D14]\nkind = "follow_up"\nday = 14', '[visits.D14]\nkind = "follow_up"\nday = 15'),
    )
    found = await dry_run.dry_run(ward.study, new)
    moved = {(each.kind, each.what) for each in found.people["001"]}
    assert ("visit", "D14") in moved
    assert ("reminder", "D14 day_before") in moved
    (visit,) = [each for each in found.people["001"] if each.kind == "visit"]
    assert visit.before == "2026-12-17 (2026-12-15 – 2026-12-19)"
    assert visit.after == "2026-12-18 (2026-12-16 – 2026-12-20)"


async def test_the_same_protocol_changes_nothing_for_anybody(ward):
    await ward.active()
    found = await dry_run.dry_run(ward.study, edited(ward.study.protocol))
    assert found.people == {}
    assert found.looked_at == 1
    assert [key for key, _, _ in found.keys] == ["version"]


HOURS = st.floats(0, 5000, allow_nan=False)
SINCE = st.dictionaries(st.sampled_from(["nk", "rituximab"]), HOURS)
CONTEXTS = st.builds(
    Context,
    clocks=st.builds(
        Clocks,
        st.none() | st.integers(-30, 400),
        st.dictionaries(st.sampled_from(["nk", "rituximab"]), HOURS),
    ),
    flags=st.frozensets(st.sampled_from(["STEROID", "LN"])),
    baseline=st.dictionaries(st.sampled_from(["spo2", "sbp"]), HOURS),
    history=st.lists(st.builds(Report, HOURS, st.just({"Q5": 1})), max_size=3).map(tuple),
    inpatient=st.booleans(),
    checkin=st.none() | st.just("full"),
)


@given(CONTEXTS, st.just({"Q2": True}) | st.just({}))
def test_what_a_verdict_rests_on_is_kept_so_that_it_reads_the_same(context, answers):
    case = read_case(written_case(answers, context))
    assert case.answers == answers
    assert case.context == context


async def test_an_older_finding_without_its_case_says_so(ward):
    await kept(ward)
    alert = await feverish(ward)
    async with ward.study.db.begin() as tx:
        from bot.storage import findings

        each = (await findings.of_alert(tx, alert))[0]
        bare = replace(each.what, source="answer:999", detail={})
        await findings.add(tx, bare, ward.study.clock.now() + timedelta(seconds=1))
    found = await versions.replay(ward.study, alert)
    assert [each.again for each in found if each.case is None] == [None]
