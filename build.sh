#!/usr/bin/env bash
# StableRank: one entry for everything. ./build.sh --help
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

usage() {
  cat <<'EOF'
usage: ./build.sh COMMAND [arguments]

  run     set up, build, run the experiments (quick size); ends with artifacts/report.html
  test    set up, build, pass the tests
  pack    build the NuGet packages of the library and of the tool into artifacts/packages
  bench   set up, build, time the library against its peers and against itself
  setup   fetch the optional parts (MKL, Fashion-MNIST, gnuplot; with --peers what bench compares with); idempotent,
          called by run, test and bench

./build.sh COMMAND --help tells more.
EOF
}

wants_help() { [[ "${1:-}" == "--help" || "${1:-}" == "-h" ]]; }

build() { dotnet build StableRank.sln -c Release -v quiet --nologo; }

command_setup() { bash eng/setup.sh "$@"; }

command_run() {
  if wants_help "${1:-}"; then
    cat <<'EOF'
usage: ./build.sh run [NAME…] [--full] [--seed K]

Runs the experiments named (all of them if none is) at quick size, or at full size with --full, and writes
artifacts/NAME/ (CSV, gnuplot script, SVG, PNG) and artifacts/report.html.
EOF
    return
  fi
  command_setup
  build
  dotnet run --no-build -c Release --project samples/Experiments -- run "$@"
}

command_test() {
  if wants_help "${1:-}"; then
    cat <<'EOF'
usage: ./build.sh test [arguments of dotnet test, for example --filter Spectra]

Passes every test; the last line reads "N passed, N failed, N skipped".
STABLERANK_BACKEND=managed (or openblas, mkl) runs them on that backend.
EOF
    return
  fi
  command_setup
  build
  bash eng/test.sh "$@"
}

command_pack() {
  if wants_help "${1:-}"; then
    echo "usage: ./build.sh pack    writes artifacts/packages/*.nupkg and *.snupkg"
    return
  fi
  dotnet pack StableRank.sln -c Release -v quiet --nologo -o artifacts/packages
  ls -1 artifacts/packages
}

command_bench() {
  if wants_help "${1:-}"; then
    cat <<'EOF'
usage: ./build.sh bench [[peers] [--full] [--once] | peers WORD | scaling [WORD] [--once] | parts [WORD]
                        | inside [arguments of BenchmarkDotNet] | fashion [double | single | losses FILE]]

peers (the default) times the library and its Python peers in turn, on the same machine in the same run, and writes the table to
docs/benchmarks.md; some ten minutes on two cores, more with --full, which has the largest sizes too. `./build.sh setup --peers`
installs the peers; a row whose peer is missing says so. With WORD, only the rows whose names contain it, such as "training step",
are printed, and the file stays as it is; with --once, every row runs once: whether it works, not how fast it is.
scaling measures how times and memory grow with width, depth, inputs and replicates, on one thread and on all, and how long the tool
takes to start; a minute and a half. parts takes apart the tasks that are furthest from their targets, in a minute. peers does
both too, after its rows, and writes them into the page; alone they are printed.
fashion trains a network on Fashion-MNIST here and in PyTorch, from the same weights on the same batches, and compares losses and
accuracies, in both precisions or one; exit status 1 where they differ, 3 where the data or PyTorch are missing. Takes ten minutes.
With losses FILE it only writes the losses of PyTorch's first 100 steps there, the reference of the tests.
EOF
    return
  fi
  command_setup
  build
  dotnet run --no-build -c Release --project tests/StableRank.Benchmarks -- "$@"
}

main() {
  local command="${1:---help}"
  [[ $# -gt 0 ]] && shift
  case "$command" in
    run | test | pack | bench | setup) "command_$command" "$@" ;;
    -h | --help | help) usage ;;
    *)
      echo "build.sh: unknown command '$command'; expected run, test, pack, bench or setup" >&2
      usage >&2
      return 2
      ;;
  esac
}

main "$@"
