package wire

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Strace is what runs another command and writes its calls to a file, with the
// times that a listing needs.
func Strace(file string) []string {
	const traced = "trace=network,read,write,close,/poll,/select"
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
}

// waits reports whether it sent nothing yet, though it should.
func (c *call) waits() bool { return c.kind == "data" && !c.sent }

var (
	entryRE = regexp.MustCompile(`^(\d+) +(\d+\.\d+) (?:<\.\.\. \w+ resumed>)?(.*)$`)
	callRE  = regexp.MustCompile(`^(\w+)\((\d+)?(?:, )?(.*)\) += (-?\d+)( EAGAIN)?`)
	addrRE  = regexp.MustCompile(`sin6?_port=htons\((\d+)\).*?"(?:::ffff:)?([0-9a-f.:]+)"`)
	dataRE  = regexp.MustCompile(`^("(?:[^"\\]|\\.)*")(?:\.\.\.)?, (\d+)`)
	howRE   = regexp.MustCompile(`SHUT_\w+`)
	kinds   = map[string]string{"connect": "syn", "write": "data", "sendto": "data",
		"close": "end", "shutdown": "end", "accept": "accept", "accept4": "accept"}
)

// calls reads what strace has written of a program. The ports that it uses
// itself become its own.
func calls(program, file string, owner map[uint16]string) (all []*call, err error) {
	text, err := os.ReadFile(file)
	shown, halves, begun := map[string]string{}, map[string]string{}, map[string]time.Duration{}
	open := map[string]*call{} // by thread: it ends when the next one begins, at the latest
	last := &call{}
	for line := range strings.Lines(string(text)) {
		m := entryRE.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			continue
		}
		thread, text := m[1], m[3]
		now, _ := time.ParseDuration(m[2] + "s")
		if open[thread] != nil {
			open[thread].end = now
		}
		half, ok := strings.CutSuffix(text, " <unfinished ...>")
		if ok {
			halves[thread], begun[thread], open[thread] = half, now, nil
			continue
		}
		last = &call{program: program, begin: now, end: never}
		open[thread] = last
		if halves[thread] != "" {
			text, last.begin, last.end = halves[thread]+text, begun[thread], now
			halves[thread], open[thread] = "", nil
		}
		if m = callRE.FindStringSubmatch(text); m == nil {
			continue
		}
		name, fd, args, result := m[1], m[2], m[3], m[4]
		addr := addrRE.FindStringSubmatch(args)
		if addr != nil {
			port, _ := strconv.ParseUint(addr[1], 10, 16)
			last.port = uint16(port)
		}
		switch {
		case (name == "bind" || name == "getsockname") && last.port != 0:
			owner[last.port] = program
		case (name == "socket" || kinds[name] == "accept") && result[0] != '-':
			lowest := 3
			for slices.Contains(slices.Collect(maps.Values(shown)), strconv.Itoa(lowest)) {
				lowest++
			}
			shown[result] = strconv.Itoa(lowest)
		}
		if shown[fd] == "" || kinds[name] == "" || m[5] != "" {
			continue
		}
		said := []string{shown[fd]}
		if m := dataRE.FindStringSubmatch(args); m != nil && kinds[name] == "data" {
			n, _ := strconv.Atoi(m[2])
			said = append(said, data(n, m[1]))
		}
		if addr != nil {
			said = append(said, addr[2]+":"+addr[1])
		}
		said = append(said, howRE.FindAllString(args, 1)...)
		last.kind, last.text = kinds[name], name+"("+strings.Join(said, ", ")+")"
		if all = append(all, last); name == "close" {
			delete(shown, fd)
		}
	}
	if !strings.Contains(string(text), " +++ ") { // it runs, or was killed, and strace with it
		all = append(all, &call{program: program, begin: last.begin, end: never,
			text: "killed by SIGKILL", kind: "end"})
	}
	return all, err
}

// The time of what has not happened yet.
const never = time.Duration(1<<63 - 1)

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
