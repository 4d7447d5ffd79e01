#!/usr/bin/env bash
# Fetches the optional parts into the user's cache folder, without root and without changing the machine:
# MKL and Fashion-MNIST as Debian packages, downloaded with a private apt state and unpacked with dpkg-deb.
# What cannot be had is named in two lines, with what that costs; the exit status is 0 all the same.
set -euo pipefail

usage() {
  cat <<'EOF'
usage: ./build.sh setup [--force] [--no-gnuplot] [--peers]

Fetches, into the cache folder ($STABLERANK_CACHE, else $XDG_CACHE_HOME/stablerank, else ~/.cache/stablerank):
  mkl             Intel MKL 2020.4, about 62 MB to download, 300 MB on disk (Intel Simplified Software License)
  fashion-mnist   the Fashion-MNIST images, about 30 MB (MIT)
and, where the caller is root and gnuplot is missing, installs gnuplot-nox with apt-get; nothing else on the machine changes.
Quick when nothing is missing. --force fetches again. --no-gnuplot leaves gnuplot alone. STABLERANK_OFFLINE=1 fetches nothing.
--peers also installs, where the caller is root, what ./build.sh bench compares with, Debian's NumPy, SciPy and PyTorch
with functorch (some hundred MB); where not, it names the packages.
`stablerank setup` of the tool's package runs this script with --no-gnuplot.
EOF
}

cache="${STABLERANK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/stablerank}"
force=0
gnuplot=1
peers=0
for argument in "$@"; do
  case "$argument" in
    -h | --help) usage; exit 0 ;;
    --force) force=1 ;;
    --no-gnuplot) gnuplot=0 ;;
    --peers) peers=1 ;;
    *) echo "setup: unknown argument '$argument'; expected --force, --no-gnuplot, --peers or --help" >&2; exit 2 ;;
  esac
done

mkl_packages=(libmkl-rt libmkl-core libmkl-gnu-thread libmkl-intel-lp64 libmkl-def libmkl-avx2 libmkl-avx512
  libmkl-vml-def libmkl-vml-avx2 libmkl-vml-avx512)

say() { echo "setup: $*"; }

# missing WHAT COST: the two lines
missing() {
  say "$1"
  say "  the cost: $2"
}

have_fetcher() { command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; }

