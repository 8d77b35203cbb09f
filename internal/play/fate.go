package play

import (
	"cmp"
	"net"
	"os"
	"regexp"
	"strings"
	"syscall"
	"time"

	"example.com/sockets/internal/proc"
)

// late reports whether it ran, and had printed nothing yet.
func (f fate) late() bool {
	return f.status == "" && lastLine(f.screen) == "nothing"
}

// suspect finds the program of the reader's that the last word names, or one
// that nobody waited for, or any.
func (s *scene) suspect() (found *terminal) {
	for name, t := range s.terminals {
		if t.yours == "" || t.cmd == nil {
			continue
		}
		if name == s.now.name {
			return t
		}
		if found == nil || found.waited {
			found = t
		}
	}
	return found
}

// testify finds at the end of a script what one of testscript's words wanted, and
// what became of the reader's program.
func (s *scene) testify() {
	if s.now.word == "" {
		s.now.want, s.now.got = s.again()
	}
	t := s.suspect()
	if t == nil {
		return
	}
	f := &s.fate
	f.role = t.yours
	t.look(&s.ports)
	select {
	case <-t.ended.Done():
		f.status = t.status()
	case <-time.After(time.Second / 5):
		peer := s.peers[s.now.name]
		f.answers = peer != nil && answers(peer.conn)
		proc.Signal(t.cmd, syscall.SIGKILL)
		<-t.ended.Done()
		used := t.cmd.ProcessState.UserTime() + t.cmd.ProcessState.SystemTime()
		f.spins = used > time.Second+s.patience/8
	}
	f.screen = t.look(&s.ports)
	for real, shown := range s.ports.byReal {
		f.ports = append(f.ports, ":"+shown, ":"+real)
	}
	f.raw = strings.NewReplacer(f.ports...).Replace(f.screen)
}

// answers reports whether a server answers a newline.
func answers(conn net.Conn) bool {
	if conn == nil {
		return false
	}
	conn.SetDeadline(time.Now().Add(time.Second / 2))
	conn.Write([]byte("\n"))
	_, err := conn.Read(make([]byte, 1))
	return err == nil
}

// again finds what one of testscript's own words wanted and got in the line
// that the scene has come to.
func (s *scene) again() (want, got string) {
	line := conditionRE.ReplaceAllString(s.lines[s.line-1], "")
	words := strings.Fields(strings.TrimPrefix(line, "! "))
	switch words[0] {
	case "cmp":
		return s.differ(words[1], words[2])
	case "stdout":
		got = s.stdout
	case "stderr":
		got = s.stderr
	default:
		text, _ := os.ReadFile(s.MkAbs(words[len(words)-1]))
		got = string(text)
	}
	return readable.Replace(line), cmp.Or(strings.TrimSpace(got), "nothing")
}

// differ returns the first lines in which two files differ.
func (s *scene) differ(got, want string) (wants, gets string) {
	a, _ := os.ReadFile(s.MkAbs(got))
	b, _ := os.ReadFile(s.MkAbs(want))
	gotten, wanted := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	i := 0
	for i < min(len(gotten), len(wanted))-1 && gotten[i] == wanted[i] {
		i++
	}
	shown := func(line string) string { return "on its screen: " + cmp.Or(line, "no more") }
	return shown(wanted[i]), shown(gotten[i])
}

// The conditions of a line.
var conditionRE = regexp.MustCompile(`^(\[[^]]+\] )+`)
