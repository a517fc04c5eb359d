"""`python -m launcher`: starts the service and stays in the foreground; the environment configures it."""

import argparse
import asyncio
import os
import sys

from launcher.config import LaunchError, read_config
from launcher.output import make_output
from launcher.service import serve


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m launcher", description=__doc__)
    parser.add_argument("--stop-with-parent", action="store_true", help="stop when the process that started this ends")
    arguments = parser.parse_args()
    parent = os.getppid() if arguments.stop_with_parent else None
    output = make_output()
    try:
        config = read_config(os.environ)
        asyncio.run(serve(config, output, parent=parent))
    except LaunchError as error:
        output.write("launcher", f"error: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
