#!/usr/bin/env bash
# A real n8n on loopback with SQLite, for the live tests. Nothing of it leaves this machine but what npm installs.
#
#   n8n.sh install             install Node.js and n8n once (needs npm and its registry; minutes, some 3 GB)
#   n8n.sh start PORT DIR      install if need be, start with its data in DIR, wait until it answers; takes PORT and PORT+1
#   n8n.sh stop DIR            end the server that was started on DIR
#
# PASSMUSTER_LIVE_HOME   where things are installed once (default: passmuster-live in the user's cache)
# N8N_ENCRYPTION_KEY     made up by the caller; never written here
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

NODE_VERSION=24.21.0 # n8n 2.40 wants 24 or later
N8N_VERSION=2.40.7   # newer ones had exact dependencies that the registry did not hold
N8N_DIR="$HOME_DIR/n8n"

install() {
  ensure_node "$NODE_VERSION"
  [ "$(cat "$N8N_DIR/.installed" 2>/dev/null)" = "$N8N_VERSION" ] && return 0
  mkdir -p "$N8N_DIR"
  [ -f "$N8N_DIR/package.json" ] || echo '{"private": true}' > "$N8N_DIR/package.json"
  # Install scripts stay off: the one of the Kafka client downloads sources from elsewhere. SQLite alone has to be built.
  (cd "$N8N_DIR" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error "n8n@$N8N_VERSION" >&2 &&
    JOBS=2 npm rebuild --loglevel=error sqlite3 >&2)
  echo "$N8N_VERSION" > "$N8N_DIR/.installed"
}

quiet() { # what n8n would otherwise call home for
  export N8N_DIAGNOSTICS_ENABLED=false N8N_VERSION_NOTIFICATIONS_ENABLED=false N8N_TEMPLATES_ENABLED=false
  export N8N_DYNAMIC_BANNERS_ENABLED=false N8N_HIRING_BANNER_ENABLED=false N8N_PERSONALIZATION_ENABLED=false
  export N8N_LICENSE_AUTO_RENEW_ENABLED=false N8N_VERIFIED_PACKAGES_ENABLED=false N8N_AI_ENABLED=false
  export EXTERNAL_FRONTEND_HOOKS_URLS= N8N_SENTRY_DSN= N8N_FRONTEND_SENTRY_DSN=
  # The MCP registry asks its maker at every start, whatever else is off.
  export N8N_DISABLED_MODULES=mcp-registry,instance-ai,chat-hub,agents
}

start() { # start PORT DIR
  install
  quiet
  mkdir -p "$2"
  export N8N_USER_FOLDER="$2" DB_TYPE=sqlite N8N_LOG_LEVEL=warn
  export N8N_HOST=127.0.0.1 N8N_LISTEN_ADDRESS=127.0.0.1 N8N_PORT="$1" N8N_PROTOCOL=http
  export N8N_SECURE_COOKIE=false # weak, and needed over plain http
  export WEBHOOK_URL="http://127.0.0.1:$1/" N8N_EDITOR_BASE_URL="http://127.0.0.1:$1/"
  export N8N_RUNNERS_BROKER_PORT="$(($1 + 1))" N8N_RUNNERS_BROKER_LISTEN_ADDRESS=127.0.0.1
  export N8N_METRICS=true # the one place without sign-in that tells the version
  export N8N_COMMUNITY_PACKAGES_ENABLED=true N8N_UNVERIFIED_PACKAGES_ENABLED=true
  cd "$N8N_DIR"
  nohup node node_modules/n8n/bin/n8n start > "$2/server.log" 2>&1 &
  echo $! > "$2/server.pid"
  wait_http "http://127.0.0.1:$1/healthz/readiness" 240 "$(cat "$2/server.pid")"
}

case "${1:-}" in
  install) install ;;
  start) start "$2" "$3" ;;
  stop) stop_pid "$2/server.pid" ;;
  *) sed -n '2,10p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
