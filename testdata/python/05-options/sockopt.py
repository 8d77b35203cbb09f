"""Sets socket options, reads back what the kernel made of them, and connects,
without waiting, to a port at which nobody listens."""
import argparse
import os
import select
import socket

flags = argparse.ArgumentParser()
flags.add_argument("-size", type=int, default=100_000)
args = flags.parse_args()


def table(title, sock, options):
    print(f"{title:12} {'asked for':>9} {'got':>9}")
    for name, level, value in options:
        option = getattr(socket, name)
        if value is not None:
            sock.setsockopt(level, option, value)
        got = sock.getsockopt(level, option)
        print(f"{name:12} {'-' if value is None else value:>9} {got:9}")


listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # Go does it itself
table("before bind", listener, [
    ("SO_REUSEADDR", socket.SOL_SOCKET, None),
    ("SO_RCVBUF", socket.SOL_SOCKET, args.size),
])
listener.bind(("127.0.0.1", 0))
listener.listen()
addr = listener.getsockname()

conn = socket.create_connection(addr)
conn.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # and this
table("a connection", conn, [
    ("SO_KEEPALIVE", socket.SOL_SOCKET, None),
    ("TCP_NODELAY", socket.IPPROTO_TCP, 0),
    ("SO_SNDBUF", socket.SOL_SOCKET, args.size),
])
listener.close()

late = socket.socket()
late.setblocking(False)
said = late.connect_ex(addr)
select.select([], [late.fileno()], [])  # wait until it is writable
became = late.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
print("connect:", os.strerror(said).lower())
print("SO_ERROR:", os.strerror(became).lower())
