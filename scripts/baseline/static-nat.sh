# shellcheck shell=bash
# A public address that is one guest's.

add_static_nat() {
  require network-id public-ip private-ip
  load_state
  load_public_vlan
  take_lock
  log "$command: $public_ip is $private_ip"
  ensure_public_address
  ensure_rule nat "$dnat_chain" -d "$public_ip" -j DNAT --to-destination "$private_ip"
  # Before the source NAT of the whole network, which is of another address.
  ensure_first_rule nat "$snat_chain" -s "$private_ip" -o "$public_link" -j SNAT --to-source "$public_ip"
  ensure_rule filter "$forward_chain" -d "$private_ip" -o "$guest_link" -j ACCEPT
  ensure_rule filter "$forward_chain" -s "$private_ip" -i "$guest_link" -j ACCEPT
  local directory
  directory=$(shared_directory)/static-nat
  mkdir -p "$directory"
  echo "$private_ip" >"$directory/$public_ip"
  record_rules
}

delete_static_nat() {
  require network-id public-ip
  load_state
  load_public_vlan
  take_lock
  log "$command: $public_ip"
  local file
  file=$(shared_directory)/static-nat/$public_ip
  [ -n "$private_ip" ] || private_ip=$(cat "$file" 2>/dev/null || true)
  if [ -n "$private_ip" ] && namespace_exists; then
    remove_rule nat "$dnat_chain" -d "$public_ip" -j DNAT --to-destination "$private_ip"
    remove_rule nat "$snat_chain" -s "$private_ip" -o "$public_link" -j SNAT --to-source "$public_ip"
    remove_rule filter "$forward_chain" -d "$private_ip" -o "$guest_link" -j ACCEPT
    remove_rule filter "$forward_chain" -s "$private_ip" -i "$guest_link" -j ACCEPT
    record_rules
  fi
  rm -f "$file"
}
