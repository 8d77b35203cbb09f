package play

import (
	"cmp"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/par"
	"github.com/rogpeppe/go-internal/testscript"

	"example.com/sockets/internal/wire"
)

// A scene is one script while it is played.
type scene struct {
	*testscript.TestScript
	Staging
	terminals map[string]*terminal
	callers   map[string]*caller
	ports     ports
	machines  map[string]host
	captures  map[string]func() // by host, to stop them
	flags     []string          // of the command
	skip      func(why string)
	skipped   bool
	last      string // what the last word named
}

// A Staging is how a script is played.
type Staging struct {
	Cast     Cast          // who plays in place of whom
	Ours     bool          // [ours]: the screens are ours to the letter
	Unix     bool          // each address of the script is the path of a file
	Update   bool          // rewrite the transcripts
	patience time.Duration // how long to wait for what has to come, 0 for enough
}

// params sets up scripts for testscript.
func params(how Staging, scripts ...string) testscript.Params {
	how.patience = cmp.Or(how.patience, time.Minute) // for a machine ten times as slow
	type key struct{}
	cmds := map[string]func(*testscript.TestScript, bool, []string){}
	for _, w := range words {
		cmds[w.name] = func(ts *testscript.TestScript, neg bool, args []string) {
			flags, args, err := w.take(args)
			if neg || err != nil {
				ts.Fatalf("%v", err)
			}
			s := ts.Value(key{}).(*scene)
			s.TestScript, s.flags, s.last = ts, flags, args[0]
			w.do(s, args)
		}
	}
	return testscript.Params{
		Files:               scripts,
		Cmds:                cmds,
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		UpdateScripts:       how.Update,
		Setup: func(env *testscript.Env) error {
			s := &scene{Staging: how, terminals: map[string]*terminal{}, machines: map[string]host{}, captures: map[string]func(){}, callers: map[string]*caller{}}
			s.ports.byShown, s.ports.byReal = map[string]string{}, map[string]string{}
			env.Values[key{}] = s
			s.skip = func(why string) { s.skipped = true; env.T().Skip(why) }
			env.Setenv("LC_ALL", "C") // errors in English
			env.Defer(func() { s.end(env.T()) })
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name == "ours" {
				return how.Ours, nil
			}
			holds := conditions[name]
			if holds == nil {
				return false, fmt.Errorf("unknown condition")
			}
			return holds(), nil
		},
	}
}

// The scripts' conditions about the machine, besides testscript's own.
var conditions = map[string]func() bool{
	"race":          Race, // all is slower
	"wine":          wine, // in place of Windows
	"sh":            hasShell,
	"python3":       func() bool { _, why := Python(); return why == "" },
	"ipv6":          func() bool { return loopback("[::1]:0") == nil },
	"nc":            func() bool { return can("sh", "-c", "nc -h 2>&1 | grep OpenBSD") },
	"line-buffered": func() bool { return can("sh", "-c", "echo x | grep --line-buffered x") },
	"gnu-cat":       func() bool { return can("sh", "-c", `case "$(cat --version)" in *GNU*) ;; *) false; esac`) },
	// Another user can be played.
	"stranger": func() bool { return can("setpriv", "--reuid", "65534", "--clear-groups", "true") },
	// A program can be traced, and a script can have a network of its own.
	"strace": func() bool { return can("strace", "-k", "-o", "/dev/null", "true") },
	// The packets of such a network can be taken, by this program.
	"wire": func() bool {
		self, _ := os.Executable()
		command := fmt.Sprintf("ip link set lo up && nsenter --version && %s=/dev/null exec '%s' </dev/null", wire.Capturing, self)
		return can("strace", "-o", "/dev/null", "true") && can("unshare", "-rn", "sh", "-c", command)
	},
	"hosts": func() bool {
		return can("unshare", "-rn", "sh", "-ec", "ip link add eth0 type veth; nsenter --version; cd /proc/sys/net/ipv4; echo 3 > tcp_syn_retries")
	},
	"nft": func() bool {
		return can("unshare", "-rn", "nft", "add table inet wall; add chain inet wall in; add rule inet wall in numgen inc mod 5 == 0 drop; add rule inet wall in tcp dport 80 reject")
	},
	"netns": func() bool { return can("unshare", "-rn", "sh", "-c", "ip link set lo up && nsenter --version") },
	// TCP's buffers are about as large as Linux makes them by itself.
	"buffers": func() bool {
		rmem, _ := os.ReadFile("/proc/sys/net/ipv4/tcp_rmem")
		wmem, _ := os.ReadFile("/proc/sys/net/ipv4/tcp_wmem")
		var least, r, w, mostR, mostW int
		n, _ := fmt.Sscan(string(rmem)+string(wmem), &least, &r, &mostR, &least, &w, &mostW)
		return n < 6 || max(r, w) <= 1<<20 && min(mostR, mostW) >= 1<<20
	},
	// The listener's backlog and protocol are as Linux has them by itself.
	"mptcp": func() bool {
		backlog, _ := os.ReadFile("/proc/sys/net/core/somaxconn")
		enabled, _ := os.ReadFile("/proc/sys/net/mptcp/enabled")
		return string(backlog) == "4096\n" && string(enabled) == "1\n"
	},
}

