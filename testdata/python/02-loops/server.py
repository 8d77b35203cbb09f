"""Server answers calls forever, one after the other: it sends back in
capital letters what it receives, until the client closes the connection."""
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

    listener = socket.socket(family, socket.SOCK_STREAM)
    if sys.platform != "win32":  # start again at once
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, int(port)))
    listener.listen(socket.SOMAXCONN)
    print("listening on", name(listener.getsockname()), flush=True)

    while True:  # the link loop: one connection after the other
        conn, peer = listener.accept()
        print("call from", name(peer), flush=True)

        while True:  # the communication loop: one message after the other
            try:
                buf = conn.recv(4096)
                if not buf:
                    break  # end of file
                heard = json.dumps(buf.decode(errors="replace"))
                print("heard", heard, flush=True)
                conn.sendall(buf.upper())
            except OSError:
                break  # a reset

        conn.close()
        print(name(peer), "hung up", flush=True)
except (OSError, OverflowError, ValueError) as err:
    sys.exit(f"listen {addr}: {str(err).lower()}")
