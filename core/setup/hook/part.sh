# shellcheck shell=sh
# >>> lifeboat >>> backs up before a push
# Written by `lifeboat install-hook pre-push`: run it again to change this part, or with --remove to remove it.
(
  case "${LIFEBOAT_SKIP:-0}" in 0) ;; *) echo 'lifeboat: LIFEBOAT_SKIP is set: pushing without a backup' >&2; exit 0 ;; esac
  DEFINE_LIFEBOAT
  RUN_BACKUPS
) </dev/null || {
  echo 'lifeboat: push stopped, because there is no new backup. To push without one: git push --no-verify, or LIFEBOAT_SKIP=1 git push' >&2
  exit 1
}
# <<< lifeboat <<<
