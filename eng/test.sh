#!/usr/bin/env bash
# Runs the tests that build.sh has built and closes with the runner's own counts: "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

results="$(mktemp -d)"
trap 'rm -rf "$results"' EXIT
dotnet test StableRank.sln --no-build -c Release --nologo --logger "trx" --logger "console;verbosity=minimal" \
  --results-directory "$results" "$@"
status=$?

passed=0 failed=0 skipped=0
for file in "$results"/*.trx; do
  [[ -f "$file" ]] || continue
  counters="$(grep -o '<Counters [^>]*>' "$file")"
  field() { sed -E "s/.* $1=\"([0-9]+)\".*/\1/" <<<"$counters"; }
  total="$(field total)" executed="$(field executed)" good="$(field passed)"
  passed=$((passed + good))
  failed=$((failed + executed - good))
  skipped=$((skipped + total - executed))
done
if ((passed + failed == 0)); then
  echo "test: no test was executed" >&2
  status=1
fi
if ((failed > 0)); then status=1; fi
echo "$passed passed, $failed failed, $skipped skipped"
exit $status
