"""Flooding: whoever sends in heaps holds up nobody, and an alarming answer is never dropped."""

from sqlalchemy import select

from bot.storage import tables
from bot.transport.intake import MOST_OF_A_STRANGER
from tests.promises.fuzzing import place


async def alerts_of(made, name):
    member = await made.known(name)
    assert member is not None
    async with made.stage.study.db.begin() as tx:
        found = await tx.execute(
            select(tables.alerts.c.id).where(tables.alerts.c.participant_id == member.id)
        )
        return len(found.all())


async def test_a_strangers_heap_is_answered_in_part_and_keeps_nobody_waiting():
    """Without `Intake._drop_floods` Bo is answered 400 times, one a second, and Zhao waits for her turn."""
    async with place() as made:
        bo, zhao = made.crowd["Bo"], made.crowd["Zhao"]
        answered, began = len(bo.messages), made.stage.clock.now()
        for n in range(400):
            bo.say(f"{n}")
        zhao.say("I cannot breathe")
        await made.stage.settle()
        replies = len(bo.messages) - answered - 400
        assert await alerts_of(made, "Zhao") == 1
        assert (made.stage.clock.now() - began).total_seconds() < 5 * MOST_OF_A_STRANGER
        assert 0 < replies <= 5 * MOST_OF_A_STRANGER
        assert (await made.states())["new"] == 0


async def test_among_a_hundred_messages_of_a_participant_the_alarming_one_is_heard_and_all_are_kept():
    """A limit on participants (say, one that drops like that on strangers) loses the alert."""
    async with place() as made:
        zhao = made.crowd["Zhao"]
        for n in range(100):
            zhao.say("I cannot breathe" if n == 70 else f"thank you {n}")
        await made.stage.settle()
        assert await alerts_of(made, "Zhao") == 1
        member = await made.known("Zhao")
        assert member is not None
        texts = tables.inbound_texts
        async with made.stage.study.db.begin() as tx:
            kept = await tx.execute(select(texts.c.id).where(texts.c.participant_id == member.id))
            assert len(kept.all()) == 100
