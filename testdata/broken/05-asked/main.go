//go:build linux

// Wrong on purpose: it prints what it has asked for, and never what it got.
//
//test:replaces 05-options/sockopt
//test:fails 05-sockopt: sockopt and sockopt.want differ
//test:fails 05-sockopt-trace: sockopt.trace and sockopt.trace.want differ
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func main() {
	log.SetFlags(0)
	size := flag.Int("size", 100_000, "ask for buffers of this many `bytes`")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	config := net.ListenConfig{ // it calls Control between socket and bind
		Control: func(_, _ string, socket syscall.RawConn) error {
			fmt.Println("before bind  asked for       got")
			return socket.Control(func(fd uintptr) {
				try(fd, "SO_REUSEADDR", syscall.SOL_SOCKET, syscall.SO_REUSEADDR, -1)
				try(fd, "SO_RCVBUF", syscall.SOL_SOCKET, syscall.SO_RCVBUF, *size)
			})
		},
	}
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	check("listener", err)
	addr := netip.MustParseAddrPort(listener.Addr().String())

	conn, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(addr))
	check("connection", err)
	socket, err := conn.SyscallConn()
	check("connection", err)
	fmt.Println("a connection asked for       got")
	err = socket.Control(func(fd uintptr) {
		try(fd, "SO_KEEPALIVE", syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, -1)
		try(fd, "TCP_NODELAY", syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 0)
		try(fd, "SO_SNDBUF", syscall.SOL_SOCKET, syscall.SO_SNDBUF, *size)
	})
	check("connection", err)

	conn.Close()
	listener.Close()
	fmt.Println(connectEx(addr))
}

// try sets an option, unless value is -1, and prints what it has asked for.
func try(fd uintptr, name string, level, opt, value int) {
	asked := "-"
	if value >= 0 {
		asked = fmt.Sprint(value)
		err := syscall.SetsockoptInt(int(fd), level, opt, value)
		check(name, err)
	}
	got := max(value, 1) // wrong: it never asks
	fmt.Printf("%-12s %9s %9d\n", name, asked, got)
}

// check ends the program if a call has failed.
func check(what string, err error) {
	if err != nil {
		log.Fatalf("%s: %v", what, err)
	}
}

// connectEx returns what connect says at once, and what SO_ERROR says later.
func connectEx(addr netip.AddrPort) string {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	check("socket", err)
	defer unix.Close(fd)
	check("O_NONBLOCK", unix.SetNonblock(fd, true))
	to := &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}
	said := unix.Connect(fd, to)

	wait := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	_, err = unix.Poll(wait, -1)
	for err == unix.EINTR { // a signal came first
		_, err = unix.Poll(wait, -1)
	}
	check("poll", err)
	number, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	check("SO_ERROR", err)
	return fmt.Sprintf("connect: %v\nSO_ERROR: %v", said, unix.Errno(number))
}
