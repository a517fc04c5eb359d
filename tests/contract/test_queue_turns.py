"""Which of the waiting messages a worker takes next."""

from typing import Any

import redis

from shared.queue import Queue, make_celery
from shared.settings import Settings


def take_all(celery: Any, messages: int) -> list[str]:
    """The queues that messages were sent to, which begin their names, in the order in which a worker gets them."""
    taken: list[str] = []
    with celery.connection_for_read() as connection:
        consumer = celery.amqp.TaskConsumer(
            connection, callbacks=[lambda _, message: taken.append(message.headers["id"].partition("-")[0])]
        )
        with consumer:
            while len(taken) < messages:
                connection.drain_events(timeout=5)
    return taken


def test_bulk_work_gets_its_turn_in_a_flood_of_interactive_tasks(redis_url: str, store: redis.Redis) -> None:
    # Given
    celery = make_celery(Settings(redis_url=redis_url))
    queue = Queue(store)
    for name, messages in (("bulk", 2), ("interactive", 10)):
        for number in range(messages):
            queue.send(f"{name}-{number}", name)
    # When
    order = take_all(celery, 12)
    celery.close()
    # Then
    assert order == [*["interactive"] * 4, "bulk"] * 2 + ["interactive"] * 2


def test_interactive_tasks_do_not_wait_where_there_is_no_bulk_work(redis_url: str, store: redis.Redis) -> None:
    # Given
    celery = make_celery(Settings(redis_url=redis_url))
    queue = Queue(store)
    for number in range(7):
        queue.send(f"interactive-{number}", "interactive")
    # When
    order = take_all(celery, 7)
    celery.close()
    # Then
    assert order == ["interactive"] * 7
