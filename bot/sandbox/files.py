"""Files that were sent: their ids, their sizes, and how wide a picture is."""

import hashlib
import struct
from pathlib import PurePath

from bot.sandbox.accounts import Json, StoredFile
from bot.sandbox.refusals import bad_request
from bot.sandbox.store import Store

PHOTO_BYTES = 10 * 1024 * 1024
DOCUMENT_BYTES = 50 * 1024 * 1024
DOWNLOAD_BYTES = 20 * 1024 * 1024
_FOLDERS = {"photo": "photos", "document": "documents", "voice": "voice", "sticker": "stickers"}
_SUFFIXES = {"photo": ".jpg", "voice": ".oga", "sticker": ".webp"}


class Files:
    """All files of the world, by file id."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._content = store.all_bytes()
        self._files = {key: StoredFile.of(row) for key, row in store.rows("file")}

    def add(self, kind: str, content: bytes, name: str, mime_type: str) -> StoredFile:
        """Keep a file (`photo`, `document`, `voice`, `sticker`); a 400 where Telegram would not take it."""
        width, height = _check(kind, content)
        digest = hashlib.sha256(kind.encode() + content).hexdigest()
        # The same bytes are one unique file under many file ids, as in Telegram.
        file_id = f"SBX{len(self._files) + 1:05d}{digest[:24]}"
        suffix = PurePath(name).suffix or _SUFFIXES.get(kind, "")
        path = f"{_FOLDERS[kind]}/file_{len(self._files) + 1}{suffix}"
        file = StoredFile(
            file_id, digest[24:40], path, name, mime_type, len(content), kind, width=width, height=height
        )
        self._files[file_id], self._content[file_id] = file, content
        self._store.put("file", file_id, file.row())
        self._store.put_bytes(file_id, content)
        return file

    def get(self, file_id: str) -> StoredFile | None:
        """Return the file with that id."""
        return self._files.get(file_id)

    def content(self, file_id: str) -> bytes:
        """Return a file's bytes; KeyError where there is none."""
        return self._content[file_id]

    def by_path(self, path: str) -> bytes | None:
        """Return the bytes of what `getFile` called `path`."""
        found = (file_id for file_id, file in self._files.items() if file.path == path)
        file_id = next(found, None)
        return None if file_id is None else self._content[file_id]


def as_json(file: StoredFile) -> Json:
    """Return the fields that every file object of the API has."""
    return {"file_id": file.file_id, "file_unique_id": file.unique_id, "file_size": file.size}


def photo_sizes(file: StoredFile) -> list[Json]:
    """Return a photo as the API does: an array of sizes, here of one."""
    return [{**as_json(file), "width": file.width, "height": file.height}]


def document(file: StoredFile) -> Json:
    """Return a Document."""
    return {**as_json(file), "file_name": file.name, "mime_type": file.mime_type}


def _check(kind: str, content: bytes) -> tuple[int, int]:
    if not content:
        raise bad_request("file must be non-empty")
    if len(content) > (PHOTO_BYTES if kind == "photo" else DOCUMENT_BYTES):
        raise bad_request("file is too big")
    if kind != "photo":
        return 0, 0
    size = picture_size(content)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if sum(size) > 10_000 or max(size) > 20 * min(size):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return size


def picture_size(content: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG, GIF or JPEG, or None where it is none of them."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content.startswith((b"GIF87a", b"GIF89a")) and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return width, height
    return _jpeg_size(content) if content.startswith(b"\xff\xd8") else None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    place = 2
    while place + 9 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        length = int.from_bytes(content[place + 2 : place + 4], "big")
        # Start-of-frame markers, but for three of their range that mean other things.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        place += 2 + length
    return None
