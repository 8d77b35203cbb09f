//go:build linux

// Wrong on purpose: it takes the caller's group for its user.
//
//test:replaces 04-unix/server
//test:hangs 04-who: does not print
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"syscall"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "phone.sock", "listen on the socket at this `path`")
	flag.Parse()

	listener, err := net.Listen("unix", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", listener.Addr())

	buf := make([]byte, 4096)
	for { // the link loop: one connection after the other
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		raw, err := conn.(*net.UnixConn).SyscallConn()
		if err != nil {
			log.Fatal(err)
		}
		raw.Control(func(fd uintptr) {
			peer, _ := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
			fmt.Printf("call from pid %d, uid %d\n", peer.Pid, peer.Gid) // wrong: its user is Uid
		})

		for { // the communication loop: one message after the other
			n, err := conn.Read(buf)
			if err != nil { // end of file, or a reset
				break
			}
			fmt.Printf("heard %q\n", buf[:n])
			if _, err := conn.Write(upper(buf[:n])); err != nil {
				break
			}
		}

		conn.Close()
		fmt.Println("the caller hung up")
	}
}

// upper changes a to z to capitals, in b itself, and leaves every other
// byte alone. It returns b.
func upper(b []byte) []byte {
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return b
}
