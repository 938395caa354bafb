# shellcheck shell=bash
# Bridges, veth pairs and addresses.

inside() {
  ip netns exec "$namespace" "$@"
}

ensure_namespace() {
  if ! namespace_exists; then
    ip netns add "$namespace"
    log "$command: made namespace $namespace"
  fi
  inside ip link set lo up
  if [ -z "$vpc_id" ]; then
    inside sysctl -q -w net.ipv6.conf.all.disable_ipv6=1
    inside sysctl -q -w net.ipv6.conf.default.disable_ipv6=1
    inside sysctl -q -w net.ipv6.conf.lo.disable_ipv6=1
  fi
  inside sysctl -q -w net.ipv4.ip_forward=1
}

# The VLAN's interface on a NIC, in a bridge of its own.
ensure_bridge() {
  local device=$1 tag=$2 interface=$1.$2 bridge
  bridge=$(bridge_name "$device" "$tag")
  if ! ip link show "$interface" >/dev/null 2>&1; then
    # Another network's command may be making it at this moment.
    ip link add link "$device" name "$interface" type vlan id "$tag" || ip link show "$interface" >/dev/null
    log "$command: made $interface"
  fi
  ip link set "$interface" up
  if ! ip link show "$bridge" >/dev/null 2>&1; then
    ip link add name "$bridge" type bridge 2>/dev/null || ip link show "$bridge" >/dev/null
    log "$command: made $bridge"
  fi
  ip link set "$bridge" up
  if ! ip link show "$interface" | grep -q "master $bridge "; then
    ip link set "$interface" master "$bridge"
  fi
}

# A veth pair: one end in a bridge of the host, the other one in the namespace.
ensure_pair() {
  local host_link=$1 link=$2 bridge=$3
  if ! ip link show "$host_link" >/dev/null 2>&1; then
    ip link add "$host_link" type veth peer name "$link"
    ip link set "$link" netns "$namespace"
    ip link set "$host_link" master "$bridge"
    log "$command: made $host_link and $link"
  fi
  ip link set "$host_link" up
  inside ip link set "$link" up
}

ensure_address() {
  local address=$1 link=$2
  if ! inside ip address show dev "$link" | grep -qF " $address "; then
    inside ip address add "$address" dev "$link"
    log "$command: $address on $link"
  fi
}

# A public address with the length of its network, if the caller said it.
public_address() {
  local length
  length=$(echo "${option[public-cidr]:-}" | grep / | cut -d / -f 2)
  echo "$public_ip/${length:-32}"
}

# The address on its link, and the host's route to it.
ensure_public_address() {
  ensure_address "$(public_address)" "$public_link"
  if ! ip route show | grep -qF "$public_ip dev $public_host_link"; then
    ip route replace "$public_ip/32" dev "$public_host_link"
  fi
  inside sysctl -q -w "net.ipv6.conf.$public_link.disable_ipv6=1"
}

remove_link() {
  ip link show "$1" >/dev/null 2>&1 || return 0
  ip link delete "$1"
  log "$command: removed $1"
}
