# shellcheck shell=bash
# Names of links and chains. Interfaces have 15 characters at most: then a numeric id is written in hexadecimal.

link_name() {
  local name=$1-$2-$id
  if [ ${#name} -gt 15 ]; then
    name=$1-$2-$(printf '%x' "$id" 2>/dev/null || echo "$id" | md5sum | cut -c 1-6)
  fi
  echo "${name:0:15}"
}

bridge_name() {
  echo "br$1-$2"
}

set_guest_names() {
  guest_host_link=$(link_name vh "$vlan")
  guest_link=$(link_name vn "$vlan")
  dnat_chain=CS_EXTNET_${network_id}_PR
  snat_chain=CS_EXTNET_${network_id}_POST
  forward_chain=CS_EXTNET_FWD_${network_id}
  egress_chain=CS_EXTNET_FWRULES_${network_id}
  acl_chain=CS_EXTNET_ACL_${network_id}
}

set_public_names() {
  public_host_link=$(link_name vph "$public_vlan")
  public_link=$(link_name vpn "$public_vlan")
}
