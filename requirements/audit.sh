#!/bin/sh
# Writes a CycloneDX list of what `make run` installs, then looks up known vulnerabilities of every locked package.
# A package that cannot be looked up counts as a failure. Usage, in the project's folder: requirements/audit.sh BIN
set -eu
bin=$1
mkdir -p .cache
"$bin/cyclonedx-py" requirements requirements/run.txt --output-file .cache/sbom.json
echo "wrote .cache/sbom.json"
for lock in run browser; do
    echo "auditing requirements/$lock.txt"
    "$bin/pip-audit" --strict --disable-pip --require-hashes --progress-spinner off --requirement "requirements/$lock.txt"
done
