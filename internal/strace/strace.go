// Package strace reads what strace has written of a Go program, and finds the
// line of the program for each system call.
package strace

import (
	"debug/elf"
	"debug/gosym"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Syscalls is the list of calls to trace that a program makes on its sockets.
const Syscalls = "network,read,write,close,umask,flock,fcntl,/^epoll,/^(open|unlink|f?chmod)(at)?$"

// Command is what runs another command and writes its calls, with the stack of
// each, to a file.
func Command(file string) []string {
	return []string{"strace", "-f", "-k", "-e", "trace=" + Syscalls, "-o", file}
}

// A Call is one entry of a trace.
type Call struct {
	Text string // as strace shows it
	Line string // of package main, nearest to the call, or ""
	Own  bool   // the program makes it without package net
	Once bool   // it is made once, to learn about the system
}

var (
	entry   = regexp.MustCompile(`^(\d+) +(?:<\.\.\. \w+ resumed>)?(.*)$`)
	padding = regexp.MustCompile(` += `)
	main    = regexp.MustCompile(`\((main\.[^+]*)\+0x([0-9a-f]+)\)`)
)

// Read reads the file that strace -f -k has written of a program, which was
// built from this folder. The halves of a call that other threads' calls
// separate come together. It fails if the program has no table of lines.
func Read(file, program, folder string) ([]Call, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	lineOf, err := sourceLines(program, folder)
	if err != nil {
		return nil, err
	}
	var calls []Call
	var stack strings.Builder // of the last of them
	describe := func() {
		if len(calls) > 0 {
			last := &calls[len(calls)-1]
			last.Line = lineOf(stack.String())
			last.Own = !strings.Contains(stack.String(), "internal/poll.")
			last.Once = strings.Contains(stack.String(), "sync.(*Once)")
		}
		stack.Reset()
	}
	halves := map[string]string{} // by thread
	for line := range strings.Lines(string(text)) {
		m := entry.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			stack.WriteString(line)
		} else if half, ok := strings.CutSuffix(m[2], " <unfinished ...>"); ok {
			halves[m[1]] = half
		} else {
			describe()
			calls = append(calls, Call{Text: padding.ReplaceAllString(halves[m[1]]+m[2], " = ")})
			delete(halves, m[1])
		}
	}
	describe()
	return calls, nil
}

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
