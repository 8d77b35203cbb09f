"""Server answers any number of phone calls at once, for as long as it runs.
It hangs up on who is silent for too long, and on who does not listen."""
import argparse
import os
import re
import signal
import socket
import struct
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
flags.add_argument("-rcvbuf", type=int)
flags.add_argument("-sndbuf", type=int)
flags.add_argument("-linger", type=int)
flags.add_argument("-options", action="store_true")
args = flags.parse_args()
try:
    idle = seconds(args.idle)
except ValueError:
    flags.error("-idle: no time to say anything")

for number in signal.SIGINT, signal.SIGTERM:
    signal.signal(number, lambda *_: os._exit(0))  # the kernel ends the calls


def name(sockaddr):
    host, port = sockaddr[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def options(phone, wanted):
    """Sets socket options, and prints what the kernel makes of them."""
    rows = f"{'option':>16}{'asked for':>10}{'is':>10}\n"
    for option, level, value in wanted:
        number = getattr(socket, option)
        if value is not None:
            asked = struct.pack("ii", 1, value) if option == "SO_LINGER" else value
            phone.setsockopt(level, number, asked)
        if option == "SO_LINGER":
            on, now = struct.unpack("ii", phone.getsockopt(level, number, 8))
            now = now if on else "off"
        else:
            now = phone.getsockopt(level, number)
        rows += f"{option:>16}{'-' if value is None else value:>10}{now:>10}\n"
    if args.options:
        print(rows, end="", flush=True)


def talk(conn):
    """Says back what it hears, and returns why the call ended."""
    options(conn, [
        ("SO_KEEPALIVE", socket.SOL_SOCKET, 1),
        ("TCP_NODELAY", socket.IPPROTO_TCP, 1),
        ("SO_RCVBUF", socket.SOL_SOCKET, None),
        ("SO_SNDBUF", socket.SOL_SOCKET, None),
        ("SO_LINGER", socket.SOL_SOCKET, args.linger),
    ])
    conn.settimeout(idle)  # for each of the calls below
    tired = ""
    try:
        while True:  # the communication loop: one message after the other
            tired = "was silent for"
            message = conn.recv(1024)  # hear
            if not message:
                return "hung up"
            tired = "did not listen for"
            conn.sendall(message.upper())  # speak
    except socket.timeout:
        return f"{tired} {args.idle}"
    except OSError as err:
        return f"broke the call: {str(err).lower()}"


def take(conn, caller):
    """Takes one call, from its beginning to its end."""
    try:
        why = talk(conn)
    except OSError as err:
        why = str(err)
    conn.close()  # hang up
    print(name(caller) + " " + why + "\n", end="", flush=True)


try:
    host, _, port = args.addr.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET

    phone = socket.socket(family, socket.SOCK_STREAM)  # buy a phone
    options(phone, [
        ("SO_REUSEADDR", socket.SOL_SOCKET, None if sys.platform == "win32" else 1),
        ("SO_RCVBUF", socket.SOL_SOCKET, args.rcvbuf),
        ("SO_SNDBUF", socket.SOL_SOCKET, args.sndbuf),
    ])
    phone.bind((host, int(port)))  # put the card in
    phone.listen(socket.SOMAXCONN)  # stand by
    print("listening on", name(phone.getsockname()), flush=True)

    quiet = 0
    while True:  # the link loop: many calls at once
        try:
            conn, caller = phone.accept()  # wait until it rings, and answer
        except OSError as err:  # every descriptor is in use
            if time.monotonic() > quiet:
                print(f"{str(err).lower()}; callers have to wait", file=sys.stderr)
                quiet = time.monotonic() + 60
            time.sleep(0.05)  # or this loop would spin
            continue
        print("call from " + name(caller) + "\n", end="", flush=True)
        threading.Thread(target=take, args=(conn, caller), daemon=True).start()
except (OSError, OverflowError, ValueError) as err:
    sys.exit(f"listen {args.addr}: {str(err).lower()}")
