package wire

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"example.com/sockets/internal/strace"
)

// Strace is what runs another command and writes its calls to a file, with the
// times that a listing needs.
func Strace(file string) []string {
	const traced = "trace=network,read,write,close,/^p?poll,/^epoll_p?wait,/select"
	return []string{"strace", "-f", "-ttt", "-e", traced, "-o", file}
}

// A call is one that may send packets, from its beginning to its end.
type call struct {
	program    string
	begin, end time.Duration
	text       string
	kind       string // of packet that it sends: syn, data or end; or accept
	port       uint16 // of the peer, if it names one
	sent       bool   // a packet of this kind, before it ended
	after      int    // so many lines of the program's screen
}

// waits reports whether it sent nothing yet, though it should.
func (c *call) waits() bool { return c.kind == "data" && !c.sent }

var (
	screenRE = regexp.MustCompile(`^(write\([12]|read\(0), (".*\\n"|.*"\.\.\.), \d+\)`)
	callRE   = regexp.MustCompile(`^(\w+)\((\d+)(?:, )?(.*)\) = (-?\d+)( EAGAIN)?`)
	dataRE   = regexp.MustCompile(`^("(?:[^"\\]|\\.)*")(?:\.\.\.)?, (\d+)(.*)`)
	addrRE   = regexp.MustCompile(`^(?:.*, )?(?:::ffff:)?([0-9a-f.:]+:(\d+))`)
	howRE    = regexp.MustCompile(`SHUT_\w+`)
	kinds    = map[string]string{"connect": "syn", "write": "data", "sendto": "data",
		"close": "end", "shutdown": "end", "accept": "accept", "accept4": "accept"}
)

// calls reads what strace has written of a program. The ports that it uses
// itself become its own.
func calls(program, file string, owner map[uint16]string) (all []*call, err error) {
	traced, err := strace.Read(file, "", "")
	numbers, last := strace.Descriptors{}, strace.Call{}
	screen := 1 // the command
	for _, last = range traced {
		if screenRE.MatchString(last.Text) {
			screen++
		}
		shown, known := numbers.Show(strace.Addresses(last.Text))
		m := callRE.FindStringSubmatch(shown)
		if m == nil || !known || m[5] != "" {
			continue
		}
		name, args := m[1], m[3]
		said := []string{m[2]}
		if m := dataRE.FindStringSubmatch(args); m != nil && kinds[name] == "data" {
			n, _ := strconv.Atoi(m[2])
			said, args = append(said, data(n, m[1])), m[3]
		}
		c := &call{program: program, begin: last.Begin, end: last.End, kind: kinds[name],
			after: screen}
		if m := addrRE.FindStringSubmatch(args); m != nil {
			port, _ := strconv.ParseUint(m[2], 10, 16)
			c.port = uint16(port)
			said = append(said, m[1])
		}
		if (name == "bind" || name == "getsockname") && c.port != 0 {
			owner[c.port] = program
		}
		said = append(said, howRE.FindAllString(args, 1)...)
		if c.text = name + "(" + strings.Join(said, ", ") + ")"; c.kind != "" {
			all = append(all, c)
		}
	}
	if len(traced) > 0 && !strings.HasPrefix(last.Text, "+++") { // killed, and strace with it
		all = append(all, &call{program: program, begin: last.Begin, end: strace.Never,
			text: "killed by SIGKILL", kind: "end", after: screen + 1})
	}
	return all, err
}

// data shows what is sent if it is short, or else how long it is.
func data(n int, quoted string) string {
	if n <= 24 {
		return quoted
	}
	return number(n) + " bytes"
}

// number writes 1472 as 1,472.
func number(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", number(n/1000), n%1000)
}
