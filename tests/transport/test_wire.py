"""The client put together, the webhook's address, and what must never stand in a log."""

import io
import itertools
import logging
import random

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.applications import Starlette
from telegram.error import InvalidToken, NetworkError

from bot.transport.blame import is_store_trouble, whereabouts
from bot.transport.limiter import PriorityLimiter
from bot.transport.redaction import guard_logs
from bot.transport.webhook import MOST_BYTES, SECRET_HEADER, webhook_route
from bot.transport.wire import build_application, initialize

CANARY = "4200000001:CANARY-abcdefghijklmnopqrstuvwxyz"
SYMPTOM = "canary symptom: chest pain"


async def test_a_502_at_the_start_does_not_end_the_bot(world, api, clock):
    for kind in ("502", "500", "reset_before"):
        world.faults.add(kind=kind, method="getMe")
    application = build_application(world.bot.token, PriorityLimiter(clock), api_url=api)
    await initialize(application, clock, rng=random.Random(1))
    assert application.bot.username == world.bot.username
    await application.shutdown()


async def test_a_refused_token_at_the_start_is_told_once_and_tried_again(world, clock, monkeypatch, api):
    application = build_application(world.bot.token, PriorityLimiter(clock), api_url=api)
    real, told, times = application.initialize, [], iter([True] * 3)

    async def refused():
        if next(times, False):
            raise InvalidToken(f"The token `{CANARY}` was rejected")
        await real()

    async def on_unauthorized():
        told.append(clock.now())

    monkeypatch.setattr(application, "initialize", refused)
    before = clock.monotonic()
    await initialize(application, clock, rng=random.Random(1), on_unauthorized=on_unauthorized)
    assert len(told) == 1
    assert clock.monotonic() - before >= 90
    await application.shutdown()


async def test_what_is_done_meanwhile_is_done_every_second_until_telegram_answers_though_it_fails(
    world, api, clock, caplog
):
    for _ in range(3):
        world.faults.add(kind="502", method="getMe")
    application = build_application(world.bot.token, PriorityLimiter(clock), api_url=api)
    done = []

    async def meanwhile():
        done.append(clock.monotonic())
        if len(done) == 2:
            raise ValueError(SYMPTOM)

    before = clock.monotonic()
    await initialize(application, clock, rng=random.Random(1), meanwhile=meanwhile)
    moments = [*done, clock.monotonic()]
    assert done[0] == before
    assert len(done) > 3
    assert all(later - earlier <= 1.001 for earlier, later in itertools.pairwise(moments))
    assert "ValueError" in caplog.text
    assert SYMPTOM not in caplog.text
    await application.shutdown()


async def test_files_are_fetched_from_the_same_server(world, api, application):
    assert application.bot.base_url == f"{api}/bot{world.bot.token}"
    assert application.bot.base_file_url == f"{api}/file/bot{world.bot.token}"


@pytest.fixture
def log():
    """Return a logger as the program sets it up, guarded, and what it wrote."""
    written = io.StringIO()
    root = logging.getLogger("guarded")
    root.propagate = False
    root.handlers = [logging.StreamHandler(written)]
    root.setLevel(logging.DEBUG)
    guard_logs(CANARY, "the-webhook-secret", logger=root)
    yield root, written
    root.handlers = []


async def test_the_token_stands_in_no_message_argument_or_traceback(log):
    logger, written = log
    url = f"https://api.telegram.org/bot{CANARY}/sendMessage"
    logger.info("calling %s", url)
    logger.info("calling %s", url.replace(":", "%3A"))
    logger.warning("a secret: the-webhook-secret", stack_info=True)
    try:
        try:
            raise httpx.ConnectError(f"no way to {url}")
        except httpx.ConnectError as error:
            raise NetworkError(f"failed: {url}") from error
    except NetworkError:
        logger.exception("sending failed: %r", {"url": url})
    assert "CANARY" not in written.getvalue()
    assert "the-webhook-secret" not in written.getvalue()
    assert "NetworkError" in written.getvalue()


async def test_values_that_the_database_layer_quotes_stand_in_no_log(log):
    logger, written = log
    try:
        raise OperationalError(
            "INSERT INTO answers VALUES (?)", (SYMPTOM, "]\n["), Exception("disk I/O error")
        )
    except OperationalError:
        logger.exception("storing failed")
    assert "canary" not in written.getvalue()
    assert "disk I/O error" in written.getvalue()


async def test_the_client_may_not_quote_what_it_could_not_read(log):
    logger, written = log
    record = logging.LogRecord(
        "telegram.request.BaseRequest", logging.ERROR, "x", 1, 'Can not load: "%s"', (SYMPTOM,), None
    )
    logger.handle(record)
    assert "canary" not in written.getvalue()
    assert "Can not load" in written.getvalue()


