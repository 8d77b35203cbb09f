package wire

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A line of a listing: a packet, with the call that sent it, or a call.
type line struct {
	time                time.Duration
	left, packet, right string
	step                Step
}

// A Step is what was to be seen when a line of a listing came: so many lines of the
// terminal of a program.
type Step struct {
	Terminal string
	Lines    int
}

// name returns the name of a terminal, from the title of its program.
func name(title string) string {
	return strings.ToLower(title[strings.LastIndex(title, " ")+1:])
}

// List returns the packets of a scene between the calls that sent them, and a step
// for each line. In a folder are what was taken on each machine, NAME.pcap, and what
// Strace wrote of each program, in NAME.wire: the last word of a title is the name.
// The last program is at the right, and has port 8080; it may be nobody.
//
// A call stands beside the first packet that it sent; what sent nothing is left out,
// unless it is data that waits, or with accepts a connection that is accepted. Left
// out are most confirmations too.
func List(folder string, titles []string, accepts bool) (string, []Step, error) {
	sent, err := packets(folder)
	var made []*call
	for _, title := range titles {
		if title != "nobody" {
			some, failed := calls(title, filepath.Join(folder, name(title)+".wire"))
			made, err = append(made, some...), cmp.Or(err, failed)
		}
	}
	slices.SortStableFunc(made, func(a, b *call) int { return cmp.Compare(b.begin, a.begin) })
	last := len(titles) - 1
	title := strings.Join(titles[:last], ", ")
	lines, wide := []line{{0, title, "    on the wire", titles[last], Step{}}}, len(title)
	show := func(at time.Duration, from, to, call, packet string, lost bool, step Step) {
		there, back, client := "->", "<-", from
		if lost {
			there, back = "-x", "x-"
		}
		l := line{at, call, fmt.Sprintf("%-18s%s", packet, there), "", step}
		if from == titles[last] {
			l, client = line{at, "", fmt.Sprintf("%s%18s", back, packet), call, step}, to
		}
		if packet == "" {
			l.packet = ""
		}
		if last > 1 {
			l.left = strings.TrimSuffix(client+": "+l.left, ": ")
		}
		lines, wide = append(lines, l), max(wide, len(l.left))
	}
	flows, owner := flows{}, map[uint16]string{8080: titles[last]} // of a port
	latest := map[string]time.Duration{}                           // data of a program
	for _, p := range sent {
		from, known := owner[p.from.Port()]
		to, said, step := owner[p.to.Port()], "", Step{}
		text, kind := flows.describe(p, slices.ContainsFunc(made, func(c *call) bool {
			return c.program == to && c.kind == "data" && latest[to] < c.begin && c.begin < p.time()
		}))
		i := slices.IndexFunc(made, func(c *call) bool { // the latest that can have sent it
			return (c.program == from || !known) && c.kind == kind &&
				c.begin <= p.time() && p.time() <= c.end
		})
		if i >= 0 {
			from, step = made[i].program, made[i].step
			if !made[i].sent {
				said, made[i].sent = made[i].text, true
			}
		}
		if owner[p.from.Port()] = from; kind == "data" {
			latest[from] = p.time()
		}
		if from != "" && to != "" && text != "" {
			show(p.time(), from, to, said, text, p.lost, step)
		}
	}
	for _, c := range made {
		accepted := accepts && c.kind == "accept" && owner[c.port] != ""
		if c.kind == "data" && !c.sent || accepted {
			show(c.begin, c.program, "", c.text, "", false, c.step)
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.time, b.time) })
	text, steps := "", []Step{}
	for _, l := range lines {
		steps = append(steps, l.step)
		row := fmt.Sprintf("%-*s  %-20s  %s", wide, l.left, l.packet, l.right)
		text += strings.TrimRight(row, " ") + "\n"
	}
	return text, steps, err
}
