# shellcheck shell=bash
# A VPC's beginning and end: the namespace of its tiers, and the source NAT of all of them.

implement_vpc() {
  require vpc-id
  take_lock
  log "$command: VPC $vpc_id in $namespace, $cidr"
  ensure_namespace
  local shared chain=CS_EXTNET_${vpc_id}_VPC_POST
  shared=$(shared_directory)
  mkdir -p "$shared/ips"
  echo "$namespace" >"$shared/namespace"
  echo "$cidr" >"$shared/cidr"
  if [ -n "$public_ip" ] && [ -n "$public_vlan" ] && [ "${option[source-nat]:-}" = true ]; then
    set_public_names
    ensure_public_link
    ensure_chain nat "$chain"
    ensure_rule nat POSTROUTING -j "$chain"
    ensure_rule nat "$chain" -s "$cidr" -o "$public_link" -j SNAT --to-source "$public_ip"
    keep_public_address
  fi
  record_rules
}

shutdown_vpc() {
  require vpc-id
  take_lock
  log "$command: VPC $vpc_id in $namespace"
  local file
  for file in "$(shared_directory)"/ips/*.pvlan; do
    [ -f "$file" ] || continue
    remove_link "$(link_name vph "$(cat "$file")")"
  done
  if namespace_exists; then
    ip netns delete "$namespace"
    log "$command: removed namespace $namespace"
  fi
}

destroy_vpc() {
  shutdown_vpc
  rm -rf "$(shared_directory)"
}
