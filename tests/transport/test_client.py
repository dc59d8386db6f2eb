"""The HTTP client: what it sends, what it understands, and what each fault means for a message."""

import asyncio
import contextlib
import re
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from httpx import Timeout
from hypothesis import given
from hypothesis import strategies as st
from telegram import InputFile
from telegram.error import NetworkError
from telegram.request import BaseRequest, HTTPXRequest, RequestData
from telegram.request._requestparameter import RequestParameter

from bot.transport import client
from bot.transport.client import DirectRequest
from bot.transport.limiter import PriorityLimiter
from bot.transport.trouble import NotSent, PerhapsSent, outcome_of
from bot.transport.wire import build_application

SOON = Timeout(connect=5.0, read=0.05, write=0.05, pool=0.05)
CALM = Timeout(connect=5.0, read=5.0, write=5.0, pool=5.0)
OK = b'HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{"ok":true}'
Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Telegram:
    """A server that answers each request as it is told, and remembers what it read on which connection."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.url = ""
        self.deaf = False
        self.heard, self.ended = asyncio.Event(), asyncio.Event()

    @property
    def connections(self) -> int:
        return len(self.writers)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        if self.deaf:
            return
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = {k.lower(): v for k, v in (line.split(": ") for line in head[1:] if line)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.requests.append((head[0], headers, body))
                self.heard.set()
                await self._answer(reader, writer)
        self.ended.set()
        writer.close()


@contextlib.asynccontextmanager
async def telegram(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[Telegram]:
    there = Telegram(answer)
    server = await asyncio.start_server(there.serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    there.url = f"{'https' if tls else 'http'}://localhost:{port}/bot1:x/sendMessage"
    yield there
    server.close()
    for writer in there.writers:
        writer.transport.abort()
    await asyncio.sleep(0)  # aborted transports close at the next turn


@pytest.fixture
async def direct() -> AsyncIterator[Callable[..., Awaitable[DirectRequest]]]:
    made: list[DirectRequest] = []

    async def make(patience: Timeout = CALM, connections: int = 2) -> DirectRequest:
        made.append(DirectRequest(connections, patience))
        await made[-1].initialize()
        return made[-1]

    yield make
    for each in made:
        await each.shutdown()


def says(*pieces: bytes, then: str = "") -> Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if then == "close":
            writer.close()
        elif then == "reset":
            writer.transport.abort()

    return answer


def data(**values: object) -> RequestData:
    return RequestData([RequestParameter.from_input(name, value) for name, value in values.items()])


WORDS = data(chat_id=5, text="体温 38.2 & <b>是</b>", reply_markup={"inline_keyboard": [[{"text": "是"}]]})


async def say(request: BaseRequest, there: Telegram, what: RequestData | None = WORDS) -> bytes:
    status, body = await request.do_request(there.url, "POST", what)
    assert status == 200
    return body


@pytest.mark.parametrize("what", [WORDS, None], ids=["words", "nothing"])
async def test_it_sends_what_the_usual_client_sends(direct, what):
    async with telegram(says(OK)) as there:
        usual = HTTPXRequest(httpx_kwargs={"trust_env": False})
        await say(usual, there, what)
        await say(await direct(), there, what)
        await usual.shutdown()
    (line, heads, body), (own_line, own_heads, own_body) = there.requests
    assert (own_line, own_body) == (line, body)
    # It asks for no compression, and keeping the connection is what HTTP/1.1 means anyway.
    assert own_heads == {k: v for k, v in heads.items() if k not in ("accept-encoding", "connection")}


def parts(heads: dict[str, str], body: bytes) -> list[tuple[object, ...]]:
    """Return name, file's name, file's kind and content of each part of a form."""
    form = message_from_bytes(f"content-type: {heads['content-type']}\r\n\r\n".encode() + body)
    found: list[tuple[object, ...]] = []
    for part in form.walk():
        if part is form:
            continue
        name, filename = re.findall('name="(.*?)"', str(part["content-disposition"]) + '; name=""')[:2]
        kind = part.get_content_type() if filename else None
        found.append((name, filename, kind, part.get_payload(decode=True)))
    return sorted(found, key=str)


@pytest.mark.parametrize("name", ["visits.csv", "访视.ics", "a b.pdf"])
async def test_a_file_arrives_as_the_usual_client_sends_it(direct, name):
    what = data(
        document=InputFile(b"a,b\r\n1,2\n\x00", name), chat_id=5, caption="体温 & 访视", thumbs=[1, 2]
    )
    async with telegram(says(OK)) as there:
        usual = HTTPXRequest(httpx_kwargs={"trust_env": False})
        await say(usual, there, what)
        await say(await direct(), there, what)
        await usual.shutdown()
    (line, heads, body), (own_line, own_heads, own_body) = there.requests
    assert own_line == line
    assert parts(own_heads, own_body) == parts(heads, body)
    assert len(parts(heads, body)) == 4


@pytest.mark.parametrize(
    "pieces",
    [
        (OK,),
        tuple(bytes([byte]) for byte in OK),
        (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"ok', b'\r\n7\r\n":true}\r\n0\r\n\r\n'),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n", OK),
    ],
    ids=["at once", "byte by byte", "in chunks", "after a hint"],
)
async def test_an_answer_is_read_whole_and_its_connection_used_again(direct, pieces):
    async with telegram(says(*pieces)) as there:
        request = await direct()
        assert [await say(request, there) for _ in range(3)] == [b'{"ok":true}'] * 3
        assert there.connections == 1


async def test_an_answer_may_end_with_its_connection(direct):
    async with telegram(says(b'HTTP/1.1 200 OK\r\n\r\n{"ok":', b"true}", then="close")) as there:
        request = await direct()
        assert [await say(request, there) for _ in range(2)] == [b'{"ok":true}'] * 2
        assert there.connections == 2


async def test_a_connection_that_the_server_will_close_is_not_used_again(direct):
    answer = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    async with telegram(says(answer)) as there:
        request = await direct()
        for _ in range(2):
            await say(request, there)
        assert there.connections == 2


async def test_a_connection_that_was_idle_for_long_is_not_used_again(direct, monkeypatch):
    async with telegram(says(OK)) as there:
        monkeypatch.setattr(client, "_IDLE_SECONDS", -1.0)
        request = await direct()
        for _ in range(2):
            await say(request, there)
        assert there.connections == 2


async def test_what_comes_unasked_ends_the_connection(direct):
    async with telegram(says(OK + OK)) as there:
        request = await direct()
        for _ in range(2):
            assert await say(request, there) == b'{"ok":true}'
        assert there.connections == 2


async def test_many_calls_share_few_connections(direct):
    async with telegram(says(OK)) as there:
        request = await direct(connections=3)
        await asyncio.gather(*(say(request, there) for _ in range(20)))
        assert there.connections <= 3
        assert len(there.requests) == 20


async def test_a_call_that_is_given_up_leaves_its_seat_and_its_connection(direct):
    heard = asyncio.Event()

    async def silent_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if heard.is_set():
            await says(OK)(reader, writer)
        heard.set()

    async with telegram(silent_once) as there:
        request = await direct(connections=1)
        given_up = asyncio.create_task(say(request, there))
        await heard.wait()
        given_up.cancel()
        async with asyncio.timeout(5):
            await there.ended.wait()
        assert await say(request, there) == b'{"ok":true}'
        assert there.connections == 2


# --- what a fault means for the message -----------------------------------------------


async def outcome(request: BaseRequest, url: str, what: RequestData = WORDS) -> object:
    with pytest.raises(NetworkError) as caught:
        await request.do_request(url, "POST", what)
    assert "1:x" not in str(caught.value)
    return outcome_of(caught.value)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (says(), "SocketTimeoutError"),
        (says(OK[:-3]), "SocketTimeoutError"),
        (says(then="close"), "ServerDisconnectedError"),
        (says(OK[:-3], then="close"), "ClientPayloadError"),
        (says(b"what?\r\n\r\n"), "ClientResponseError"),
    ],
    ids=["silence", "half and silence", "hung up", "half and hung up", "nonsense"],
)
async def test_a_request_that_was_sent_is_perhaps_sent(direct, answer, reason):
    async with telegram(answer) as there:
        assert await outcome(await direct(SOON), there.url) == PerhapsSent(reason)


async def test_a_reset_is_perhaps_sent(direct):
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened = writer.get_extra_info("socket")
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with telegram(reset) as there:
        assert await outcome(await direct(), there.url) == PerhapsSent("ClientOSError")


async def test_a_file_that_nobody_takes_is_perhaps_sent(direct):
    async with telegram(says()) as there:
        there.deaf = True
        much = data(document=InputFile(b"x" * 20_000_000, "much"))
        request = await direct(Timeout(connect=0.2, read=0.05, write=0.05, pool=0.05))
        assert await outcome(request, there.url, much) == PerhapsSent("TimeoutError")


async def test_a_server_that_is_away_means_not_sent_and_cut_off(direct, unused_tcp_port):
    url = f"http://127.0.0.1:{unused_tcp_port}/bot1:x/sendMessage"
    assert await outcome(await direct(), url) == NotSent("ClientConnectorError", cut_off=True)


async def test_a_connection_that_does_not_come_about_means_not_sent_and_cut_off(direct, monkeypatch):
    async def never(*args: object, **more: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", never)
    request = await direct(Timeout(connect=0.01, read=5, write=5, pool=5))
    assert await outcome(request, "http://127.0.0.1:1/bot1:x/sendMessage") == NotSent(
        "ConnectionTimeoutError", cut_off=True
    )


async def test_no_free_connection_means_not_sent(direct):
    async with telegram(says()) as there:
        request = await direct(Timeout(connect=5, read=5, write=5, pool=0.01), connections=1)
        first = asyncio.create_task(say(request, there))
        await there.heard.wait()
        assert await outcome(request, there.url) == NotSent("NoSeatError")
        first.cancel()


async def test_another_protocol_means_not_sent(direct):
    assert await outcome(await direct(), "ftp://127.0.0.1/bot1:x/sendMessage") == NotSent(
        "NonHttpUrlClientError"
    )


# --- TLS ---------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path):
    """Return the file of a certificate for localhost, and the server's side of it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, private = tmp_path / "cert.pem", tmp_path / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, private)
    return chain, context


