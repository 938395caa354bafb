"""Rules as CloudStack sends them, to iptables: one call each."""

import subprocess
import sys

ANYWHERE = ("", "0.0.0.0/0", "::/0")


class Rules:
    """Calls iptables in one namespace."""

    def __init__(self, namespace):
        self.command = ["ip", "netns", "exec", namespace, "iptables", "-w", "-t"]

    def call(self, table, *words):
        """Returns what it printed; what it refuses ends this program."""
        outcome = subprocess.run([*self.command, table, *words], capture_output=True, text=True, check=False)
        if outcome.returncode != 0:
            sys.exit(f"iptables {' '.join(words)}: {outcome.stderr.strip()}")
        return outcome.stdout


def matching(rule):
    """The protocol, and its ports or ICMP type."""
    protocol = (rule.get("protocol") or "all").lower()
    if protocol == "all":
        return []
    words = ["-p", protocol]
    first, last = rule.get("portStart"), rule.get("portEnd")
    if protocol in ("tcp", "udp") and first is not None:
        words += ["--dport", str(first) if last in (None, first) else f"{first}:{last}"]
    kind, code = rule.get("icmpType", -1), rule.get("icmpCode", -1)
    if protocol == "icmp" and kind != -1:
        words += ["--icmp-type", str(kind) if code == -1 else f"{kind}/{code}"]
    return words


def networks(option, cidrs):
    """One list of words for each network; one that asks nothing when there are none, or it is everything."""
    own = [cidr for cidr in cidrs or [] if ":" not in cidr or cidr == "::/0"] or [""]
    return [[] if cidr in ANYWHERE else [option, cidr] for cidr in own]
