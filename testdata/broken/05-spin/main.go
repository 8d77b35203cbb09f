//go:build unix

// Wrong on purpose: when no descriptor is left, it tries again without end.
//
//test:replaces 05-options/eventloop
//test:hangs 05-eventloop-full: server is not idle
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"slices"

	"golang.org/x/sys/unix"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	flag.String("wait", "poll", "only poll")
	flag.Parse()

	// Buy a phone (socket), put the card in (bind), stand by (listen).
	phone, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", phone.Addr())
	file, err := phone.(*net.TCPListener).File()
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close() // or it is closed as soon as nothing refers to it
	fd := int(file.Fd())
	unix.SetNonblock(fd, true)

	list := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	message := make([]byte, 1<<16)
	for { // the event loop
		if _, err := unix.Poll(list, -1); err != nil && err != unix.EINTR {
			log.Fatal(err)
		}
		if list[0].Revents != 0 {
			conn, _, err := unix.Accept(fd)
			if err != nil {
				log.Print("accept: ", err) // and poll comes back at once
			} else {
				unix.SetNonblock(conn, false)
				fmt.Println("call")
				line := unix.PollFd{Fd: int32(conn), Events: unix.POLLIN}
				list = append(list, line)
			}
		}

		for i := len(list) - 1; i > 0; i-- {
			if list[i].Revents == 0 {
				continue
			}
			conn := int(list[i].Fd)
			n, err := unix.Read(conn, message) // hear (recv)
			if n > 0 {
				_, err = unix.Write(conn, upper(message[:n])) // speak
			}
			if n <= 0 || err != nil {
				unix.Close(conn) // hang up
				fmt.Println("the caller hung up")
				list = slices.Delete(list, i, i+1)
			}
		}
	}
}

// upper puts a to z in capitals and leaves every other byte alone.
func upper(message []byte) []byte {
	for i, b := range message {
		if 'a' <= b && b <= 'z' {
			message[i] = b - 'a' + 'A'
		}
	}
	return message
}
