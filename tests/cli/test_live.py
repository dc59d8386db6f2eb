"""Going live as the README has it: the command line and `suifang run`, against the local Bot API."""

from bot.clock import SystemClock
from bot.sandbox.gateway import Gateway
from bot.settings import SHIPPED_PROTOCOL
from tests.cli.operator import Operator, is_answered, running


async def test_what_is_missing_is_named_all_at_once(operator: Operator) -> None:
    operator.settings = {}
    code, printed = await operator.types("check")
    assert code == 2
    for name in ("TELEGRAM_BOT_TOKEN", "SECRET_KEY", "SITE_FILE", "follow_up_anchor"):
        assert name in printed


async def test_a_live_start_is_refused_until_the_anchor_is_chosen(operator: Operator) -> None:
    operator.settings["PROTOCOL_FILE"] = str(SHIPPED_PROTOCOL)
    code, printed = await operator.types("run")
    assert code == 2
    assert printed.startswith("suifang: follow_up_anchor")
    assert printed.count("\n") == 1


async def test_the_readme_leads_from_a_token_to_the_first_participant(operator: Operator) -> None:
    assert (await operator.types("protocol", "sign", "--by", "Dr Fang"))[0] == 0
    assert (await operator.types("check"))[0] == 0
    code, printed = await operator.types("staff", "invite", "--role", "coordinator", "--name", "Lin")
    assert code == 2
    assert "suifang run" in printed
    async with running(operator):
        code, printed = await operator.types("staff", "invite", "--role", "coordinator", "--name", "Lin")
        coordinator = operator.world.add_person("Lin")
        assert "Lin" in await is_answered(coordinator, lambda: coordinator.start(_code_in(printed)))
        enrol = ["--code", "001", "--arm", "NK010", "--dose", "2.5e9", "--day1", "2026-12-01"]
        code, printed = await operator.types("participant", "enrol", *enrol, "--icf", "2026-11-20")
        assert code == 0, printed
        participant = operator.world.add_person("Wang")
        assert "Welcome" in await is_answered(participant, lambda: participant.start(_code_in(printed)))
    code, printed = await operator.types("participant", "enrol", *enrol, "--icf", "2026-11-20")
    assert (code, printed.strip()) == (1, "suifang: The code 001 is taken.")
    assert "001" in (await operator.types("participant", "list"))[1]
    assert "coordinator" in (await operator.types("staff", "list", "--json"))[1]


def _code_in(printed: str) -> str:
    return printed.split("?start=")[1].split(maxsplit=1)[0]


async def test_check_sends_a_test_over_the_second_channel_and_says_whether_it_arrived(operator):
    gateway = Gateway(SystemClock())
    async with gateway.open() as address:
        operator.settings["SECOND_CHANNEL_URLS"] = f"{address}, json://me:a-password@127.0.0.1:1"
        code, printed = await operator.types("check")
        assert code == 2
        assert "✓ second channel, address 1 (json)" in printed
        assert "✗ second channel, address 2 (json): not taken" in printed
        assert "a-password" not in printed
        assert gateway.texts == [
            "随访：第二通道测试，一切正常。\nSuifang: a test of the second channel. Nothing is wrong."
        ]
        await operator.types("check", "--no-send")
        assert len(gateway.texts) == 1
