# shellcheck shell=bash
# One command at a time about a network, or about a VPC with all of its tiers.

take_lock() {
  lock_file=$state_directory/lock-network-$network_id
  [ -z "$vpc_id" ] || lock_file=$state_directory/lock-vpc-$vpc_id
  log "$command: waiting for $lock_file"
  exec 9>"$lock_file"
  flock -w 30 9 || fail "$command: $lock_file is held by another command for 30 s"
  log "$command: has $lock_file"
  trap release_lock EXIT
}

# The file stays: others may wait for it.
release_lock() {
  exec 9>&-
  log "$command: has released $lock_file"
}

# Starts a program that outlives the command: it holds neither the lock nor the caller's output.
stay_behind() {
  "$@" 9>&- </dev/null >/dev/null 2>&1
}

# The same for one that does not go into the background by itself.
leave_behind() {
  stay_behind setsid --fork ip netns exec "$namespace" "$@"
}