// hasShell reports whether there is a shell like those of Unix. One that was
// brought to Windows can end no program that it started.
func hasShell() bool { return runtime.GOOS != "windows" && can("sh", "-c", ":") }

// can reports whether a command works here.
func can(command ...string) bool {
	return tried.Do(strings.Join(command, " "), func() any {
		return exec.Command(command[0], command[1:]...).Run() == nil
	}).(bool)
}

var tried par.Cache // by command, of whether it works

// end closes what the script left open. A program that nobody waited for is
// a fault of the script.
func (s *scene) end(t testscript.T) {
	s.testify()
	for _, c := range s.callers {
		if c.conn != nil {
			c.conn.Close()
		}
	}
	for name, t2 := range s.terminals {
		if t2.waited {
			continue
		}
		signal(t2.cmd.Process, syscall.SIGKILL)
		<-t2.ended.Done()
		if !s.skipped {
			t.Log(fmt.Sprintf("as far as it came, the script did not wait for the end of %s; its screen:\n%s", name, t2.screenshot(&s.ports)))
			defer t.FailNow()
		}
	}
}

// ports knows the two names of a port: the real one, and the one in the
// text. 8080 is where the server listens; a caller's port is the system's
// choice, and in the text it is 50001, 50002, … in the order they appear.
//
// It knows processes too, by which a caller through a file is known: 1001,
// 1002, … in the text. Their user is 1000 there.
type ports struct {
	byShown, byReal map[string]string
	callers         int
	pids            []string
}

// A process, its user and its group, on a screen and in a trace.
var processRE = regexp.MustCompile(`pid([ =])(\d+), uid[ =](\d+)(, gid=\d+)?`)

// A process that holds a network namespace, in a command and on a screen.
var holderRE = regexp.MustCompile(`\bnsenter -t \d+\b`)

// An address on this machine, in a command or on a screen.
var addressRE = regexp.MustCompile(`((?:-l )?127\.0\.0\.[12]|10\.0\.0\.[12]|\[::1?\]|\[f[de][08]0::[12](?:%\w+)?\]|::1|TCP-LISTEN)([: ]|", )([1-9]\d{0,4})\b`)

func (p *ports) know(shown, real string) { p.byShown[shown], p.byReal[real] = real, shown }

// show puts the text's ports in place of the real ones. The first new port
// that a program prints is the one it was asked to listen on, if it was.
func (p *ports) show(text string, asked *string) string {
	var shown strings.Builder
	for line := range strings.Lines(text) {
		if strings.Contains(line, ".0.0.") || strings.Contains(line, "::") { // most lines are long and have none
			line = addressRE.ReplaceAllStringFunc(line, func(found string) string {
				m := addressRE.FindStringSubmatch(found)
				if known := p.byReal[m[3]]; known == "" || *asked != "" && known > "50000" { // a port may come again
					name := *asked
					if *asked = ""; name == "" {
						p.callers++
						name = strconv.Itoa(50000 + p.callers)
					}
					p.know(name, m[3])
				}
				return m[1] + m[2] + p.byReal[m[3]]
			})
		}
		line = holderRE.ReplaceAllStringFunc(line, func(found string) string {
			return "nsenter -t " + p.process(strings.Fields(found)[2])
		})
		line = processRE.ReplaceAllStringFunc(line, func(found string) string {
			m := processRE.FindStringSubmatch(found)
			if m[3] == strconv.Itoa(os.Getuid()) {
				m[3] = "1000"
			}
			if m[4] != "" {
				m[4] = ", gid=" + m[3]
			}
			return fmt.Sprintf("pid%s%s, uid%[1]s%[3]s%[4]s", m[1], p.process(m[2]), m[3], m[4])
		})
		shown.WriteString(line)
	}
	return shown.String()
}

