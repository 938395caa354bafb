#!/bin/bash
# A plain shell implementation of CloudStack's commands: the opponent of the benchmarks. Written for this project from what each
# command has to do to the host; one call of ip or iptables per step, after a look at what is there, as such scripts do it.
#
# It is sourced by the file that is installed as <extension>/<extension>-wrapper.sh (test/host/baseline.ts). Only the option format,
# only IPv4, and no wait anywhere that nothing but the kernel asks for.
# Not pipefail: "grep -q" ends as soon as it has found something, and what feeds it then fails.
set -eu

parts=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
self=$(readlink -f "$0")
extension=$(basename "$(dirname "$self")")
state_directory=/var/lib/cloudstack/$extension
log_directory=/var/log/cloudstack/extensions/$extension
log_file=$log_directory/$extension.log
mkdir -p "$log_directory" "$state_directory"

# shellcheck source=log.sh
source "$parts/log.sh"
# shellcheck source=options.sh
source "$parts/options.sh"
# shellcheck source=names.sh
source "$parts/names.sh"
# shellcheck source=lock.sh
source "$parts/lock.sh"
# shellcheck source=state.sh
source "$parts/state.sh"
# shellcheck source=links.sh
source "$parts/links.sh"
# shellcheck source=rules.sh
source "$parts/rules.sh"
# shellcheck source=network.sh
source "$parts/network.sh"
# shellcheck source=vpc.sh
source "$parts/vpc.sh"
# shellcheck source=public-address.sh
source "$parts/public-address.sh"
# shellcheck source=static-nat.sh
source "$parts/static-nat.sh"
# shellcheck source=port-forward.sh
source "$parts/port-forward.sh"
# shellcheck source=lists.sh
source "$parts/lists.sh"
# shellcheck source=dnsmasq.sh
source "$parts/dnsmasq.sh"
# shellcheck source=metadata.sh
source "$parts/metadata.sh"
# shellcheck source=restore.sh
source "$parts/restore.sh"

command=${1:-}
[ $# -gt 0 ] && shift
read_options "$@"

case $command in
implement-network | implement) implement_network ;;
shutdown-network | shutdown) shutdown_network ;;
destroy-network | destroy) destroy_network ;;
implement-vpc) implement_vpc ;;
shutdown-vpc) shutdown_vpc ;;
destroy-vpc) destroy_vpc ;;
assign-ip) assign_ip ;;
release-ip) release_ip ;;
add-static-nat) add_static_nat ;;
delete-static-nat) delete_static_nat ;;
add-port-forward) add_port_forward ;;
delete-port-forward) delete_port_forward ;;
apply-fw-rules) apply_firewall_rules ;;
apply-network-acl) apply_network_acl ;;
config-dhcp-subnet) configure_subnet 0 ;;
config-dns-subnet) configure_subnet 53 ;;
add-dhcp-entry) add_dhcp_entry ;;
remove-dhcp-entry) remove_dhcp_entry ;;
add-dns-entry) add_dns_entry ;;
save-vm-data) save_vm_data ;;
restore-network) restore_network ;;
*) fail "unknown command \"$command\"" ;;
esac
log "$command: done"
