"""The gate to Telegram, in virtual time, against a server that counts as Telegram does."""

import asyncio
import contextlib
import heapq
import itertools
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram.error import RetryAfter

from bot.clock import PushedClock
from bot.transport.calls import BROADCAST, PAGE, Call, Unwanted, calling
from bot.transport.limiter import PriorityLimiter
from bot.transport.pace import Arrivals, ChatPace, Passage

START = datetime(2026, 12, 1, tzinfo=UTC)


class Server:
    """Takes at most `per_second` calls in any second; refuses what it is told to refuse.

    A call comes `latency` seconds after it left, and up to `jitter` more, as the lots of `seed` fall.
    """

    def __init__(self, clock, per_second=30, latency=0.0, jitter=0.0, seed=0):
        self.clock, self.per_second = clock, per_second
        self.latency, self.jitter, self.lots = latency, jitter, Random(seed)
        self.taken = []  # (at, chat, name)
        self.refused = []
        self.refuse_next = {}

    async def take(self, chat, name):
        if self.latency or self.jitter:
            await self.clock.sleep(self.latency + self.lots.uniform(0, self.jitter))
        now = self.clock.monotonic()
        recent = sum(1 for at, *_ in reversed(self.taken[-60:]) if at > now - 1)
        if chat in self.refuse_next or recent >= self.per_second:
            self.refused.append((now, chat))
            raise RetryAfter(self.refuse_next.pop(chat, 1))
        self.taken.append((now, chat, name))
        return {"message_id": len(self.taken)}


class Bench:
    """A limiter on a pushed clock before a server."""

    def __init__(self, **server):
        self.clock = PushedClock(START, jump=False)
        self.server = Server(self.clock, **server)
        self.limiter = PriorityLimiter(self.clock)

    async def send(self, chat, name="", priority=None, endpoint="sendMessage", **call):
        with calling(Call(**call)):
            return await self.limiter.process_request(
                lambda: self.server.take(chat, name),
                (),
                {},
                endpoint,
                {"chat_id": chat},
                None if priority is None else {"priority": priority},
            )

    def start(self, *args, **kwargs):
        return asyncio.ensure_future(self.send(*args, **kwargs))

    async def push(self, seconds):
        await self.clock.push(timedelta(seconds=seconds))

    def times(self, name=None):
        return [at for at, _, given in self.server.taken if name in (None, given)]

    def busiest(self, seconds, chat=None):
        times = [at for at, to, _ in self.server.taken if chat in (None, to)]
        return max((sum(1 for b in times if a <= b < a + seconds) for a in times), default=0)


@pytest.fixture
async def bench():
    made = Bench()
    yield made
    await made.limiter.shutdown()


async def test_no_second_ever_holds_more_than_the_limit(bench):
    tasks = [bench.start(chat) for chat in range(1, 301)]
    await bench.push(12)
    await asyncio.gather(*tasks)
    assert bench.busiest(1.0) <= 30
    assert not bench.server.refused


async def test_a_broadcast_of_900_uses_98_percent_of_the_limit_without_a_refusal(bench):
    tasks = [bench.start(chat, priority=BROADCAST) for chat in range(1, 901)]
    await bench.push(40)
    await asyncio.gather(*tasks)
    assert not bench.server.refused
    assert 900 / bench.times()[-1] >= 0.98 * 30


async def broadcast(bench, look=0.0, seed=0):
    """Let six workers send 900 broadcasts, each looked at for up to `look` first; return the rate."""
    lots = Random(seed)

    async def before_call():
        await bench.clock.sleep(lots.uniform(0.0, look))

    async def worker(queue):
        while queue:
            with contextlib.suppress(RetryAfter):
                await bench.send(queue.pop(), outbox=True, before_call=before_call, priority=BROADCAST)

    queue = list(range(900))
    workers = [asyncio.ensure_future(worker(queue)) for _ in range(6)]
    while not all(each.done() for each in workers):
        await bench.push(1)
    await bench.limiter.shutdown()
    times = bench.times()
    return len(times) / (times[-1] - times[0])


@pytest.mark.parametrize("seed", range(3))
async def test_calls_that_are_looked_at_first_and_come_unequally_late_are_not_refused_either(seed):
    """A look of up to 10 ms before each call, and up to 12 ms more on the way of one than of another."""
    bench = Bench(latency=0.03, jitter=0.012, seed=seed)
    assert await broadcast(bench, look=0.01, seed=seed) >= 0.98 * 30
    assert not bench.server.refused


