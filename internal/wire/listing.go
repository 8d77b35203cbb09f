package wire

import (
	"cmp"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"
)

// A Scene is what was taken of one.
type Scene struct {
	Programs []string // the last of them is at the right
	Traces   []string // of each program, by Strace; one may be missing
	Captures []string // of each machine
	Pcap     string   // the file to keep the packets in, or ""
	Show     string   // "", or as a flag of the word wire
}

// A line of a listing: a packet, or a call, or a packet beside the call that sent it.
type line struct {
	time          time.Duration
	program, peer string // whose it is, and for whom
	call          string
	packet        string // or "": it sent nothing
	lost, data    bool
	after         int // so many lines of the program's screen
}

// A Step is what was to be seen when a line of a listing came: so many lines of the
// screen of its program.
type Step struct {
	Program string
	Lines   int
}

// List returns the scene's packets between the calls that sent them, and a step for
// each line.
//
// A call stands beside the first packet that it sent; what sent nothing is left
// out, unless it is data that waits. Left out are confirmations too, but for the
// last of a handshake and of a connection, and those that answer a probe or close
// the window.
func (s *Scene) List() (string, []Step, error) {
	all, err := packets(s.Captures)
	if err == nil && s.Pcap != "" {
		file := slices.Clone(header)
		for _, p := range all {
			file = append(file, p.record...)
		}
		err = os.WriteFile(s.Pcap, file, 0o666)
	}
	owner, untraced := map[uint16]string{}, "" // of a port, and of one that nobody owns
	var made []*call
	for i, program := range s.Programs {
		if _, missing := os.Stat(s.Traces[i]); missing != nil {
			untraced = program
			continue
		}
		some, failed := calls(program, s.Traces[i], owner)
		made, err = append(made, some...), cmp.Or(err, failed)
	}
	if err != nil {
		return "", nil, err
	}
	slices.SortStableFunc(made, func(a, b *call) int { return cmp.Compare(b.begin, a.begin) })
	last := s.Programs[len(s.Programs)-1]
	var lines []line
	flows, heads := flows{}, map[netip.Addr]*packet{}
	for _, p := range all {
		if head := heads[p.from.Addr()]; p.offset > 0 && head != nil {
			p.from, p.to = head.from, head.to
		}
		heads[p.from.Addr()] = p
		l := line{time: p.time, lost: p.lost}
		l.program, l.peer = owner[p.from.Port()], owner[p.to.Port()]
		text, kind := flows.describe(p)
		l.packet, l.data = text, kind == "data"
		i := slices.IndexFunc(made, func(c *call) bool { // the latest that can have sent it
			theirs := c.program == l.program || l.program == "" && c.program != l.peer
			return theirs && c.kind == kind && c.begin <= p.time && p.time <= c.end
		})
		switch {
		case i >= 0:
			l.program, l.after = made[i].program, made[i].after
			if !made[i].sent {
				l.call, made[i].sent = made[i].text, true
			}
		case l.program == "" && l.peer == last:
			l.program = untraced
		case l.program == "" && l.peer != "": // a kernel's word
			l.program = last
		}
		owner[p.from.Port()] = l.program
		if text == "" && s.Show == "-data" {
			l.packet, l.data = "ACK", true
		}
		listed := l.program != "" && (l.program != last || l.peer != "")
		if listed && l.packet != "" {
			lines = append(lines, l)
		}
	}
	for _, c := range made {
		accepts := s.Show == "-accepts" && c.kind == "accept" && owner[c.port] != ""
		if l := (line{time: c.begin, program: c.program, call: c.text, after: c.after}); c.waits() || accepts {
			l.data = c.waits()
			lines = append(lines, l)
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.time, b.time) })
	switch s.Show {
	case "-data":
		lines = slices.DeleteFunc(lines, func(l line) bool { return !l.data })
		for i := len(lines) - 1; i >= 0; i-- { // data waits for an ACK, or it doesn't matter
			waited := i+1 < len(lines) && lines[i+1].program == lines[i].peer
			if lines[i].packet == "ACK" && !waited {
				lines = slices.Delete(lines, i, i+1)
			}
		}
	case "-ends":
		lines = ends(lines, last)
	}
	steps := make([]Step, 1, len(lines)+1) // the names
	for _, l := range lines {
		steps = append(steps, Step{l.program, l.after})
	}
	return s.format(lines), steps, nil
}

// ends leaves of the lines the handshake, each side's first call that sends data,
// and, of each side, the window in its last packet.
func ends(lines []line, last string) []line {
	var first, final [2]line
	for _, l := range lines[3:] {
		side := map[bool]int{true: 1}[l.program == last]
		if first[side].call == "" && strings.HasPrefix(l.call, "write") {
			first[side] = l
			first[side].packet = "..."
		}
		if _, window, ok := strings.Cut(l.packet, ", "); l.packet != "" {
			final[side] = line{program: l.program, packet: map[bool]string{true: window}[ok]}
		}
	}
	return slices.Concat(lines[:3], first[:], final[:])
}

// format draws the lines below the names.
func (s *Scene) format(lines []line) string {
	names := slices.Clone(s.Programs)
	for i, name := range names {
		if len(name) == 3 { // a person
			names[i] = strings.ToUpper(name[:1]) + name[1:]
		} else if name != "nobody" {
			names[i] = "the " + name
		}
	}
	last := len(names) - 1
	title := strings.Join(names[:last], ", ")
	left, middle := len(title), 20
	for i, l := range lines {
		switch {
		case last > 1 && l.program == s.Programs[last]:
			left = max(left, len(l.peer))
		case last > 1:
			lines[i].call = strings.TrimSuffix(l.program+": "+l.call, ": ")
			fallthrough
		case l.program != s.Programs[last]:
			left = max(left, len(lines[i].call))
		}
		middle = max(middle, len(l.packet)+4)
	}
	row := func(call, packet, right string) string {
		row := fmt.Sprintf("%-*s  %-*s  %s", left, call, middle, packet, right)
		return strings.TrimRight(row, " ") + "\n"
	}
	text := row(title, strings.Repeat(" ", (middle-11)/2)+"on the wire", names[last])
	for _, l := range lines {
		there := fmt.Sprintf("%-*s->", middle-2, l.packet)
		back := fmt.Sprintf("<-%*s", middle-2, l.packet)
		if l.lost {
			there, back = there[:middle-2]+"-x", "x-"+back[2:]
		} else if l.packet == "" {
			there, back = "", ""
		}
		if l.program != s.Programs[last] {
			text += row(l.call, there, "")
		} else if last == 1 {
			text += row("", back, l.call)
		} else {
			text += row(l.peer, back, l.call)
		}
	}
	return text
}
