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
	return []string{"strace", "-f", "-ttt", "-e", "trace=network,read,write,close,/poll,/select", "-o", file}
}

// A call is one that may send packets, from its beginning to its end.
type call struct {
	program    string
	begin, end time.Time
	text       string
	kind       string // of packet that it sends: syn, data, end; or accept
	failure    string
	port       uint16 // of the peer, if it names one
	sent       bool   // a packet of this kind, before it ended
}

// waits reports whether it sent nothing yet, though it should.
func (c *call) waits() bool { return c.kind == "data" && !c.sent }

var (
	straceRE = regexp.MustCompile(`^(\d+) +(\d+)\.(\d+) (?:<\.\.\. \w+ resumed>)?(.*)$`)
	callRE   = regexp.MustCompile(`^(\w+)\((?:(\d+)(?:, )?)?(.*)\) += (-?\d+)(?: (E\w+))?.*$`)
	endRE    = regexp.MustCompile(`^\+\+\+ (killed by \w+|exited)`)
	portRE   = regexp.MustCompile(`sin6?_port=htons\((\d+)\)`)
	sockaddr = regexp.MustCompile(`sin6?_port=htons\((\d+)\).*?"([0-9a-f.:]+)"`)
	written  = regexp.MustCompile(`^("(?:[^"\\]|\\.)*")(?:\.\.\.)?, (\d+)`)
	how      = regexp.MustCompile(`SHUT_\w+`)
	kinds    = map[string]string{
		"connect": "syn", "write": "data", "sendto": "data", "close": "end", "shutdown": "end", "accept4": "accept", "accept": "accept",
	}
)

// calls reads what strace has written of a program. The ports that it uses
// itself become its own.
func calls(program, file string, owner map[uint16]string) ([]*call, error) {
	text, err := os.ReadFile(file)
	var all []*call
	shown, halves, begun := map[string]string{}, map[string]string{}, map[string]time.Time{}
	open := map[string]*call{} // by thread: it ends when the next one begins, at the latest
	var last time.Time
	for line := range strings.Lines(string(text)) {
		m := straceRE.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			continue
		}
		thread, text := m[1], m[4]
		seconds, _ := strconv.ParseInt(m[2], 10, 64)
		micro, _ := strconv.ParseInt(m[3], 10, 64)
		now := time.Unix(seconds, micro*1000)
		if open[thread] != nil {
			open[thread].end, open[thread] = now, nil
		}
		if half, ok := strings.CutSuffix(text, " <unfinished ...>"); ok {
			halves[thread], begun[thread] = half, now
			continue
		}
		c := &call{program: program, begin: now, end: now}
		if halves[thread] != "" {
			text, c.begin = halves[thread]+text, begun[thread]
			delete(halves, thread)
		} else {
			open[thread] = c
		}
		if m := endRE.FindStringSubmatch(text); m != nil { // the program's last thread ends last
			c.begin, c.text, c.kind = last, m[1], "end"
			all = append(all, c)
			continue
		}
		m = callRE.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		last = now
		name, fd, args, result, failure := m[1], m[2], m[3], m[4], m[5]
		port := portRE.FindStringSubmatch(args)
		switch {
		case (name == "bind" || name == "getsockname") && port != nil && port[1] != "0":
			n, _ := strconv.ParseUint(port[1], 10, 16)
			owner[uint16(n)] = program
		case (name == "socket" || strings.HasPrefix(name, "accept")) && result[0] != '-':
			lowest := 3
			for slices.Contains(slices.Collect(maps.Values(shown)), strconv.Itoa(lowest)) {
				lowest++
			}
			shown[result] = strconv.Itoa(lowest)
		}
		c.kind, c.failure = kinds[name], failure
		if shown[fd] == "" || c.kind == "" || failure == "EAGAIN" {
			continue
		}
		said := []string{shown[fd]}
		if m := written.FindStringSubmatch(args); m != nil && name != "connect" {
			n, _ := strconv.Atoi(m[2])
			said = append(said, data(n, m[1]))
		}
		if m := sockaddr.FindStringSubmatch(args); m != nil {
			said = append(said, strings.TrimPrefix(m[2], "::ffff:")+":"+m[1])
			n, _ := strconv.ParseUint(m[1], 10, 16)
			c.port = uint16(n)
		}
		said = append(said, how.FindAllString(args, 1)...)
		c.text = name + "(" + strings.Join(said, ", ") + ")"
		if name == "close" {
			delete(shown, fd)
		}
		all = append(all, c)
	}
	for _, c := range open {
		if c != nil {
			c.end = time.Now()
		}
	}
	if !strings.Contains(string(text), " +++ ") { // strace was killed too
		all = append(all, &call{program: program, begin: last, end: time.Now(), text: "killed by SIGKILL", kind: "end"})
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
