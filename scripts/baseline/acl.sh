# shellcheck shell=bash
# The complete, ordered access list of a VPC tier.

apply_network_acl() {
  require network-id
  load_state
  take_lock
  log "$command: network $network_id in $namespace"
  if ! namespace_exists; then
    log "$command: there is no namespace $namespace"
    return 0
  fi
  local file
  file=$(mktemp /tmp/baseline-acl-XXXXXX)
  decoded_option acl-rules >"$file"
  remove_chain filter "$acl_chain" "$forward_chain"
  rules filter -N "$acl_chain"
  local status=0
  python3 -B "$parts/acl.py" "$namespace" "$guest_link" "$acl_chain" "$file" || status=$?
  rm -f "$file"
  [ "$status" -eq 0 ] || fail "$command: the list could not be put in place"
  ensure_first_rule filter "$forward_chain" -j "$acl_chain"
  record_rules
}
