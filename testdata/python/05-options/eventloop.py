"""Eventloop serves any number of connections in one thread: it waits for all
of them together, and never for a single one."""
import argparse
import selectors
import signal
import socket
import sys
import time

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C without a traceback
flags = argparse.ArgumentParser()
flags.add_argument("-addr", default="127.0.0.1:8080")
args = flags.parse_args()


def name(sockaddr):
    host, port, *more = sockaddr  # in IPv6 the last one is the zone, or 0
    if host.startswith("::ffff:"):  # IPv4, to a listener at [::]
        host = host[7:]
    if more and more[-1]:
        host += "%" + socket.if_indextoname(more[-1])
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Conn:
    """All that the loop keeps of a connection."""

    def __init__(self, peer):
        self.peer = name(peer)
        self.pending = b""  # what the socket has not taken yet


def accept():
    """Takes the next connection out of the queue, if there is one."""
    global pause_accept, said
    try:
        sock, peer = listener.accept()
    except (BlockingIOError, ConnectionAbortedError):
        return  # the peer did not wait
    except OSError as err:  # no descriptor is left: do not spin
        if not said:
            print(f"accept: {err.strerror.lower()}; callers have to wait", file=sys.stderr)
        pause_accept, said = time.monotonic(), True
        poller.unregister(listener)
        return
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    print("call from", name(peer), flush=True)
    poller.register(sock, selectors.EVENT_READ, Conn(peer))


def serve(sock, conn):
    """Does what needs no waiting, and fails when the connection is over."""
    reply = conn.pending
    if not reply:
        try:
            data = sock.recv(1 << 16)
        except BlockingIOError:
            return  # nothing there after all
        if not data:
            raise EOFError("hung up")
        reply = data.upper()
    try:
        n = sock.send(reply)  # takes all, or a part
    except BlockingIOError:
        n = 0
    if conn.pending and n == len(reply):
        poller.modify(sock, selectors.EVENT_READ, conn)  # nothing is pending any more
    elif not conn.pending and n < len(reply):
        poller.modify(sock, selectors.EVENT_WRITE, conn)  # do not read meanwhile
    conn.pending = reply[n:]


try:
    host, colon, port = args.addr.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET

    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setblocking(False)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    found = socket.getaddrinfo(host or None, 0, family, flags=socket.AI_PASSIVE)[0][4]
    listener.bind((found[0], int(port), *found[2:]))  # with the zone
    listener.listen(socket.SOMAXCONN)
except (OSError, OverflowError, ValueError) as err:
    sys.exit(f"listen {args.addr}: {str(err).lower()}")
print("listening on", name(listener.getsockname()), flush=True)

poller = selectors.DefaultSelector()  # epoll, kqueue, poll: the best there is
poller.register(listener, selectors.EVENT_READ)
pause_accept = said = False
while True:  # the event loop
    for key, _ in poller.select(0.05 if pause_accept else None):
        if key.fileobj is listener:
            accept()
            continue
        sock, conn = key.fileobj, key.data
        try:
            serve(sock, conn)
        except (OSError, EOFError) as why:
            poller.unregister(sock)
            sock.close()
            why = why if isinstance(why, EOFError) else f"broke the call: {why}"
            print(conn.peer, why, flush=True)
    if pause_accept and time.monotonic() - pause_accept >= 0.05:
        poller.register(listener, selectors.EVENT_READ)
        pause_accept = False
