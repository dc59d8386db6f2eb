"""Sealing what names a chat or carries a person's own words, and the keyed name of a chat."""

import base64
import functools
import hashlib
import hmac
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from bot.errors import SettingsError, SuifangError
from bot.storage.types import canonical_json


class Unreadable(SuifangError):
    """A sealed value cannot be opened with any of the keys: a wrong SECRET_KEY, or damage."""


class Vault:
    """Seals with the first of the comma-separated keys, opens with any of them.

    To rotate, put the new key in front, let `suifang key rotate` seal
    everything anew, and drop the old key afterwards.
    """

    def __init__(self, secret_key: str) -> None:
        secrets = [part.strip() for part in secret_key.split(",") if part.strip()]
        if not secrets:
            raise SettingsError("SECRET_KEY is empty")
        boxes = [Fernet(base64.urlsafe_b64encode(_key(s, b"box"))) for s in secrets]
        self._boxes, self._newest = MultiFernet(boxes), boxes[0]
        self._chat_keys = [_key(s, b"chat") for s in secrets]

    def __repr__(self) -> str:
        return "Vault(…)"

    def seal(self, text: str) -> bytes:
        """Return the text encrypted and authenticated."""
        return self._boxes.encrypt(text.encode())

    def open(self, box: bytes) -> str:
        """Return what was sealed; `Unreadable` when no key fits."""
        try:
            return self._boxes.decrypt(box).decode()
        except InvalidToken as error:
            raise Unreadable("a sealed value cannot be opened with this SECRET_KEY") from error

    def renewed(self, box: bytes) -> bytes | None:
        """Return what was sealed with an older key sealed with the newest; None where it is that already."""
        try:
            self._newest.decrypt(box)
        except InvalidToken:
            return self.seal(self.open(box))
        return None

    def seal_json(self, value: Any) -> bytes:
        """Return a JSON value sealed."""
        return self.seal(canonical_json(value))

    def open_json(self, box: bytes) -> Any:
        """Return the JSON value that was sealed."""
        return json.loads(self.open(box))

    def chat_key(self, chat_id: int) -> str:
        """Return the name under which a chat is looked up: keyed, so that it cannot be guessed back."""
        return _mac(self._chat_keys[0], chat_id)

    def chat_keys(self, chat_id: int) -> list[str]:
        """Return the chat's name under every key, the newest first."""
        return [_mac(key, chat_id) for key in self._chat_keys]


def _mac(key: bytes, chat_id: int) -> str:
    return hmac.new(key, str(chat_id).encode(), hashlib.sha256).hexdigest()


@functools.lru_cache(maxsize=32)
def _key(secret: str, purpose: bytes) -> bytes:
    return HKDFExpand(SHA256(), 32, b"suifang/" + purpose).derive(_stretched(secret))


@functools.lru_cache(maxsize=16)
def _stretched(secret: str) -> bytes:
    # A pass phrase typed by a person must cost something to guess; paid once for each start.
    return hashlib.scrypt(secret.encode(), salt=b"suifang/vault/1", n=2**14, r=8, p=1, dklen=32)
