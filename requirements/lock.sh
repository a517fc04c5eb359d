#!/bin/sh
# Resolves every *.in of this folder into a *.txt that pip can check by hash: for Python 3.11 and later, for Linux and
# macOS, naming no host. The first lock holds the others, so that one version of each package serves all of them.
# Usage, in the project's folder: requirements/lock.sh UV
set -eu
uv=$1
export UV_CUSTOM_COMPILE_COMMAND="make lock"

lock() {
    name=requirements/$1
    shift
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --upgrade \
        --no-emit-index-url --no-emit-find-links --excludes requirements/excludes.in "$@" \
        --output-file "$name.txt" "$name.in"
}

lock browser
for name in api worker run test bench audit; do
    lock "$name" --constraints requirements/browser.txt
done
