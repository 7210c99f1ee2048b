#!/bin/bash
# usage: start.sh [port]
# httpbin, as an address that answers everything with 200 and JSON, and is no service of SCIM.
set -euo pipefail
PORT=${1:-18795}
HOME_OF_ALL=${FERRULE_TARGETS_DIR:-$HOME/.cache/ferrule-targets}/httpbin
RUN=$HOME_OF_ALL/run-$PORT
VENV=$HOME_OF_ALL/venv
URL=http://127.0.0.1:$PORT/anything
mkdir -p "$RUN"
if [ ! -f "$VENV/.0.10.4" ]; then
  python3 -m venv --clear "$VENV" >&2
  "$VENV/bin/pip" install -q httpbin==0.10.4 >&2
  touch "$VENV/.0.10.4"
fi
setsid "$VENV/bin/python" -m httpbin.core --host 127.0.0.1 --port "$PORT" >"$RUN/httpbin.log" 2>&1 </dev/null &
echo $! >"$RUN/httpbin.pid"
for _ in $(seq 150); do
  curl -s -o /dev/null -m 3 "$URL" && break
  sleep 0.2
done
echo "{\"name\": \"httpbin\", \"base_url\": \"$URL\", \"auth\": \"bearer\", \"credential\": {\"token\": \"token-of-another-place\"}}"
