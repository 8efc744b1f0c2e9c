from __future__ import annotations

import pytest

from tests.unit.app.shop import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()
