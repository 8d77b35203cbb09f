package play

import (
	"os"
	"regexp"
	"strings"

	"example.com/sockets/internal/strace"
)

// writeTrace writes to NAME.trace the system calls that a traced program made on its
// sockets, each below the line of the program that it comes from. Left out
// are calls that the program makes once to learn about the system, and tries
// that come back with EAGAIN: how many there are is a matter of chance.
// Descriptors count from 3 as they appear, and addresses are shortened. With
// -strace=waits the tries of reading stay, and so does how the runtime is told to
// watch a socket. What a program tries and waits for by itself, without package
// net, always stays.
func (s *scene) writeTrace(name string, t *terminal) {
	calls, err := strace.Read(t.strace, t.argv[0], t.pkg)
	s.Check(err)
	var text strings.Builder
	numbers, above := strace.Descriptors{}, ""
	for _, call := range calls {
		tries := call.Own || t.waits && triesRE.MatchString(call.Text)
		if call.Line == "" || call.Once || beside.MatchString(call.Text) ||
			netsOwn.MatchString(call.Text) && !tries {
			continue
		}
		shown := strace.Addresses(pointer.ReplaceAllString(call.Text, "..."))
		shown = unixaddr.ReplaceAllString(shown, `"$1"`)
		if !call.Own {
			shown = watched.ReplaceAllString(shown, "epoll_ctl(runtime, $1, {$2}) = 0")
		}
		shown, known := numbers.Show(shown)
		if !known {
			continue // a file or the screen
		}
		if call.Line != above {
			text.WriteString(call.Line + "\n")
			above = call.Line
		}
		shown, _ = s.ports.show(shown, "")
		if t.listens != "" {
			shown = strings.Replace(shown, ":0)", ":"+t.listens+")", 1)
		}
		text.WriteString("    " + shown + "\n")
	}
	s.Check(os.WriteFile(s.MkAbs(name+".trace"), []byte(text.String()), 0o666))
}

var (
	unixaddr = regexp.MustCompile(`\{sa_family=AF_UNIX(?:, sun_path="([^"]*)")?\}, \[?[\d=> ]+\]?`)
	triesRE  = regexp.MustCompile(`^read\(.*EAGAIN|^epoll_ctl\(\d+, EPOLL_CTL_ADD`)
	watched  = regexp.MustCompile(`^epoll_ctl\(\d+, (EPOLL_CTL_ADD, \d+), \{(events=[A-Z|]+).*`)
	netsOwn  = regexp.MustCompile(`EAGAIN|^epoll_`)
	pointer  = regexp.MustCompile(`\b0x[0-9a-f]+`)
	// Signals, ends of threads, how Go opens files.
	beside = regexp.MustCompile(`^(---|\+\+\+)|O_LARGEFILE|EINTR`)
)
