# shellcheck shell=bash
# The complete firewall of a network: what may come in to its public addresses, and what its guests may send.

apply_firewall_rules() {
  require network-id
  load_state
  take_lock
  log "$command: network $network_id in $namespace"
  if ! namespace_exists; then
    log "$command: there is no namespace $namespace"
    return 0
  fi
  local file
  file=$(mktemp /tmp/baseline-firewall-XXXXXX)
  decoded_option fw-rules >"$file"
  remove_chain filter "$egress_chain" "$forward_chain"
  rules filter -N "$egress_chain"
  local status=0
  python3 -B "$parts/firewall.py" "$namespace" "$guest_link" "$egress_chain" "$file" || status=$?
  rm -f "$file"
  [ "$status" -eq 0 ] || fail "$command: the rules could not be put in place"
  ensure_first_rule filter "$forward_chain" -j "$egress_chain"
  record_rules
}
