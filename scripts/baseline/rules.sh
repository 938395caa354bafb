# shellcheck shell=bash
# Rules, one call of iptables each. All of them say first whether there is something to do.

rules() {
  inside iptables -w -t "$@"
}

ensure_chain() {
  rules "$1" -n -L "$2" >/dev/null 2>&1 || rules "$1" -N "$2"
}

# ensure_rule TABLE CHAIN MATCH…: at the end of the chain
ensure_rule() {
  local table=$1 chain=$2
  shift 2
  rules "$table" -C "$chain" "$@" 2>/dev/null || rules "$table" -A "$chain" "$@"
}

# ensure_first_rule TABLE CHAIN MATCH…: at its beginning
ensure_first_rule() {
  local table=$1 chain=$2
  shift 2
  rules "$table" -C "$chain" "$@" 2>/dev/null || rules "$table" -I "$chain" 1 "$@"
}

remove_rule() {
  local table=$1 chain=$2
  shift 2
  rules "$table" -D "$chain" "$@" 2>/dev/null || true
}

# remove_chain TABLE CHAIN PARENT
remove_chain() {
  remove_rule "$1" "$3" -j "$2"
  rules "$1" -F "$2" 2>/dev/null || true
  rules "$1" -X "$2" 2>/dev/null || true
}

# What is in force now goes to the log, and beside the state: rules are kept nowhere else.
record_rules() {
  local ruleset directory
  ruleset=$(inside iptables-save 2>/dev/null || true)
  directory=$(shared_directory)
  mkdir -p "$directory"
  {
    echo "--- $namespace at $(date '+%Y-%m-%d %H:%M:%S')"
    echo "$ruleset"
  } >>"$log_file"
  echo "$ruleset" >"$directory/iptables.dump"
}
