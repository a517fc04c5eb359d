#!/bin/sh
# Writes a CycloneDX list of what `make run` installs, then looks up known vulnerabilities of every locked package.
# A package that cannot be looked up counts as a failure. OSV_URL asks a database that speaks OSV's protocol instead of
# PyPI's. Usage, in the project's folder: requirements/audit.sh BIN
set -eu
bin=$1
failed=0
mkdir -p .cache
"$bin/cyclonedx-py" requirements requirements/run.txt --output-file .cache/sbom.json
echo "wrote .cache/sbom.json"
for lock in browser bench audit; do # the others are parts of these
    echo "auditing requirements/$lock.txt"
    report=$("$bin/pip-audit" --strict --disable-pip --require-hashes --progress-spinner off \
        ${OSV_URL:+--vulnerability-service osv --osv-url "$OSV_URL"} --requirement "requirements/$lock.txt") || {
        failed=1
        echo "${report:-error: not every package could be looked up, so requirements/$lock.txt is not known to be safe}"
    }
done
exit $failed