// process returns the text's name of a process.
func (p *ports) process(pid string) string {
	if !slices.Contains(p.pids, pid) {
		p.pids = append(p.pids, pid)
	}
	return strconv.Itoa(1001 + slices.Index(p.pids, pid))
}

// real puts real ports in place of the text's. A port that nobody has yet is
// 0 for a program that listens, which leaves it in asked; for a caller it is
// one at which nobody answers, and so is 8089 for all.
func (p *ports) real(text string, listens bool, asked *string) string {
	return addressRE.ReplaceAllStringFunc(text, func(found string) string {
		m := addressRE.FindStringSubmatch(found)
		port := p.byShown[m[3]]
		if port == "" && m[3] == "8089" {
			port = ownPort()
			p.know(m[3], port)
		} else if port == "" && (listens || m[1] == "TCP-LISTEN" || strings.HasPrefix(m[1], "-l")) {
			*asked, port = m[3], "0"
		} else if port == "" {
			port = ownPort()
			p.byReal[port] = m[3]
		}
		return m[1] + m[2] + port
	})
}

// ownPort returns a port that no program has, and that the system gives to
// nobody who asks for any: a script can give it up and take it again. It panics
// if there is none.
func ownPort() string {
	first := block().Addr().(*net.TCPAddr).Port
	for range 1000 {
		port := fmt.Sprint(first + 1 + (int(ownPorts.Add(1))+os.Getpid()*7)%499)
		if ln, err := net.Listen("tcp", "127.0.0.1:"+port); err == nil {
			ln.Close()
			if udp, err := net.ListenPacket("udp", "127.0.0.1:"+port); err == nil {
				udp.Close()
				return port
			}
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

// A rehearsal is a testing.T for scripts that have to fail: it keeps what
// they say to itself.
type rehearsal struct {
	verbose bool
	failed  bool
	skipped string // why
	log     strings.Builder
}

func (r *rehearsal) Run(_ string, f func(testscript.T)) {
	var script sync.WaitGroup
	script.Go(func() { f(r) }) // FailNow and Skip end a goroutine
	script.Wait()
}
func (r *rehearsal) FailNow()          { r.failed = true; runtime.Goexit() }
func (r *rehearsal) Fatal(args ...any) { r.Log(args...); r.FailNow() }
func (r *rehearsal) Skip(args ...any)  { r.skipped = fmt.Sprint(args...); runtime.Goexit() }
func (r *rehearsal) Log(args ...any)   { fmt.Fprintln(&r.log, args...) }
func (r *rehearsal) Parallel()         {}
func (r *rehearsal) Verbose() bool     { return r.verbose }

// MustFail plays a script that has to fail, and to say what matches why. How
// long it waits for what does not come: with hangs two seconds, longer than any
// time in the script, and if another thing was not there in time, longer; else
// half a second.
func MustFail(t *testing.T, script string, how Staging, why string, hangs bool) {
	how.Ours = true
	played.wrong.Add(1)
	switch {
	case hangs:
		how.patience = 2 * time.Second
	case why == ".":
		how.patience = time.Second / 2
	}
	for ; ; how.patience *= 2 {
		var r rehearsal
		testscript.RunT(&r, params(how, script))
		switch said := r.log.String(); {
		case r.skipped != "":
			Skip(t, r.skipped)
		case r.failed && regexp.MustCompile(why).MatchString(said):
			return
		case r.failed && hangs && how.patience < time.Minute:
			continue
		case !r.failed:
			t.Errorf("%s does not fail with %v", script, how.Cast)
		default:
			t.Errorf("%s fails with %v, but does not say %q:\n%s", script, how.Cast, why, said)
		}
		return
	}
}
