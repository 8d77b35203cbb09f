package play

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// An Exam is a chapter or an exercise, played with the reader's own programs.
type Exam struct {
	Title, Run     string // "chapter 2", and what -run calls it
	Server, Client string // the reader's commands
	scripts        []*sitting
}

// A sitting is a script, and how it went with a program of the reader's.
type sitting struct {
	name, file, log string
	how             Staging
	failed          bool
}

// Add adds those of the scripts that need one of the reader's programs, and
// show none that is wrong on purpose.
func (e *Exam) Add(how Staging, files ...string) {
	how.yours = []string{e.Server, e.Client}
	for _, file := range files {
		text, _ := os.ReadFile(file)
		for pkg, command := range how.Cast {
			if how.isYours(command) && strings.Contains(string(text), "go run "+pkg) && !strings.Contains(string(text), "go run ./testdata/broken") {
				e.scripts = append(e.scripts, &sitting{name: strings.TrimSuffix(filepath.Base(file), ".txtar"), file: file, how: how})
				break
			}
		}
	}
}

// isYours reports whether a command is the reader's, perhaps with more flags.
func (s Staging) isYours(command string) bool {
	return slices.ContainsFunc(s.yours, func(yours string) bool { return yours != "" && strings.HasPrefix(command, yours) })
}

// play plays a script, and waits so long for what has to come.
func (r *sitting) play(patience time.Duration) {
	how, t := r.how, rehearsal{verbose: true}
	how.patience = patience
	testscript.RunT(&t, params(how, r.file))
	r.failed, r.log = t.failed, t.log.String()
}

// Hold plays the scripts in the order in which the tutorial names them, and
// reports the first that fails. NN-start is the rehearsal: if it fails, the
// reader hears of nothing else. With -v all is told that each script says.
func (e *Exam) Hold(t *testing.T) {
	played.graded = true
	start, title, options, passed, also := time.Now(), "", "", 0, ""
	for _, yours := range [][2]string{{"server", e.Server}, {"client", e.Client}} {
		if yours[1] != "" {
			title += "your " + yours[0] + ": " + yours[1] + "  "
			options += fmt.Sprintf(" -%s '%s'", yours[0], yours[1])
		}
	}
	report := func(r *sitting, what string) {
		fmt.Print(r.report(fmt.Sprintf("%-48s%s, %s %s", title, e.Title, what, r.name)), also)
		fmt.Printf("All of it: go test -v -run %s/%s%s\n", strings.TrimSuffix(e.Run, "/"+r.name), r.name, options)
		t.Fail()
	}
	tutorial, _ := os.ReadFile("tutorial.md")
	place := func(r *sitting) uint { return uint(strings.Index(string(tutorial), r.name)) } // the last, if it is not there
	slices.SortStableFunc(e.scripts, func(a, b *sitting) int { return cmp.Compare(place(a), place(b)) })
	for _, r := range e.scripts {
		if strings.Contains(r.name, "-start") {
			if r.play(2 * time.Second); r.failed && nothingRE.MatchString(r.log) {
				r.play(30 * time.Second) // perhaps it compiles something first, or the machine is busy
			}
			if r.failed {
				report(r, "rehearsal")
				return
			}
		}
	}
	for _, r := range e.scripts {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			if r.log == "" {
				r.play(4 * time.Second)
			}
			if testing.Verbose() {
				t.Log(plain(r.log, 1<<20))
			}
		})
	}
	t.Cleanup(func() { // when all have been played
		first := slices.IndexFunc(e.scripts, func(r *sitting) bool {
			if r.failed {
				r.play(12 * time.Second) // alone, and with more patience
			}
			return r.failed
		})
		for i, r := range e.scripts {
			if r.failed && i > first {
				also += " " + r.name
			} else if !r.failed && tell("role", r.log) != "" {
				passed++
			}
		}
		if also != "" {
			also = "also failing:" + also + ".  "
		}
		if also += fmt.Sprint(passed, " passed.  "); first >= 0 {
			report(e.scripts[first], fmt.Sprintf("script %d of %d:", first+1, len(e.scripts)))
		} else if passed > 0 {
			fmt.Printf("%s%d scripts that need it passed, in %.1f s\n", title, passed, time.Since(start).Seconds())
		}
	})
}

// A log of a program that runs, and has printed nothing yet.
var nothingRE = regexp.MustCompile(`\nalive\n(?:spins\n)?ports: .*\nscreen:\n\$ .*\n+\z`)
