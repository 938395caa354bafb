#!/usr/bin/env python3
"""The resident program of a test host.

It makes a process, mount and network namespace that looks like a KVM host of its own, and then executes commands and
packet probes on request: JSON lines on stdin, one JSON line on stdout per request, in any order.

Why one resident program: a probe costs a socket here instead of the start of a process, and because a thread may enter
a network namespace on its own, one process serves all namespaces of a test host. Why a process namespace: its first
process ends with this program (which ends when stdin closes, so also when the test runner was killed), and with it the
kernel ends every process and drops every namespace and mount of the test host. Nothing can be left behind.

Only the standard library, because it must run on any Debian without further packages.
"""

import base64
import ctypes
import errno
import json
import os
import select
import selectors
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

CLONE_NEWNS = 0x00020000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 1 << 18
PR_SET_PDEATHSIG = 1
IP_PKTINFO = 8
ETH_P_ALL = 3
ETH_P_IP = 0x0800
ETH_P_ARP = 0x0806

# A program that keeps our pipes open after its own end would make CloudStack (and sshd) wait for ever.
HELD_OPEN_AFTER = 1.0

libc = ctypes.CDLL(None, use_errno=True)


def checked(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source, target, kind, flags=0, data=None):
    encoded = [None if text is None else text.encode() for text in (source, target, kind, data)]
    checked(libc.mount(encoded[0], encoded[1], encoded[2], flags, encoded[3]), f"mount {target}")


def unshare(flags):
    checked(libc.unshare(flags), "unshare")


def enter(namespace):
    """Puts the calling thread (and what it starts) into a network namespace; None is the host's own."""
    if namespace is None:
        return
    descriptor = os.open(namespace, os.O_RDONLY | os.O_CLOEXEC)
    try:
        checked(libc.setns(descriptor, CLONE_NEWNET), f"setns {namespace}")
    finally:
        os.close(descriptor)


# ---------------------------------------------------------------------------------------------------------------------
# The host: what is private to it.

# Directories that get a writable layer of their own over the machine's: whatever the product writes there is seen in
# this test host only. Overlays rather than fresh directories, so that no mount point has to be made on the machine.
LAYERED = ("/etc", "/usr", "/var")

INSTALLED = (
    "/etc/cloudstack",
    "/etc/netns",
    "/usr/lib/cloudstack-netns",
    "/var/lib/cloudstack",
    "/var/log/cloudstack",
)


