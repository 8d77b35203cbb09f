package play

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A caller is the script itself at one end of a line: it can do what a
// well-behaved program never does.
type caller struct {
	ln   net.Listener // of one that answers, until somebody calls
	conn net.Conn
}

// A letterbox is a UDP socket that answers who wrote last. But an answer in
// capital letters goes to who wrote the same in small ones.
type letterbox struct {
	*net.UDPConn
	ports   *ports
	sender  netip.AddrPort
	senders map[string]netip.AddrPort
}

func (l *letterbox) Read(p []byte) (n int, err error) {
	n, l.sender, err = l.ReadFromUDPAddrPort(p)
	l.ports.show(l.sender.String(), new(string))
	l.senders[strings.ToUpper(string(p[:n]))] = l.sender
	return n, err
}

func (l *letterbox) Write(p []byte) (int, error) {
	if sender, ok := l.senders[string(p)]; ok {
		return l.WriteToUDPAddrPort(p, sender)
	}
	return l.WriteToUDPAddrPort(p, l.sender)
}

// The paths in the place of addresses of chapter 2, if a script is played over
// AF_UNIX.
var paths = strings.NewReplacer("127.0.0.1:8080", "phone.sock", "127.0.0.1:8", "line-8")

// network is that of an address in a script: the one that is named, unix for
// a path, or tcp. The address is the real one.
func (s *scene) network(listens bool, asked *string, addr string, named ...string) (network, real string) {
	if s.Unix {
		addr = paths.Replace(addr)
	}
	if !strings.Contains(addr, ":") {
		return "unix", s.MkAbs(addr)
	}
	return append(named, "tcp")[0], s.ports.real(addr, listens, asked)
}

func (s *scene) dial(name, addr string, udp ...string) {
	network, addr := s.network(false, new(string), addr, udp...)
	var conn net.Conn
	var err error
	s.wait(func() bool { // a full queue of AF_UNIX refuses who does not wait
		conn, err = net.DialTimeout(network, addr, s.patience)
		return !errors.Is(err, syscall.EAGAIN)
	}, "the queue of %s stays full", addr)
	s.Check(err)
	s.callers[name] = &caller{conn: conn}
}

func (s *scene) listen(name, addr string, udp ...string) {
	var asked string
	network, addr := s.network(true, &asked, addr, udp...)
	if network == "udp" {
		conn, err := net.ListenPacket(network, addr)
		s.Check(err)
		s.ports.show(conn.LocalAddr().String(), &asked)
		s.callers[name] = &caller{conn: &letterbox{UDPConn: conn.(*net.UDPConn), ports: &s.ports, senders: map[string]netip.AddrPort{}}}
		return
	}
	ln, err := net.Listen(network, addr)
	s.Check(err)
	s.Defer(func() { ln.Close() })
	s.ports.show(ln.Addr().String(), &asked)
	s.callers[name] = &caller{ln: ln}
}

// conn is the open connection of a peer. It fails what takes too long.
func (s *scene) conn(name string) net.Conn {
	c := s.callers[name]
	if c == nil {
		s.Fatalf("%s has not called", name)
	}
	deadline := time.Now().Add(s.patience)
	if c.conn == nil {
		s.Check(c.ln.(interface{ SetDeadline(time.Time) error }).SetDeadline(deadline))
		conn, err := c.ln.Accept()
		s.Check(err)
		s.Check(c.ln.Close())
		c.conn = conn
	}
	s.Check(c.conn.SetDeadline(deadline))
	return c.conn
}

// text reads the escapes of Go in an argument, and how many times it is meant.
func (s *scene) text(args []string) (text string, times int) {
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(args[0], `"`, `\"`) + `"`)
	s.Check(err)
	times, err = strconv.Atoi(append(args, "1")[1]) // once, if it is not said
	s.Check(err)
	return text, times
}

