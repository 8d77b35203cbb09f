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
	Programs []string // the last of them stands at the right
	Traces   []string // of each program, by Strace
	Captures []string // of each machine
	Accepts  bool     // show when a connection is accepted
	Data     bool     // show no more than the data
	Ends     bool     // show no more than the beginning and the end
}

// A line of a listing: a packet, or a call, or a packet beside the call that sent it.
type line struct {
	time    time.Time
	program string // whose it is
	peer    string
	call    string
	packet  string // or "": it sent nothing
	lost    bool
	data    bool
}

// List returns the scene's packets between the calls that sent them, and writes
// them to a pcap file, if one is named.
//
// A call stands beside the first packet that it sent; what sent nothing is left
// out, unless it is data that waits. Left out are confirmations too, but for the
// last of a handshake and of a connection, and those that answer a probe, close
// the window, or let data go that waits.
func (s *Scene) List(pcap string) (string, error) {
	all, err := packets(s.Captures)
	if err == nil && pcap != "" {
		err = save(pcap, all)
	}
	owner := map[uint16]string{} // of a port
	var made []*call
	untraced := "" // a program without a trace
	for i, program := range s.Programs {
		if _, missing := os.Stat(s.Traces[i]); missing != nil {
			untraced = program
			continue
		}
		some, failed := calls(program, s.Traces[i], owner)
		made, err = append(made, some...), cmp.Or(err, failed)
	}
	if err != nil {
		return "", err
	}
	slices.SortStableFunc(made, func(a, b *call) int { return b.begin.Compare(a.begin) }) // the last first
	last := s.Programs[len(s.Programs)-1]
	var lines []line
	flows, heads := flows{}, map[netip.Addr]*packet{}
	for _, p := range all {
		if head := heads[p.from.Addr()]; p.offset > 0 && head != nil {
			p.from, p.to = head.from, head.to
		}
		heads[p.from.Addr()] = p
		text, kind := flows.describe(p)
		from, to := p.from.Port(), p.to.Port()
		l := line{time: p.time, program: owner[from], peer: owner[to], packet: text, lost: p.lost, data: kind == "data"}
		i := slices.IndexFunc(made, func(c *call) bool {
			theirs := c.program == l.program || l.program == "" && c.program != l.peer
			return theirs && c.kind == kind && !p.time.Before(c.begin) && !p.time.After(c.end)
		})
		if i >= 0 {
			l.program = made[i].program
			if !made[i].sent {
				l.call, made[i].sent = made[i].text, true
			}
		} else if l.program == "" && l.peer == last {
			l.program = untraced
		} else if l.program == "" && l.peer != "" { // a kernel's word
			l.program = last
		}
		if from != 0 {
			owner[from] = l.program
		}
		if text == "" && s.Data {
			l.packet, l.data = "ACK", true
		}
		if l.packet != "" && l.program != "" && (l.peer != "" || l.program != last) { // else it is another program's
			lines = append(lines, l)
		}
	}
	for _, c := range made {
		if c.waits() || !c.sent && c.kind == "accept" && s.Accepts && owner[c.port] != "" {
			lines = append(lines, line{time: c.begin, program: c.program, call: strings.TrimSpace(c.text + " " + c.failure), data: c.kind == "data"})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.time.Compare(b.time) })
	if s.Data {
		lines = slices.DeleteFunc(lines, func(l line) bool { return !l.data })
		for i := len(lines) - 1; i >= 0; i-- { // a confirmation counts that data waits for
			if lines[i].packet == "ACK" && (i+1 == len(lines) || lines[i+1].program != lines[i].peer) {
				lines = slices.Delete(lines, i, i+1)
			}
		}
	} else if s.Ends {
		lines = ends(lines, last)
	}
	return s.format(lines), nil
}

// ends leaves of the lines the handshake, each side's first call that sends data,
// and, of each side, the window in its last packet.
func ends(lines []line, last string) []line {
	kept := lines[:3:3]
	for _, final := range []bool{false, true} {
		for _, right := range []bool{false, true} {
			some := slices.DeleteFunc(slices.Clone(lines[3:]), func(l line) bool {
				return (l.program == last) != right || final && l.packet == "" || !final && !strings.HasPrefix(l.call, "write")
			})
			l := some[0]
			if l.packet = "..."; final {
				l = some[len(some)-1]
				l.call = ""
				_, l.packet, _ = strings.Cut(l.packet, ", ")
			}
			kept = append(kept, l)
		}
	}
	return kept
}

// format draws the lines below the names.
func (s *Scene) format(lines []line) string {
	names := slices.Clone(s.Programs)
	for i, name := range names {
		if slices.Contains([]string{"ann", "bob", "cid"}, name) {
			names[i] = strings.ToUpper(name[:1]) + name[1:]
		} else if name != "nobody" {
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
		} else if others > 1 {
			left = max(left, len(l.peer))
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
			text += row(map[bool]string{true: l.peer}[others > 1], back+fmt.Sprintf("%*s", middle-2, l.packet), l.call)
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
