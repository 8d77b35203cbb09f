package main

import (
	"errors"
	"log"
	"net"
	"time"
)

var quiet time.Time // until then, accept does not complain again

// accept waits until it rings, and answers. If it cannot, since every
// descriptor is in use, it waits until somebody hangs up: callers stay in the
// queue meanwhile. It fails only when the phone is off.
func accept(phone net.Listener) (net.Conn, error) {
	for {
		conn, err := phone.Accept()
		if err == nil || errors.Is(err, net.ErrClosed) {
			return conn, err
		}
		if now := time.Now(); now.After(quiet) {
			log.Printf("%v; callers have to wait", err)
			quiet = now.Add(time.Minute)
		}
		time.Sleep(50 * time.Millisecond) // or this loop would spin
	}
}
