"""The page of a ledger: figures beside what they must be."""

from dataclasses import dataclass, field


@dataclass
class Ledger:
    """What was, beside what must be; `faults` names every line that does not hold."""

    lines: dict[str, object] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def must(self, name: str, *, found: object, be: object = 0) -> None:
        """Enter a figure that must be so."""
        self.lines[name] = found
        if found != be:
            self.faults.append(f"{name}: {found!r}, and it must be {be!r}")

    def note(self, name: str, value: object) -> None:
        """Enter a figure that may be what it is."""
        self.lines[name] = value

    def __str__(self) -> str:
        width = max(len(name) for name in self.lines)
        return "\n".join(f"  {name:<{width}}  {value}" for name, value in self.lines.items())
