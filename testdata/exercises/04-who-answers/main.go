//go:build linux

// Client makes one call through a Unix domain socket, and says first which
// process answers. Then it sends each line you type, and prints the replies.
//
//test:replaces 04-unix/client
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "phone.sock", "connect to the socket at this `path`")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: *addr, Net: "unix"})
	if err != nil {
		log.Fatal(err)
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		log.Fatal(err)
	}
	var peer *syscall.Ucred
	var peerErr error
	err = raw.Control(func(fd uintptr) {
		peer, peerErr = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err := errors.Join(err, peerErr); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("the server is pid %d, uid %d\n", peer.Pid, peer.Uid)

	keyboard := bufio.NewReader(os.Stdin)
	replies := bufio.NewReader(conn)
	for { // the communication loop: one line after the other
		fmt.Print(">>: ")
		line, inputErr := keyboard.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			// Send, and receive at the same time.
			var sending sync.WaitGroup
			var sendErr error
			sending.Go(func() { _, sendErr = io.WriteString(conn, line+"\n") })
			reply, err := replies.ReadString('\n')
			if reply != "" {
				fmt.Printf("server replied %q\n", reply)
			}
			if err != nil {
				log.Fatalf("%s hung up: %v", *addr, err)
			}
			sending.Wait()
			if sendErr != nil {
				log.Fatal(sendErr)
			}
		}
		if inputErr == io.EOF {
			break
		}
		if inputErr != nil {
			log.Fatal(inputErr)
		}
	}

	fmt.Println()
	conn.Close()
}
