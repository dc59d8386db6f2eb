"""Pauses that grow, each a little different, so that many who wait do not come back together."""

import random
from dataclasses import dataclass


@dataclass(slots=True)
class Pauses:
    """Seconds to wait before try 1, 2, 3 … after a failure: doubling from `first` up to `longest`."""

    rng: random.Random
    first: float = 1.0
    longest: float = 60.0

    def after(self, failures: int) -> float:
        """Return the pause after so many failures in a row (1 is the first): half of it, up to all of it."""
        whole = min(self.longest, self.first * 2.0 ** min(max(failures, 1) - 1, 30))
        return whole * self.rng.uniform(0.5, 1.0)
