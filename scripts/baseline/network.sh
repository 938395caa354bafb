# shellcheck shell=bash
# A network's beginning and end.

implement_network() {
  require network-id vlan gateway cidr
  extension_ip=${extension_ip:-$gateway}
  set_guest_names
  take_lock
  log "$command: network $network_id in $namespace, VLAN $vlan, $cidr"
  ensure_namespace
  ensure_bridge "$guest_device" "$vlan"
  ensure_pair "$guest_host_link" "$guest_link" "$(bridge_name "$guest_device" "$vlan")"
  ensure_address "$extension_ip/$(echo "$cidr" | cut -d / -f 2)" "$guest_link"
  if [ "$extension_ip" != "$gateway" ]; then
    inside ip route replace default via "$gateway" dev "$guest_link"
  fi
  inside sysctl -q -w "net.ipv6.conf.$guest_link.disable_ipv6=1"

  ensure_chain nat "$dnat_chain"
  ensure_chain nat "$snat_chain"
  ensure_chain filter "$forward_chain"
  ensure_first_rule nat PREROUTING -j "$dnat_chain"
  ensure_first_rule nat POSTROUTING -j "$snat_chain"
  ensure_first_rule filter FORWARD -j "$forward_chain"
  ensure_rule filter "$forward_chain" -i "$guest_link" -j ACCEPT
  ensure_rule filter "$forward_chain" -o "$guest_link" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT

  local own shared
  own=$(network_directory)
  shared=$(shared_directory)
  mkdir -p "$own" "$shared"
  echo "$vlan" >"$own/vlan"
  echo "$gateway" >"$own/gateway"
  echo "$cidr" >"$own/cidr"
  echo "$extension_ip" >"$own/extension-ip"
  echo "$namespace" >"$shared/namespace"
  if [ -n "$vpc_id" ]; then
    mkdir -p "$shared/tiers"
    touch "$shared/tiers/$network_id"
  fi
  record_rules
}

# Links of the public addresses that are this network's own; with "forget", what is kept about them.
remove_public_links() {
  local shared file owner
  shared=$(shared_directory)
  for file in "$shared"/ips/*.pvlan; do
    [ -f "$file" ] || continue
    owner=$(cat "${file%.pvlan}.tier" 2>/dev/null || true)
    [ "${owner:-$network_id}" = "$network_id" ] || continue
    remove_link "$(link_name vph "$(cat "$file")")"
    [ "${1:-}" != forget ] || rm -f "$file" "${file%.pvlan}" "${file%.pvlan}.tier"
  done
}

shutdown_network() {
  load_state
  take_lock
  log "$command: network $network_id in $namespace"
  if namespace_exists; then
    remove_chain nat "$dnat_chain" PREROUTING
    remove_chain nat "$snat_chain" POSTROUTING
    remove_chain filter "$forward_chain" FORWARD
  fi
  remove_public_links
  remove_link "$guest_host_link"
  rm -rf "$(network_directory)/static-nat" "$(network_directory)/port-forward"
  [ -n "$vpc_id" ] || rm -rf "$(network_directory)/ips"
  stop_services
  if [ -z "$vpc_id" ] && namespace_exists; then
    ip netns delete "$namespace"
    log "$command: removed namespace $namespace"
  fi
}

destroy_network() {
  load_state
  take_lock
  log "$command: network $network_id in $namespace"
  remove_public_links forget
  remove_link "$guest_host_link"
  stop_services
  rm -rf "$(network_directory)"
  [ -z "$vpc_id" ] || rm -f "$(shared_directory)/tiers/$network_id"
  if [ -z "$vpc_id" ] && namespace_exists; then
    ip netns delete "$namespace"
    log "$command: removed namespace $namespace"
  fi
}

stop_services() {
  stop_program "$(dnsmasq_directory)/dnsmasq.pid"
  stop_program "$(metadata_server_directory)/apache2.pid"
  stop_program "$(network_directory)/passwd-server.pid"
}

# Ends the program whose id a file holds.
stop_program() {
  local pid
  [ -f "$1" ] || return 0
  pid=$(cat "$1")
  kill "$pid" 2>/dev/null || true
  rm -f "$1"
  log "$command: stopped $(basename "$1" .pid) ($pid)"
}

program_runs() {
  [ -f "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null
}
