"""A zone of somebody's own, in which it is a given time of day at a given instant.

The protocol announces visits at whole hours on the wall: with zones like these
an hour can strike at any second of a long run, and no clock need be moved.
"""

import struct
import zoneinfo
from datetime import UTC, datetime, time
from pathlib import Path

_DAY, _HALF = 86_400, 43_200
_AREA = "Town"


def known_from(folder: Path) -> None:
    """Let this process, and those that it forks, find the zones of a folder."""
    (folder / _AREA).mkdir(parents=True, exist_ok=True)
    others = [each for each in zoneinfo.TZPATH if not (Path(each) / _AREA).is_dir() and Path(each).is_dir()]
    zoneinfo.reset_tzpath([str(folder), *others])


def made(folder: Path, at: datetime, shows: time) -> str:
    """Make the zone in which the clock shows a time at an instant, both whole seconds; return its name.

    The name says how far east it is, so that no two zones ever share one.
    """
    utc = at.astimezone(UTC).time()
    east = (_seconds(shows) - _seconds(utc) + _HALF) % _DAY - _HALF
    sign, rest = ("-" if east > 0 else ""), abs(east)
    # In POSIX west is positive.
    rule = f"TWN{sign}{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    # One kind of time, no change of it: RFC 8536, the block of the first version and that of the second.
    header = b"TZif2" + bytes(15) + struct.pack(">6L", 0, 0, 0, 0, 1, 4)
    block = header + struct.pack(">lBB", east, 0, 0) + b"TWN\0"
    (folder / _AREA / f"{east:+}").write_bytes(block * 2 + f"\n{rule}\n".encode())
    return f"{_AREA}/{east:+}"


def _seconds(of: time) -> int:
    return of.hour * 3600 + of.minute * 60 + of.second
