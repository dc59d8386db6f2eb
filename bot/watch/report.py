"""What one look of the watcher found."""

from dataclasses import dataclass

from bot.services.operation.watching import Stored
from bot.watch.vitals import Trouble, Vitals


@dataclass(frozen=True, slots=True)
class Report:
    """What was seen, what is wrong with it, and the database's own figures where it could be read."""

    seen: Vitals
    troubles: tuple[Trouble, ...]
    stored: Stored | None

    @property
    def well(self) -> bool:
        """Whether all is well."""
        return not self.troubles

    def as_json(self) -> dict[str, object]:
        """Return what /readyz says."""
        return {
            "ready": self.well,
            "at": self.seen.now.isoformat(),
            "reasons": [{"code": one.code, "detail": one.detail} for one in self.troubles],
        }
