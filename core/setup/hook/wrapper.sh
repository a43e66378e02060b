#!/bin/sh
PART
# The hook that was here before.
before="${0%/*}/pre-push.before-lifeboat"
[ ! -x "$before" ] || exec "$before" "$@"
