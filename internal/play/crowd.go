package play

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"

	"example.com/sockets/internal/proc"
)

func (s *scene) crowd(args []string) {
	name, times, addr, steps := args[0], args[1], args[2:3], args[3:]
	n, err := strconv.Atoi(times)
	s.Check(err)
	if len(steps) > 0 && steps[0] == "udp" {
		addr, steps = args[2:4], steps[1:]
	}
	if n > proc.Descriptors()/8 && !endsEach(steps) {
		s.skip("a process may not have so many descriptors here")
	}
	did, want := times+" peers connected", times+" peers connect, one after the other"
	if len(steps) > 0 {
		did += ", one after the other (" + strings.Join(steps, " ") + ")"
	}
	for phase, steps := range strings.Split(strings.Join(steps, " "), "/") {
		for i := range n {
			peer := fmt.Sprint(name, " ", i)
			s.now.want = want
			if phase == 0 {
				s.dial(append([]string{peer}, addr...))
			}
			for _, step := range strings.Fields(steps) {
				s.step(peer, step)
			}
		}
	}
	s.now.did = did
}

// endsEach reports whether each of a crowd closes before the next one connects.
func endsEach(steps []string) bool {
	last := append([]string{""}, steps...)[len(steps)]
	return (last == "close" || last == "reset") && !slices.Contains(steps, "/")
}

func (s *scene) step(peer, step string) {
	switch step {
	case "send":
		s.send([]string{peer, peer})
	case "recv":
		s.expect(peer, strings.ToUpper(peer))
	case "ask":
		s.ask([]string{peer, peer})
	case "push": // while the script goes on; the system keeps little of it
		conn := s.conn(peer).(*net.TCPConn)
		s.Check(errors.Join(conn.SetReadBuffer(1<<16), conn.SetWriteBuffer(1<<16)))
		go conn.Write(much())
	case "close":
		s.close([]string{peer})
	case "reset":
		s.close([]string{peer, "-reset"})
	default:
		s.Fatalf("crowd knows no step %q", step)
	}
}

// much is what a peer pushes: 16 MiB.
var much = sync.OnceValue(func() []byte { return bytes.Repeat([]byte("x"), 1<<24) })
