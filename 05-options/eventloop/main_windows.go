// Eventloop needs epoll or poll. Windows has neither.
package main

import "log"

func main() {
	log.SetFlags(0)
	log.Fatal("eventloop: not on Windows; use 05-options/server")
}
