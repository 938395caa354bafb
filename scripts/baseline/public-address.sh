# shellcheck shell=bash
# Public addresses of a network.

ensure_public_link() {
  ensure_bridge "$public_device" "$public_vlan"
  ensure_pair "$public_host_link" "$public_link" "$(bridge_name "$public_device" "$public_vlan")"
  ensure_public_address
  announce_address
  if [ -n "${option[public-gateway]:-}" ]; then
    inside ip route replace default via "${option[public-gateway]}" dev "$public_link"
    log "$command: default route of $namespace via ${option[public-gateway]}"
  fi
}

# Neighbours may know the address under another MAC address. Nobody waits for it: the script this stands for does, for three seconds.
announce_address() {
  leave_behind arping -q -U -c 1 -w 1 -I "$public_link" "$public_ip"
  log "$command: announced $public_ip on $public_link"
}

keep_public_address() {
  local directory
  directory=$(shared_directory)/ips
  mkdir -p "$directory"
  echo "${option[source-nat]:-false}" >"$directory/$public_ip"
  echo "$public_vlan" >"$directory/$public_ip.pvlan"
  echo "${network_id:-}" >"$directory/$public_ip.tier"
}

assign_ip() {
  require network-id public-ip public-vlan
  load_state
  set_public_names
  take_lock
  log "$command: $public_ip for network $network_id, source NAT: ${option[source-nat]:-false}"
  ensure_public_link
  if [ "${option[source-nat]:-}" = true ] && [ -n "$cidr" ] && [ -z "$vpc_id" ]; then
    ensure_rule nat "$snat_chain" -s "$cidr" -o "$public_link" -j SNAT --to-source "$public_ip"
    ensure_rule filter "$forward_chain" -s "$cidr" -o "$public_link" -j ACCEPT
    log "$command: $cidr goes out as $public_ip"
  fi
  keep_public_address
  record_rules
}

release_ip() {
  require network-id public-ip
  load_state
  load_public_vlan
  take_lock
  log "$command: $public_ip of network $network_id"
  remove_rule nat "$snat_chain" -s "$cidr" -o "$public_link" -j SNAT --to-source "$public_ip"
  remove_rule filter "$forward_chain" -s "$cidr" -o "$public_link" -j ACCEPT
  local rule
  rules nat -S "$dnat_chain" 2>/dev/null | grep -- " -d $public_ip/32 " | while read -r rule; do
    # The words of a rule as iptables prints it, without its "-A CHAIN".
    # shellcheck disable=SC2086
    remove_rule nat "$dnat_chain" ${rule#"-A $dnat_chain "}
  done
  ip route delete "$public_ip/32" dev "$public_host_link" 2>/dev/null || true
  inside ip address delete "$(public_address)" dev "$public_link" 2>/dev/null || true
  local directory others
  directory=$(shared_directory)/ips
  rm -f "$directory/$public_ip" "$directory/$public_ip.pvlan" "$directory/$public_ip.tier"
  others=$(find "$directory" -name '*.pvlan' -exec grep -lx "$public_vlan" {} + 2>/dev/null | wc -l)
  [ "$others" -gt 0 ] || remove_link "$public_host_link"
  record_rules
}
