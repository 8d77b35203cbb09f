"""Client makes one phone call over TCP or through a file, or sends messages
over UDP: it says each line you type, and prints what the server replies.
It looks at its watch while it waits."""
import argparse
import json
import re
import signal
import socket
import sys
import threading

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C without a traceback
flags = argparse.ArgumentParser()
flags.add_argument("-network", default="tcp", choices=["tcp", "udp", "unix"])
flags.add_argument("-addr")
flags.add_argument("-timeout")
args = flags.parse_args()
addr = args.addr or ("phone.sock" if args.network == "unix" else "127.0.0.1:8080")
timeout = None  # for ever
if args.timeout:
    units = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}
    timeout = sum(float(number) * units[unit]
                  for number, unit in re.findall(r"([\d.]+)(h|ms|m|s)", args.timeout))
    if args.timeout.startswith("-") or timeout <= 0:
        flags.error("-timeout: this cannot be")


def dial():
    if args.network == "unix":
        family, sockaddr = socket.AF_UNIX, addr
    else:
        host, _, port = addr.rpartition(":")
        host = host.strip("[]")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sockaddr = (host, int(port))
    kind = socket.SOCK_DGRAM if args.network == "udp" else socket.SOCK_STREAM
    phone = socket.socket(family, kind)  # buy a phone
    phone.settimeout(timeout)  # for each of the calls from now on
    phone.connect(sockaddr)  # dial
    return phone


def speak(phone, message, unsaid):
    try:
        phone.sendall(message)
    except OSError as err:
        unsaid.append(err)


def show(reply):
    print("server replied", json.dumps(reply.decode(errors="replace")), flush=True)


def call():
    """Dials, and returns how to ask: say a line, and hear a line."""
    try:
        phone = dial()
    except TimeoutError:
        sys.exit(f"waited {args.timeout} for somebody to answer at {addr}")
    reply = b""

    def ask(line):
        # Speak, and at the same time hear, until the end of a line.
        nonlocal reply
        message = line + b"\n"
        unsaid = []
        args_of = (phone, message, unsaid)
        speaker = threading.Thread(target=speak, args=args_of, daemon=True)
        speaker.start()
        pieces = [reply]
        while b"\n" not in pieces[-1]:
            try:
                piece = phone.recv(1 << 16)
                end = f"{addr} hung up"
            except TimeoutError:
                piece, what = b"", "the rest of a reply" if pieces[-1] else "a reply"
                end = f"waited {args.timeout} for {what} from {addr}"
            if not piece:
                if pieces[-1]:
                    show(b"".join(pieces))
                sys.exit(end)
            pieces.append(piece)
        answer, newline, reply = b"".join(pieces).partition(b"\n")
        show(answer + newline)
        speaker.join()
        if unsaid:  # the reply came before all was said
            sys.exit(f"waited {args.timeout} for somebody to listen at {addr}")

    return ask


def messages():
    """Returns how to ask with single messages, each from its own number."""
    numbers = []

    def ask(line):
        phone = dial()
        numbers.append(phone)  # nobody else gets it meanwhile
        del numbers[:-8]
        for _ in range(3):
            try:
                phone.send(line)  # speak, all of it in one message
            except OSError as err:
                print(f"{addr}: {str(err).lower()}", file=sys.stderr)
                return
            try:
                show(phone.recv(65535))  # hear: one message is the reply
                return
            except TimeoutError:
                pass
        sys.exit(f"asked three times, waited {args.timeout} for a reply from {addr}")

    return ask


try:
    ask = messages() if args.network == "udp" else call()
    while True:  # the communication loop: one line after the other
        print(">>: ", end="", flush=True)
        line = sys.stdin.buffer.readline()
        if message := line.strip():
            ask(message)
        if not line.endswith(b"\n"):
            break
    print()
except (OSError, OverflowError, ValueError) as err:
    sys.exit(f"{addr}: {str(err).lower()}")
