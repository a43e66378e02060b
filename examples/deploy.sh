#!/bin/sh
# Backs up a database before a deploy with the function backup-now. Exits with 0 only if the backup is verified:
#   examples/deploy.sh shop https://backup-now-abc123-uc.a.run.app && deploy
# Needs curl 7.76. Uses LIFEBOAT_ID_TOKEN or a token from gcloud; `lifeboat dev` on this machine needs none.
set -eu
database=$1 url=$2 key="deploy-$(date -u +%Y%m%dT%H%M%SZ)-$$"
case $url in
  http://127.0.0.1[:/]* | http://localhost[:/]*) token=none ;;
  https://*) token=${LIFEBOAT_ID_TOKEN:-$(gcloud auth print-identity-token --audiences="$url" 2>/dev/null || gcloud auth print-identity-token)} ;;
  *) echo "refusing to send a token to $url without encryption" >&2; exit 2 ;;
esac
# The token comes through standard input, because every user on the machine can read arguments. The key ensures that retries make one backup.
printf 'Authorization: Bearer %s\n' "$token" | curl --fail-with-body --silent --show-error --max-time 3600 --keepalive-time 30 \
  --retry 3 --retry-connrefused --retry-max-time 3600 --request POST --header @- --header "Idempotency-Key: $key" \
  --header 'Accept: application/json' --header 'Content-Type: application/json' --data "{\"database\": \"$database\"}" "$url"
