"""vm_data.py DIRECTORY ADDRESS FILE: writes what one guest is told, from CloudStack's JSON."""

import json
import sys

from guest_files import write_entries

directory, address, file = sys.argv[1:]
with open(file, encoding="utf-8") as content:
    write_entries(directory, address, json.load(content))