@pytest.mark.parametrize("seed", range(2))
async def test_on_a_restless_line_a_broadcast_is_slower_rather_than_refused(seed):
    """Up to 40 ms more on the way: counted from when they leave, 31 would come within a second."""
    bench = Bench(latency=0.05, jitter=0.04, seed=seed)
    assert await broadcast(bench, look=0.005, seed=seed) >= 0.95 * 30
    assert not bench.server.refused


async def test_a_broadcast_goes_out_evenly_and_a_page_in_it_at_once():
    """In bunches of five there would be a gap of 150 ms before each, in which a page finds no place."""
    bench = Bench(latency=0.01)
    tasks = [bench.start(chat, priority=BROADCAST) for chat in range(1, 121)]
    await bench.push(1.99)
    pressed = bench.clock.monotonic()
    page = bench.start(5000, "page", priority=PAGE)
    await bench.push(3)
    await asyncio.gather(page, *tasks)
    assert bench.times("page")[0] - pressed < 0.05
    times = bench.times("")
    assert max(later - at for at, later in itertools.pairwise(times)) < 0.08
    assert not bench.server.refused
    await bench.limiter.shutdown()


async def test_thirty_calls_without_an_answer_hold_up_a_page_for_a_second_at_most(bench):
    never = asyncio.Event()

    class Silent:
        async def take(self, chat, name):
            await never.wait()

    talking, bench.server = bench.server, Silent()
    silent = [bench.start(chat) for chat in range(1, 31)]
    await bench.push(0.9)
    bench.server = talking
    pressed = bench.clock.monotonic()
    page = bench.start(99, "page", priority=PAGE)
    await bench.push(2)
    assert 0 < bench.times("page")[0] - pressed < 1
    await page
    never.set()
    await asyncio.gather(*silent)


async def test_a_call_that_turns_out_unwanted_frees_its_place_at_once(bench):
    """Five under way are all that a lowered rate allows; nobody need wait until one of them is late."""
    stale = asyncio.Event()

    async def look():
        await stale.wait()
        raise Unwanted

    bench.limiter._overall._set(5)
    unwanted = [bench.start(chat, before_call=look) for chat in range(1, 6)]
    await bench.push(0.1)
    page = bench.start(99, "page", priority=PAGE)
    await bench.push(0.1)
    stale.set()
    await bench.push(0.1)
    assert page.done()
    await asyncio.gather(*unwanted, return_exceptions=True)


ways = st.tuples(st.floats(0, 0.1), st.floats(0, 0.3), st.floats(0, 0.3))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), st.floats(0, 0.2), st.lists(ways, max_size=40))
def test_however_late_each_call_and_answer_is_no_second_holds_more_at_the_far_end(limit, least, calls):
    """Once a call and its answer took the shortest way, which the first does here."""
    arrivals, now, came = Arrivals(limit), 0.0, []
    underway: list[tuple[float, int, Passage]] = []
    for n, (look, there, back) in enumerate([(0.0, 0.0, 0.0), *calls]):
        while True:
            ready_at = max(now, arrivals.ready_at(now))
            # The first is answered before others leave: its way is the shortest there is.
            if not underway or (underway[0][0] > ready_at and n != 1):
                break
            now, _, passage = heapq.heappop(underway)
            arrivals.ended(passage, now, answered=True)
        now = ready_at
        passage = Passage(now, now + look)
        arrivals.granted(passage)
        came.append(now + look + least + there)
        heapq.heappush(underway, (came[-1] + back + least, n, passage))
    came.sort()
    assert all(later - first >= 1 for first, later in zip(came, came[limit:], strict=False))


def test_an_error_from_near_by_is_no_measure_of_the_way():
    """A connection that is refused at once would let all that follows be thought slow."""
    arrivals = Arrivals(1)
    for left_at, ended_at, answered in ((0.0, 0.2, True), (2.0, 2.0, False), (4.0, 4.2, True)):
        passage = Passage(left_at, left_at)
        arrivals.granted(passage)
        arrivals.ended(passage, ended_at, answered=answered)
    assert arrivals.ready_at(4.2) == pytest.approx(5.0, abs=0.01)


async def test_calls_that_are_not_wanted_any_more_take_nobody_elses_turn(bench):
    """After thirty that never leave the next waits for its place in the row, not for the next second."""

    async def unwanted():
        raise Unwanted

    never = [bench.start(chat, before_call=unwanted, priority=BROADCAST) for chat in range(1, 31)]
    wanted = bench.start(31, "wanted", priority=BROADCAST)
    await bench.push(3)
    ends = await asyncio.gather(*never, return_exceptions=True)
    await wanted
    assert {type(end) for end in ends} == {Unwanted}
    assert bench.times("wanted")[0] < 0.95


