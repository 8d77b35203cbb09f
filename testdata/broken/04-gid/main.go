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
	"os"
	"syscall"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "phone.sock", "listen on the socket at this `path`")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

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

// upper puts a to z in capitals, in b itself. All other bytes stay.
func upper(b []byte) []byte {
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return b
}
