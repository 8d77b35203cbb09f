package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
)

// What to ask the kernel for. -1 leaves an option as it is.
var (
	rcvbuf = flag.Int("rcvbuf", -1, "keep so many `bytes` of what comes")
	sndbuf = flag.Int("sndbuf", -1, "keep so many `bytes` of what goes")
	linger = flag.Int("linger", -1, "wait so many `seconds` for what is unsent")
	table  = flag.Bool("options", false, "print what the kernel makes of them")
)

// An option of a socket, and the value to ask for.
type option struct {
	name          string
	level, number int
	value         int
}

// listen makes a phone with options. They are set between socket and bind,
// and a call has them from its phone.
func listen(addr string) (net.Listener, error) {
	options := []option{
		{"SO_REUSEADDR", syscall.SOL_SOCKET, syscall.SO_REUSEADDR, reuse},
		{"SO_RCVBUF", syscall.SOL_SOCKET, syscall.SO_RCVBUF, *rcvbuf},
		{"SO_SNDBUF", syscall.SOL_SOCKET, syscall.SO_SNDBUF, *sndbuf},
	}
	config := net.ListenConfig{
		Control: func(_, _ string, socket syscall.RawConn) error {
			return set(socket, options)
		},
	}
	return config.Listen(context.Background(), "tcp", addr)
}

// setOptions sets the options of one call.
func setOptions(conn net.Conn) error {
	socket, err := conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		return err
	}
	return set(socket, []option{
		{"SO_KEEPALIVE", syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1},
		{"TCP_NODELAY", syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1},
		{"SO_RCVBUF", syscall.SOL_SOCKET, syscall.SO_RCVBUF, -1},
		{"SO_SNDBUF", syscall.SOL_SOCKET, syscall.SO_SNDBUF, -1},
		{"SO_LINGER", syscall.SOL_SOCKET, syscall.SO_LINGER, *linger},
	})
}

// set asks the kernel for options, and fails if it refuses one. With -options
// it asks back, and prints what the kernel has made of them.
func set(socket syscall.RawConn, options []option) (err error) {
	var rows strings.Builder
	failed := socket.Control(func(descriptor uintptr) {
		for _, o := range options {
			asked := "-"
			if o.value >= 0 {
				asked = strconv.Itoa(o.value)
				if err = setsockopt(descriptor, o); err != nil {
					err = fmt.Errorf("%s %d: %w", o.name, o.value, err)
					return
				}
			}
			if *table {
				is := getsockopt(descriptor, o)
				fmt.Fprintf(&rows, "%16s%10s%10s\n", o.name, asked, is)
			}
		}
	})
	if *table {
		fmt.Printf("%16s%10s%10s\n%s", "option", "asked for", "is", &rows)
	}
	if err == nil {
		err = failed
	}
	return err
}
