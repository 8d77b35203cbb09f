//go:build !unix

// Eventloop is written for Unix.
package main

import "log"

func main() {
	log.SetFlags(0)
	log.Fatal("eventloop: written for Unix; here use 05-options/server")
}
