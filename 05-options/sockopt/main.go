// Sockopt sets socket options, and reads back what the kernel made of them.
// Then it connects, without waiting, to a port at which nobody listens.
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

// try sets an option, unless value is -1, and prints what the kernel has then.
func try(fd uintptr, name string, level, opt, value int) {
	asked := "-"
	if value >= 0 {
		asked = fmt.Sprint(value)
		err := syscall.SetsockoptInt(handle(fd), level, opt, value)
		check(name, err)
	}
	got, err := syscall.GetsockoptInt(handle(fd), level, opt)
	check(name, err)
	fmt.Printf("%-12s %9s %9d\n", name, asked, got)
}

// check ends the program if a call has failed.
func check(what string, err error) {
	if err != nil {
		log.Fatalf("%s: %v", what, err)
	}
}
