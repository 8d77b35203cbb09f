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
	step       Step
}

var (
	callRE = regexp.MustCompile(`^(\w+)\((\d+)(?:, ("(?:[^"\\]|\\.)*")(?:\.\.\.)?, (\d+))?(.*)\)` +
		` = (?:-?\d+)(?: E([A-Z]+) |$)`)
	// What puts a line on the screen, all of it or the end.
	screenRE = regexp.MustCompile(`^(write\([12]|read\(0), (".*\\n"|.*"\.\.\.), \d+\)`)
	argRE    = regexp.MustCompile(`[0-9.]+:(\d+)|SHUT_\w+`)
	kinds    = map[string]string{"connect": "syn", "write": "data", "sendto": "data",
		"close": "end", "shutdown": "end", "accept": "accept", "accept4": "accept"}
)

// calls reads what strace has written of a program.
func calls(program, file string) (all []*call, err error) {
	traced, err := strace.Read(file, "", "")
	numbers, last := strace.Descriptors{}, strace.Call{}
	step := Step{name(program), 1} // the command
	for _, last = range traced {
		if screenRE.MatchString(last.Text) {
			step.Lines++
		}
		shown, known := numbers.Show(strace.Addresses(last.Text))
		m := callRE.FindStringSubmatch(shown)
		if m == nil || !known || kinds[m[1]] == "" || m[6] == "AGAIN" {
			continue
		}
		c := &call{program: program, begin: last.Begin, end: last.End, kind: kinds[m[1]],
			step: step}
		said := m[2:3:3]
		if n, err := strconv.Atoi(m[4]); err == nil {
			said = append(said, data(n, m[3]))
		}
		if m := argRE.FindStringSubmatch(m[5]); m != nil {
			port, _ := strconv.ParseUint(m[1], 10, 16)
			said, c.port = append(said, m[0]), uint16(port)
		}
		c.text = m[1] + "(" + strings.Join(said, ", ") + ")"
		all = append(all, c)
	}
	if len(traced) > 0 && !strings.HasPrefix(last.Text, "+++") { // killed, and strace with it
		step.Lines++
		all = append(all, &call{program: program, begin: last.Begin, end: strace.Never,
			text: "killed by SIGKILL", kind: "end", step: step})
	}
	return all, err
}

// data shows what is sent if it is short, or else how long it is.
func data(n int, quoted string) string {
	if len(quoted) <= 16 {
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
