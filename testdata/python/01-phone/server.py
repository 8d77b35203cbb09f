"""Server answers one phone call: it receives one message, sends it back
in capital letters, and hangs up."""
import argparse
import json
import signal
import socket
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C without a traceback
flags = argparse.ArgumentParser()
flags.add_argument("-addr", default="127.0.0.1:8080")
addr = flags.parse_args().addr


def name(sockaddr):
    host, port = sockaddr[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


try:
    host, _, port = addr.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET

    listener = socket.socket(family, socket.SOCK_STREAM)  # buy a phone
    if sys.platform != "win32":  # start again at once: chapter 2
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, int(port)))  # put the card in
    listener.listen(5)  # stand by
    print("listening on", name(listener.getsockname()), flush=True)

    conn, caller = listener.accept()  # wait for a call, and answer it
    print("call from", name(caller), flush=True)

    data = conn.recv(1024)  # hear what the caller says, once
    if data:
        print("heard", json.dumps(data.decode(errors="replace")), flush=True)
        conn.sendall(data.upper())  # speak

    conn.close()  # hang up
    listener.close()  # switch the phone off
except (OSError, OverflowError, ValueError) as err:
    sys.exit(f"listen {addr}: {str(err).lower()}")
