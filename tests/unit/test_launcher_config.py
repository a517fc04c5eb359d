"""What the environment may say to the launcher."""

from pathlib import Path

import pytest

from launcher.config import LaunchError, count_cpus, read_config


def test_nothing_set_means_loopback_and_a_redis_of_its_own() -> None:
    # Given an empty environment
    # When it is read
    config = read_config({})
    # Then the service is open to this machine alone
    assert (config.host, config.port, config.redis_url) == ("127.0.0.1", 8000, None)
    assert config.workers == count_cpus()
    assert config.data_dir == Path.cwd() / ".data"


def test_every_value_can_be_chosen() -> None:
    # Given each variable
    environment = {"HOST": "::1", "PORT": "8123", "WORKERS": "3", "DATA_DIR": "/srv/ocr", "REDIS_URL": "redis://r:1/0"}
    # When it is read
    config = read_config(environment)
    # Then each counts
    assert (config.workers, config.data_dir, config.redis_url) == (3, Path("/srv/ocr"), "redis://r:1/0")
    assert config.url == "http://[::1]:8123"


def test_an_open_host_is_shown_as_an_address_a_browser_can_use() -> None:
    # Given a service open to all addresses
    config = read_config({"HOST": "0.0.0.0"})  # noqa: S104 - nothing is bound
    # When its address is asked for
    # Then it is one of this machine
    assert config.url == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "0"), ("PORT", "65536"), ("PORT", "http"), ("PORT", "-1"), ("WORKERS", "0"), ("WORKERS", "٣")],
)
def test_a_value_without_sense_is_named(name: str, value: str) -> None:
    # Given a value that makes no sense
    # When it is read
    with pytest.raises(LaunchError) as caught:
        read_config({name: value})
    # Then the message says which one
    assert f"{name}={value}" in str(caught.value)


def test_an_empty_value_counts_as_absent() -> None:
    # Given variables that are set to nothing, as `make run PORT=` does
    # When they are read
    config = read_config({"PORT": "", "REDIS_URL": ""})
    # Then the defaults hold
    assert (config.port, config.redis_url) == (8000, None)