async def test_a_page_overtakes_a_thousand_broadcasts_and_a_refusal_of_another_chat(bench):
    bench.server.refuse_next[7] = 30
    tasks = [bench.start(chat, priority=BROADCAST) for chat in range(1, 1001)]
    await bench.push(3)
    pressed = bench.clock.monotonic()
    page = bench.start(5000, "page", priority=PAGE)
    await bench.push(1)
    assert page.done()
    assert bench.times("page")[0] - pressed < 0.1
    await bench.push(60)
    await asyncio.gather(*tasks)
    assert len(bench.server.taken) == 1001


async def test_a_private_chat_gets_a_small_burst_then_one_a_second(bench):
    tasks = [bench.start(1) for _ in range(8)]
    await bench.push(10)
    await asyncio.gather(*tasks)
    assert bench.times()[2] < 0.2
    assert bench.busiest(1.0, chat=1) <= 4
    assert bench.times()[-1] >= 4.9


async def test_a_group_gets_twenty_a_minute(bench):
    tasks = [bench.start(-100) for _ in range(45)]
    await bench.push(200)
    await asyncio.gather(*tasks)
    assert bench.busiest(60.0, chat=-100) <= 20


async def test_a_chat_that_must_rest_holds_back_nobody_else(bench):
    bench.server.refuse_next[1] = 20
    stuck = bench.start(1, "stuck", priority=PAGE)
    await bench.push(0.5)
    others = [bench.start(chat, "other", priority=BROADCAST) for chat in range(2, 12)]
    await bench.push(1)
    assert all(each.done() for each in others)
    assert not stuck.done()
    await bench.push(20)
    await stuck
    assert bench.times("stuck")[0] >= 20


async def test_a_second_chat_refused_in_the_same_second_pauses_all_and_a_page_is_first_out(bench):
    bench.server.refuse_next |= {1: 5, 2: 5}
    refused = [bench.start(1), bench.start(2)]
    await bench.push(0.5)
    waiting = [bench.start(chat, "broadcast", priority=BROADCAST) for chat in range(10, 20)]
    page = bench.start(99, "page", priority=PAGE)
    await bench.push(4)
    assert not bench.server.taken
    await bench.push(4)
    await asyncio.gather(*refused, *waiting, page)
    assert bench.server.taken[0][2] == "page"
    assert bench.times()[0] >= 5


async def test_where_the_server_allows_28_nobody_is_lost_and_900_are_done_in_35_seconds():
    bench = Bench(per_second=28, latency=0.05)

    async def worker(queue):
        while queue:
            chat = queue.pop()
            try:
                await bench.send(chat, outbox=True, priority=BROADCAST)
            except RetryAfter as refusal:
                await bench.clock.sleep(refusal._retry_after.total_seconds())
                queue.insert(0, chat)

    queue = list(range(1, 901))
    workers = [asyncio.ensure_future(worker(queue)) for _ in range(6)]
    await bench.push(60)
    await asyncio.gather(*workers)
    assert sorted(chat for _, chat, _ in bench.server.taken) == list(range(1, 901))
    assert bench.times()[-1] <= 35
    assert len(bench.server.refused) <= 6
    assert bench.limiter.rate == 28
    await bench.limiter.shutdown()


async def test_one_refusal_in_the_middle_of_900_loses_nobody_and_costs_no_second():
    bench = Bench(latency=0.05)
    bench.server.refuse_next[450] = 3
    tasks = [bench.start(chat, priority=BROADCAST) for chat in range(1, 901)]
    await bench.push(60)
    await asyncio.gather(*tasks)
    assert len({chat for _, chat, _ in bench.server.taken}) == len(bench.server.taken) == 900
    assert bench.times()[-1] <= 35
    await bench.limiter.shutdown()


async def test_the_rate_creeps_up_again_after_a_quiet_minute(bench):
    bench.limiter._overall.refused(1.0, 1.0, everywhere=True)
    lowered = bench.limiter.rate
    await bench.push(61.5)
    task = bench.start(1)
    await bench.push(1)
    await task
    assert lowered < bench.limiter.rate == lowered + 1


async def test_a_refusal_on_a_quiet_line_does_not_lower_the_rate(bench):
    bench.server.refuse_next[1] = 1
    task = bench.start(1)
    await bench.push(3)
    await task
    assert bench.limiter.rate == 30


async def test_an_outbox_message_is_given_back_at_once_when_refused(bench):
    bench.server.refuse_next[1] = 9
    task = bench.start(1, outbox=True)
    await bench.push(0.1)
    with pytest.raises(RetryAfter):
        await task
    again = bench.start(1, outbox=True)
    await bench.push(0)
    with pytest.raises(RetryAfter) as raised:
        await again
    assert 8 < raised.value._retry_after.total_seconds() <= 9
    assert len(bench.server.refused) == 1


