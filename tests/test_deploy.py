"""What operators deploy with: the unit and the Dockerfile, held to what they promise."""

import json
import re
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
UNIT = ROOT / "deploy" / "suifang.service"


class _Repeating(dict):
    """A unit may name a key twice; the last one is enough for these tests."""


def unit() -> RawConfigParser:
    parser = RawConfigParser(strict=False, dict_type=_Repeating)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(UNIT.read_text(encoding="utf-8"))
    return parser


def dockerfile() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile with their arguments, lines joined."""
    text = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    whole = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(line.split()[0], line.split(None, 1)[1]) for line in whole.splitlines() if line.strip()]


def of(instruction: str) -> list[str]:
    return [arguments for name, arguments in dockerfile() if name == instruction]


def test_the_unit_waits_for_ready_feeds_a_watchdog_and_stops_in_peace():
    service = unit()["Service"]
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"].removesuffix("s")) >= 30
    # The program takes 10 s to finish what is in hand.
    assert int(service["TimeoutStopSec"].removesuffix("s")) > 15
    assert service["Restart"] == "always"
    assert service["RestartPreventExitStatus"] == "2"


def test_the_unit_runs_as_somebody_who_may_write_the_data_and_nothing_else():
    service = unit()["Service"]
    assert service["User"] not in ("", "root")
    assert service["ProtectSystem"] == "strict"
    assert service["ReadWritePaths"] == f"{service['WorkingDirectory']}/data"
    assert service["NoNewPrivileges"] == "yes"


def test_systemd_itself_finds_nothing_wrong_with_the_unit(tmp_path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not on this machine")
    here = UNIT.read_text(encoding="utf-8").replace(
        "/opt/suifang/.venv/bin/suifang", shutil.which("true") or ""
    )
    (tmp_path / "suifang.service").write_text(here, encoding="utf-8")
    found = subprocess.run(
        [analyze, "verify", str(tmp_path / "suifang.service")], capture_output=True, text=True, check=False
    )
    ours = [line for line in found.stderr.splitlines() if "suifang.service" in line]
    assert [line for line in ours if "User" not in line and "Documentation" not in line] == []


def test_the_image_is_installed_by_hash_and_runs_as_nobody_special():
    assert any("--require-hashes -r requirements.txt" in line for line in of("RUN"))
    assert of("USER") == ["suifang"]
    last_user = [name for name, _ in dockerfile()].index("USER")
    assert "USER" in [name for name, _ in dockerfile()][last_user:]
    assert not [line for line in of("ENV") + of("ARG") if re.search(r"TOKEN|SECRET", line)]
    assert len(of("FROM")) == 2


def test_the_image_is_asked_whether_it_lives_and_stops_by_the_right_signal():
    (health,) = of("HEALTHCHECK")
    command = json.loads(health.split("CMD", 1)[1])
    assert "/healthz" in command[-1]
    compile(command[-1], "health check", "exec")
    assert of("STOPSIGNAL") == ["SIGTERM"]
    assert json.loads(of("CMD")[-1]) == ["suifang", "run"]


def test_what_the_image_copies_is_there_and_no_secret_gets_in():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[0] == "*"
    let_in = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = {name for line in of("COPY") if not line.startswith("--from") for name in line.split()[:-1]}
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)
