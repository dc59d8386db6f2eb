"""What every test stands on: Chromium where there is one, and Hypothesis without a stopwatch."""

import os
import shutil

import pytest
from hypothesis import settings

IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}

# A busy machine is slow, which says nothing about the code; in CI the same cases run each time.
settings.register_profile("suifang", deadline=None, derandomize=IN_CI, print_blob=True)
settings.load_profile("suifang")


def find_chromium() -> str | None:
    """Return the path of a Chromium on this machine; the variable CHROMIUM names another one."""
    named = os.environ.get("CHROMIUM")
    candidates = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    return next((path for path in map(shutil.which, candidates) if path), None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a browser test where there is no Chromium, and fail it in CI, where there must be one."""
    if item.get_closest_marker("browser") is None or find_chromium():
        return
    reason = "no Chromium on this machine: install it, or name one in CHROMIUM"
    if IN_CI:
        pytest.fail(f"{reason} (a failure because CI is set)", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the Chromium that the browser tests drive."""
    path = find_chromium()
    assert path, "mark the test `browser`, so that it is skipped where there is no Chromium"
    return path
