package play

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"example.com/sockets/internal/proc"
)

// address is where a word calls or listens: the network that it names after the
// address, unix for a path, or tcp, and the real address. asked is the port in
// the text for a free one.
func (s *scene) address(args []string, listens bool) (network, addr, asked string) {
	network, addr = second(args, "tcp"), args[0]
	if s.Unix {
		addr = paths.Replace(addr)
	}
	if !strings.Contains(addr, ":") {
		s.needsUnix()
		return "unix", s.MkAbs(addr), ""
	}
	addr, asked = s.ports.real(addr, listens)
	return network, addr, asked
}

func (s *scene) dial(args []string) {
	s.now.did = args[0] + " connected"
	s.now.want = args[0] + " can connect"
	network, addr, _ := s.address(args[1:], false)
	var conn net.Conn
	var err error
	s.wait(func() bool { // a full queue of AF_UNIX refuses who does not wait
		conn, err = net.DialTimeout(network, addr, s.patience)
		return !errors.Is(err, syscall.EAGAIN)
	}, "the queue of %s stays full", addr)
	if late := net.Error(nil); errors.As(err, &late) && late.Timeout() {
		s.now.got = "no answer"
		s.now.perhaps = "its queue is full: it has to accept sooner, or let more wait " +
			`(the argument of listen). See 2.7, "Who waits, and how many"`
	}
	s.Check(err)
	if network == "unix" {
		s.ports.peers[strconv.Itoa(os.Getpid())] = true
	}
	s.peers[args[0]] = &peer{conn: conn}
}

func (s *scene) listen(args []string) {
	name := args[0]
	s.now.want = "nobody listens at " + args[1]
	network, addr, asked := s.address(args[1:], true)
	if network == "udp" {
		conn, err := net.ListenPacket(network, addr)
		s.Check(err)
		s.ports.show(conn.LocalAddr().String(), asked)
		s.peers[name] = &peer{conn: newLetterbox(conn.(*net.UDPConn), &s.ports)}
		return
	}
	ln, err := net.Listen(network, addr)
	s.Check(err)
	s.Defer(func() { ln.Close() })
	s.ports.show(ln.Addr().String(), asked)
	s.peers[name] = &peer{ln: ln}
}

// conn is the open connection of a peer. It fails what takes too long.
func (s *scene) conn(name string) net.Conn {
	c := s.peers[name]
	if c == nil {
		s.Fatalf("%s has not called", name)
	}
	deadline := time.Now().Add(s.patience)
	if c.conn == nil {
		s.Check(c.ln.(interface{ SetDeadline(time.Time) error }).SetDeadline(deadline))
		conn, err := c.ln.Accept()
		if errors.Is(err, os.ErrDeadlineExceeded) {
			s.now.got = noCall
		}
		s.Check(err)
		s.Check(c.ln.Close())
		c.conn = conn
	}
	s.Check(c.conn.SetDeadline(deadline))
	return c.conn
}

// quoted is a text for a report, and its length if it is not shown whole.
func quoted(text string) string {
	whole := strconv.Quote(text[:min(len(text), 121)]) // it may have 16 MiB
	if len(whole) > 120 {
		return fmt.Sprintf("%.25q... (%d bytes)", text, len(text))
	}
	return whole
}

// second returns the second of some arguments, or what it is if there is none.
func second(args []string, otherwise string) string {
	if len(args) > 1 {
		return args[1]
	}
	return otherwise
}

// text reads the escapes of Go in an argument, and how many times it is meant.
func (s *scene) text(args []string) (text string, times int) {
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(args[0], `"`, `\"`) + `"`)
	s.Check(err)
	times, err = strconv.Atoi(second(args, "1")) // once, if it is not said
	s.Check(err)
	return text, times
}

func (s *scene) send(args []string) {
	name := args[0]
	text, times := s.text(args[1:])
	s.now.did = name + " sent " + quoted(text)
	if times > 1 {
		s.now.did += fmt.Sprintf(", %d times", times)
	}
	s.now.want = "what " + name + " sends is taken"
	conn := s.conn(name)
	if !slices.Contains(s.flags, "-apart") {
		text, times = strings.Repeat(text, times), 1
	}
	write := func() (err error) {
		for i := 0; i < times && err == nil; i++ {
			_, err = io.WriteString(conn, text)
		}
		return err
	}
	if slices.Contains(s.flags, "-background") {
		go write() // what the other end does not get, it cannot answer
	} else {
		s.Check(write())
	}
}