async def test_it_talks_tls_to_whom_it_trusts(direct, certificate, monkeypatch):
    chain, context = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    async with telegram(says(OK), context) as there:
        request = await direct()
        assert [await say(request, there) for _ in range(2)] == [b'{"ok":true}'] * 2
        assert there.connections == 1


async def test_a_certificate_that_nobody_vouches_for_means_not_sent(direct, certificate):
    async with telegram(says(OK), certificate[1]) as there:
        assert await outcome(await direct(), there.url) == NotSent(
            "ClientConnectorCertificateError", cut_off=True
        )
        assert there.requests == []


async def test_a_certificate_of_another_host_means_not_sent(direct, certificate, monkeypatch):
    chain, context = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(chain))
    async with telegram(says(OK), context) as there:
        url = there.url.replace("localhost", "127.0.0.1")
        assert await outcome(await direct(), url) == NotSent("ClientConnectorCertificateError", cut_off=True)
        assert there.requests == []


# --- which client is used ----------------------------------------------------------------

PROXIED = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@pytest.mark.parametrize(
    ("api_url", "proxy_url", "environment", "kind"),
    [
        ("https://api.telegram.org", None, {}, DirectRequest),
        ("https://api.telegram.org", None, {"NO_PROXY": "localhost"}, DirectRequest),
        ("https://api.telegram.org", "socks5://127.0.0.1:1080", {}, HTTPXRequest),
        ("https://api.telegram.org", None, {"HTTPS_PROXY": "http://127.0.0.1:3128"}, HTTPXRequest),
        ("https://api.telegram.org", None, {"ALL_PROXY": "socks5://127.0.0.1:1080"}, HTTPXRequest),
        ("http://127.0.0.1:8081", None, {"HTTP_PROXY": "http://127.0.0.1:3128"}, DirectRequest),
        ("https://mei:secret@bots.example", None, {}, HTTPXRequest),
        ("https://机器人.example", None, {}, HTTPXRequest),
    ],
)
def test_the_usual_client_is_used_where_a_proxy_may_stand_between(
    clock, monkeypatch, api_url, proxy_url, environment, kind
):
    for name in PROXIED + tuple(name.lower() for name in PROXIED):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    application = build_application("1:x", PriorityLimiter(clock), api_url=api_url, proxy_url=proxy_url)
    assert type(application.bot.request) is kind


@given(st.dictionaries(st.sampled_from(["text", "caption", "chat_id"]), st.text(max_size=30), min_size=1))
def test_every_text_is_encoded_as_the_usual_client_does(values):
    usual = httpx.Request("POST", "http://local", data=values)
    form = client._form(data(**values))()  # type: ignore[misc]
    assert (form.content_type, form.decode()) == (usual.headers["content-type"], usual.read().decode())
