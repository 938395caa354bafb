"""acl.py NAMESPACE GUEST-LINK CHAIN FILE: the access list of a VPC tier, from CloudStack's JSON."""

import json
import sys

from iptables_rules import Rules, matching, networks

namespace, guest_link, chain, file = sys.argv[1:]
with open(file, encoding="utf-8") as content:
    entries = json.load(content)
rules = Rules(namespace)

rules.call("filter", "-A", chain, "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED", "-j", "ACCEPT")
for entry in sorted(entries, key=lambda entry: entry["number"]):
    incoming = entry["trafficType"].lower() == "ingress"
    verdict = "ACCEPT" if entry["action"].lower() == "allow" else "DROP"
    for network in networks("-s" if incoming else "-d", entry.get("sourceCidrs")):
        direction = ["-o" if incoming else "-i", guest_link]
        rules.call("filter", "-A", chain, *direction, *network, *matching(entry), "-j", verdict)
rules.call("filter", "-A", chain, "-o", guest_link, "-j", "DROP")
rules.call("filter", "-A", chain, "-i", guest_link, "-j", "DROP")
