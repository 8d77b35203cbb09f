//go:build unix

// Wrong on purpose: it takes a short write for a whole one.
//
//test:replaces 05-options/eventloop
//test:hangs 05-eventloop-push: queues stay|receives
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
			if err == nil {
				unix.SetNonblock(conn, true)
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
				// Speak (send), and forget what the socket does not take.
				_, err = unix.Write(conn, upper(message[:n]))
				if err == unix.EAGAIN {
					err = nil
				}
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
