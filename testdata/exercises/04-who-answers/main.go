//go:build linux

// Client makes one phone call through a file, and says first who is at the
// other end. Then it says each line you type, and prints the replies.
//
//test:replaces 04-unix/client
package main

import (
	"bufio"
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
	addr := flag.String("addr", "phone.sock", "call the file at this `path`")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	// Buy a phone (socket) and dial (connect).
	conn, err := net.Dial("unix", *addr)
	if err != nil {
		log.Fatal(err)
	}

	socket, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		log.Fatal(err)
	}
	socket.Control(func(fd uintptr) {
		who, err := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("the server is pid %d, uid %d\n", who.Pid, who.Uid)
	})

	keyboard := bufio.NewReader(os.Stdin)
	replies := bufio.NewReader(conn)
	for { // the communication loop: one line after the other
		fmt.Print(">>: ")
		line, inputErr := keyboard.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			// Speak (sendall), and at the same time
			var speaker sync.WaitGroup
			speaker.Go(func() { io.WriteString(conn, line+"\n") })

			// hear (recv), until the end of a line.
			reply, err := replies.ReadString('\n')
			if reply != "" {
				fmt.Printf("server replied %q\n", reply)
			}
			if err != nil {
				log.Fatalf("%s hung up: %v", *addr, err)
			}
			speaker.Wait()
		}
		if inputErr == io.EOF {
			break
		}
		if inputErr != nil {
			log.Fatal(inputErr)
		}
	}

	fmt.Println()
	conn.Close() // hang up
}