def build_host(state):
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    # Opened before the layers cover it.
    disk = None if state is None else os.open(state, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    mount("proc", "/proc", "proc")
    mount("sysfs", "/sys", "sysfs")
    # The layers live on a tmpfs that is hidden by the next one: /run shall look like after a boot.
    mount("tmpfs", "/run", "tmpfs", 0, "mode=755")
    for directory in LAYERED:
        upper = f"/run/upper{directory}"
        work = f"/run/work{directory}"
        os.makedirs(upper)
        os.makedirs(work)
        mount("overlay", directory, "overlay", 0, f"lowerdir={directory},upperdir={upper},workdir={work}")
    mount("tmpfs", "/run", "tmpfs", 0, "mode=755")
    os.mkdir("/run/lock")
    # The machine may have a real installation; a test host starts without.
    for directory in INSTALLED:
        if os.path.isdir(directory):
            mount("tmpfs", directory, "tmpfs", 0, "mode=755")
    if disk is not None:
        os.makedirs("/var/lib/cloudstack", exist_ok=True)
        mount(f"/proc/self/fd/{disk}", "/var/lib/cloudstack", None, MS_BIND)
        os.close(disk)


def first_process(agent):
    """Process 1 of the process namespace: takes in orphans (daemons are), ends with the agent."""
    os.close(0)
    os.close(1)
    while True:
        try:
            pid, status = os.wait()
        except ChildProcessError:
            os._exit(0)
        if pid == agent:
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


# ---------------------------------------------------------------------------------------------------------------------
# Sockets that live on after the request that opened them: listeners, connections, watches. One thread serves them all.


class Reactor:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.lock = threading.Lock()
        self.changed = threading.Condition(self.lock)
        self.next_id = 1
        self.things = {}
        self.wake_read, self.wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.selector.register(self.wake_read, selectors.EVENT_READ, None)
        self.pending = []
        threading.Thread(target=self.serve, daemon=True).start()

    def add(self, thing):
        with self.lock:
            number = self.next_id
            self.next_id += 1
            self.things[number] = thing
        return number

    def watch(self, sock, callback):
        with self.lock:
            self.pending.append((sock, callback))
        os.write(self.wake_write, b"x")

    def get(self, number):
        with self.lock:
            return self.things[number]

    def remove(self, number):
        with self.lock:
            return self.things.pop(number, None)

    def forget(self, sock):
        try:
            self.selector.unregister(sock)
        except (KeyError, ValueError):
            pass
        sock.close()

    def serve(self):
        while True:
            for key, _ in self.selector.select():
                if key.data is None:
                    os.read(self.wake_read, 4096)
                    with self.lock:
                        pending, self.pending = self.pending, []
                    for sock, callback in pending:
                        if sock.fileno() >= 0:
                            self.selector.register(sock, selectors.EVENT_READ, callback)
                    continue
                try:
                    key.data(key.fileobj)
                except OSError:
                    self.forget(key.fileobj)


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


class TcpListener:
    """Greets each connection with the addresses it sees (one JSON line), then echoes whatever comes."""

    def __init__(self, reactor, address, port):
        self.reactor = reactor
        self.peers = []
        self.sock = socket.socket(family_of(address), socket.SOCK_STREAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((address, port))
        self.sock.listen(64)
        self.sock.setblocking(False)
        reactor.watch(self.sock, self.accept)

    def accept(self, sock):
        connection, peer = sock.accept()
        connection.setblocking(False)
        self.peers.append(peer[0])
        local = connection.getsockname()
        greeting = {"peer": peer[0], "peerPort": peer[1], "local": local[0], "localPort": local[1]}
        connection.send(json.dumps(greeting).encode() + b"\n")
        self.reactor.watch(connection, self.echo)

    def echo(self, connection):
        data = connection.recv(4096)
        if not data:
            self.reactor.forget(connection)
        else:
            connection.send(data)

    def close(self):
        self.reactor.forget(self.sock)


class UdpListener:
    """Answers each datagram with the addresses it sees."""

    def __init__(self, reactor, address, port):
        self.reactor = reactor
        self.peers = []
        self.port = port
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_IP, IP_PKTINFO, 1)
        self.sock.bind((address, port))
        self.sock.setblocking(False)
        reactor.watch(self.sock, self.answer)

    def answer(self, sock):
        # The answer must come from the address that was asked; a machine may have several.
        _, control, _, peer = sock.recvmsg(2048, 128)
        asked = next(data[8:12] for _, kind, data in control if kind == IP_PKTINFO)
        self.peers.append(peer[0])
        seen = {"peer": peer[0], "peerPort": peer[1], "local": socket.inet_ntoa(asked), "localPort": self.port}
        source = (socket.SOL_IP, IP_PKTINFO, struct.pack("=I4s4s", 0, asked, bytes(4)))
        sock.sendmsg([json.dumps(seen).encode()], [source], 0, peer)

    def close(self):
        self.reactor.forget(self.sock)


def mac_text(data):
    return ":".join(f"{byte:02x}" for byte in data)


class PacketWatch:
    """Keeps what passes one interface: ARP in full, IPv4 as source, destination and protocol."""

    def __init__(self, reactor, device):
        self.reactor = reactor
        self.frames = []
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sock.bind((device, ETH_P_ALL))
        self.sock.setblocking(False)
        reactor.watch(self.sock, self.receive)

    def receive(self, sock):
        data, origin = sock.recvfrom(2048)
        frame = self.parse(data)
        if frame is None:
            return
        frame["outgoing"] = origin[2] == socket.PACKET_OUTGOING
        with self.reactor.changed:
            self.frames.append(frame)
            self.reactor.changed.notify_all()

    @staticmethod
    def parse(data):
        (kind,) = struct.unpack("!H", data[12:14])
        rest = data[14:]
        if kind == ETH_P_ARP and len(rest) >= 28:
            (operation,) = struct.unpack("!H", rest[6:8])
            return {
                "kind": "arp",
                "destinationMac": mac_text(data[0:6]),
                "sourceMac": mac_text(data[6:12]),
                "operation": "request" if operation == 1 else "reply",
                "senderMac": mac_text(rest[8:14]),
                "sender": socket.inet_ntoa(rest[14:18]),
                "target": socket.inet_ntoa(rest[24:28]),
            }
        if kind == ETH_P_IP and len(rest) >= 20:
            return {
                "kind": "ip",
                "destinationMac": mac_text(data[0:6]),
                "sourceMac": mac_text(data[6:12]),
                "protocol": rest[9],
                "source": socket.inet_ntoa(rest[12:16]),
                "destination": socket.inet_ntoa(rest[16:20]),
            }
        return None

    def since(self, position, timeout):
        """The frames after `position`, as soon as there is one."""
        with self.reactor.changed:
            self.reactor.changed.wait_for(lambda: len(self.frames) > position, timeout)
            return self.frames[position:]

    def close(self):
        self.reactor.forget(self.sock)


# ---------------------------------------------------------------------------------------------------------------------
# Probes. Each waits for its condition with a deadline; none sleeps.

UNREACHABLE = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EACCES, errno.EPERM)


