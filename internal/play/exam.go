package play

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// An Exam is a chapter or an exercise, played with the reader's own programs.
type Exam struct {
	Title, Run string // "chapter 2", and what -run calls it
	scripts    []*sitting
}

// Add adds those of the scripts that play one of the reader's programs.
func (e *Exam) Add(how Staging, files ...string) *Exam {
	for _, file := range files {
		for pkg := range how.Cast {
			if Yours(Role(pkg)) != "" && Plays(file, pkg) {
				name := strings.TrimSuffix(filepath.Base(file), ".txtar")
				e.scripts = append(e.scripts, &sitting{name: name, file: file, how: how})
				break
			}
		}
	}
	return e
}

// What a script plays with our own programs alone, and the files it compares.
var oursAlone = regexp.MustCompile(`(?ms)^\[ours\] [^\n]*|^\[!ours\] stop .*|^-- .*`)

// Plays reports whether a script plays a program of the reader's in the place of
// a package, and shows none that is wrong on purpose.
func Plays(file, pkg string) bool {
	text, _ := os.ReadFile(file)
	script := oursAlone.ReplaceAllString(string(text), "")
	uses := func(pkg string) bool { return strings.Contains(script, "go run "+pkg) }
	return uses(pkg) && !uses("./testdata/broken")
}

// Hold plays the scripts, each a subtest, in the order in which the rules name
// them. NN-start is the rehearsal: if it fails, nothing else is tried. It
// says how long the program needs to start. With -v all is told that each says.
func (e *Exam) Hold(t *testing.T) {
	start := time.Now()
	tutorial, _ := os.ReadFile("tutorial.md")
	_, rules, _ := strings.Cut(string(tutorial), "\n### Rules for your own program\n")
	place := func(r *sitting) int {
		if i := strings.Index(rules, "`"+r.name+"`"); i >= 0 {
			return i
		}
		return len(rules)
	}
	slices.SortStableFunc(e.scripts, func(a, b *sitting) int { return place(a) - place(b) })
	e.note()
	patience, rehearsal := 4*time.Second, (*sitting)(nil)
	for _, r := range e.scripts {
		if !strings.Contains(r.name, "-start") || rehearsal != nil {
			continue
		}
		took := r.time(3 * time.Second / 2)
		if r.failed && r.scene.starts() || !r.failed && took > time.Second {
			// It is slow, or was compiled first.
			took = r.time(time.Duration(float64(6*time.Second) * busy()))
		}
		patience = max(patience, 4*time.Second+4*took)
		if r.failed {
			rehearsal = r
			t.Fail()
		}
	}
	var chosen []*sitting // by -run
	playAll := sync.OnceFunc(func() {
		if rehearsal != nil {
			e.stop(rehearsal)
		} else {
			e.play(chosen, start, patience)
		}
	})
	for _, r := range e.scripts {
		t.Run(r.name, func(t *testing.T) {
			chosen = append(chosen, r)
			t.Parallel() // goes on when all are chosen
			playAll()
			if testing.Verbose() {
				t.Log(r.rule() + plain(r.log, 100_000))
			}
			switch {
			case r.failed:
				t.Fail()
			case r.skipped != "":
				t.Skip(r.skipped)
			}
		})
	}
}

// time plays a script, and says how long that took.
func (r *sitting) time(patience time.Duration) time.Duration {
	start := time.Now()
	r.play(patience)
	return time.Since(start)
}

// stop reports a rehearsal that fails.
func (e *Exam) stop(rehearsal *sitting) {
	fmt.Print(rehearsal.report(e.Title+", rehearsal "+rehearsal.name, e.Run))
	e.note()
	left := 0
	for _, r := range e.scripts {
		if !r.failed {
			left++
			r.skipped = "it comes behind " + rehearsal.name
		}
	}
	fmt.Printf("not tried, since this comes first: %d more scripts\n", left)
}

// How many programs of the reader's may be played at the same time.
var turns = make(chan struct{}, 6)

// together begins scripts side by side, until one has failed, and waits for those
// that it has begun. It returns how many.
func together(scripts []*sitting, patience time.Duration) (begun int) {
	var all sync.WaitGroup
	var failed atomic.Bool
	for _, r := range scripts {
		turns <- struct{}{}
		if failed.Load() {
			<-turns
			break
		}
		begun++
		all.Go(func() {
			if r.play(patience); r.failed {
				failed.Store(true)
			}
			<-turns
		})
	}
	all.Wait()
	return begun
}

// play plays scripts side by side, and each that fails once more, alone. It
// reports the first as soon as it can, and names the others.
func (e *Exam) play(scripts []*sitting, start time.Time, patience time.Duration) {
	passed, failed, begun := 0, 0, 0
	for i, r := range scripts {
		if i == begun {
			begun += together(scripts[begun:], patience)
		}
		if r.failed {
			r.play(time.Duration(float64(patience) * busy()))
		}
		switch {
		case r.failed && failed == 0:
			title := fmt.Sprintf("%s, script %d of %d: %s", e.Title, i+1, len(scripts), r.name)
			fmt.Print(r.report(title, e.Run), "also failing:")
			failed++
		case r.failed:
			fmt.Print(" ", r.name)
			failed++
		case r.scene.graded:
			passed++
		}
		e.note()
	}
	if failed == 0 {
		took := time.Since(start).Seconds()
		scripts := "scripts that need"
		if passed == 1 {
			scripts = "script that needs"
		}
		fmt.Printf("%s%d %s it passed, in %.1f s\n", yourPrograms(), passed, scripts, took)
		return
	}
	if failed == 1 {
		fmt.Print(" none")
	}
	fmt.Printf(".  %d passed.\n", passed)
}
