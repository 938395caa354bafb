# shellcheck shell=bash
# Complete lists of rules: the firewall of a network, and the ordered access list of a VPC tier.

# apply_list OPTION CHAIN PROGRAM: the program fills the chain, which is asked before everything else about the network
apply_list() {
  local name=$1 chain=$2 program=$3 file status=0
  log "$command: network $network_id in $namespace"
  if ! namespace_exists; then
    log "$command: there is no namespace $namespace"
    return 0
  fi
  file=$(mktemp /tmp/baseline-rules-XXXXXX)
  decoded_option "$name" >"$file"
  remove_chain filter "$chain" "$forward_chain"
  rules filter -N "$chain"
  python3 -B "$parts/$program" "$namespace" "$guest_link" "$chain" "$file" || status=$?
  rm -f "$file"
  [ "$status" -eq 0 ] || fail "$command: the rules could not be put in place"
  ensure_first_rule filter "$forward_chain" -j "$chain"
  record_rules
}

# What may come in to the public addresses, and what the guests may send.
apply_firewall_rules() {
  require network-id
  load_state
  take_lock
  apply_list fw-rules "$egress_chain" firewall.py
}

apply_network_acl() {
  require network-id
  load_state
  take_lock
  apply_list acl-rules "$acl_chain" acl.py
}
