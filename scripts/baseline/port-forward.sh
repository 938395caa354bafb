# shellcheck shell=bash
# A port of a public address that leads to a guest's. Ranges must be equal: 8080-8090 to 8080-8090.

read_forward() {
  require network-id public-ip public-port private-ip private-port
  protocol=$(echo "${option[protocol]:-tcp}" | tr '[:upper:]' '[:lower:]')
  # iptables writes ranges with a colon where it matches, and with a hyphen where it translates.
  public_port=$(echo "${option[public-port]}" | tr - :)
  private_port=$(echo "${option[private-port]}" | tr - :)
  destination=$private_ip:$(echo "$private_port" | tr : -)
  forward_file=$(shared_directory)/port-forward/${protocol}_${public_ip}_$(echo "$public_port" | tr : -)
}

add_port_forward() {
  load_state
  read_forward
  load_public_vlan
  take_lock
  log "$command: $protocol $public_ip port $public_port to $destination"
  ensure_public_address
  ensure_rule nat "$dnat_chain" -d "$public_ip" -p "$protocol" --dport "$public_port" -j DNAT --to-destination "$destination"
  ensure_rule filter "$forward_chain" -d "$private_ip" -o "$guest_link" -p "$protocol" --dport "$private_port" -j ACCEPT
  ensure_rule filter "$forward_chain" -s "$private_ip" -i "$guest_link" -p "$protocol" --sport "$private_port" -j ACCEPT
  mkdir -p "$(dirname "$forward_file")"
  echo "$protocol $public_ip $public_port $private_ip $private_port" >"$forward_file"
  record_rules
}

delete_port_forward() {
  load_state
  read_forward
  take_lock
  log "$command: $protocol $public_ip port $public_port to $destination"
  if namespace_exists; then
    remove_rule nat "$dnat_chain" -d "$public_ip" -p "$protocol" --dport "$public_port" -j DNAT --to-destination "$destination"
    remove_rule filter "$forward_chain" -d "$private_ip" -o "$guest_link" -p "$protocol" --dport "$private_port" -j ACCEPT
    remove_rule filter "$forward_chain" -s "$private_ip" -i "$guest_link" -p "$protocol" --sport "$private_port" -j ACCEPT
    record_rules
  fi
  rm -f "$forward_file"
}
