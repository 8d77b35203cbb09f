//go:build unix

// Eventloop answers any number of phone calls at once, in one goroutine: it
// waits for all of them together, and never for a single one.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	newWaiter := waiters[best]
	usage := "wait with this `system call` (default " + best + ")"
	flag.Func("wait", usage, func(name string) error {
		if newWaiter = waiters[name]; newWaiter == nil {
			return errors.New("this system has none")
		}
		return nil
	})
	flag.Parse()

	phone, at, err := listen(*addr)
	if err != nil {
		log.Fatalf("listen tcp %s: %v", *addr, err)
	}
	fmt.Println("listening on", at)

	w, err := newWaiter()
	if err != nil {
		log.Fatal(err)
	}
	l := loop{waiter: w, phone: phone, calls: map[int]*call{}}
	log.Fatal(l.run())
}
