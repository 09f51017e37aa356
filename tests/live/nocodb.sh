#!/usr/bin/env bash
# A real NocoDB on loopback with SQLite, for the live tests. Nothing of it leaves this machine but what npm installs.
#
#   nocodb.sh install            install Node.js and NocoDB once (needs npm and its registry; minutes, some 1.4 GB)
#   nocodb.sh start PORT DIR     install if need be, start with its data in DIR, wait until it answers
#   nocodb.sh stop DIR           end the server that was started on DIR
#
# PASSMUSTER_LIVE_HOME   where things are installed once (default: passmuster-live in the user's cache)
# NC_AUTH_JWT_SECRET, NC_ADMIN_EMAIL, NC_ADMIN_PASSWORD   made up by the caller; never written here
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

NODE_VERSION=22.23.3
NOCODB_VERSION=0.301.3
NOCODB_DIR="$HOME_DIR/nocodb-$NOCODB_VERSION"

install() {
  ensure_node "$NODE_VERSION"
  [ "$(cat "$NOCODB_DIR/.installed" 2>/dev/null)" = "$NOCODB_VERSION" ] && return 0
  mkdir -p "$NOCODB_DIR"
  # Its own xlsx is an archive on another host; the registry's release stands in for it.
  echo '{"private": true, "overrides": {"xlsx": "0.18.5"}}' > "$NOCODB_DIR/package.json"
  (cd "$NOCODB_DIR" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error "nocodb@$NOCODB_VERSION" >&2)
  build "$NOCODB_DIR" sqlite3
  cat > "$NOCODB_DIR/serve.cjs" <<'JS'
const http = require('http');
const express = require('express');
const { Noco } = require('nocodb');
const app = express();
const server = http.createServer(app);
server.listen(Number(process.env.PORT), '127.0.0.1', async () => app.use(await Noco.init({}, server, app)));
JS
  echo "$NOCODB_VERSION" > "$NOCODB_DIR/.installed"
}

start() { # start PORT DIR
  install
  mkdir -p "$2"
  export NC_DB="sqlite3://noco?d=$2/noco.db" NC_TOOL_DIR="$2" NC_DISABLE_TELE=true PORT="$1"
  export NC_PUBLIC_URL="http://127.0.0.1:$1"
  cd "$2"
  nohup node "$NOCODB_DIR/serve.cjs" > server.log 2>&1 &
  echo $! > server.pid
  wait_http "http://127.0.0.1:$1/api/v1/health" 240 "$(cat server.pid)"
}

case "${1:-}" in
  install) install ;;
  start) start "${2:?port}" "${3:?folder}" ;;
  stop) stop_pid "${2:?folder}/server.pid" ;;
  *) sed -n '2,9p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
