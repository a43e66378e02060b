# shellcheck shell=sh
# Absolute paths, because git may run hooks with a bare PATH.
node=NODE main=MAIN
[ -x "$node" ] || node=node
if [ -f "$main" ] && command -v "$node" >/dev/null 2>&1; then
  lifeboat() { "$node" "$main" "$@"; }
elif ! command -v lifeboat >/dev/null 2>&1; then
  echo "lifeboat: push stopped: $main is gone and there is no lifeboat in PATH, so no backup can be made" >&2
  echo "hint: install Lifeboat and run \`lifeboat install-hook pre-push\` again; LIFEBOAT_SKIP=1 pushes without a backup" >&2
  exit 1
fi
