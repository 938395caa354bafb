"""What a guest is told, as files below the network's directory."""

import base64
import pathlib


def write_entries(directory, address, entries):
    """Entries as CloudStack sends them; empty ones are left out."""
    root = pathlib.Path(directory) / "metadata" / address / "latest"
    for entry in entries:
        content = base64.b64decode(entry.get("content") or "")
        if not content:
            continue
        kind, name = entry["dir"], entry["file"]
        if ".." in (kind + "/" + name).split("/"):
            continue
        if (kind, name) == ("password", "vm_password"):
            write_password(directory, address, content.decode().strip())
            continue
        write_file(place_of(root, kind, name), content)


def place_of(root, kind, name):
    if (kind, name) == ("userdata", "user_data"):
        return root / "user-data"
    if kind == "metadata":
        return root / "meta-data" / name
    if (kind, name) == ("password", "vm-password-md5checksum"):
        return root / "meta-data" / "password-checksum"
    return root / kind / name


def write_file(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def write_password(directory, address, password):
    """One line for each guest."""
    path = pathlib.Path(directory) / "passwords"
    lines = path.read_text().splitlines() if path.exists() else []
    kept = [line for line in lines if not line.startswith(address + "=")]
    path.write_text("".join(line + "\n" for line in [*kept, f"{address}={password}"]))