func (s *scene) ask(args []string) {
	text, _ := s.text(args[1:2])
	answer := []byte(text)
	for i, b := range answer {
		if 'a' <= b && b <= 'z' {
			answer[i] = b - 'a' + 'A'
		}
	}
	if len(args) > 2 {
		other, _ := s.text(args[2:])
		answer = []byte(other)
	}
	s.send(args[:2])
	s.expect(args[0], string(answer))
	s.now.did = args[0] + " sent " + quoted(text) + " and received the answer"
}

func (s *scene) recv(args []string) {
	name := args[0]
	if args[1] != "-eof" && args[1] != "-reset" {
		want := strings.Repeat(s.text(args[1:]))
		s.expect(name, want)
		s.now.did = name + " received " + quoted(want)
		return
	}
	end := "the end"
	if args[1] == "-reset" {
		end = "a reset"
	}
	s.now.want = name + " receives " + end
	rest, err := io.ReadAll(s.conn(name))
	late := errors.Is(err, os.ErrDeadlineExceeded)
	if len(rest) > 0 || (err == nil) != (args[1] == "-eof") || late {
		s.now.got = received(string(rest), cmp.Or(err, io.EOF))
		timed := strings.HasPrefix(s.Name(), "05") // it may be a time-out that does not come
		if len(rest) == 0 && late && !timed {
			s.now.perhaps = `it does not close the connection. See 1.2, "The server"`
		}
		s.Fatalf("%s wants the end (%s), and receives %.100q, then %v", name, args[1], rest, err)
	}
	s.now.did = name + " received " + end
}

// expect receives as many bytes as are wanted, or a datagram, and compares.
func (s *scene) expect(name, want string) {
	s.now.want = name + " receives " + quoted(want)
	conn := s.conn(name)
	got := make([]byte, len(want))
	n, err := 0, error(nil)
	if conn.LocalAddr().Network() == "udp" {
		got = make([]byte, 1<<16) // a datagram is read whole, or what is left of it is lost
		n, err = conn.Read(got)
		got = got[:n]
	} else {
		n, err = io.ReadFull(conn, got)
	}
	if err != nil || string(got) != want {
		s.now.got = received(string(got[:n]), err)
		if string(got[:n]) != want && strings.ToUpper(string(got[:n])) == want {
			s.now.perhaps = "it sends back what it received as it is, not in capital letters. " +
				`See 1.2, "The server"`
		}
		s.Fatalf("%s receives %.100q (%d bytes, %v), want %.100q", name, got[:n], n, err, want)
	}
}

// received says what came, and what then.
func received(got string, err error) string {
	said := quoted(got)
	switch {
	case err == nil:
		return said
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return said + ", then the end"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return said + ", then nothing"
	}
	return said + ", then " + err.Error()
}

func (s *scene) shutdown(args []string) {
	s.now.did = args[0] + " shut down its sending end"
	s.Check(s.conn(args[0]).(interface{ CloseWrite() error }).CloseWrite())
}

func (s *scene) echo(args []string) {
	conn := s.conn(args[0])
	if tcp, ok := conn.(*net.TCPConn); ok {
		s.Check(errors.Join(tcp.SetReadBuffer(1<<18), tcp.SetWriteBuffer(1<<18)))
	}
	go func() {
		defer conn.Close()
		buffer := make([]byte, 1<<16)
		for n, err := 0, error(nil); err == nil; n, err = conn.Read(buffer) {
			conn.Write(bytes.ToUpper(buffer[:n])) // after it has failed, reading fails
		}
	}()
}

func (s *scene) close(args []string) {
	name, resets := args[0], len(args) > 1
	s.now.did = name + " closed"
	if resets {
		s.now.did = name + " reset its connection"
	}
	open := len(s.peers)
	for peer := range s.peers {
		if peer != name && !strings.HasPrefix(peer, name+" ") { // of a crowd
			continue
		}
		conn := s.conn(peer)
		if tcp, ok := conn.(*net.TCPConn); ok && resets {
			s.Check(tcp.SetLinger(0))
		}
		s.Check(conn.Close())
		delete(s.peers, peer)
	}
	if len(s.peers) == open {
		s.Fatalf("%s is not connected", name)
	}
}

func (s *scene) file(args []string) {
	var all strings.Builder
	for pair := range slices.Chunk(args[1:], 2) {
		all.WriteString(strings.Repeat(s.text(pair)))
	}
	s.Check(os.WriteFile(s.MkAbs(args[0]), []byte(all.String()), 0o666))
}

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
