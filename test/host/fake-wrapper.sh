#!/bin/sh
# Stands in for the product in the harness's own tests: builds just enough with ip and nft that every probe of the
# harness can be seen to say yes and to say no. No part of the product, and no model for it.
set -eu
command=$1
shift
while [ $# -gt 0 ]; do
  name=$(echo "${1#--}" | tr - _)
  eval "$name=\$2"
  shift 2
done
ns=cs-net-${network_id:-}
case $command in
implement-network)
  ip netns add "$ns" 2>/dev/null || true
  ip link show "eth1.$vlan" >/dev/null 2>&1 || ip link add link eth1 name "eth1.$vlan" type vlan id "$vlan"
  ip link add "breth1-$vlan" type bridge
  ip link set "eth1.$vlan" master "breth1-$vlan" up
  ip link set "breth1-$vlan" up
  ip link add "vh-$vlan-$network_id" type veth peer name "vn-$vlan-$network_id" netns "$ns"
  ip link set "vh-$vlan-$network_id" master "breth1-$vlan" up
  ip -n "$ns" link set lo up
  ip -n "$ns" addr add "$gateway/${cidr#*/}" dev "vn-$vlan-$network_id"
  ip -n "$ns" link set "vn-$vlan-$network_id" up
  ip netns exec "$ns" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
  ip netns exec "$ns" nft -f - <<'RULES'
table ip t {
  map d { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }
  chain pre { type nat hook prerouting priority dstnat; dnat ip to ip daddr . meta l4proto . th dport map @d; }
  chain post { type nat hook postrouting priority srcnat; }
}
RULES
  mkdir -p "/var/lib/cloudstack/network-namespace/network-$network_id"
  printf %s "$vlan" >"/var/lib/cloudstack/network-namespace/network-$network_id/vlan"
  ;;
assign-ip)
  p=${public_vlan#vlan://}
  ip link show "eth1.$p" >/dev/null 2>&1 || ip link add link eth1 name "eth1.$p" type vlan id "$p"
  ip link add "breth1-$p" type bridge
  ip link set "eth1.$p" master "breth1-$p" up
  ip link set "breth1-$p" up
  ip link add "vph-$p-$network_id" type veth peer name "vpn-$p-$network_id" netns "$ns"
  ip link set "vph-$p-$network_id" master "breth1-$p" up
  ip -n "$ns" addr add "$public_ip/${public_cidr#*/}" dev "vpn-$p-$network_id"
  ip -n "$ns" link set "vpn-$p-$network_id" up
  ip -n "$ns" route add default via "$public_gateway"
  ip netns exec "$ns" nft add rule ip t post oifname "vpn-$p-$network_id" snat to "$public_ip"
  ip netns exec "$ns" arping -q -U -c 1 -I "vpn-$p-$network_id" "$public_ip"
  ;;
add-port-forward)
  ip netns exec "$ns" nft add element ip t d "{ $public_ip . $protocol . $public_port : $private_ip . $private_port }"
  ;;
delete-port-forward)
  ip netns exec "$ns" nft delete element ip t d "{ $public_ip . $protocol . $public_port }"
  ip netns exec "$ns" conntrack -D -p "$protocol" --orig-dst "$public_ip" --orig-port-dst "$public_port" >/dev/null 2>&1
  ;;
destroy-network)
  ip link del "vh-$(cat "/var/lib/cloudstack/network-namespace/network-$network_id/vlan")-$network_id"
  ip netns del "$ns"
  rm -r "/var/lib/cloudstack/network-namespace/network-$network_id"
  ;;
read-file) cat "$payload" ;;
hold-open) sleep 30 & ;;
*)
  echo "unknown command '$command'" >&2
  exit 1
  ;;
esac
