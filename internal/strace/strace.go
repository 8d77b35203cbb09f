// Package strace reads what strace has written of a Go program, and finds the
// line of the program for each system call.
package strace

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
	"time"
)

// Syscalls is the list of calls to trace that a program makes on its sockets.
const Syscalls = "network,read,write,close,umask,flock,fcntl,/^epoll,/^(open|unlink|f?chmod)(at)?$"

// Command is what runs another command and writes its calls, with the stack of
// each, to a file.
func Command(file string) []string {
	return []string{"strace", "-f", "-k", "-e", "trace=" + Syscalls, "-o", file}
}

// A Call is one entry of a trace. With the option -ttt its time is known.
type Call struct {
	Text  string // as strace shows it
	Begin time.Duration
	End   time.Duration // when the trace goes on, if it does
	Line  string        // of package main, nearest to the call, or ""
	Own   bool          // the program makes it without package net
	Once  bool          // it is made once, to learn about the system
}

var (
	entry = regexp.MustCompile(
		`(?m)^(\d+) +(?:(\d+\.\d+) )?(?:<\.\.\. \w+ resumed>)?(.*)\n((?:[^\d].*\n)*)`)
	padding = regexp.MustCompile(` += `)
	main    = regexp.MustCompile(`\((main\.[^+]*)\+0x([0-9a-f]+)\)`)
)

// Read reads the file that strace -f has written of a program. The halves of a
// call that other threads' calls separate come together. With -k, and with the
// program and the folder it was built from, it finds the lines, and fails if the
// program has no table of them.
func Read(file, program, folder string) ([]Call, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	lineOf := func(string) string { return "" }
	if program != "" {
		if lineOf, err = sourceLines(program, folder); err != nil {
			return nil, err
		}
	}
	var calls []Call
	halves := map[string]Call{} // by thread
	for _, m := range entry.FindAllStringSubmatch(string(text), -1) {
		thread, shown, stack := m[1], m[3], m[4]
		now, _ := time.ParseDuration(m[2] + "s")
		if n := len(calls); n > 0 && calls[n-1].End == Never {
			calls[n-1].End = now
		}
		half, resumed := halves[thread]
		if text, ok := strings.CutSuffix(shown, " <unfinished ...>"); ok {
			halves[thread] = Call{Text: text, Begin: now}
			continue
		}
		call := Call{Begin: now, End: Never}
		if resumed {
			call = Call{Begin: half.Begin, End: now}
		}
		call.Text = padding.ReplaceAllString(half.Text+shown, " = ")
		call.Line = lineOf(stack)
		call.Own = !strings.Contains(stack, "internal/poll.")
		call.Once = strings.Contains(stack, "sync.(*Once)")
		calls = append(calls, call)
		delete(halves, thread)
	}
	return calls, nil
}

// Never is the end of a call that had none.
const Never = time.Duration(1<<63 - 1)

// Addresses puts HOST:PORT in place of each address of a call.
func Addresses(call string) string { return sockaddr.ReplaceAllString(call, "$2:$1") }

// Descriptors are the numbers in the text of a program's descriptors, by the
// real ones.
type Descriptors map[string]string

// Show puts the text's descriptors in place of the real ones in a call. It
// reports whether the call takes none, or one that is known.
func (d Descriptors) Show(call string) (shown string, known bool) {
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
	created = regexp.MustCompile(
		`^((?:socket|accept4?|epoll_create1|openat|fcntl\(\d+, F_DUPFD_CLOEXEC)\b.* = )(\d+)$`)
	// A umask has a 0 before it.
	descriptor = regexp.MustCompile(
		`(^\w+\(|EPOLL_CTL_[A-Z]+, |data=\{u32=)(0|[1-9]\d*)\b(?:, u64=\d+)?`)
)

// sourceLines returns a function that finds the line for a stack.
func sourceLines(program, folder string) (func(stack string) string, error) {
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
		m := main.FindStringSubmatch(stack)
		if m == nil {
			return ""
		}
		offset, _ := strconv.ParseUint(m[2], 16, 64)
		source, n, _ := table.PCToLine(table.LookupFunc(m[1]).Entry + offset - 1)
		// The folder may have moved.
		text, _ := os.ReadFile(filepath.Join(folder, path.Base(filepath.ToSlash(source))))
		if lines := strings.Split(string(text), "\n"); n <= len(lines) {
			return strings.TrimSpace(lines[n-1])
		}
		return ""
	}, err
}
