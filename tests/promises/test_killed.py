"""P1, P2 and P5: a short run of `make bench-kill`, in a process of its own that forks the live program."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_p01_p02_p05_killed_again_and_again_nothing_is_lost_no_alert_is_missing_or_double():
    """The real program and SIGKILL; the seed is one that dies before a commit and after polling.

    Confirming before keeping (`Intake.poll_once`) loses updates; alerts outside the
    answer's transaction go missing; without leases taken back (`dispatch.release`)
    pages stay behind.
    """
    command = [sys.executable, "-m", "tests.promises", "kill", "6", "4"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every promise was kept" in done.stdout