func (s *scene) send(name string, args ...string) {
	conn := s.conn(name)
	text, times := s.text(args)
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

func (s *scene) ask(name, text string, answer ...string) {
	s.send(name, text)
	text, _ = s.text(append(answer, text)[:1])
	want := []byte(text)
	for i, b := range want {
		if len(answer) == 0 && 'a' <= b && b <= 'z' {
			want[i] = b - 'a' + 'A'
		}
	}
	s.expect(name, string(want))
}

// wait waits until f returns true, and calls it again and again. It fails
// with a message when patience ends.
func (s *scene) wait(f func() bool, format string, args ...any) {
	late := time.After(s.patience)
	for pause := time.Millisecond; !f(); pause = min(2*pause, 50*time.Millisecond) {
		select {
		case <-time.After(pause):
		case <-late:
			s.Fatalf(format, args...)
		}
	}
}

func (s *scene) recv(name string, args ...string) {
	line := s.conn(name)
	if args[0] == "-eof" || args[0] == "-reset" {
		rest, err := io.ReadAll(line)
		if len(rest) > 0 || (err == nil) != (args[0] == "-eof") || errors.Is(err, os.ErrDeadlineExceeded) {
			s.Fatalf("%s wants the end (%s), and receives %.100q, then %v", name, args[0], rest, err)
		}
		return
	}
	s.expect(name, strings.Repeat(s.text(args)))
}

// expect receives as many bytes as are wanted, or a datagram, and compares.
func (s *scene) expect(name, want string) {
	line := s.conn(name)
	got := make([]byte, len(want))
	n, err := 0, error(nil)
	if line.LocalAddr().Network() == "udp" {
		got = make([]byte, 1<<16) // a datagram is read whole, or what is left of it is lost
		n, err = line.Read(got)
		got = got[:n]
	} else {
		n, err = io.ReadFull(line, got)
	}
	if err != nil || string(got) != want {
		s.Fatalf("%s receives %.100q (%d bytes, %v), want %.100q", name, got[:n], n, err, want)
	}
}

func (s *scene) shutdown(name string) {
	s.Check(s.conn(name).(interface{ CloseWrite() error }).CloseWrite())
}

func (s *scene) echo(name string) {
	line := s.conn(name)
	if tcp, ok := line.(*net.TCPConn); ok {
		s.Check(errors.Join(tcp.SetReadBuffer(1<<18), tcp.SetWriteBuffer(1<<18)))
	}
	go func() {
		defer line.Close()
		buffer := make([]byte, 1<<16)
		for n, err := 0, error(nil); err == nil; n, err = line.Read(buffer) {
			line.Write(bytes.ToUpper(buffer[:n])) // after it has failed, reading fails
		}
	}()
}

func (s *scene) crowd(name, times, addr string, steps ...string) {
	n, err := strconv.Atoi(times)
	s.Check(err)
	var network []string
	if len(steps) > 0 && steps[0] == "udp" {
		network, steps = steps[:1], steps[1:]
	}
	if n > descriptors()/8 && (len(steps) == 0 || !slices.Contains([]string{"close", "reset"}, steps[len(steps)-1]) || slices.Contains(steps, "/")) {
		s.skip("a process may not have so many descriptors here")
	}
	for phase, steps := range strings.Split(strings.Join(steps, " "), "/") {
		for i := range n {
			peer := fmt.Sprint(name, " ", i)
			if phase == 0 {
				s.dial(peer, addr, network...)
			}
			for _, step := range strings.Fields(steps) {
				s.step(peer, step)
			}
		}
	}
}

func (s *scene) step(peer, step string) {
	switch step {
	case "send":
		s.send(peer, peer)
	case "recv":
		s.expect(peer, strings.ToUpper(peer))
	case "ask":
		s.ask(peer, peer)
	case "push": // while the script goes on; the system keeps little of it
		conn := s.conn(peer).(*net.TCPConn)
		s.Check(errors.Join(conn.SetReadBuffer(1<<16), conn.SetWriteBuffer(1<<16)))
		go conn.Write(much())
	case "close":
		s.close(peer)
	case "reset":
		s.close(peer, "-reset")
	default:
		s.Fatalf("crowd knows no step %q", step)
	}
}

// much is what a caller pushes: 16 MiB.
var much = sync.OnceValue(func() []byte { return bytes.Repeat([]byte("x"), 1<<24) })

func (s *scene) file(name string, args ...string) {
	var all strings.Builder
	for pair := range slices.Chunk(args, 2) {
		all.WriteString(strings.Repeat(s.text(pair)))
	}
	s.Check(os.WriteFile(s.MkAbs(name), []byte(all.String()), 0o666))
}

func (s *scene) close(name string, how ...string) {
	open := len(s.callers)
	for peer := range s.callers {
		if peer == name || strings.HasPrefix(peer, name+" ") {
			conn := s.conn(peer)
			if tcp, ok := conn.(*net.TCPConn); ok && len(how) > 0 {
				s.Check(tcp.SetLinger(0))
			}
			s.Check(conn.Close())
			delete(s.callers, peer)
		}
	}
	if len(s.callers) == open {
		s.Fatalf("%s is not connected", name)
	}
}