def read_line(sock, deadline):
    data = b""
    while not data.endswith(b"\n"):
        sock.settimeout(max(0.001, deadline - time.monotonic()))
        piece = sock.recv(4096)
        if not piece:
            raise ConnectionResetError
        data += piece
    return data


def tcp_connect(reactor, request):
    sock = socket.socket(family_of(request["to"]), socket.SOCK_STREAM)
    deadline = time.monotonic() + request["timeout"] / 1000
    try:
        if request.get("from"):
            sock.bind((request["from"], 0))
        sock.settimeout(request["timeout"] / 1000)
        sock.connect((request["to"], request["port"]))
    except ConnectionRefusedError:
        sock.close()
        return {"result": "refused"}
    except (TimeoutError, socket.timeout):
        sock.close()
        return {"result": "blocked"}
    except OSError as error:
        sock.close()
        if error.errno in UNREACHABLE:
            return {"result": "unreachable"}
        raise
    answer = {"result": "open"}
    try:
        answer["seen"] = json.loads(read_line(sock, deadline + 1))
    except (TimeoutError, socket.timeout, ConnectionResetError, ValueError):
        answer["seen"] = None
    if request.get("hold"):
        answer["connection"] = reactor.add(sock)
    else:
        sock.close()
    return answer


def exchange(reactor, request):
    """Says something on a held connection and waits for the echo."""
    sock = reactor.get(request["connection"])
    token = os.urandom(6).hex().encode() + b"\n"
    deadline = time.monotonic() + request["timeout"] / 1000
    try:
        sock.settimeout(request["timeout"] / 1000)
        sock.sendall(token)
        # A late echo of an earlier, unanswered exchange may come first.
        data = b""
        while token not in data:
            data += read_line(sock, deadline)
        return {"result": "answered"}
    except (TimeoutError, socket.timeout):
        return {"result": "silent"}
    except OSError:
        return {"result": "ended"}


def udp_ask(_, request):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    deadline = time.monotonic() + request["timeout"] / 1000
    try:
        if request.get("from"):
            sock.bind((request["from"], 0))
        sock.connect((request["to"], request["port"]))
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return {"result": "blocked"}
            sock.send(b"probe")
            sock.settimeout(min(0.1, left))
            try:
                return {"result": "open", "seen": json.loads(sock.recv(2048))}
            except (TimeoutError, socket.timeout):
                continue
    except ConnectionRefusedError:
        return {"result": "refused"}
    except OSError as error:
        if error.errno in UNREACHABLE:
            return {"result": "unreachable"}
        raise
    finally:
        sock.close()


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    total += total >> 16
    return ~total & 0xFFFF


def ping(_, request):
    is_ipv6 = family_of(request["to"]) == socket.AF_INET6
    asking, answering = (128, 129) if is_ipv6 else (8, 0)
    protocol = socket.IPPROTO_ICMPV6 if is_ipv6 else socket.IPPROTO_ICMP
    sock = socket.socket(family_of(request["to"]), socket.SOCK_RAW, protocol)
    deadline = time.monotonic() + request["timeout"] / 1000
    identity = struct.unpack("!H", os.urandom(2))[0]
    sequence = 0
    try:
        if request.get("from"):
            sock.bind((request["from"], 0))
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return {"result": "blocked"}
            sequence += 1
            header = struct.pack("!BBHHH", asking, 0, 0, identity, sequence)
            payload = b"cloudstack-netns"
            # The kernel writes that of ICMPv6 itself.
            value = checksum(header + payload)
            try:
                sock.sendto(struct.pack("!BBHHH", asking, 0, value, identity, sequence) + payload, (request["to"], 0))
            except OSError as error:
                if error.errno in UNREACHABLE:
                    return {"result": "unreachable"}
                raise
            again = time.monotonic() + min(0.2, left)
            while (wait := again - time.monotonic()) > 0:
                sock.settimeout(wait)
                try:
                    data, peer = sock.recvfrom(2048)
                except (TimeoutError, socket.timeout):
                    break
                header_length = 0 if is_ipv6 else (data[0] & 15) * 4
                kind, _, _, number, _ = struct.unpack("!BBHHH", data[header_length : header_length + 8])
                if kind == answering and number == identity and peer[0] == request["to"]:
                    return {"result": "answered"}
    finally:
        sock.close()


