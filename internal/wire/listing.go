package wire

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// A Scene is what was taken of one.
type Scene struct {
	Programs []string // the last of them stands at the right
	Traces   []string // of each program, by Strace
	Captures []string // of each machine
	Accepts  bool     // show when a connection is accepted
	ACKs     bool     // show all confirmations
}

// A line of a listing: a packet, or a call, or a packet beside the call that sent it.
type line struct {
	time    time.Time
	program string // whose it is
	call    string
	packet  string // or "": it sent nothing
	lost    bool
}

// List returns the scene's packets between the calls that sent them, and writes
// them to a pcap file, if one is named.
//
// A call stands beside the first packet that it sent; what sent nothing is left
// out, unless it is data that waits. Left out are confirmations too, but for the
// last of a handshake and of a connection, and those that answer a probe or close
// the window.
func (s *Scene) List(pcap string) (string, error) {
	all, err := packets(s.Captures)
	if err == nil && pcap != "" {
		err = save(pcap, all)
	}
	owner := map[uint16]string{} // of a port
	var made []*call
	for i, program := range s.Programs {
		some, failed := calls(program, s.Traces[i], owner)
		made, err = append(made, some...), cmp.Or(err, failed)
	}
	if err != nil {
		return "", err
	}
	slices.SortStableFunc(made, func(a, b *call) int { return b.begin.Compare(a.begin) }) // the last first
	last := s.Programs[len(s.Programs)-1]
	var lines []line
	flows := flows{}
	for _, p := range all {
		text, kind := flows.describe(p)
		port, peer := p.from.Port(), owner[p.to.Port()]
		i := slices.IndexFunc(made, func(c *call) bool {
			theirs := c.program == owner[port] || owner[port] == "" && c.program != peer
			return theirs && c.kind == kind && !p.time.Before(c.begin) && !p.time.After(c.end)
		})
		l := line{time: p.time, program: owner[port], packet: text, lost: p.lost}
		if i >= 0 {
			l.program = made[i].program
			if !made[i].sent {
				l.call, made[i].sent = made[i].text, true
			}
		} else if l.program == "" && peer != last { // what no call has sent comes from the other side
			l.program = last
		}
		if owner[port] == "" && port != 0 {
			owner[port] = l.program
		}
		if text == "" && s.ACKs {
			l.packet = "ACK"
		}
		if l.packet != "" {
			lines = append(lines, l)
		}
	}
	for _, c := range made {
		if !c.sent && (c.kind == "data" || c.kind == "accept" && s.Accepts) {
			lines = append(lines, line{time: c.begin, program: c.program, call: strings.TrimSpace(c.text + " " + c.failure)})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.time.Compare(b.time) })
	return s.format(lines), nil
}

// format draws the lines below the names.
func (s *Scene) format(lines []line) string {
	names := slices.Clone(s.Programs)
	for i, name := range names {
		if slices.Contains([]string{"ann", "bob", "cid"}, name) {
			names[i] = strings.ToUpper(name[:1]) + name[1:]
		} else if _, err := os.Stat(s.Traces[i]); err == nil {
			names[i] = "the " + name
		}
	}
	others := len(names) - 1
	title := strings.Join(names[:others], ", ")
	left, middle := len(title), 20
	for i, l := range lines {
		if l.program != s.Programs[others] {
			if others > 1 {
				lines[i].call = strings.TrimSuffix(l.program+": "+l.call, ": ")
			}
			left = max(left, len(lines[i].call))
		}
		middle = max(middle, len(l.packet)+4)
	}
	row := func(call, packet, right string) string {
		return strings.TrimRight(fmt.Sprintf("%-*s  %-*s  %s", left, call, middle, packet, right), " ") + "\n"
	}
	text := row(title, strings.Repeat(" ", (middle-11)/2)+"on the wire", names[others])
	for _, l := range lines {
		there, back := "->", "<-"
		if l.lost {
			there, back = "-x", "x-"
		}
		switch {
		case l.program == s.Programs[others] && l.packet != "":
			text += row("", back+fmt.Sprintf("%*s", middle-2, l.packet), l.call)
		case l.program == s.Programs[others]:
			text += row("", "", l.call)
		case l.packet != "":
			text += row(l.call, fmt.Sprintf("%-*s", middle-2, l.packet)+there, "")
		default:
			text += row(l.call, "", "")
		}
	}
	return text
}

func save(name string, all []*packet) error {
	file := slices.Clone(header)
	for _, p := range all {
		file = append(file, p.record...)
	}
	return os.WriteFile(name, file, 0o666)
}
