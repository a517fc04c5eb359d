"""API keys on the command line: `python -m api.keys create|list|revoke`."""

import argparse
import sys
import time

from shared.errors import OcrError
from shared.jobs import connect
from shared.keys import Keys
from shared.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    options = _make_parser().parse_args(arguments)
    try:
        with connect(Settings().redis_url) as client:
            return _run(options, Keys(client))
    except OcrError as error:
        print(f"error: {error.detail}", file=sys.stderr)
        return 1


def _run(options: argparse.Namespace, keys: Keys) -> int:
    if options.verb == "create":
        key, secret = keys.create(options.name, options.per_minute, options.max_open)
        print(f"{key.key_id}  {secret}")
        print("The key is shown this once.", file=sys.stderr)
        return 0
    if options.verb == "list":
        for key in keys.all():
            created = time.strftime("%Y-%m-%d", time.gmtime(key.created))
            caps = f"{_cap(key.requests_per_minute)}/min  {_cap(key.max_open)} open"
            print(f"{key.key_id}  {created}  {caps}  {key.name}")
        return 0
    if keys.revoke(options.key_id):
        return 0
    print(f"error: there is no key {options.key_id}", file=sys.stderr)
    return 1


def _cap(number: int | None) -> str:
    return "any" if number is None else str(number)


def _positive(text: str) -> int:
    number = int(text)
    if number <= 0:
        message = f"{number} is not above 0"
        raise argparse.ArgumentTypeError(message)
    return number


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m api.keys", description="Manage API keys.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    create = verbs.add_parser("create", help="make a key and show it once")
    create.add_argument("name", help="what the key is for")
    create.add_argument("--per-minute", type=_positive, help="uploads a minute; no cap without it")
    create.add_argument("--max-open", type=_positive, help="unfinished tasks at a time; the service's cap without it")
    verbs.add_parser("list", help="show ids, caps and names")
    revoke = verbs.add_parser("revoke", help="make a key invalid within seconds")
    revoke.add_argument("key_id")
    return parser


if __name__ == "__main__":
    sys.exit(main())
