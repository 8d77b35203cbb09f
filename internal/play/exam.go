package play

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
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

// Hold plays the scripts, each a subtest, in the order in which the tutorial
// names them, and reports the first that fails. NN-start is the rehearsal: if it
// fails, the reader hears of nothing else. With -v all is told that each says.
func (e *Exam) Hold(t *testing.T) {
	start := time.Now()
	tutorial, _ := os.ReadFile("tutorial.md")
	place := func(r *sitting) int {
		if i := strings.Index(string(tutorial), r.name); i >= 0 {
			return i
		}
		return len(tutorial)
	}
	slices.SortStableFunc(e.scripts, func(a, b *sitting) int { return place(a) - place(b) })
	for _, r := range e.scripts {
		if !strings.Contains(r.name, "-start") {
			continue
		}
		r.play(2 * time.Second)
		if r.failed && r.scene.now.word == "await" && r.scene.fate.status == "" {
			r.play(7 * time.Second) // perhaps it compiles something first, or the machine is busy
		}
		if r.failed {
			fmt.Print(r.report(e.Title+", rehearsal "+r.name, e.Run))
			t.Fail()
			return
		}
	}
	var chosen []*sitting // by -run
	playAll := sync.OnceFunc(func() { e.play(chosen, start) })
	for _, r := range e.scripts {
		t.Run(r.name, func(t *testing.T) {
			chosen = append(chosen, r)
			t.Parallel() // goes on when all are chosen
			playAll()
			if testing.Verbose() {
				t.Log(plain(r.log, 100_000))
			}
			if r.failed {
				t.Fail()
			}
		})
	}
}

// How many programs of the reader's may be played at the same time.
var turns = make(chan struct{}, 6)

// play plays scripts side by side, and reports the first that fails by itself
// too.
func (e *Exam) play(scripts []*sitting, start time.Time) {
	var all sync.WaitGroup
	for _, r := range scripts {
		all.Go(func() {
			turns <- struct{}{}
			r.play(4 * time.Second)
			<-turns
		})
	}
	all.Wait()
	var first *sitting
	passed, also := 0, ""
	for i, r := range scripts {
		if r.failed && first == nil {
			r.play(12 * time.Second) // alone, and with more patience
		}
		switch {
		case r.failed && first == nil:
			first = r
			defer func() {
				title := fmt.Sprintf("%s, script %d of %d: %s", e.Title, i+1, len(scripts), r.name)
				fmt.Print(r.report(title, e.Run))
				fmt.Printf("also failing in 4 s:%s.  %d passed.\n", cmp.Or(also, " none"), passed)
			}()
		case r.failed:
			also += " " + r.name
		case r.scene.fate.role != "":
			passed++
		}
	}
	if first == nil {
		took := time.Since(start).Seconds()
		fmt.Printf("%s%d scripts that need it passed, in %.1f s\n", yourPrograms(), passed, took)
	}
}
