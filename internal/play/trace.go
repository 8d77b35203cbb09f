package play

import (
	"debug/elf"
	"debug/gosym"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// writeTrace writes to NAME.trace the system calls that a traced program made on its
// sockets, each below the line of the program that it comes from. Left out
// are calls that the program makes once to learn about the system, and tries
// that come back with EAGAIN: how many there are is a matter of chance.
// Descriptors count from 3 as they appear, and addresses are shortened. With
// -waits the tries of reading stay, and so does how the runtime is told to
// watch a socket. What a program tries and waits for by itself, without package
// net, always stays.
func (s *scene) writeTrace(name string, t *terminal) {
	calls, err := readTrace(t.strace)
	s.Check(err)
	lineOf, err := sourceLines(t.argv[0], t.pkg)
	s.Check(err)
	var text strings.Builder
	descriptors, above := map[string]string{}, ""
	for _, call := range calls {
		line := lineOf(call.stack)
		own := !strings.Contains(call.stack, "internal/poll.")
		tries := own || t.waits && triesRE.MatchString(call.text)
		if line == "" || strings.Contains(call.stack, "sync.(*Once)") || skipped.MatchString(call.text) || netsOwn.MatchString(call.text) && !tries {
			continue
		}
		shown := sockaddr.ReplaceAllString(pointer.ReplaceAllString(call.text, "..."), "$2:$1")
		shown = unixaddr.ReplaceAllString(shown, `"$1"`)
		if !own {
			shown = watched.ReplaceAllString(shown, "epoll_ctl(runtime, $1, {$2}) = 0")
		}
		first := descriptor.FindStringSubmatch(shown) // nil if the call takes none
		shown = descriptor.ReplaceAllStringFunc(shown, func(found string) string {
			m := descriptor.FindStringSubmatch(found)
			return m[1] + descriptors[m[2]]
		})
		if m := created.FindStringSubmatch(shown); m != nil {
			lowest := 3
			for slices.Contains(slices.Collect(maps.Values(descriptors)), strconv.Itoa(lowest)) {
				lowest++
			}
			descriptors[m[2]] = strconv.Itoa(lowest)
			shown = m[1] + descriptors[m[2]]
		} else if first != nil && descriptors[first[2]] == "" {
			continue // a file or the screen
		} else if first != nil && first[1] == "close(" {
			delete(descriptors, first[2])
		}
		if line != above {
			text.WriteString(line + "\n")
			above = line
		}
		shown = s.ports.show(shown, new(string))
		if t.listens != "" {
			shown = strings.Replace(shown, ":0)", ":"+t.listens+")", 1)
		}
		text.WriteString("    " + shown + "\n")
	}
	s.Check(os.WriteFile(s.MkAbs(name+".trace"), []byte(text.String()), 0o666))
}

var (
	traceLine  = regexp.MustCompile(`^(\d+) +(?:<\.\.\. \w+ resumed>)?(.*)$`)
	mainFrame  = regexp.MustCompile(`\((main\.[^+]*)\+0x([0-9a-f]+)\)`)
	sockaddr   = regexp.MustCompile(`\{sa_family=\w+, sin6?_port=htons\((\d+)\).*?"([0-9a-f.:]+)".*?\}, \[?[\d=> ]+\]?`)
	unixaddr   = regexp.MustCompile(`\{sa_family=AF_UNIX(?:, sun_path="([^"]*)")?\}, \[?[\d=> ]+\]?`)
	triesRE    = regexp.MustCompile(`^read\(.*EAGAIN|^epoll_ctl\(\d+, EPOLL_CTL_ADD`)
	watched    = regexp.MustCompile(`^epoll_ctl\(\d+, (EPOLL_CTL_ADD, \d+), \{(events=[A-Z|]+).*`)
	skipped    = regexp.MustCompile(`^(---|\+\+\+)|O_LARGEFILE|EINTR`) // signals, ends of threads, how Go opens files
	netsOwn    = regexp.MustCompile(`EAGAIN|^epoll_`)
	padding    = regexp.MustCompile(` += `)
	pointer    = regexp.MustCompile(`\b0x[0-9a-f]+`)
	created    = regexp.MustCompile(`^((?:socket|accept4?|epoll_create1|openat|fcntl\(\d+, F_DUPFD_CLOEXEC)\b.* = )(\d+)$`)
	descriptor = regexp.MustCompile(`(^\w+\(|EPOLL_CTL_[A-Z]+, |data=\{u32=)(0|[1-9]\d*)\b(?:, u64=\d+)?`) // a umask has a 0 before it
)

// A systemCall is one entry of a trace, and the stack below it.
type systemCall struct{ text, stack string }

// readTrace reads what strace -f -k has written, and puts the halves of a
// call together that other threads' calls separate.
func readTrace(file string) ([]systemCall, error) {
	text, err := os.ReadFile(file)
	var calls []systemCall
	halves := map[string]string{} // by thread
	for line := range strings.Lines(string(text)) {
		if m := traceLine.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m == nil {
			calls[len(calls)-1].stack += line
		} else if half, ok := strings.CutSuffix(m[2], " <unfinished ...>"); ok {
			halves[m[1]] = half
		} else {
			calls = append(calls, systemCall{text: padding.ReplaceAllString(halves[m[1]]+m[2], " = ")})
			delete(halves, m[1])
		}
	}
	return calls, err
}

// sourceLines returns a function that finds, for a stack of the program, the
// line of package main that is nearest to the system call, or "". It fails
// if the program has no table of lines.
func sourceLines(program, pkg string) (func(stack string) string, error) {
	file, err := elf.Open(program)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := file.Section(".gopclntab").Data()
	if err != nil {
		return nil, err
	}
	table, err := gosym.NewTable(nil, gosym.NewLineTable(data, file.Section(".text").Addr))
	return func(stack string) string {
		m := mainFrame.FindStringSubmatch(stack)
		if m == nil {
			return ""
		}
		offset, _ := strconv.ParseUint(m[2], 16, 64)
		source, n, _ := table.PCToLine(table.LookupFunc(m[1]).Entry + offset - 1)
		text, _ := os.ReadFile(filepath.Join(pkg, path.Base(filepath.ToSlash(source)))) // the folder may have moved
		if lines := strings.Split(string(text), "\n"); n <= len(lines) {
			return strings.TrimSpace(lines[n-1])
		}
		return ""
	}, err
}