async def test_outbox_messages_that_wait_for_a_refused_chat_are_given_back_too(bench):
    bench.server.refuse_next[1] = 9
    tasks = [bench.start(1, outbox=True) for _ in range(5)]
    await bench.push(0.2)
    results = await asyncio.gather(*tasks[3:], return_exceptions=True)
    assert [type(result) for result in results] == [RetryAfter, RetryAfter]
    await bench.push(20)
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_reply_is_tried_a_bounded_number_of_times(bench):
    class Stubborn:
        tries = 0

        async def take(self, chat, name):
            self.tries += 1
            raise RetryAfter(2)

    bench.server = Stubborn()
    task = bench.start(1)
    await bench.push(30)
    with pytest.raises(RetryAfter):
        await task
    assert bench.server.tries == 3


async def test_answers_to_taps_do_not_wait_for_the_limit(bench):
    tasks = [bench.start(chat) for chat in range(1, 201)]
    await bench.push(1)
    await bench.start(1, "toast", endpoint="answerCallbackQuery")
    assert bench.times("toast") == [bench.clock.monotonic()]
    await bench.push(10)
    await asyncio.gather(*tasks)


async def test_what_is_no_longer_wanted_when_its_turn_comes_is_not_sent(bench):
    async def too_late():
        raise Unwanted("stale")

    task = bench.start(1, outbox=True, before_call=too_late)
    await bench.push(1)
    with pytest.raises(Unwanted):
        await task
    assert not bench.server.taken


async def test_a_call_that_is_cancelled_while_it_waits_takes_no_turn(bench):
    tasks = [bench.start(1, str(n)) for n in range(6)]
    await bench.push(0.5)
    tasks[3].cancel()
    await bench.push(10)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert [name for *_, name in bench.server.taken] == ["0", "1", "2", "4", "5"]
    assert bench.limiter.waiting == 0


async def test_on_a_clock_that_jumps_nothing_waits_for_ever():
    clock = PushedClock(START)
    limiter = PriorityLimiter(clock)
    server = Server(clock)
    calls = [
        limiter.process_request(lambda c=c: server.take(c, ""), (), {}, "sendMessage", {"chat_id": c}, None)
        for c in [*range(50), *[-5] * 30, *[7] * 10]
    ]
    await asyncio.wait_for(asyncio.gather(*calls), 10)
    assert len(server.taken) == 90
    await limiter.shutdown()


async def test_chats_that_rested_long_are_forgotten_but_not_sought_at_each_call(bench, monkeypatch):
    asked, real = [], ChatPace.ready_at

    def counted(pace):
        asked.append(pace)
        return real(pace)

    monkeypatch.setattr(ChatPace, "ready_at", counted)
    for chat in range(40):
        bench.start(chat)
        await bench.push(1)
    before = len(asked)
    bench.start(99)
    await bench.push(1)
    assert len(asked) - before < 5
    await bench.push(200)
    for _ in range(2):
        bench.start(99)
        await bench.push(100)
    assert set(bench.limiter._chats) == {99}


async def test_the_cost_of_a_grant_does_not_grow_with_who_waits(bench, monkeypatch):
    pops = 0
    real = heapq.heappop

    def counted(heap):
        nonlocal pops
        pops += 1
        return real(heap)

    monkeypatch.setattr("bot.transport.limiter.heapq.heappop", counted)
    tasks = [bench.start(chat % 500 + 1, priority=chat % 4) for chat in range(5000)]
    await bench.push(20)
    granted = len(bench.server.taken)
    assert pops <= 4 * granted
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([1, 2, 3, -4, -5, *range(10, 60)]),
            st.integers(0, 3),
            st.floats(0, 2, allow_nan=False),
        ),
        max_size=120,
    )
)
async def test_whatever_comes_the_limits_hold_and_everyone_is_served(arrivals):
    bench = Bench()
    tasks = []
    for chat, priority, later in arrivals:
        tasks.append(bench.start(chat, priority=priority))
        if later > 1.8:
            await bench.push(later - 1.8)
    await bench.push(600)
    await asyncio.gather(*tasks)
    assert len(bench.server.taken) == len(arrivals)
    by_chat = defaultdict(list)
    for at, chat, _ in bench.server.taken:
        by_chat[chat].append(at)
    assert bench.busiest(1.0) <= 30
    for chat, times in by_chat.items():
        assert all(later - first >= 0.99 for first, later in zip(times, times[3:], strict=False))
        if chat < 0:
            assert all(later - first >= 60 for first, later in zip(times, times[20:], strict=False))
    await bench.limiter.shutdown()
