"""API keys: who is let in, and what one of them may do."""

import base64
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from api.keys import main
from shared.jobs import connect
from shared.keys import Keys
from tests.api.conftest import Site, draw_picture
from tests.service import wait_until

MakeSite = Callable[..., Site]
MOST_UPLOADS = 2


def make_key(site: Site, **caps: int) -> str:
    with connect(site.services.settings.redis_url) as client:
        return Keys(client).create("a test", **caps)[1]


def submit(site: Site, headers: dict[str, str]) -> httpx.Response:
    return site.http.post("/ocr", files={"file": ("a.png", draw_picture())}, headers=headers)


def test_a_loopback_service_is_open_while_no_key_exists(site: Site) -> None:
    # When
    answer = submit(site, {})

    # Then
    assert answer.status_code == 202


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "ocr.example", ""])  # noqa: S104 - the point
def test_another_address_is_closed_without_a_key(make_site: MakeSite, host: str) -> None:
    # Given
    site = make_site(host=host)

    # When
    answer = submit(site, {})

    # Then
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_setting_opens_another_address(make_site: MakeSite) -> None:
    # Given
    site = make_site(host="0.0.0.0", anonymous="until_key")  # noqa: S104 - the point

    # When
    answer = submit(site, {})

    # Then
    assert answer.status_code == 202


@pytest.mark.parametrize("host", ["LOCALHOST", "localhost:80", "127.0.0.1", "[::1]:80", "192.0.2.1", "ocr.example:80"])
def test_no_key_is_needed_under_the_services_own_names(make_site: MakeSite, host: str) -> None:
    # Given
    site = make_site(hosts="ocr.example:scanner")

    # When
    answer = submit(site, {"Host": host})

    # Then
    assert answer.status_code == 202


@pytest.mark.parametrize("host", ["evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example", ""])
def test_a_page_whose_name_leads_to_this_machine_is_shut_out(site: Site, host: str) -> None:
    # Given
    rebound = {"Host": host, "Origin": f"http://{host}"}

    # When
    answers = [submit(site, rebound), site.http.get("/ocr/unknown", headers=rebound)]

    # Then
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "forbidden")] * 2


def test_a_key_is_enough_under_any_name(site: Site) -> None:
    # Given
    key = make_key(site)

    # When
    answer = submit(site, {"Host": "ocr.example", "X-API-Key": key})

    # Then
    assert answer.status_code == 202


def test_the_first_key_closes_the_service_to_anonymous_callers(site: Site) -> None:
    # Given
    make_key(site)

    # When
    answer = submit(site, {})

    # Then
    assert answer.status_code == 401


@pytest.mark.parametrize("anonymous", ["loopback", "until_key"])
def test_revoking_the_last_key_leaves_the_service_closed(make_site: MakeSite, anonymous: str) -> None:
    # Given
    site = make_site(anonymous=anonymous)
    with connect(site.services.settings.redis_url) as client:
        key, _ = Keys(client).create("a test")
        Keys(client).revoke(key.key_id)

    # When
    answer = submit(site, {})

    # Then
    assert answer.status_code == 401


def test_revoking_the_last_key_of_an_older_version_leaves_the_service_closed(site: Site) -> None:
    # Given a key that has left no mark
    with connect(site.services.settings.redis_url) as client:
        key, _ = Keys(client).create("a test")
        client.delete("ocr:keyed")

        # When
        Keys(client).revoke(key.key_id)

    # Then
    assert submit(site, {}).status_code == 401


def test_a_service_that_has_known_a_key_stays_closed_when_redis_has_lost_it(site: Site) -> None:
    # Given
    make_key(site)
    known = submit(site, {})
    with connect(site.services.settings.redis_url) as client:
        client.delete("ocr:keys", "ocr:keyed")

    # When
    wait_until(lambda: not site.services.gate.is_informed, "the keys are asked for anew")
    answer = submit(site, {})

    # Then
    assert (known.status_code, answer.status_code) == (401, 401)


@pytest.mark.parametrize("way", ["bearer", "header", "basic"])
def test_a_key_is_taken_in_three_ways(site: Site, way: str) -> None:
    # Given
    key = make_key(site)
    basic = base64.b64encode(f"anyone:{key}".encode()).decode()
    headers = {
        "bearer": {"Authorization": f"Bearer {key}"},
        "header": {"X-API-Key": key},
        "basic": {"Authorization": f"Basic {basic}"},
    }[way]

    # When
    answer = submit(site, headers)

    # Then
    assert answer.status_code == 202


@pytest.mark.parametrize(
    "headers", [{"X-API-Key": "wrong"}, {"Authorization": "Basic %%%"}, {"Authorization": "Bearer x"}]
)
def test_a_wrong_key_is_forbidden(site: Site, headers: dict[str, str]) -> None:
    # Given
    make_key(site)

    # When
    answer = submit(site, headers)

    # Then
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_key_in_the_query_is_not_taken(site: Site) -> None:
    # Given
    key = make_key(site)

    # When
    answer = site.http.get("/ocr/options", params={"api_key": key, "key": key})

    # Then
    assert answer.status_code == 401


