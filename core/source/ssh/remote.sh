# Runs on the host of the database. One function, so that the shell has read all of it before it runs: after that,
# standard input brings heartbeats only. The caller sets mark, main, mode, busy and quiet before, and calls it after.
#
# shellcheck shell=sh
# The caller sets these variables: SC2154. Lists of processes and of options are split on purpose: SC2086.
# Each `a && b || c` is meant to run c when either fails: SC2015. A sleep must not hold the standard input open: SC2217.
# The text of a heartbeat does not matter: SC2034. The name of a copy is only measured, not read: SC2094.
# shellcheck disable=SC2154,SC2086,SC2015,SC2217,SC2034,SC2094
lifeboat() {
  umask 077
  unset CDPATH
  PATH=$PATH:/usr/local/bin:/opt/homebrew/bin
  LC_ALL=C
  export PATH LC_ALL
  dir='' jobs='' watch=''
  exec 3<&0 </dev/null
  trap finish EXIT
  trap 'exit 4' HUP INT PIPE TERM

  case $(command -v stat && stat -c %i / 2>/dev/null) in
    '') fail other 'the host has no stat program' ;;
    *[0-9]) stat_size='-c %s' stat_mark='-c %i,%s,%y,%z' ;;
    *) stat_size='-f %z' stat_mark='-f %i,%z,%Fm,%Fc' ;;
  esac
  check_file
  say hello "$version"
  say size "$(weigh)"
  [ "$mode" = pull ] || exit 0
  make_folder
  watch_input
  take
  send
}

say() { printf '%s\n' "$mark $*" >&2; }
fail() { say fail "$@"; exit 3; }

# In every ending, also when the connection was cut: what runs is ended, then the folder goes.
finish() {
  trap '' HUP INT PIPE TERM
  [ -z "$jobs$watch" ] || kill $jobs $watch 2>/dev/null
  [ -z "$jobs" ] || wait $jobs 2>/dev/null
  cd / && [ -z "$dir" ] || rm -rf "$dir"
}

# Runs a program so that a signal interrupts the wait for it: traps wait for the end of what runs in the foreground.
run() {
  "$@" <"$dir/in" 2>"$dir/err" &
  jobs="$jobs $!"
  wait $!
  code=$?
  jobs=$lasting
  return $code
}

check_file() {
  if [ -L "$main" ]; then
    # The siblings lie beside the target. The x keeps line breaks at the end of a name.
    main=$(readlink -f "$main" && printf x) || fail missing
    main=${main%?x}
  fi
  [ ! -d "$main" ] || fail directory
  [ -e "$main" ] || fail missing
  [ -f "$main" ] || fail irregular
  [ -r "$main" ] || fail denied
  command -v sqlite3 >/dev/null || fail no-sqlite3
  version=$(sqlite3 -version 2>/dev/null)
  version=${version%% *}
  case $version in
    3.[0-7].* | 3.[0-7] | [012].* | '') fail old-sqlite3 "$version" ;;
  esac
}

size_of() { stat -L $stat_size "$1" 2>/dev/null || echo 0; }
weigh() { echo $(($(size_of "$main") + $(size_of "$main-wal"))); }
marks() {
  for each in "$main-wal" "$main-journal" "$main"; do
    stat -L "${stat_mark%% *}" "${stat_mark#* }" "$each" 2>/dev/null || echo absent
  done
}
hex() { od -An -v -tx1 | tr -d ' \n'; }

