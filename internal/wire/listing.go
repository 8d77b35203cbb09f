package wire

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// A Scene is what was taken of one.
type Scene struct {
	Programs []string // the last of them, at the right, has port 8080; it may be nobody
	Traces   []string // of each program, by Strace
	Captures []string // of each machine
	Pcap     string   // the file to keep the packets in, or ""
	Accepts  bool     // show when a connection is accepted
}

// A line of a listing: a packet, with the call that sent it, or a call.
type line struct {
	time        time.Duration
	left, right string // the calls
	packet      string // or ""
	back, lost  bool
}

// List returns the scene's packets between the calls that sent them.
//
// A call stands beside the first packet that it sent; what sent nothing is left
// out, unless it is data that waits. Left out are most confirmations too.
func (s *Scene) List() (string, error) {
	sent, err := packets(s.Captures)
	if err == nil && s.Pcap != "" {
		var file bytes.Buffer
		binary.Write(&file, binary.BigEndian, header)
		for _, p := range sent {
			file.Write(p.file)
		}
		err = os.WriteFile(s.Pcap, file.Bytes(), 0o666)
	}
	var made []*call
	for i, program := range s.Programs {
		if program != "nobody" {
			some, failed := calls(program, s.Traces[i])
			made, err = append(made, some...), cmp.Or(err, failed)
		}
	}
	if err != nil {
		return "", err
	}
	slices.SortStableFunc(made, func(a, b *call) int { return cmp.Compare(b.begin, a.begin) })
	var lines []line
	flows, owner := flows{}, map[uint16]string{8080: s.Programs[len(s.Programs)-1]} // of ports
	latest := map[string]time.Duration{} // data of a program
	for _, p := range sent {
		from, known := owner[p.from.Port()]
		to, said := owner[p.to.Port()], ""
		text, kind := flows.describe(p, slices.ContainsFunc(made, func(c *call) bool {
			return c.program == to && c.kind == "data" && latest[to] < c.begin && c.begin < p.time
		}))
		i := slices.IndexFunc(made, func(c *call) bool { // the latest that can have sent it
			return (c.program == from || !known) && c.kind == kind &&
				c.begin <= p.time && p.time <= c.end
		})
		if i >= 0 {
			from = made[i].program
			if !made[i].sent {
				said, made[i].sent = made[i].text, true
			}
		}
		if owner[p.from.Port()] = from; kind == "data" {
			latest[from] = p.time
		}
		if from != "" && to != "" && text != "" {
			l := s.line(p.time, from, to, said)
			l.packet, l.lost = text, p.lost
			lines = append(lines, l)
		}
	}
	for _, c := range made {
		if c.waits() || s.Accepts && c.kind == "accept" && owner[c.port] != "" {
			lines = append(lines, s.line(c.begin, c.program, "", c.text))
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.time, b.time) })
	return s.format(lines), nil
}

// line puts a call at the side of its program. Where there are two clients, a line
// begins with the name of the one that it is about.
func (s *Scene) line(at time.Duration, from, to, call string) line {
	last := len(s.Programs) - 1
	l, client := line{time: at, left: call}, from
	if from == s.Programs[last] {
		l.left, l.right, l.back, client = "", call, true, to
	}
	if last > 1 {
		l.left = strings.TrimSuffix(client+": "+l.left, ": ")
	}
	return l
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
	wide := len(title)
	for _, l := range lines {
		wide = max(wide, len(l.left))
	}
	row := func(left, packet, right string) string {
		row := fmt.Sprintf("%-*s  %-20s  %s", wide, left, packet, right)
		return strings.TrimRight(row, " ") + "\n"
	}
	text := row(title, "    on the wire", names[last])
	for _, l := range lines {
		packet := fmt.Sprintf("%-18s->", l.packet)
		if l.back {
			packet = fmt.Sprintf("<-%18s", l.packet)
		}
		if l.lost {
			packet = strings.NewReplacer("->", "-x", "<-", "x-").Replace(packet)
		} else if l.packet == "" {
			packet = ""
		}
		text += row(l.left, packet, l.right)
	}
	return text
}
