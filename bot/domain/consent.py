"""The two consents that come before the first question, and where somebody stands with them.

Each is asked by itself, because the law (PIPL, articles 29 and 39) wants a
separate consent for sensitive data and for data that go abroad.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ConsentKind = Literal["sensitive", "abroad"]
Decision = Literal["given", "refused", "withdrawn", "void"]
KINDS: tuple[ConsentKind, ...] = ("sensitive", "abroad")

VERSION = "1"
"""The edition of the texts. Whoever agreed to an older one is asked again; a test holds texts to it."""


@dataclass(frozen=True, slots=True)
class Consent:
    """One decision about one of the two, as it was made."""

    kind: ConsentKind
    version: str
    language: str
    decision: Decision
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest decision of each kind; a kind without one was never asked."""

    latest: Mapping[ConsentKind, Consent]

    @classmethod
    def of(cls, made: Iterable[Consent]) -> "Standing":
        """Return where decisions lead, given the oldest first."""
        return cls({each.kind: each for each in made})

    @property
    def complete(self) -> bool:
        """Tell whether both are given, to the texts as they are now."""
        return self.next is None

    @property
    def agreed(self) -> bool:
        """Tell whether both are given, to whatever edition."""
        return all(self._decision(kind) == "given" for kind in KINDS)

    @property
    def refused(self) -> bool:
        """Tell whether one of them was refused, and not given since."""
        return any(self._decision(kind) == "refused" for kind in KINDS)

    @property
    def next(self) -> ConsentKind | None:
        """Return the first one that is not given to the texts as they are now; None when both are."""
        return next((kind for kind in KINDS if not self.is_given(kind)), None)

    def is_given(self, kind: ConsentKind) -> bool:
        """Tell whether one is given to the texts as they are now."""
        known = self.latest.get(kind)
        return known is not None and known.decision == "given" and known.version == VERSION

    def _decision(self, kind: ConsentKind) -> Decision | None:
        known = self.latest.get(kind)
        return None if known is None else known.decision