# ---------------------------------------------------------------------------------------------------------------------
# Commands.

FILES = "/run/test-files"


def with_files(argv, files):
    """Writes each file an argument names to a fresh path, as CloudStack's caller does."""
    paths = []
    arguments = []
    for argument in argv:
        if argument in files:
            os.makedirs(FILES, mode=0o700, exist_ok=True)
            descriptor, path = tempfile.mkstemp(prefix=f"cs-extnet-{argument.lstrip('@')}-", dir=FILES)
            with os.fdopen(descriptor, "wb") as file:
                file.write(files[argument].encode())
            paths.append(path)
            arguments.append(path)
        else:
            arguments.append(argument)
    return arguments, paths


def run(_, request):
    argv, paths = with_files(request["argv"], request.get("files") or {})
    try:
        return execute(argv, request)
    finally:
        for path in paths:
            os.unlink(path)


def execute(argv, request):
    given = request.get("input")
    start = time.perf_counter()
    process = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE if given is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=request["environment"],
        cwd="/",
        start_new_session=True,
    )
    if given is not None:
        writer = threading.Thread(target=feed, args=(process.stdin, given.encode()), daemon=True)
        writer.start()
    outputs = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    ended = os.pidfd_open(process.pid)
    poller = select.poll()
    for descriptor in (*outputs, ended):
        poller.register(descriptor, select.POLLIN)
    open_outputs = set(outputs)
    deadline = time.monotonic() + request["timeout"] / 1000
    milliseconds = None
    held_open = timed_out = False
    while open_outputs or milliseconds is None:
        left = deadline - time.monotonic()
        if left <= 0:
            if milliseconds is not None:
                held_open = True
                break
            timed_out = True
            os.killpg(process.pid, signal.SIGKILL)
            deadline = time.monotonic() + HELD_OPEN_AFTER
            continue
        for descriptor, _ in poller.poll(left * 1000 + 1):
            if descriptor == ended:
                milliseconds = (time.perf_counter() - start) * 1000
                poller.unregister(ended)
                deadline = time.monotonic() + HELD_OPEN_AFTER
                continue
            piece = os.read(descriptor, 65536)
            if piece:
                outputs[descriptor] += piece
            else:
                poller.unregister(descriptor)
                open_outputs.discard(descriptor)
    os.close(ended)
    texts = [bytes(output) for output in outputs.values()]
    process.stdout.close()
    process.stderr.close()
    return {
        "exit": process.wait(),
        "stdout": texts[0].decode(errors="replace"),
        "stderr": texts[1].decode(errors="replace"),
        "milliseconds": milliseconds,
        "heldOpen": held_open,
        "timedOut": timed_out,
    }


def feed(pipe, data):
    try:
        pipe.write(data)
        pipe.close()
    except BrokenPipeError:
        pass