async def test_the_http_client_is_quiet(log):
    assert logging.getLogger("httpx").level == logging.getLogger("httpcore").level == logging.WARNING


async def test_no_path_through_intake_and_delivery_writes_token_or_answers(
    world, ward, post, caplog, monkeypatch
):
    caplog.set_level(logging.INFO)
    caplog.handler.filters.clear()
    person = world.add_person("Mei")
    person.start()
    await post.link(person, 1)
    for kind in ("502", "reset_after", "429"):
        world.faults.add(kind=kind, method="sendMessage")
    ward.fail[SYMPTOM] = 99
    person.say(SYMPTOM)
    await ward.take_in()
    await post.queue(SYMPTOM)
    await post.queue(f"broken {SYMPTOM}")
    person.block()
    await post.deliver_all()
    assert ward.quarantined
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("bot."))
    everything = caplog.text
    assert "set aside" in ours
    assert "canary" not in everything
    assert world.bot.token not in ours


def test_where_an_error_happened_is_said_without_its_words():
    try:
        int(SYMPTOM)
    except ValueError as error:
        said = whereabouts(error)
    assert said.startswith("ValueError at tests/transport/test_wire.py:")
    assert "canary" not in said


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (OperationalError("x", {}, Exception("database is locked")), True),
        (OperationalError("x", {}, Exception("database or disk is full")), True),
        (OperationalError("x", {}, Exception("no such column: y")), False),
        (IntegrityError("x", {}, Exception("UNIQUE constraint failed")), False),
        (ValueError("the disk is full"), False),
    ],
)
def test_only_a_database_that_cannot_be_used_now_is_waited_for(error, trouble):
    assert is_store_trouble(error) is trouble


SECRET = "a-webhook-secret"
GOOD = {"update_id": 1, "message": {}}


@pytest.fixture
async def webhook():
    kept = []
    trouble: list[Exception] = []

    async def receive(raw):
        if trouble:
            raise trouble.pop()
        kept.append(raw)

    app = Starlette(routes=[webhook_route("/hook", SECRET, receive)])
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        yield client, kept, trouble


async def test_an_update_with_the_secret_is_kept(webhook):
    client, kept, _ = webhook
    answer = await client.post("/hook", json=GOOD, headers={SECRET_HEADER: SECRET})
    assert (answer.status_code, kept) == (200, [GOOD])


@pytest.mark.parametrize(
    "headers", [{}, {SECRET_HEADER: ""}, {SECRET_HEADER: "wrong"}, {SECRET_HEADER: SECRET + "x"}]
)
async def test_a_forged_webhook_is_refused(webhook, headers):
    client, kept, _ = webhook
    answer = await client.post("/hook", json=GOOD, headers=headers)
    assert (answer.status_code, kept) == (403, [])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"no json", 400),
        (b"[1]", 400),
        (b'{"update_id": "1"}', 400),
        (b"[" * 100_000, 400),
        (b" " * (MOST_BYTES + 1), 413),
    ],
    ids=["no json", "a list", "no id", "deep", "too big"],
)
async def test_what_is_no_update_is_refused(webhook, body, status):
    client, kept, _ = webhook
    answer = await client.post("/hook", content=body, headers={SECRET_HEADER: SECRET})
    assert (answer.status_code, kept) == (status, [])


async def test_what_cannot_be_kept_now_telegram_shall_send_again(webhook):
    client, kept, trouble = webhook
    trouble.append(OperationalError("x", {}, Exception("database is locked")))
    headers = {SECRET_HEADER: SECRET}
    assert (await client.post("/hook", json=GOOD, headers=headers)).status_code == 503
    assert (await client.post("/hook", json=GOOD, headers=headers)).status_code == 200
    assert kept == [GOOD]


def test_a_webhook_without_a_secret_cannot_be_made():
    with pytest.raises(ValueError, match="secret"):
        webhook_route("/hook", "", lambda raw: None)  # type: ignore[arg-type, return-value]


async def test_updates_come_by_webhook_from_the_local_api(world, ward, application, clock):
    await ward.intake.receive({"update_id": 77, "message": _message(5, "by webhook")})
    await ward.intake.receive({"update_id": 77, "message": _message(5, "by webhook")})
    await ward.intake.drain()
    assert ward.seen == [(5, "by webhook")]


def _message(chat_id, text):
    return {"message_id": 1, "date": 1, "chat": {"id": chat_id, "type": "private"}, "text": text}


@given(st.text(max_size=80))
def test_redaction_leaves_what_is_no_secret(text):
    from bot.transport.redaction import Redaction

    redact = Redaction(["s3cret-value"])
    assert "s3cret-value" not in redact(text + "s3cret-value" + text)
    if not any(char.isdigit() for char in text) and "[" not in text:
        assert redact(text) == text
