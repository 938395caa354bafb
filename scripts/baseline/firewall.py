"""firewall.py NAMESPACE GUEST-LINK EGRESS-CHAIN FILE: a network's firewall rules, from CloudStack's JSON."""

import json
import re
import sys

from iptables_rules import Rules, matching, networks

namespace, guest_link, egress_chain, file = sys.argv[1:]
with open(file, encoding="utf-8") as content:
    sent = json.load(content)
rules = Rules(namespace)
established = ["-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"]

# What guests send: the rules are the exceptions from the policy.
allowed = sent.get("default_egress_allow", True)
rules.call("filter", "-A", egress_chain, *established, "-j", "ACCEPT")
for rule in sent.get("rules", []):
    if rule["type"] != "egress":
        continue
    for source in networks("-s", rule.get("sourceCidrs")):
        for destination in networks("-d", rule.get("destCidrs")):
            words = ["-i", guest_link, *source, *destination, *matching(rule)]
            rules.call("filter", "-A", egress_chain, *words, "-j", "DROP" if allowed else "ACCEPT")
rules.call("filter", "-A", egress_chain, "-i", guest_link, "-j", "ACCEPT" if allowed else "DROP")

# What comes in, decided where the destination still is the public address.
for chain in re.findall(r"^Chain (CS_EXTNET_FWI_\S+)", rules.call("mangle", "-n", "-L"), re.MULTILINE):
    address = chain.removeprefix("CS_EXTNET_FWI_")
    rules.call("mangle", "-D", "PREROUTING", "-d", f"{address}/32", "-j", chain)
    rules.call("mangle", "-F", chain)
    rules.call("mangle", "-X", chain)
by_address = {}
for rule in sent.get("rules", []):
    if rule["type"] == "ingress":
        by_address.setdefault(rule["publicIp"], []).append(rule)
for address, own in by_address.items():
    chain = f"CS_EXTNET_FWI_{address}"
    rules.call("mangle", "-N", chain)
    rules.call("mangle", "-A", "PREROUTING", "-d", f"{address}/32", "-j", chain)
    for rule in own:
        for source in networks("-s", rule.get("sourceCidrs")):
            rules.call("mangle", "-A", chain, *source, *matching(rule), "-j", "RETURN")
    rules.call("mangle", "-A", chain, *established, "-j", "RETURN")
    rules.call("mangle", "-A", chain, "-j", "DROP")
