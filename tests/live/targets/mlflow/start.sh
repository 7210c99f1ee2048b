#!/bin/bash
# usage: start.sh [port]
# MLflow behind MLflow OIDC Auth, whose directory is filled over SCIM 2.0: it filters users by name alone, and lets go of a member by value.
# 11.0 of the plugin does not start with Python 3.11.
set -euo pipefail
PORT=${1:-18790}
HOME_OF_ALL=${FERRULE_TARGETS_DIR:-$HOME/.cache/ferrule-targets}/mlflow
RUN=$HOME_OF_ALL/run-$PORT
VENV=$HOME_OF_ALL/venv
URL=http://127.0.0.1:$PORT/scim/v2
mkdir -p "$RUN"
if [ ! -f "$VENV/.10.0.0" ]; then
  python3 -m venv --clear "$VENV" >&2
  "$VENV/bin/pip" install -q mlflow==3.17.2 mlflow-oidc-auth==10.0.0 >&2
  touch "$VENV/.10.0.0"
fi
export OIDC_USERS_DB_URI=sqlite:///$RUN/auth.db MLFLOW_BACKEND_STORE_URI=sqlite:///$RUN/mlflow.db SECRET_KEY=only-here
export AUDIT_LOG_ENABLED=false MLFLOW_DISABLE_TELEMETRY=true DO_NOT_TRACK=true MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false
cd "$RUN"
TOKEN=$("$VENV/bin/python" - 2>"$RUN/token.log" <<'PY'
import os

from mlflow_oidc_auth.sqlalchemy_store import SqlAlchemyStore

store = SqlAlchemyStore()
store.init_db(os.environ["OIDC_USERS_DB_URI"])
print(store.create_scim_token("ferrule", created_by=None)[1])
PY
)
setsid "$VENV/bin/uvicorn" mlflow_oidc_auth.app:app --host 127.0.0.1 --port "$PORT" >"$RUN/mlflow.log" 2>&1 </dev/null &
echo $! >"$RUN/mlflow.pid"
for _ in $(seq 600); do
  curl -s -o /dev/null -m 3 "$URL/Users" && break
  sleep 0.2
done
"$VENV/bin/python" - "$URL" "$TOKEN" <<'PY'
import json
import sys
import urllib.request

url, token = sys.argv[1:]


def post(kind, **body):
    headers = {"authorization": f"Bearer {token}", "content-type": "application/scim+json"}
    urllib.request.urlopen(urllib.request.Request(f"{url}/{kind}", json.dumps(body).encode(), headers)).close()


for name, active in {"ada": True, "ben": True, "cem": False}.items():
    post("Users", userName=f"{name}@example.test", displayName=name, externalId=f"ext-{name}", active=active)
for name, members in {"Research": ["ada", "ben"], "Review": ["ada"], "Nobody": []}.items():
    post("Groups", displayName=name, members=[{"value": f"{member}@example.test"} for member in members])
PY
echo "{\"name\": \"mlflow\", \"base_url\": \"$URL\", \"auth\": \"bearer\", \"credential\": {\"token\": \"$TOKEN\"}}"
