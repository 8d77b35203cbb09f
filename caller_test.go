package sockets

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A caller is the script itself at one end of a line: it can do what a
// well-behaved program never does.
type caller struct {
	ln   net.Listener // of one that answers, until somebody calls
	conn net.Conn
}

func (c *caller) close() {
	if c.ln != nil {
		c.ln.Close()
	}
	if c.conn != nil {
		c.conn.Close()
	}
}

// call NAME ADDRESS dials.
func (s *scene) call(name, addr string) {
	var none string
	addr, err := s.ports.real(addr, false, &none)
	s.Check(err)
	conn, err := net.DialTimeout("tcp", addr, patience)
	s.Check(err)
	s.callers[name] = &caller{conn: conn}
}

// answer NAME ADDRESS listens. Whoever calls is answered when the script
// first says or hears something.
func (s *scene) answer(name, addr string) {
	var asked string
	addr, err := s.ports.real(addr, true, &asked)
	s.Check(err)
	ln, err := net.Listen("tcp", addr)
	s.Check(err)
	s.ports.show(ln.Addr().String(), &asked)
	s.callers[name] = &caller{ln: ln}
}

// line is the open line of a caller. It fails what takes too long.
func (s *scene) line(name string) net.Conn {
	c := s.callers[name]
	if c == nil {
		s.Fatalf("%s has not called", name)
	}
	deadline := time.Now().Add(patience)
	if c.conn == nil {
		s.Check(c.ln.(*net.TCPListener).SetDeadline(deadline))
		conn, err := c.ln.Accept()
		s.Check(err)
		s.Check(c.ln.Close())
		c.conn, c.ln = conn, nil
	}
	s.Check(c.conn.SetDeadline(deadline))
	return c.conn
}

// text reads the escapes of Go in an argument, and repeats it.
func (s *scene) text(args []string) string {
	text, err := strconv.Unquote(`"` + strings.ReplaceAll(args[0], `"`, `\"`) + `"`)
	s.Check(err)
	times := 1
	if len(args) > 1 {
		times, err = strconv.Atoi(args[1])
		s.Check(err)
	}
	return strings.Repeat(text, times)
}

// say NAME TEXT [TIMES] writes the text, in one piece.
func (s *scene) say(name string, args ...string) {
	_, err := io.WriteString(s.line(name), s.text(args))
	s.Check(err)
}

// taken NAME waits until the program at the other end has read all that was
// said. Only Linux tells; elsewhere it goes on at once.
func (s *scene) taken(name string) {
	line := s.line(name)
	here, there := line.LocalAddr().(*net.TCPAddr).Port, line.RemoteAddr().(*net.TCPAddr).Port
	sent, received := fmt.Sprintf("%04X %04X", here, there), fmt.Sprintf("%04X %04X", there, here)
	for late := time.After(patience); ; {
		v4, _ := os.ReadFile("/proc/net/tcp")
		v6, _ := os.ReadFile("/proc/net/tcp6")
		waits := false
		for _, m := range queues.FindAllSubmatch(append(v4, v6...), -1) {
			ends, unsent, unread := fmt.Sprintf("%s %s", m[1], m[2]), string(m[3]), string(m[4])
			waits = waits || ends == sent && unsent != "00000000" || ends == received && unread != "00000000"
		}
		if !waits {
			return
		}
		select {
		case <-time.After(time.Millisecond):
		case <-late:
			s.Fatalf("the other end does not read what %s said", name)
		}
	}
}

// A row of /proc/net/tcp: the two ports, and what waits to go out and to be read.
var queues = regexp.MustCompile(`:(\w{4}) \w+:(\w{4}) \w\w (\w{8}):(\w{8}) `)

// hear NAME TEXT [TIMES] reads as many bytes as the text has, and compares.
// hear NAME -eof and -reset read the end: hung up, or torn off.
func (s *scene) hear(name string, args ...string) {
	line := s.line(name)
	if args[0] == "-eof" || args[0] == "-reset" {
		rest, err := io.ReadAll(line)
		if len(rest) > 0 || (err == nil) != (args[0] == "-eof") || errors.Is(err, os.ErrDeadlineExceeded) {
			s.Fatalf("%s hears %.100q, then %v", name, rest, err)
		}
		return
	}
	want := s.text(args)
	got := make([]byte, len(want))
	n, err := io.ReadFull(line, got)
	if err != nil || string(got) != want {
		s.Fatalf("%s hears %.100q (%d bytes, %v), want %.100q", name, got[:n], n, err, want)
	}
}

// hangup NAME closes the line; with -reset it is torn off.
func (s *scene) hangup(name string, how ...string) {
	line := s.line(name)
	if len(how) > 0 {
		s.Check(line.(*net.TCPConn).SetLinger(0))
	}
	s.Check(line.Close())
	delete(s.callers, name)
}
