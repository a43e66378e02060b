#!/bin/sh
# Asks the function backup-now for a backup before a deploy. Exits with 0 only if the backup is verified:
#   examples/deploy.sh shop https://backup-now-abc123-uc.a.run.app && deploy
# Needs curl 7.71. Uses LIFEBOAT_ID_TOKEN or a token from gcloud; `lifeboat dev` on this machine needs none.
# Prints the answer. Exits with 2 for wrong arguments, 22 when the function refuses, 1 when something else than backup-now answers, and
# with the status of curl when there is no complete answer.
set -eu
[ $# -eq 2 ] || { echo "usage: $0 DATABASE URL" >&2; exit 2; }
database=$1 url=$2 key="deploy-$(date -u +%Y%m%dT%H%M%SZ)-$$"
case $database in
  '' | *[!A-Za-z0-9_-]*) echo "error: '$database' cannot be the name of a database" >&2; exit 2 ;;
esac
case $url in
  http://127.0.0.1[:/]* | http://localhost[:/]*) token=none ;;
  https://*) token=${LIFEBOAT_ID_TOKEN:-$(gcloud auth print-identity-token --audiences="$url" 2>/dev/null || gcloud auth print-identity-token)} ;;
  *) echo "error: refusing to send a token to '$url' without encryption" >&2; exit 2 ;;
esac
body=$(mktemp)
trap 'rm -f "$body"' EXIT
trap 'exit 130' INT TERM

# The token comes through standard input, because every user on the machine can read arguments. The key ensures that retries make one
# backup, so that every failure can be tried again: a refused connection, an empty or incomplete answer, 5xx. A redirect is not followed.
got=$(printf 'Authorization: Bearer %s\n' "$token" | curl --silent --show-error --no-location --max-time 3600 --keepalive-time 30 \
  --retry 3 --retry-all-errors --retry-max-time 3600 --request POST --header @- --header "Idempotency-Key: $key" \
  --header 'Accept: application/json' --header 'Content-Type: application/json' --data "{\"database\": \"$database\"}" \
  --output "$body" --write-out '%{http_code} %{content_type}' "$url")

case $got in
  *' application/json'* | *' application/problem+json'*) cat "$body" && echo ;;
esac
case $got in
  '200 application/json'*) ;;
  3*) echo "error: $url redirects (HTTP ${got%% *}); use the address of the function itself" >&2; exit 1 ;;
  [45]*) echo "error: $url answered HTTP ${got%% *}: there is no backup" >&2; exit 22 ;;
  *) echo "error: $url did not answer as backup-now does ($got): no backup is known to exist" >&2; exit 1 ;;
esac
# A status of 200 proves nothing: a login page has it, too.
if ! tr -d '\n' <"$body" | grep -Eq "^ *[{] *\"ok\": *true,.*\"database\": *\"$database\".*[}] *\$"; then
  echo "error: $url did not confirm a verified backup of $database: do not deploy" >&2
  exit 1
fi
