"""A job store on a real Redis."""

import pytest
import redis

from tests.stores import Store


@pytest.fixture
def jobs(store: redis.Redis) -> Store:
    return Store(store)