def test_a_browser_is_asked_for_the_key(site: Site) -> None:
    # Given
    make_key(site)

    # When
    answer = site.http.get("/", headers={"Accept": "text/html"})

    # Then
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_the_task_of_another_key_is_like_an_unknown_one(site: Site) -> None:
    # Given
    mine, other = make_key(site), make_key(site)
    task_id = submit(site, {"X-API-Key": mine}).json()["task_id"]

    # When
    foreign = site.http.get(f"/ocr/{task_id}", headers={"X-API-Key": other})
    unknown = site.http.get("/ocr/unknown", headers={"X-API-Key": other})

    # Then
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json()["detail"] == unknown.json()["detail"]


def test_the_result_of_another_key_is_not_reused(site: Site) -> None:
    # Given
    mine, other = make_key(site), make_key(site)
    site.succeed(submit(site, {"X-API-Key": mine}).json()["task_id"])

    # When
    answer = submit(site, {"X-API-Key": other})

    # Then
    assert answer.json()["status"] == "queued"


def test_a_key_is_held_to_its_rate(site: Site) -> None:
    # Given
    headers = {"X-API-Key": make_key(site, requests_per_minute=2)}

    # When
    answers = [submit(site, headers) for _ in range(5)]

    # Then: at most two minutes' worth, should a minute end meanwhile
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[-1].json()["code"] == "rate_limited"
    assert 1 <= int(refused[-1].headers["retry-after"]) <= 60


def test_a_key_at_its_cap_leaves_room_for_others(site: Site) -> None:
    # Given
    greedy, modest = make_key(site, max_open=1), make_key(site)
    submit(site, {"X-API-Key": greedy})

    # When
    refused, served = submit(site, {"X-API-Key": greedy}), submit(site, {"X-API-Key": modest})

    # Then
    assert (refused.status_code, refused.json()["code"]) == (429, "queue_full")
    assert served.status_code == 202


@contextmanager
def sending(site: Site, key: str) -> Iterator[None]:
    """Clients that have begun an upload with this key, as many as it may send at a time, and do not go on."""
    url = site.http.base_url
    head = f"POST /ocr HTTP/1.1\r\nHost: {url.netloc.decode()}\r\nX-API-Key: {key}\r\nContent-Length: 999\r\n"
    with ExitStack() as stack:
        for _ in range(MOST_UPLOADS):
            client = stack.enter_context(socket.create_connection((url.host, url.port or 0)))
            client.sendall(head.encode() + b"Content-Type: multipart/form-data; boundary=b\r\n\r\n")
        wait_until(lambda: len(site.uploads()) == MOST_UPLOADS, "the uploads are under way")
        yield


def test_a_key_with_uploads_enough_under_way_leaves_room_for_others(make_site: MakeSite) -> None:
    # Given
    site = make_site(max_uploads_per_key=MOST_UPLOADS)
    greedy, modest = make_key(site), make_key(site)

    # When
    with sending(site, greedy):
        refused, served = submit(site, {"X-API-Key": greedy}), submit(site, {"X-API-Key": modest})

    # Then
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert served.status_code == 202


def test_a_key_may_send_again_when_its_uploads_are_over(make_site: MakeSite) -> None:
    # Given
    site = make_site(max_uploads_per_key=MOST_UPLOADS)
    key = make_key(site)
    with sending(site, key):
        pass

    # When
    wait_until(lambda: not site.uploads(), "the server knows that they have broken off")
    answer = submit(site, {"X-API-Key": key})

    # Then
    assert answer.status_code == 202


def test_no_secret_is_stored(site: Site) -> None:
    # Given
    key = make_key(site)

    # When
    with connect(site.services.settings.redis_url) as client:
        stored = b"".join(client.hvals("ocr:keys"))

    # Then
    assert key.encode() not in stored


def test_keys_are_managed_on_the_command_line(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given
    monkeypatch.setenv("REDIS_URL", site.services.settings.redis_url)
    main(["create", "scanner", "--per-minute", "60"])
    key_id, secret = capsys.readouterr().out.split()
    main(["list"])
    listed = capsys.readouterr().out

    # When
    revoked = main(["revoke", key_id])

    # Then
    assert (key_id in listed, secret in listed, revoked) == (True, False, 0)
    assert submit(site, {"X-API-Key": secret}).status_code == 403


@pytest.mark.parametrize("cap", [["--per-minute", "-5"], ["--max-open", "0"]])
def test_a_cap_that_lets_nothing_through_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch, cap: list[str]
) -> None:
    # Given
    monkeypatch.setenv("REDIS_URL", site.services.settings.redis_url)

    # When
    with pytest.raises(SystemExit) as refusal:
        main(["create", "scanner", *cap])

    # Then
    assert refusal.value.code == 2
