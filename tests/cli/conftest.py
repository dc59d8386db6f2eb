"""Commands and the live bot as an operator uses them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cli.operator import Operator, at_the_machine


@pytest.fixture
async def operator(tmp_path: Path) -> AsyncIterator[Operator]:
    async with at_the_machine(tmp_path) as somebody:
        yield somebody
