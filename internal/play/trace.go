package play

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
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
	numbers, above := descriptors{}, ""
	for _, call := range calls {
		tries := call.Own || t.waits && triesRE.MatchString(call.Text)
		if call.Line == "" || call.Once || beside.MatchString(call.Text) ||
			netsOwn.MatchString(call.Text) && !tries {
			continue
		}
		shown := sockaddr.ReplaceAllString(pointer.ReplaceAllString(call.Text, "..."), "$2:$1")
		shown = unixaddr.ReplaceAllString(shown, `"$1"`)
		if !call.Own {
			shown = watched.ReplaceAllString(shown, "epoll_ctl(runtime, $1, {$2}) = 0")
		}
		shown, known := numbers.show(shown)
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

// descriptors are the numbers in the text of a program's descriptors, by the
// real ones.
type descriptors map[string]string

// show puts the text's descriptors in place of the real ones in a call. It
// reports whether the call takes none, or one that is known.
func (d descriptors) show(call string) (shown string, known bool) {
	first := descriptor.FindStringSubmatch(call) // nil if the call takes none
	shown = descriptor.ReplaceAllStringFunc(call, func(found string) string {
		m := descriptor.FindStringSubmatch(found)
		return m[1] + d[m[2]]
	})
	if m := created.FindStringSubmatch(shown); m != nil {
		lowest := 3
		for slices.Contains(slices.Collect(maps.Values(d)), strconv.Itoa(lowest)) {
			lowest++
		}
		d[m[2]] = strconv.Itoa(lowest)
		return m[1] + d[m[2]], true
	}
	known = first == nil || d[first[2]] != ""
	if known && first != nil && first[1] == "close(" {
		delete(d, first[2])
	}
	return shown, known
}

var (
	sockaddr = regexp.MustCompile(
		`\{sa_family=\w+, sin6?_port=htons\((\d+)\).*?"([0-9a-f.:]+)".*?\}, \[?[\d=> ]+\]?`)
	unixaddr = regexp.MustCompile(`\{sa_family=AF_UNIX(?:, sun_path="([^"]*)")?\}, \[?[\d=> ]+\]?`)
	triesRE  = regexp.MustCompile(`^read\(.*EAGAIN|^epoll_ctl\(\d+, EPOLL_CTL_ADD`)
	watched  = regexp.MustCompile(`^epoll_ctl\(\d+, (EPOLL_CTL_ADD, \d+), \{(events=[A-Z|]+).*`)
	netsOwn  = regexp.MustCompile(`EAGAIN|^epoll_`)
	pointer  = regexp.MustCompile(`\b0x[0-9a-f]+`)
	// Signals, ends of threads, how Go opens files.
	beside  = regexp.MustCompile(`^(---|\+\+\+)|O_LARGEFILE|EINTR`)
	created = regexp.MustCompile(
		`^((?:socket|accept4?|epoll_create1|openat|fcntl\(\d+, F_DUPFD_CLOEXEC)\b.* = )(\d+)$`)
	// A umask has a 0 before it.
	descriptor = regexp.MustCompile(
		`(^\w+\(|EPOLL_CTL_[A-Z]+, |data=\{u32=)(0|[1-9]\d*)\b(?:, u64=\d+)?`)
)
