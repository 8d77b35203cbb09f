"""Client makes one call, or sends datagrams over UDP: it sends each line you
type, and prints what the server replies. It waits no longer than you say."""
import argparse
import errno
import json
import re
import signal
import socket
import sys
import threading

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C without a traceback
flags = argparse.ArgumentParser()
flags.add_argument("-network", default="tcp")
flags.add_argument("-addr", default="127.0.0.1:8080")
flags.add_argument("-timeout")
args = flags.parse_args()
if args.network not in ("tcp", "udp", "unix"):
    sys.exit(f"dial {args.network}: unknown network")
addr = args.addr
timeout = None  # no limit
if args.timeout:
    units = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}
    parts = re.findall(r"([\d.]+)(h|ms|m|s)", args.timeout)
    timeout = sum(float(number) * units[unit] for number, unit in parts)
    if args.timeout.startswith("-") or timeout <= 0:
        flags.error(f"-timeout {args.timeout}: impossible")


def dial():
    if args.network == "unix":
        family, sockaddr = socket.AF_UNIX, addr
    else:
        host, _, port = addr.rpartition(":")
        host = host.strip("[]")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sockaddr = (host, int(port))
    kind = socket.SOCK_DGRAM if args.network == "udp" else socket.SOCK_STREAM
    sock = socket.socket(family, kind)
    sock.settimeout(timeout)  # for each of the calls from now on
    sock.connect(sockaddr)
    return sock


taken = 0  # parts of lines that the server has taken


def send(line, unsent):
    global taken
    try:
        for i in range(0, len(line), 1 << 16):
            sock.sendall(line[i:i + (1 << 16)])  # the timeout is for all of a call
            taken += 1
    except OSError as err:
        unsent.append(err)


def show(reply):
    print("server replied", json.dumps(reply.decode(errors="replace")), flush=True)


def waited(what):
    sys.exit(f"waited {args.timeout} for {what} {addr}")


rest = b""  # of what has been received


def ask(line):
    """Sends a line, and receives the reply at the same time."""
    global rest
    unsent = []
    sending = threading.Thread(target=send, args=(line + b"\n", unsent), daemon=True)
    sending.start()
    pieces = [rest]
    while b"\n" not in pieces[-1]:
        before = taken
        try:
            piece = sock.recv(1 << 16)
            if piece:
                pieces.append(piece)
                continue
        except socket.timeout:
            if taken > before:
                continue  # a server that takes a part is alive
            piece = None
        except OSError as err:
            piece = err  # the server broke the connection
        if reply := b"".join(pieces):
            show(reply)
        if isinstance(piece, OSError):
            raise piece
        if piece is None:
            waited("the rest of a reply from" if reply else "a reply from")
        sys.exit(f"{addr} hung up")
    reply, newline, rest = b"".join(pieces).partition(b"\n")
    show(reply + newline)
    sending.join()
    if unsent:  # the reply came before all was sent
        if isinstance(unsent[0], socket.timeout):
            waited("somebody to listen at")
        raise unsent[0]


def not_sent(err):
    print(f"not sent: {addr}: {str(err).lower()}", file=sys.stderr)


def ask_udp(line):
    """Sends a line as one datagram, and again if no reply comes in time."""
    global sock
    try:
        new = dial()
    except OSError as err:
        return not_sent(err)
    sock.close()  # not before: the new socket has another port
    sock = new
    for _ in range(3):
        try:
            sock.send(line)
        except OSError as err:
            return not_sent(err)
        try:
            return show(sock.recv(65535))
        except socket.timeout:
            pass
        except OSError as err:
            if err.errno != errno.EMSGSIZE:  # of the try before: the path is narrow
                raise
    limit = f"{1000 * sock.gettimeout():g}ms"
    sys.exit(f"asked three times, waited {limit} for a reply from {addr}")


try:
    sock = dial()
except socket.timeout:
    waited("somebody to answer at")
except (OSError, OverflowError, ValueError) as err:
    sys.exit(f"{addr}: {str(err).lower()}")
try:
    while True:  # the communication loop: one line after the other
        print(">>: ", end="", flush=True)
        line = sys.stdin.buffer.readline()
        if stripped := line.strip():
            (ask_udp if args.network == "udp" else ask)(stripped)
        if not line.endswith(b"\n"):
            break
    print()
except OSError as err:
    sys.exit(f"{addr}: {str(err).lower()}")
