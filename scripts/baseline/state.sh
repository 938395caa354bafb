# shellcheck shell=bash
# Where things are kept, and what earlier commands have kept.

network_directory() {
  echo "$state_directory/network-$network_id"
}

# What belongs to all tiers of a VPC, or to the one isolated network.
shared_directory() {
  if [ -n "$vpc_id" ]; then
    echo "$state_directory/vpc-$vpc_id"
  else
    echo "$state_directory/network-$network_id"
  fi
}

# The value at hand, or what a file of the network has.
known() {
  if [ -z "$1" ] && [ -f "$(network_directory)/$2" ]; then
    cat "$(network_directory)/$2"
  else
    echo "$1"
  fi
}

# Completes what the caller did not say, and sets the names that follow from it.
load_state() {
  vlan=$(known "$vlan" vlan)
  cidr=$(known "$cidr" cidr)
  gateway=$(known "$gateway" gateway)
  extension_ip=$(known "$extension_ip" extension-ip)
  extension_ip=${extension_ip:-$gateway}
  set_guest_names
}

# The VLAN of a public address, if the caller did not say it.
load_public_vlan() {
  local file
  file=$(shared_directory)/ips/$public_ip.pvlan
  if [ -z "$public_vlan" ] && [ -f "$file" ]; then
    public_vlan=$(cat "$file")
  fi
  [ -n "$public_vlan" ] || fail "$command: the VLAN of $public_ip is not known"
  set_public_names
}

namespace_exists() {
  ip netns list 2>/dev/null | grep -q "^$namespace\\b"
}
