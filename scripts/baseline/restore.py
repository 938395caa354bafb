"""restore.py DIRECTORY FILE EXTENSION-IP: writes the leases, names and metadata of all guests of a network.

Prints the services that are to run.
"""

import json
import pathlib
import sys

from guest_files import write_entries, write_file

directory, file, extension_ip = sys.argv[1:]
with open(file, encoding="utf-8") as content:
    sent = json.load(content)

leases, options, names = [], [], [f"{extension_ip} data-server"]
for guest in sent["vms"]:
    line = ",".join(filter(None, [guest["mac"], guest["ip"], guest.get("hostname"), "infinite"]))
    if not guest.get("default_nic", True):
        tag = "norouter_" + guest["mac"].replace(":", "_").lower()
        line = f"set:{tag},{line}"
        options.append(f"tag:{tag},option:router")
    leases.append(line)
    if guest.get("hostname"):
        names.append(f"{guest['ip']} {guest['hostname']}")
    write_entries(directory, guest["ip"], guest.get("vm_data") or [])

dnsmasq = pathlib.Path(directory) / "dnsmasq"
for name, lines in (("dhcp-hosts", leases), ("dhcp-opts", options), ("hosts", names)):
    write_file(dnsmasq / name, "".join(line + "\n" for line in lines).encode())
print("data", *(name for name in ("dhcp", "dns", "userdata") if sent.get(f"{name}_enabled")))
