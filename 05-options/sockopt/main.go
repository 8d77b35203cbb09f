// Sockopt sets socket options, and reads back what the kernel made of them.
// Then it connects, without waiting, to a port at which nobody listens.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"syscall"
)

// An option, and the value to ask for; -1 only reads it.
type option struct {
	name                 string
	level, number, value int
}

func main() {
	log.SetFlags(0)
	size := flag.Int("size", 100_000, "ask for buffers of so many `bytes`")
	flag.Parse()

	config := net.ListenConfig{ // it calls Control between socket and bind
		Control: func(_, _ string, socket syscall.RawConn) error {
			return table("before bind", socket, []option{
				{"SO_REUSEADDR", syscall.SOL_SOCKET, syscall.SO_REUSEADDR, -1},
				{"SO_RCVBUF", syscall.SOL_SOCKET, syscall.SO_RCVBUF, *size},
			})
		},
	}
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	addr := listener.Addr().(*net.TCPAddr)

	conn, err := net.DialTCP("tcp", nil, addr)
	if err != nil {
		log.Fatal(err)
	}
	socket, err := conn.SyscallConn()
	if err != nil {
		log.Fatal(err)
	}
	err = table("a connection", socket, []option{
		{"SO_KEEPALIVE", syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, -1},
		{"TCP_NODELAY", syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 0},
		{"SO_SNDBUF", syscall.SOL_SOCKET, syscall.SO_SNDBUF, *size},
	})
	if err != nil {
		log.Fatal(err)
	}

	listener.Close()
	fmt.Println(connectEx(addr))
}

// table sets options, and prints what was asked for and what there is then.
func table(title string, socket syscall.RawConn, options []option) error {
	fmt.Printf("%-12s %9s %9s\n", title, "asked for", "got")
	return socket.Control(func(fd uintptr) {
		for _, o := range options {
			asked := "-"
			if o.value >= 0 {
				asked = fmt.Sprint(o.value)
				err := syscall.SetsockoptInt(handle(fd), o.level, o.number, o.value)
				if err != nil {
					asked = err.Error()
				}
			}
			got, err := syscall.GetsockoptInt(handle(fd), o.level, o.number)
			if err != nil {
				log.Fatalf("%s: %v", o.name, err)
			}
			fmt.Printf("%-12s %9s %9d\n", o.name, asked, got)
		}
	})
}
