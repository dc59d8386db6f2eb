"""The next move for an alert: who is paged when, and that no tick makes it forget or repeat."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.escalation import AlertFacts, Move, Staffing, chain_for, check_chains, next_move
from bot.domain.protocol import load_protocol

CHAINS = load_protocol(anchor="rituximab").chains
OPENED = datetime(2026, 12, 4, 2, 0, tzinfo=UTC)
COORDINATOR, ON_CALL, SUB, PI = 1, 2, 3, 4
ALL = Staffing(
    {"coordinator": (COORDINATOR,), "on_call": (ON_CALL,), "sub_investigator": (SUB,), "pi": (PI,)}
)


def alert(tier="red", hours=None, **facts) -> AlertFacts:
    return AlertFacts(**{"tier": tier, "hours": hours, "state": "open", "tier_since": OPENED} | facts)


def after(minutes: float) -> datetime:
    return OPENED + timedelta(minutes=minutes)


def move(facts: AlertFacts, minutes: float, staffing: Staffing = ALL) -> Move:
    chain = chain_for(CHAINS, facts.tier, facts.hours)
    return next_move(facts, chain, staffing, after(minutes), CHAINS.get(chain.then or ""))


def written(facts: AlertFacts, made: Move, minutes: float) -> AlertFacts:
    """Return the row as a service writes it back."""
    paged_at = after(minutes) if made.round > facts.round else facts.paged_at
    asked_at = after(minutes) if made.ask_participant else facts.participant_asked_at
    return replace(facts, round=made.round, step=made.step, paged_at=paged_at, participant_asked_at=asked_at)


def paged(made: Move) -> list[int]:
    return [page.staff_id for page in made.pages]


def play(facts: AlertFacts, minutes: list[float], staffing: Staffing = ALL) -> list[tuple[float, list[int]]]:
    """Return who was paged at each of these ticks, the ticks without a page left out."""
    heard = []
    for at in minutes:
        made = move(facts, at, staffing)
        facts = written(facts, made, at)
        if made.pages:
            heard.append((at, paged(made)))
    return heard


def test_red_pages_coordinator_and_on_call_at_once():
    made = move(alert(), 0)
    assert paged(made) == [COORDINATOR, ON_CALL]
    assert (made.round, made.step, made.look_again_at) == (1, 0, after(5))


def test_red_pages_every_five_minutes_and_up_the_chain_without_end():
    heard = dict(play(alert(), [float(n) for n in range(121)]))
    assert list(heard) == [5.0 * n for n in range(25)]
    assert heard[5.0] == [COORDINATOR, ON_CALL]
    assert heard[10.0] == heard[15.0] == [COORDINATOR, ON_CALL, SUB]
    assert heard[20.0] == heard[120.0] == [COORDINATOR, ON_CALL, SUB, PI]


def test_missed_ticks_are_made_up_with_one_page():
    facts = written(alert(), move(alert(), 0), 0)
    late = move(facts, 42)
    assert late.round == 2
    assert sorted(paged(late)) == [COORDINATOR, ON_CALL, SUB, PI]
    again = move(written(facts, late, 42), 42)
    assert (again.pages, again.round, again.look_again_at) == ((), 2, after(45))


def test_acknowledging_stops_the_paging_until_contact_is_due():
    facts = written(alert(), move(alert(), 0), 0)
    taken = replace(facts, state="acknowledged", acknowledged_at=after(2))
    quiet = move(taken, 9)
    assert (quiet.pages, quiet.ask_participant, quiet.look_again_at) == ((), False, after(10))
    due = move(replace(taken, participant_asked_at=after(10)), 15)
    assert paged(due) == [COORDINATOR, ON_CALL, SUB]
    assert due.look_again_at == after(20)


def test_a_late_acknowledgement_is_given_one_interval():
    taken = alert(state="acknowledged", acknowledged_at=after(31), paged_at=after(30), round=7, step=2)
    assert move(taken, 35).pages == ()
    assert sorted(paged(move(taken, 36))) == [COORDINATOR, ON_CALL, SUB, PI]


@pytest.mark.parametrize("state", ["contacted", "closed"])
def test_after_contact_nobody_is_paged_and_nothing_waits(state):
    made = move(alert(state=state, paged_at=after(0), round=1, step=0), 500)
    assert made == Move(round=1, step=0)


def test_the_participant_is_asked_every_ten_minutes_until_contact():
    asked, facts = [], alert()
    for at in range(45):
        made = move(facts, at)
        facts = written(facts, made, at)
        if at == 3:
            facts = replace(facts, state="acknowledged", acknowledged_at=after(3))
        if made.ask_participant:
            asked.append(at)
    assert asked == [10, 20, 30, 40]
    assert not move(replace(facts, state="contacted"), 50).ask_participant


def test_amber_never_asks_the_participant():
    assert not any(move(alert("amber", 1), at).ask_participant for at in range(60))


def test_a_step_with_nobody_hands_on_at_once_and_says_so():
    nobody_first = Staffing({"sub_investigator": (SUB,), "pi": (PI,)})
    made = move(alert(), 0, nobody_first)
    assert paged(made) == [SUB]
    assert made.empty_steps == (("coordinator", "on_call"),)
    assert not made.second


def test_the_step_after_an_empty_one_starts_with_it():
    no_sub = Staffing({"coordinator": (COORDINATOR,), "pi": (PI,)})
    heard = dict(play(alert(), [float(n) for n in range(21)], no_sub))
    assert heard[5.0] == [COORDINATOR]
    assert heard[10.0] == [COORDINATOR, PI]


def test_with_nobody_at_all_the_second_channel_is_asked_for_each_round():
    first = move(alert(), 0, Staffing({}))
    assert (first.pages, first.second, first.round) == ((), True, 1)
    facts = written(alert(), first, 0)
    assert not move(facts, 4, Staffing({})).second
    assert move(facts, 5, Staffing({})).second
    assert len(first.empty_steps) == 3


def test_when_the_first_step_becomes_unreachable_the_next_is_paged_now():
    facts = written(alert(), move(alert(), 0), 0)
    left = Staffing({"sub_investigator": (SUB,), "pi": (PI,)})
    made = move(facts, 1, left)
    assert paged(made) == [SUB]
    assert made.round == 1
    assert move(written(facts, made, 1), 2, left).pages == ()


def test_a_person_in_two_roles_is_paged_once_a_round():
    both = Staffing(
        {"coordinator": (COORDINATOR,), "on_call": (COORDINATOR,), "sub_investigator": (COORDINATOR,)}
    )
    assert paged(move(alert(paged_at=after(5), round=2, step=0), 10, both)) == [COORDINATOR]


@pytest.mark.parametrize(("hours", "half", "limit"), [(1, 30, 60), (2, 60, 120), (4, 120, 240)])
def test_amber_pages_coordinator_then_sub_investigator_then_pi_then_as_red(hours, half, limit):
    heard = dict(play(alert("amber", hours), [float(n) for n in range(limit + 31)]))
    assert [at for at in heard if at <= limit] == [15.0 * n for n in range(limit // 15 + 1)]
    assert heard[0.0] == heard[half - 15.0] == [COORDINATOR]
    assert heard[float(half)] == heard[limit - 15.0] == [COORDINATOR, SUB]
    assert sorted(heard[float(limit)]) == [COORDINATOR, ON_CALL, SUB, PI]
    assert [at for at in heard if at > limit] == [limit + 5.0 * n for n in range(1, 7)]


def test_amber_24_pages_every_four_hours_on_weekends_too():
    heard = play(alert("amber", 24), [float(n) for n in range(0, 3 * 24 * 60, 10)])
    assert [at for at, _ in heard] == [240.0 * n for n in range(18)]
    assert heard[0][1] == [COORDINATOR]
    assert heard[1][1] == [COORDINATOR, SUB]


def test_acknowledged_amber_without_contact_at_the_limit_goes_on_as_red():
    taken = alert(
        "amber", 2, state="acknowledged", acknowledged_at=after(10), paged_at=after(0), round=1, step=0
    )
    assert move(taken, 119).pages == ()
    assert move(taken, 119).look_again_at == after(120)
    assert sorted(paged(move(taken, 120))) == [COORDINATOR, ON_CALL, SUB, PI]


def test_a_raised_alert_starts_its_new_chain_at_once():
    raised = alert(tier_since=after(7), paged_at=after(0), round=1, step=-1)
    made = move(raised, 7)
    assert (paged(made), made.round, made.look_again_at) == ([COORDINATOR, ON_CALL], 2, after(12))


@settings(max_examples=40, deadline=None)
@given(
    chain=st.sampled_from(sorted(CHAINS)),
    gaps=st.lists(st.integers(60, 7200), min_size=20, max_size=60),
)
def test_over_72_hours_of_random_ticks_no_gap_exceeds_interval_and_tick(chain, gaps):
    own = CHAINS[chain]
    facts = alert(own.tier, own.hours)
    seen: set[tuple[int, int]] = set()
    at, last_page = 0.0, None
    for gap in [0, *gaps * (72 * 3600 // sum(gaps) + 1)]:
        at += gap / 60
        if at > 72 * 60:
            break
        made = move(facts, at)
        keys = [(page.staff_id, page.round) for page in made.pages]
        assert len(set(keys)) == len(keys)
        assert seen.isdisjoint(keys)
        seen.update(keys)
        if made.pages:
            last_page = at
        assert last_page is not None
        assert at - last_page < own.page_every_minutes
        assert made.look_again_at is not None
        assert made.look_again_at > after(at)
        facts = written(facts, made, at)


@given(st.integers(0, 72 * 3600), st.integers(0, 72 * 3600))
def test_asking_twice_at_one_instant_pages_once(first, second):
    facts = written(alert(), move(alert(), first / 60), first / 60)
    at = (first + second) / 60
    made = move(facts, at)
    assert move(written(facts, made, at), at).pages == ()


def test_every_tier_has_its_chain_and_every_hand_over_ends():
    assert list(check_chains(CHAINS)) == []
    without_red = {name: chain for name, chain in CHAINS.items() if name != "red"}
    reasons = [problem.reason for problem in check_chains(without_red)]
    assert reasons[0] == "needs exactly one chain for red"
    assert reasons[1:] == ["red is no chain that ends the hand-over"] * 3
