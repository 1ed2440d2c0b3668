# shellcheck shell=bash
# What ./run, ./florin, ./test and bench/run share. Sourced from the root of the checkout, where all of them work.

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en
dll=src/Florin/bin/Release/net10.0/Florin.dll
# The runtime sizes its youngest generation by the processor's cache, hundreds of megabytes on a big one. 12 MB keeps a loaded server small.
export DOTNET_GCgen0size=${DOTNET_GCgen0size:-0xC00000}
group="" # the process group of the child that runs now
log=""   # and its output, where it runs quietly

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# Installs Debian packages, which only root can do; elsewhere says what to do and fails.
apt_install() {
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say "missing: $*. On Debian or Ubuntu: sudo apt-get install $*"
    return 1
  fi
  # With no "main" cluster made, the package starts no server of its own.
  local no_main=/etc/postgresql-common/createcluster.d/florin.conf
  if [[ " $* " == *" postgresql "* ]]; then
    mkdir -p "${no_main%/*}"
    echo 'create_main_cluster = false' >"$no_main"
  fi
  local rc=0
  quietly "installing $*" env DEBIAN_FRONTEND=noninteractive sh -c \
    'apt-get update -q && apt-get install -q -y --no-install-recommends "$@"' sh "$@" || rc=$?
  rm -f "$no_main"
  return "$rc"
}

need_dotnet() {
  command -v dotnet >/dev/null || PATH=$PATH:$HOME/.dotnet
  [[ $(dotnet --version 2>/dev/null || true) == 10.* ]] || die "Florin needs the .NET SDK $(sed -n 's/.*"version": "\([0-9.]*\)".*/\1/p' global.json) or a later 10.0.
Install it from https://dotnet.microsoft.com/download/dotnet/10.0, or for this user alone:
  curl -fsSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0"
}

# KEY=VALUE lines, taken as they stand (no expansion); what the environment already has wins.
read_env() {
  local line key value
  [ -f .env ] || return 0
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    [[ $line =~ ^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)=[[:space:]]*(.*[^[:space:]])?[[:space:]]*$ ]] || continue
    key=${BASH_REMATCH[2]} value=${BASH_REMATCH[3]}
    [[ $value =~ ^\"(.*)\"$ || $value =~ ^\'(.*)\'$ ]] && value=${BASH_REMATCH[1]}
    [ -n "${!key+set}" ] || export "$key=$value"
  done <.env
}

# Descriptor 7 holds the lock on run.lock, 8 the one on pg.users; children other than the server must not keep them.

# Runs a command in a process group of its own, so that a signal reaches it once: when stop_group passes it on.
run_group() {
  local rc=0
  set -m
  "$@" 8>&- &
  group=$!
  set +m
  wait "$group" || rc=$?
  group=""
  return "$rc"
}

stop_group() {
  [ -n "$group" ] || return 0
  kill -TERM -- "-$group" 2>/dev/null || true
  for _ in {1..300}; do
    kill -0 "$group" 2>/dev/null || break
    sleep 0.2
  done
  kill -KILL -- "-$group" 2>/dev/null || true
  group=""
}

# For INT, TERM and HUP: ends the child, then the script by way of its EXIT trap.
on_signal() {
  trap '' INT TERM HUP
  stop_group
  rm -f "$log"
  exit "$1"
}

# quietly LABEL COMMAND…: tells the time while it works, and shows the output only when it fails.
quietly() {
  local label=$1 begin=$SECONDS next=5 rc=0
  shift
  log=$(mktemp)
  say "$label …"
  set -m
  "$@" >"$log" 2>&1 </dev/null 7>&- 8>&- &
  group=$!
  set +m
  while kill -0 "$group" 2>/dev/null; do
    sleep 0.2
    if [ $((SECONDS - begin)) -ge "$next" ]; then
      say "$label … $next s"
      next=$((next + 5))
    fi
  done
  wait "$group" || rc=$?
  group=""
  if [ "$rc" = 0 ]; then
    say "$label: done in $((SECONDS - begin)) s"
  else
    cat "$log" >&2
    say "$label: failed"
  fi
  rm -f "$log"
  return "$rc"
}

# Build servers would stay behind, and hold our locks; so none is used.
dotnet_build() { quietly "building $1" dotnet build "$@" -c Release --disable-build-servers -v quiet "-clp:ErrorsOnly;NoSummary"; }

# Builds the product where anything is newer than the last build.
build() {
  local stamp=${dll%/*}/.built
  if [ -f "$dll" ] && [ -f "$stamp" ]; then
    [ -n "$(find src global.json Directory.* \( -name bin -o -name obj -o -name node_modules \) -prune -o -newer "$stamp" -print -quit)" ] || return 0
  fi
  mkdir -p "${dll%/*}"
  touch "$stamp.new" # before the build: what changes during it is for the next one
  dotnet_build src/Florin
  mv "$stamp.new" "$stamp"
}

# Installs what the face engine runs on, where its lock file is newer than what is there. Nothing of it runs meanwhile: --ignore-scripts.
install_face_engine() {
  local folder=engines/face stamp=engines/face/node_modules/.installed
  if [ -f "$stamp" ] && cmp -s "$folder/package-lock.json" "$stamp"; then return 0; fi
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    say "Node.js 20 or later and npm are not here: nobody can pay by face, all else works"
    return 1
  fi
  quietly "installing the face engine's packages" npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error || return 1
  cp "$folder/package-lock.json" "$stamp"
}

# A data folder. Nobody else need list it, but where root runs us the cluster's user must pass through.
make_folder() {
  local mode=700
  [ "$(id -u)" != 0 ] || mode=711
  # shellcheck disable=SC2174 # the parents get the usual mode
  (umask 022 && mkdir -p -m "$mode" "$1")
  [ -w "$1" ] || die "$1 belongs to $(stat -c %U "$1"): run this as that user, or choose another FLORIN_DATA"
}

data_folder() {
  FLORIN_DATA=$(realpath -m "${FLORIN_DATA:-.data}")
  export FLORIN_DATA
  make_folder "$FLORIN_DATA"
}

# Starts the private cluster unless FLORIN_DATABASE (or DATABASE_URL, its alias) names another. Whoever uses it holds a shared lock on pg.users;
# the last to leave stops it, if one of us started it (pg.ours says so).
use_cluster() {
  [ -z "${FLORIN_DATABASE:-}" ] || return 0
  case ${DATABASE_URL:-} in postgres://* | postgresql://*) return 0 ;; esac
  local settings
  exec 8>>"$FLORIN_DATA/pg.users"
  flock -s 8
  scripts/pg status "$FLORIN_DATA" >/dev/null 7>&- 8>&- || touch "$FLORIN_DATA/pg.ours"
  settings=$(scripts/pg start "$FLORIN_DATA" 7>&- 8>&-) || exit 1
  eval "$settings"
  export FLORIN_DATABASE FLORIN_DATABASE_OWNER
  # shellcheck disable=SC2034 # ./run and ./florin ask
  private=1
}

leave_cluster() {
  [ -e "$FLORIN_DATA/pg.ours" ] && flock -n -x 8 || return 0
  scripts/pg stop "$FLORIN_DATA" 7>&- 8>&-
  rm -f "$FLORIN_DATA/pg.ours"
}