# The machine's own Debian sources, with non-free added, in a private apt state; indexes are read once a run.
apt_private=""
trap '[[ -z "$apt_private" ]] || rm -rf "$apt_private"' EXIT
apt_options=()
open_apt() {
  [[ -z "$apt_private" ]] || return 0
  apt_private="$(mktemp -d "$cache/.apt.XXXXXX")"
  mkdir -p "$apt_private/sources.list.d" "$apt_private/lists/partial" "$apt_private/cache/archives/partial"
  local file
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [[ -f "$file" ]] || continue
    sed -E 's/^(deb .* main)( .*)?$/\1\2 non-free/' "$file" >"$apt_private/sources.list.d/$(basename "$file" .list).list"
  done
  for file in /etc/apt/sources.list.d/*.sources; do
    [[ -f "$file" ]] || continue
    sed -E 's/^(Components:.*\bmain\b.*)$/\1 non-free/' "$file" >"$apt_private/sources.list.d/$(basename "$file")"
  done
  apt_options=(-q=2 -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$apt_private/sources.list.d"
    -o Dir::State::Lists="$apt_private/lists" -o Dir::Cache="$apt_private/cache" -o APT::Sandbox::User= -o Debug::NoLocking=1
    -o Acquire::Languages=none -o Acquire::Retries=2)
  apt-get "${apt_options[@]}" update >"$apt_private/log" 2>&1
}

# fetch NAME PACKAGE…: downloads and unpacks into $cache/NAME.new, moved to $cache/NAME when whole
fetch() {
  local name="$1" fresh="$cache/$1.new"
  shift
  open_apt || return 1
  rm -rf "$fresh" "$apt_private/debs"
  mkdir -p "$fresh" "$apt_private/debs"
  (cd "$apt_private/debs" && apt-get "${apt_options[@]}" download "$@") >>"$apt_private/log" 2>&1 || return 1
  local package
  for package in "$apt_private"/debs/*.deb; do
    dpkg-deb -x "$package" "$fresh" || return 1
  done
}

setup_mkl() {
  [[ $force == 0 && -e "$cache/mkl/libmkl_rt.so" ]] && return 0
  local packages=("${mkl_packages[@]}")
  ldconfig -p 2>/dev/null | grep -q 'libgomp\.so\.1' || [[ -e /usr/lib/x86_64-linux-gnu/libgomp.so.1 ]] || packages+=(libgomp1)
  say "fetching Intel MKL 2020.4 (62 MB to download, 300 MB on disk) into $cache/mkl"
  say "  it is under the Intel Simplified Software License, kept beside it in $cache/mkl/LICENSE"
  if ! fetch mkl "${packages[@]}"; then
    missing "Intel MKL could not be fetched from the machine's own Debian sources" \
      "OpenBLAS is used where it is installed (1.1 to 1.9 times slower), else managed code (tens of times slower)"
    return 0
  fi
  local fresh="$cache/mkl.new" flat="$cache/mkl.flat"
  rm -rf "$flat" && mkdir -p "$flat"
  find "$fresh" \( -name 'libmkl_*.so*' -o -name 'libgomp.so*' \) -exec cp -a {} "$flat" \;
  cat "$fresh"/usr/share/doc/libmkl-rt/copyright >"$flat/LICENSE" 2>/dev/null || true
  if [[ ! -e "$flat/libmkl_rt.so" ]]; then
    missing "the packages of Intel MKL hold no libmkl_rt.so" "as if MKL were not there"
    return 0
  fi
  rm -rf "$cache/mkl" "$fresh"
  mv "$flat" "$cache/mkl"
}

setup_fashion_mnist() {
  [[ $force == 0 && -e "$cache/fashion-mnist/train-images-idx3-ubyte.gz" ]] && return 0
  [[ $force == 0 && -e /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz ]] && return 0
  say "fetching Fashion-MNIST (30 MB, MIT licence) into $cache/fashion-mnist"
  if ! fetch fashion-mnist dataset-fashion-mnist; then
    missing "Fashion-MNIST could not be fetched from the machine's own Debian sources" \
      "experiments use the digits that ship with the library"
    return 0
  fi
  local fresh="$cache/fashion-mnist.new" flat="$cache/fashion-mnist.flat"
  rm -rf "$flat" && mkdir -p "$flat"
  find "$fresh" -name '*-ubyte.gz' -exec cp {} "$flat" \;
  cat "$fresh"/usr/share/doc/dataset-fashion-mnist/copyright >"$flat/LICENSE" 2>/dev/null || true
  rm -rf "$cache/fashion-mnist" "$fresh"
  mv "$flat" "$cache/fashion-mnist"
}

# install PACKAGE…: with apt-get, where the caller is root; false where that cannot be
install() {
  [[ "$(id -u)" == 0 && "${STABLERANK_OFFLINE:-0}" != 1 ]] && command -v apt-get >/dev/null || return 1
  say "installing $* with apt-get (root)"
  local get=(apt-get -q=2 install -y --no-install-recommends "$@")
  ("${get[@]}" || { apt-get -q=2 update && "${get[@]}"; }) >/dev/null 2>&1 </dev/null
}

setup_gnuplot() {
  command -v gnuplot >/dev/null || install gnuplot-nox \
    || missing "gnuplot is missing (Debian: gnuplot-nox)" "figures are written as CSV and gnuplot scripts, not as pictures"
}

# functorch is in PyTorch's package
peer_packages=(python3-numpy python3-scipy python3-torch)

# Debian's own Python, which the benchmarks start; another one's packages do not help
have_peers() { /usr/bin/python3 -c 'import numpy, scipy, torch, functorch' >/dev/null 2>&1; }

setup_peers() {
  have_peers && return 0
  install "${peer_packages[@]}" && have_peers && return 0
  missing "not all of Debian's ${peer_packages[*]} are installed (apt-get install, as root)" \
    "./build.sh bench has no times of the peers that are missing"
}

mkdir -p "$cache"
if [[ "${STABLERANK_OFFLINE:-0}" == 1 ]]; then
  [[ -e "$cache/mkl/libmkl_rt.so" ]] || missing "STABLERANK_OFFLINE=1 and no MKL in $cache" "OpenBLAS where installed, else managed code"
elif ! have_fetcher; then
  [[ -e "$cache/mkl/libmkl_rt.so" ]] || missing "no apt-get and dpkg-deb here to fetch MKL and Fashion-MNIST with" \
    "OpenBLAS where installed, else managed code; the digits that ship with the library"
else
  setup_mkl
  setup_fashion_mnist
fi
[[ $gnuplot == 0 ]] || setup_gnuplot
[[ $peers == 0 ]] || setup_peers
