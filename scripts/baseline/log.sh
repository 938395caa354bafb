# shellcheck shell=bash
# The log, and how a command fails. Values are never logged that could be secrets.

log() {
  echo "[$(date '+%Y-%m-%d %H:%M:%S')] $*" >>"$log_file"
}

fail() {
  log "ERROR: $*"
  echo "$*" >&2
  exit 1
}

require() {
  local name
  for name in "$@"; do
    [ -n "${option[$name]:-}" ] || fail "$command: --$name is missing"
  done
}
