// Eventloop needs epoll or poll, and Windows has nothing that works like them.
package main

import "log"

func main() {
	log.SetFlags(0)
	log.Fatal("eventloop: not on Windows; use 05-options/server")
}
