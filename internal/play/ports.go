package play

import (
	"cmp"
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// ports knows the two names of a port: the real one, and the one in the
// text. 8080 is where the server listens; a caller's port is the system's
// choice, and in the text it is 50001, 50002, … in the order they appear.
//
// It knows processes too, by which a caller through a file is known: 1001,
// 1002, … in the text. Their user is 1000 there.
type ports struct {
	byShown, byReal map[string]string
	latest          map[string]string // real, by shown: also of one that nobody had
	callers         int
	pids            []string
	peers           map[string]bool // processes that may be at a socket's other end, "" for any
	self            string          // the process whose screen is shown
}

// A process, its user and its group, on a screen and in a trace.
var processRE = regexp.MustCompile(`pid([ =])(\d+), uid[ =](\d+)(, gid=\d+)?`)

// A process that holds a network namespace, in a command and on a screen.
var holderRE = regexp.MustCompile(`\bnsenter -t \d+\b`)

// An address on this machine or a host, in a command or on a screen.
var addressRE = regexp.MustCompile(`((?:-l )?127\.0\.0\.[12]|10\.0\.0\.[12]|\[::1?\]|` +
	`\[f[de][08]0::[12](?:%\w+)?\]|::1|TCP-LISTEN)([:/ ]|", )([1-9]\d{0,4})\b`)

// The paths in the place of addresses of chapter 2, if a script is played over
// AF_UNIX.
var paths = strings.NewReplacer("127.0.0.1:8080", "phone.sock", "127.0.0.1:8", "line-8")

func newPorts() ports {
	return ports{byShown: map[string]string{}, byReal: map[string]string{},
		latest: map[string]string{}, peers: map[string]bool{}}
}

func (p *ports) know(shown, real string) {
	p.byShown[shown], p.byReal[real], p.latest[shown] = real, shown, real
}

// undo puts the real ports back in place of the text's, those of last.
func (p *ports) undo(text string) string {
	return addressRE.ReplaceAllStringFunc(text, func(found string) string {
		m := addressRE.FindStringSubmatch(found)
		return m[1] + m[2] + cmp.Or(p.latest[m[3]], m[3])
	})
}

// show puts the text's ports in place of the real ones. The first new port
// that a program prints is the one it was asked to listen on, if it was; left is
// what it was asked that it has not printed yet.
func (p *ports) show(text, asked string) (_, left string) {
	var shown strings.Builder
	for line := range strings.Lines(text) {
		// Most lines are long and have none.
		if strings.Contains(line, ".0.0.") || strings.Contains(line, "::") {
			line = addressRE.ReplaceAllStringFunc(line, func(found string) string {
				m := addressRE.FindStringSubmatch(found)
				known := p.byReal[m[3]]
				if asked != "" && (known == "" || isCaller(known)) { // a port may come again
					p.know(asked, m[3])
					asked = ""
				} else if known == "" {
					p.callers++
					p.know(strconv.Itoa(firstCaller+p.callers), m[3])
				}
				return m[1] + m[2] + p.byReal[m[3]]
			})
		}
		line = holderRE.ReplaceAllStringFunc(line, func(found string) string {
			return "nsenter -t " + p.process(strings.Fields(found)[2])
		})
		shown.WriteString(processRE.ReplaceAllStringFunc(line, p.showProcess))
	}
	return shown.String(), asked
}

const firstCaller = 50000

func isCaller(shown string) bool {
	port, _ := strconv.Atoi(shown)
	return port > firstCaller
}

// showProcess leaves a process that cannot be the one that is meant as it is.
func (p *ports) showProcess(found string) string {
	m := processRE.FindStringSubmatch(found)
	space, pid, uid, group := m[1], m[2], m[3], m[4]
	if pid != p.self && (p.peers[pid] || p.peers[""]) {
		pid = p.process(pid)
	}
	if uid == strconv.Itoa(os.Getuid()) {
		uid = "1000"
	}
	if group != "" {
		group = ", gid=" + uid
	}
	return "pid" + space + pid + ", uid" + space + uid + group
}

// process returns the text's name of a process.
func (p *ports) process(pid string) string {
	if !slices.Contains(p.pids, pid) {
		p.pids = append(p.pids, pid)
	}
	return strconv.Itoa(1001 + slices.Index(p.pids, pid))
}

// real puts real ports in place of the text's. A port that nobody has yet is 0
// for a program that listens, which is asked for it; for a caller it is one at
// which nobody answers, and so is 8089 for all.
func (p *ports) real(text string, listens bool) (real, asked string) {
	given := map[string]string{} // those that nobody had
	real = addressRE.ReplaceAllStringFunc(text, func(found string) string {
		m := addressRE.FindStringSubmatch(found)
		before, between, shown := m[1], m[2], m[3]
		listens := listens || before == "TCP-LISTEN" || strings.HasPrefix(before, "-l")
		port := p.byShown[shown]
		if port == "" && shown == "8089" {
			port = ownPort()
			p.know(shown, port)
		} else if port == "" && listens {
			asked, port = shown, "0"
		} else if port == "" {
			port = given[shown]
			if port == "" {
				port = ownPort()
			}
			given[shown], p.byReal[port], p.latest[shown] = port, shown, port
		}
		return before + between + port
	})
	return real, asked
}

// reals does this with all of some words.
func (p *ports) reals(words []string, listens bool) (reals []string, asked string) {
	real, asked := p.real(strings.Join(words, "\x00"), listens)
	return strings.Split(real, "\x00"), asked
}

// ownPort returns a port that no program has, and that the system gives to
// nobody who asks for any: a script can give it up and take it again. It panics
// if there is none.
func ownPort() string {
	first := block().Addr().(*net.TCPAddr).Port
	for range 1000 {
		port := fmt.Sprint(first + 1 + (int(ownPorts.Add(1))+os.Getpid()*7)%499)
		ln, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err != nil {
			continue
		}
		ln.Close()
		if udp, err := net.ListenPacket("udp", "127.0.0.1:"+port); err == nil {
			udp.Close()
			return port
		}
	}
	panic(fmt.Sprint("no port is free from ", first, " on"))
}

var ownPorts atomic.Int64 // how many were asked for

// block listens at the first of 500 ports that belong to this process alone: as
// long as it does, no other test takes them. The next one begins elsewhere, for a
// port may be in TIME-WAIT. It panics if there is none.
var block = sync.OnceValue(func() net.Listener {
	for i := range 44 {
		ln, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", 10000+(os.Getpid()+i)%44*500))
		if err == nil {
			return ln
		}
	}
	panic("no ports are free")
})
