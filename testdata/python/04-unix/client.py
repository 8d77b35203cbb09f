"""Client makes one call through a Unix domain socket: it sends each line you
type, and prints what the server replies, until your input ends."""
import argparse
import json
import signal
import socket
import sys
import threading

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C without a traceback
flags = argparse.ArgumentParser()
flags.add_argument("-addr", default="phone.sock")
addr = flags.parse_args().addr

unsent = []  # the error of the line that could not be sent


def send(message):
    try:
        conn.sendall(message)
    except OSError as err:
        unsent.append(err)


try:
    conn = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    conn.connect(addr)

    replies = conn.makefile("rb")
    while True:  # the communication loop: one line after the other
        print(">>: ", end="", flush=True)
        line = sys.stdin.buffer.readline()
        message = line.strip()
        if message:
            # Send, and receive at the same time.
            message += b"\n"
            sending = threading.Thread(target=send, args=(message,), daemon=True)
            sending.start()
            reply = replies.readline()
            if reply:
                quoted = json.dumps(reply.decode(errors="replace"))
                print("server replied", quoted, flush=True)
            if not reply.endswith(b"\n"):
                sys.exit(f"{addr} hung up")
            sending.join()
            if unsent:
                raise unsent[0]
        if not line.endswith(b"\n"):
            break

    print()
    conn.close()
except OSError as err:
    sys.exit(f"{addr}: {str(err).lower()}")
