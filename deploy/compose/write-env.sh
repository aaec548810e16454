#!/bin/sh
# Writes .env for compose.yaml: random passwords and a key. It never replaces a file: the volumes hold the old passwords.
set -eu
cd "$(dirname "$0")/../.."
file=.env
if [ -e "$file" ]; then
  echo "$file exists: remove it first, and the volumes too (docker compose down --volumes deletes all data)" >&2
  exit 1
fi
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
umask 077
cat >"$file" <<END
# Used by compose.yaml. Keep a copy of GATEHOUSE_KEY: without it, encrypted values of a backup are lost.
GATEHOUSE_KEY=$(random)
POSTGRES_PASSWORD=$(random)
REDIS_PASSWORD=$(random)
# Emulated upstreams, for trying Gatehouse out. Remove this line for a deployment.
COMPOSE_PROFILES=emulators
END
echo "wrote $file"
