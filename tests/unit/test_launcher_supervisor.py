"""Parts are started, started again and stopped, without leaving a process."""

import asyncio
import io
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil

from launcher.output import LONGEST_LINE_BYTES, Output
from launcher.supervisor import Part, Supervisor, wait_until

Story = Callable[[Supervisor, asyncio.Event], Awaitable[None]]


def part(code: str, *, grace_seconds: float = 5) -> Part:
    return Part("part", (sys.executable, "-c", code), os.environ, grace_seconds)


def tell(story: Story) -> str:
    """Run the story under a supervisor; gives what was printed."""
    printed = io.StringIO()

    async def run() -> None:
        stop = asyncio.Event()
        async with Supervisor(Output(printed), first_delay_seconds=0.01) as supervisor:
            await story(supervisor, stop)

    asyncio.run(run())
    return printed.getvalue()


async def appears(path: Path) -> str:
    """The content of a file that a child writes in one go, once it is there."""

    async def there() -> bool:
        return bool(read(path))

    await asyncio.wait_for(wait_until(there, unless=asyncio.Event()), timeout=20)
    return read(path)


def read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def die_once(tmp_path: Path, last_act: str) -> str:
    """Code that ends with `last_act` the first time, and the second time writes the file `again` and stays."""
    first, again = tmp_path / "first", tmp_path / "again"
    return (
        "import os, pathlib, sys, time\n"
        f"first, again = pathlib.Path({str(first)!r}), pathlib.Path({str(again)!r})\n"
        "if first.exists(): again.write_text('again'); time.sleep(60)\n"
        f"first.touch(); {last_act}"
    )


def test_each_line_begins_with_the_name_of_its_part(tmp_path: Path) -> None:
    async def story(supervisor: Supervisor, stop: asyncio.Event) -> None:
        # Given a part that prints on both its streams, and then dies
        last_act = "print('out', flush=True); print('err', file=sys.stderr, flush=True); sys.exit(3)"
        # When it runs
        keeping = asyncio.create_task(supervisor.keep(part(die_once(tmp_path, last_act)), stop))
        await appears(tmp_path / "again")
        stop.set()
        await keeping

    # Then both lines are there under its name, and its death is said
    assert tell(story).splitlines() == [
        "part     | out",
        "part     | err",
        "launcher | part exited with status 3; it starts again in 0.01 s",
    ]


def test_a_part_that_is_killed_is_started_again(tmp_path: Path) -> None:
    async def story(supervisor: Supervisor, stop: asyncio.Event) -> None:
        # Given a part that is killed the first time
        code = die_once(tmp_path, "os.kill(os.getpid(), 9)")
        # When it is kept
        keeping = asyncio.create_task(supervisor.keep(part(code), stop))
        # Then it comes a second time
        assert await appears(tmp_path / "again") == "again"
        stop.set()
        await keeping

    assert "part was ended by SIGKILL; it starts again in 0.01 s" in tell(story)


def test_stopping_ends_what_a_part_started_too(tmp_path: Path) -> None:
    async def story(supervisor: Supervisor, stop: asyncio.Event) -> None:
        # Given a part with a child that will not listen to SIGTERM
        code = (
            "import pathlib, subprocess, sys, time\n"
            "deaf = 'import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)'\n"
            "child = subprocess.Popen([sys.executable, '-c', deaf])\n"
            f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(child.pid))\n"
            "time.sleep(60)"
        )
        keeping = asyncio.create_task(supervisor.keep(part(code), stop))
        child = psutil.Process(int(await appears(tmp_path / "pid")))
        # When the part is stopped
        stop.set()
        await keeping
        # Then the child is gone with it
        await asyncio.to_thread(psutil.wait_procs, [child], timeout=2)
        assert not child.is_running()

    tell(story)


def test_a_part_has_its_grace_and_no_more(tmp_path: Path) -> None:
    async def story(supervisor: Supervisor, stop: asyncio.Event) -> None:
        # Given a part that ignores SIGTERM
        code = (
            "import pathlib, signal, time; signal.signal(15, signal.SIG_IGN)\n"
            f"pathlib.Path({str(tmp_path / 'up')!r}).write_text('up'); time.sleep(60)"
        )
        keeping = asyncio.create_task(supervisor.keep(part(code, grace_seconds=0.3), stop))
        await appears(tmp_path / "up")
        # When it is stopped
        began = time.monotonic()
        stop.set()
        await keeping
        # Then it is waited for as long as it may take, and is then ended
        assert 0.3 <= time.monotonic() - began < 5

    tell(story)


def test_hurry_ends_the_grace(tmp_path: Path) -> None:
    async def story(supervisor: Supervisor, stop: asyncio.Event) -> None:
        # Given a part that takes its time over a stop
        code = (
            "import pathlib, signal, time; signal.signal(15, signal.SIG_IGN)\n"
            f"pathlib.Path({str(tmp_path / 'up')!r}).write_text('up'); time.sleep(60)"
        )
        keeping = asyncio.create_task(supervisor.keep(part(code, grace_seconds=60), stop))
        await appears(tmp_path / "up")
        stop.set()
        # When the person who waits asks once more
        supervisor.hurry.set()
        # Then it ends at once
        await asyncio.wait_for(keeping, timeout=5)

    tell(story)


def test_a_line_without_end_is_cut_and_bytes_that_are_no_text_are_shown() -> None:
    # Given a line longer than is kept, and one that is not UTF-8
    printed = io.StringIO()

    async def copy() -> None:
        source = asyncio.StreamReader()
        source.feed_data(b"z" * (2 * LONGEST_LINE_BYTES) + b"\n\xff\r\nlast")
        source.feed_eof()
        # When they are copied
        await Output(printed).copy("part", source)

    asyncio.run(copy())
    # Then nothing is lost but the line's unity
    lines = printed.getvalue().splitlines()
    assert sum(line.count("z") for line in lines) == 2 * LONGEST_LINE_BYTES
    assert lines[-2:] == ["part     | \\xff", "part     | last"]
