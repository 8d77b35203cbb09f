package play

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// An Exam is a chapter or an exercise, played with the reader's own programs.
type Exam struct {
	Title, Run string            // "chapter 2", and what -run calls it
	Yours      map[string]string // the commands by role: "server", "client"
	scripts    []*result
	failed     bool
}

var examined bool // an exam was held

// Add adds those of the scripts that need one of the reader's programs, and
// show none that is wrong on purpose.
func (e *Exam) Add(how Staging, files ...string) {
	how.yours = e.Yours
	for _, file := range files {
		text, _ := os.ReadFile(file)
		for pkg, command := range how.Cast {
			r := &result{file: file, how: how, text: string(text), role: how.roleOf(command)}
			if r.role != "" && strings.Contains(r.text, "go run "+pkg) && !strings.Contains(r.text, "go run ./testdata/broken") {
				e.scripts = append(e.scripts, r)
				break
			}
		}
	}
}

// Hold plays the scripts in the order in which the tutorial names them, and
// reports the first that fails. NN-start is the rehearsal: if it fails, the
// reader hears of nothing else. With -v all is told that each script says.
func (e *Exam) Hold(t *testing.T) {
	examined = true
	start, patience, title, options := time.Now(), 10*time.Second, "", ""
	report := func(r *result, what, more string) {
		if name := r.name(); r.file != "" {
			more += "All of it: go test -v -run " + strings.TrimSuffix(e.Run, "/"+name) + "/" + name + options
		}
		fmt.Println(r.report(fmt.Sprintf("%-46s  %s, %s", title[2:], e.Title, what), more))
		t.Fail()
	}
	for _, role := range []string{"server", "client"} {
		if command := e.Yours[role]; command != "" {
			title += ", your " + role + ": " + command
			options += fmt.Sprintf(" -%s '%s'", role, command)
			if err := find(command); err != nil {
				report(&result{expected: "a program", got: err.Error()}, "rehearsal", "")
				return
			}
		}
	}
	tutorial, _ := os.ReadFile("tutorial.md")
	place := func(r *result) int { // of its name in the tutorial
		at := regexp.MustCompile("(```console |```text |`)" + r.name() + "[` ]").FindIndex(tutorial)
		return append(at, len(tutorial))[0]
	}
	slices.SortStableFunc(e.scripts, func(a, b *result) int { return cmp.Compare(place(a), place(b)) })
	for _, r := range e.scripts {
		if strings.Contains(r.name(), "-start") {
			if r.play(2 * time.Second); r.failed && (strings.Contains(r.known, "late") || len(r.screen) < 2 && !strings.Contains(r.known, "ended") && !strings.Contains(r.known, "serves")) {
				patience *= 3 // perhaps it compiles something first, or the machine is busy
				r.play(patience)
			}
			if r.failed {
				report(r, "rehearsal "+r.name(), "")
				return
			}
		}
	}
	t.Cleanup(func() { // when all have been played
		passed, also := 0, ""
		first := slices.IndexFunc(e.scripts, func(r *result) bool {
			if r.hasty && r.failed {
				r.play(patience)
			}
			return r.failed
		})
		for i, r := range e.scripts {
			if r.failed && i > first {
				also += " " + r.name()
			} else if r.ran && !r.failed {
				passed++
			}
		}
		if also != "" {
			also = "also failing:" + also + ".  "
		}
		if first < 0 {
			fmt.Printf("%s: %d scripts that need it passed, in %.1f s\n", title[2:], passed, time.Since(start).Seconds())
		} else {
			r := e.scripts[first]
			report(r, fmt.Sprintf("script %d of %d: %s", first+1, len(e.scripts), r.name()), fmt.Sprintf("%s%d passed.  ", also, passed))
		}
	})
	for _, r := range e.scripts {
		t.Run(r.name(), func(t *testing.T) {
			t.Parallel()
			if !r.ran && e.failed {
				r.play(patience / 3) // there is something to repair already
				r.hasty = true
			} else if !r.ran {
				r.play(patience)
			}
			if e.failed = e.failed || r.failed; testing.Verbose() {
				t.Log(plain(r.log, 1<<20))
			}
		})
	}
}

// find reports what is missing of a command.
func find(command string) error {
	words, err := resolve(command)
	if err == nil {
		_, err = exec.LookPath(words[0])
	}
	for _, word := range words {
		if err == nil && fileRE.MatchString(word) && !IsFile(word) {
			err = fmt.Errorf("there is no file %s in this folder", word)
		}
	}
	return err
}

var fileRE = regexp.MustCompile(`^[^-:]*\.[a-z]{1,4}$`)

// play plays a script, and waits so long for what has to come.
func (r *result) play(patience time.Duration) {
	*r = result{file: r.file, how: r.how, role: r.role, text: r.text}
	how := r.how
	how.patience, how.result = patience, r
	var t rehearsal
	testscript.RunT(&t, params(how, r.file))
	r.failed, r.log = t.failed, t.log.String()
}

// roleOf is the role of a command that is the reader's, or "".
func (s Staging) roleOf(command string) string {
	for role, yours := range s.yours {
		if yours != "" && strings.HasPrefix(command, yours) {
			return role
		}
	}
	return ""
}