def ask_socket(_, request):
    """One line to a program that listens on a unix socket, and its answer, one line."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.connect(request["path"])
        sock.sendall(request["line"].encode() + b"\n")
        return {"line": read_line(sock, time.monotonic() + request["timeout"] / 1000).decode()}


def make_namespace(reactor, _):
    """A network namespace without a name: it does not show in `ip netns`, and `ip` reaches it by the path."""
    unshare(CLONE_NEWNET)
    # Routers announce, neighbours solicit: IPv6 left on in the machinery would put packets into every watch.
    with open("/proc/sys/net/ipv6/conf/all/disable_ipv6", "w") as file:
        file.write("1")
    descriptor = os.open(f"/proc/self/task/{threading.get_native_id()}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    return {"path": f"/proc/{os.getpid()}/fd/{descriptor}", "descriptor": descriptor}


def drop_namespace(_, request):
    os.close(request["descriptor"])
    return {}


def listen(reactor, request):
    kind = TcpListener if request["protocol"] == "tcp" else UdpListener
    return {"listener": reactor.add(kind(reactor, request.get("address") or "0.0.0.0", request["port"]))}


def watch(reactor, request):
    return {"watch": reactor.add(PacketWatch(reactor, request["device"]))}


def frames(reactor, request):
    return {"frames": reactor.get(request["watch"]).since(request["after"], request["timeout"] / 1000)}


def peers(reactor, request):
    return {"peers": list(reactor.get(request["listener"]).peers)}


def close(reactor, request):
    thing = reactor.remove(request["handle"])
    if thing is not None:
        thing.close()
    return {}


# State files are small; of a program only the beginning is worth comparing.
LONGEST_CONTENT = 1 << 20


def tree(_, request):
    """All files below some directories: mode, and the content or what a link points at."""
    entries = {}
    for top in request["paths"]:
        for directory, directories, files in os.walk(top):
            # Trees that the program has moved out of sight go in its own time; they are nobody's state any more.
            directories[:] = [name for name in directories if not name.startswith(".removed-")]
            for name in directories:
                path = os.path.join(directory, name)
                if not os.path.islink(path):
                    entries[path] = {"kind": "directory", "mode": os.lstat(path).st_mode & 0o7777}
            for name in (*files, *(d for d in directories if os.path.islink(os.path.join(directory, d)))):
                path = os.path.join(directory, name)
                try:
                    status = os.lstat(path)
                    entry = {"kind": "other", "mode": status.st_mode & 0o7777}
                    if os.path.islink(path):
                        entry.update(kind="link", content=os.readlink(path))
                    elif os.path.isfile(path):
                        with open(path, "rb") as file:
                            entry.update(kind="file", content=file.read(LONGEST_CONTENT).decode(errors="replace"))
                except FileNotFoundError:
                    continue
                except OSError:
                    pass  # there, but nothing to read: a mounted namespace
                entries[path] = entry
    return {"entries": entries}


def write_file(_, request):
    os.makedirs(os.path.dirname(request["path"]), exist_ok=True)
    with open(request["path"], "wb") as file:
        file.write(base64.b64decode(request["content"]))
    os.chmod(request["path"], request["mode"])
    return {}


def read_file(_, request):
    """Opened in the namespace of the request: files of /proc/sys/net differ between namespaces."""
    with open(request["path"], "rb") as file:
        return {"content": file.read().decode(errors="replace")}


OPERATIONS = {
    "run": run,
    "askSocket": ask_socket,
    "makeNamespace": make_namespace,
    "dropNamespace": drop_namespace,
    "listen": listen,
    "peers": peers,
    "tcpConnect": tcp_connect,
    "exchange": exchange,
    "udpAsk": udp_ask,
    "ping": ping,
    "watch": watch,
    "frames": frames,
    "close": close,
    "tree": tree,
    "readFile": read_file,
    "writeFile": write_file,
}


def answer(reactor, request, reply):
    try:
        # The thread is used for this request only, so it need not go back.
        enter(request.get("namespace"))
        reply({"id": request["id"], "value": OPERATIONS[request["operation"]](reactor, request)})
    except Exception as error:  # whatever it is, the test shall hear of it instead of waiting
        reply({"id": request["id"], "error": f"{request['operation']}: {type(error).__name__}: {error}"})


def serve():
    reactor = Reactor()
    writing = threading.Lock()
    output = os.fdopen(1, "wb", buffering=0)

    def reply(message):
        data = json.dumps(message).encode() + b"\n"
        with writing:
            while data:
                data = data[output.write(data) :]

    reply({"id": 0, "value": {"pid": os.getpid(), "host": f"/proc/{os.getpid()}/ns/net"}})
    for line in sys.stdin.buffer:
        request = json.loads(line)
        threading.Thread(target=answer, args=(reactor, request, reply), daemon=True).start()
    os._exit(0)


def main():
    os.umask(0o022)
    unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET)
    first = os.fork()
    if first != 0:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _, status = os.waitpid(first, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    build_host(sys.argv[1] if len(sys.argv) > 1 else None)
    agent = os.fork()
    if agent != 0:
        first_process(agent)
    serve()


main()
