"""A picture or a document that somebody sent to the bot, and that goes on to others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or a document as Telegram keeps it, by its file id; `name` as the sender called it."""

    kind: Literal["photo", "document"]
    file_id: str
    name: str = ""
    # What stands in it, where the task in hand reads it; never kept.
    text: str | None = None

    def as_json(self) -> dict[str, str]:
        """Return it as it is kept, sealed."""
        return {"kind": self.kind, "file_id": self.file_id, "name": self.name}

    @classmethod
    def from_json(cls, kept: Mapping[str, str] | None) -> "Attachment | None":
        """Read what `as_json` gave."""
        if not kept:
            return None
        return cls("photo" if kept["kind"] == "photo" else "document", kept["file_id"], kept["name"])