# The folder goes where there is room for the copy, and for a second one if the engine has to recover it.
make_folder() {
  needed=$(($(weigh) / 1024 + 1024))
  free=0
  for base in "${TMPDIR:-/tmp}" /var/tmp; do
    case $base in /*) ;; *) continue ;; esac
    sweep "$base"
    dir=$(mktemp -d "$base/lifeboat-ssh.XXXXXX" 2>/dev/null) || { dir=; continue; }
    cd "$dir" || fail other 'the temporary folder cannot be entered'
    echo "$$ $(ps -o lstart= -p $$ 2>/dev/null)" >owner
    : >in
    : >beat
    free=$(df -Pk . | awk 'NR == 2 { print $4 }')
    case $free in *[!0-9]* | '') return ;; esac
    [ "$free" -lt "$needed" ] || return 0
    cd / && rm -rf "$dir"
    dir=
  done
  fail space "$needed $free"
}

# What runs left behind that were killed. A process number that was given away again has another start time.
sweep() {
  for old in "$1"/lifeboat-ssh.*; do
    [ -d "$old" ] && [ ! -L "$old" ] && [ -O "$old" ] || continue
    if [ ! -f "$old/owner" ]; then
      # Killed before it could say whose it is; or just made.
      [ -z "$(find "$old" -prune -mtime +0 2>/dev/null)" ] || rm -rf "$old"
      continue
    fi
    read -r pid started <"$old/owner" || continue
    kill -0 "$pid" 2>/dev/null && [ "$(ps -o lstart= -p "$pid" 2>/dev/null | tr -s ' ')" = "$(printf '%s' "$started" | tr -s ' ')" ] && continue
    rm -rf "$old"
  done
}

# Sleeps so that the one who sleeps can be ended at once, and takes no file along.
nap() {
  sleep "$1" </dev/null >/dev/null 2>&1 3<&- &
  nap=$!
  wait "$nap"
}

# Standard input ends when the connection does; when beats stay away the network is gone without a word.
watch_input() {
  (
    cd /
    nap=
    trap 'kill $nap 2>/dev/null; exit' TERM
    while nap "$quiet"; do
      kill -0 $$ 2>/dev/null || { rm -rf "$dir"; exit; }
      [ -e "$dir/beat" ] || { kill -TERM $$; exit; }
      rm -f "$dir/beat"
    done
  ) </dev/null >/dev/null 2>&1 3<&- &
  watch=$!
  (
    cd /
    nap=
    trap 'kill $nap 2>/dev/null; exit' TERM
    while nap 2 && kill -0 $$ 2>/dev/null; do say copied "$(size_of "$dir/copy")"; done
  ) </dev/null >/dev/null 3<&- &
  watch="$watch $!"
  (
    cd /
    while read -r beat; do : >"$dir/beat"; done
    # For the case that the shell itself was killed; else it ends this sleep.
    sleep 10 </dev/null >/dev/null 2>&1 3<&- &
    nap=$!
    trap 'kill $nap 2>/dev/null; exit' TERM
    kill -TERM $$
    wait "$nap"
    kill $watch
    rm -rf "$dir"
  ) <&3 >/dev/null 2>&1 &
  watch="$watch $!"
}

commands() {
  cat <<END
.timeout $((busy * 1000))
BEGIN;
SELECT '$mark begun' FROM sqlite_master LIMIT 1;
.backup copy
END
}

# Opens a database and copies it within one read transaction: without it a writer makes .backup start over for ever.
backup() {
  commands >in
  run sqlite3 -init /dev/null -batch -bail "$@" >&2
  code=$?
  : >in
  [ $code = 0 ] && [ -s copy ] && [ ! -s err ]
}

# A file: URL; the mark at its end keeps line breaks that the name may end with.
uri() {
  name=$(printf '%s/:end' "$main" | sed 's/%/%25/g; s/?/%3f/g; s/#/%23/g')
  name=file://${name%/:end}
}

# Copies the file and its sibling while nothing changes them, and lets the engine recover the copy.
recover() {
  [ "$free" -ge $((2 * needed)) ] 2>/dev/null || case $free in *[!0-9]* | '') ;; *) fail space "$((2 * needed)) $free" ;; esac
  before=$(marks)
  run cp "$main" raw || return 1
  [ ! -e "$main$1" ] || run cp "$main$1" "raw$1" || return 1
  [ "$(marks)" = "$before" ] || return 1
  if [ "$1" = -journal ] && [ "$(tail -c 8 raw-journal | hex)" = d9d505f920a163d7 ]; then fail super-journal; fi
  backup raw
}

attempt() {
  rm -f copy copy-* raw raw-* err
  start=$(marks)
  head=$(od -An -v -tx1 -N100 "$main" | tr -d ' \n')
  if [ ! -e "$main-wal" ] && [ ! -e "$main-journal" ]; then say header "$(size_of "$main") $head"; fi
  case $head in 53514c69746520666f726d61742033*) ;; *) [ -s "$main-wal" ] || fail sqlite 'file is not a database' ;; esac
  if [ -e "$main-wal" ]; then
    # As the owner (or as root, for whom the engine does the same) nothing that appears beside the file belongs to a stranger.
    if [ -e "$main-shm" ] && { [ -O "$main" ] || [ "$(id -u)" = 0 ]; }; then
      backup -readonly "$main"
    else
      recover -wal
    fi
  else
    case $head in
      ????????????????????????????????????02* | ??????????????????????????????????????02*)
        # Opening an idle WAL database makes a -wal that the application then cannot write to.
        uri
        backup -readonly "$name?immutable=1" && [ "$(marks)" = "$start" ]
        ;;
      *)
        backup -readonly "$main" && return 0
        grep -qi 'readonly\|unable to open' err && [ -s "$main-journal" ] && recover -journal
        ;;
    esac
  fi
}

take() {
  until=$(($(date +%s) + busy))
  until attempt; do
    if [ -s err ] && [ "$(marks)" = "$start" ] && ! grep -qi 'locked\|busy' err; then
      fail sqlite "$(head -c 400 err | tr '\n' ' ')"
    fi
    if [ "$(date +%s)" -ge "$until" ]; then
      [ ! -s err ] || grep -qi 'locked\|busy' err || fail sqlite "$(head -c 400 err | tr '\n' ' ')"
      fail busy
    fi
    run sleep 1
  done
  [ "$(marks)" != "$start" ] || say quiet
  rm -f raw raw-*
}

send() {
  if command -v sha256sum >/dev/null; then sum='sha256sum'
  elif command -v shasum >/dev/null; then sum='shasum -a 256'
  elif command -v openssl >/dev/null; then sum='openssl dgst -sha256 -r'
  else sum=; fi
  if command -v zstd >/dev/null; then pack='zstd -q -1 -c'
  elif command -v gzip >/dev/null; then pack='gzip -1 -c'
  elif [ -n "$sum" ]; then pack='cat'
  else fail other 'the host has neither gzip nor sha256sum'; fi
  lasting=
  if [ -n "$sum" ]; then
    $sum copy >sum 2>/dev/null &
    lasting=$! jobs=$!
  fi
  printf '%s\n' "$mark data ${pack%% *} $(size_of copy)"
  run $pack copy || fail other "the copy could not be sent: $(head -c 200 err | tr '\n' ' ')"
  if [ -n "$sum" ]; then
    wait "$lasting" || fail other 'the SHA-256 of the copy could not be computed'
    jobs='' lasting=''
    read -r digest rest <sum
    say sum "$digest"
  fi
  say 'done'
  exit 0
}
