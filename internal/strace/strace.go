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
	entry   = regexp.MustCompile(`(?m)^(\d+) +(?:<\.\.\. \w+ resumed>)?(.*)\n((?:[^\d].*\n)*)`)
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
	halves := map[string]string{} // by thread
	for _, m := range entry.FindAllStringSubmatch(string(text), -1) {
		thread, shown, stack := m[1], m[2], m[3]
		if half, ok := strings.CutSuffix(shown, " <unfinished ...>"); ok {
			halves[thread] = half
			continue
		}
		calls = append(calls, Call{
			Text: padding.ReplaceAllString(halves[thread]+shown, " = "),
			Line: lineOf(stack),
			Own:  !strings.Contains(stack, "internal/poll."),
			Once: strings.Contains(stack, "sync.(*Once)"),
		})
		delete(halves, thread)
	}
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
