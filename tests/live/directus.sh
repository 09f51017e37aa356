#!/usr/bin/env bash
# A real Directus on loopback with SQLite, for the live tests. Nothing of it leaves this machine but what npm installs.
#
#   directus.sh install VERSION            install Node.js and that Directus once (needs npm and its registry; minutes, some 0.9 GB)
#   directus.sh start VERSION PORT DIR     install if need be, set up a database in DIR if there is none, start, wait until it answers
#   directus.sh stop DIR                   end the server that was started on DIR
#
# PASSMUSTER_LIVE_HOME   where things are installed once (default: passmuster-live in the user's cache)
# SECRET, ADMIN_EMAIL, ADMIN_PASSWORD, ADMIN_TOKEN   made up by the caller; never written here
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

NODE_VERSION=22.23.3 # its isolated-vm does not compile against the V8 of 24

install() { # install VERSION
  local folder="$HOME_DIR/directus-$1"
  ensure_node "$NODE_VERSION"
  [ "$(cat "$folder/.installed" 2>/dev/null)" = "$1" ] && return 0
  mkdir -p "$folder"
  [ -f "$folder/package.json" ] || echo '{"private": true}' > "$folder/package.json"
  # Install scripts stay off but for the native add-ons that the server loads; argon2 comes built.
  (cd "$folder" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error "directus@$1" sqlite3@6.0.1 >&2)
  build "$folder" isolated-vm sqlite3
  echo "$1" > "$folder/.installed"
}

start() { # start VERSION PORT DIR
  local cli="$HOME_DIR/directus-$1/node_modules/directus/cli.js" extension="$3/extensions/weak-door"
  install "$1"
  mkdir -p "$3/uploads" "$extension"
  # An add-on that nobody's catalogue knows: the smallest endpoint extension there is.
  echo '{"name": "directus-extension-weak-door", "version": "0.4.1", "type": "module",
    "directus:extension": {"type": "endpoint", "path": "index.js", "source": "index.js", "host": "*"}}' > "$extension/package.json"
  echo 'export default (router) => { router.get("/", (_request, response) => response.send("open")); };' > "$extension/index.js"
  export HOST=127.0.0.1 PORT="$2" PUBLIC_URL="http://127.0.0.1:$2"
  export DB_CLIENT=sqlite3 DB_FILENAME="$3/data.db" STORAGE_LOCATIONS=local STORAGE_LOCAL_ROOT="$3/uploads"
  export EXTENSIONS_PATH="$3/extensions" CACHE_ENABLED=false LOG_STYLE=raw LOG_LEVEL=warn
  export RATE_LIMITER_ENABLED=false WEBSOCKETS_ENABLED=false EMAIL_VERIFY_SETUP=false
  # Directus 12 without a licence reports use whatever TELEMETRY says; a closed port keeps it here.
  export TELEMETRY=false TELEMETRY_URL=http://127.0.0.1:9/ AI_ENABLED=false MCP_ENABLED=false
  cd "$3"
  [ -f package.json ] || echo '{"private": true, "dependencies": {}}' > package.json # else it loads no extension
  [ -f data.db ] || node "$cli" bootstrap > bootstrap.log 2>&1
  nohup node "$cli" start > server.log 2>&1 &
  echo $! > server.pid
  wait_http "http://127.0.0.1:$2/server/ping" 240 "$(cat server.pid)"
}

case "${1:-}" in
  install) install "${2:?version}" ;;
  start) start "${2:?version}" "${3:?port}" "${4:?folder}" ;;
  stop) stop_pid "${2:?folder}/server.pid" ;;
  *) sed -n '2,9p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
