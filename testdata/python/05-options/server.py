"""Server answers any number of calls at once, for as long as it runs. It closes
connections that are silent for too long, or do not receive."""
import argparse
import os
import re
import signal
import socket
import sys
import threading
import time


def seconds(text):
    """Reads a time as Go writes it: 1m30s, 250ms."""
    parts = re.findall(r"([\d.]+)(h|ms|m|s)", text)
    value = sum(float(n) * {"h": 3600, "m": 60, "s": 1, "ms": 0.001}[unit]
                for n, unit in parts)
    if value <= 0:
        raise ValueError
    return value


flags = argparse.ArgumentParser()
flags.add_argument("-addr", default="127.0.0.1:8080")
flags.add_argument("-idle", default="1m0s")
flags.add_argument("-sndbuf", type=int, default=65536)
args = flags.parse_args()
try:
    idle = seconds(args.idle)
except ValueError:
    flags.error(f"-idle {args.idle}: must be more than 0")

for number in signal.SIGINT, signal.SIGTERM:
    signal.signal(number, lambda *_: os._exit(0))  # the kernel closes the connections


def name(sockaddr):
    host, port = sockaddr[:2]
    if host.startswith("::ffff:"):  # IPv4, to a listener at [::]
        host = host[7:]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def serve(conn):
    """Sends back what it receives, and returns why the connection ended."""
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, args.sndbuf)
    conn.settimeout(idle)  # for each of the calls below
    why = ""
    try:
        while True:  # the communication loop: one message after the other
            why = "was silent for"
            data = conn.recv(4096)
            if not data:
                return "hung up"
            why = "did not listen for"
            conn.sendall(data.upper())
    except socket.timeout:
        return f"{why} {args.idle}"
    except OSError as err:
        return f"broke the call: {str(err).lower()}"


def run(conn, peer):
    """Serves one connection, in a thread of its own."""
    try:
        why = serve(conn)
    except OSError as err:
        why = str(err)
    conn.close()
    print(name(peer) + " " + why + "\n", end="", flush=True)


try:
    host, _, port = args.addr.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET

    listener = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform != "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, int(port)))
    listener.listen(socket.SOMAXCONN)
    print("listening on", name(listener.getsockname()), flush=True)

    warned = 0
    while True:  # the link loop: many connections at once
        try:
            conn, peer = listener.accept()
        except OSError as err:  # every descriptor is in use
            if time.monotonic() > warned:
                print(f"{str(err).lower()}; callers have to wait", file=sys.stderr)
                warned = time.monotonic() + 60
            time.sleep(0.05)  # or this loop would spin
            continue
        print("call from " + name(peer) + "\n", end="", flush=True)
        threading.Thread(target=run, args=(conn, peer), daemon=True).start()
except (OSError, OverflowError, ValueError) as err:
    sys.exit(f"listen {args.addr}: {str(err).lower()}")
