package play

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"example.com/sockets/internal/proc"
)

// An Exam is a chapter or an exercise, played with the reader's own programs.
type Exam struct {
	Title, Run string // "chapter 2", and what -run calls it
	scripts    []*sitting
}

// A sitting is a script, and how it went with a program of the reader's.
type sitting struct {
	name, file string
	how        Staging
	failed     bool
	log, said  string // all that the script said, and in the line that failed
	scene      *scene
}

// Add adds those of the scripts that need one of the reader's programs, and
// show none that is wrong on purpose.
func (e *Exam) Add(how Staging, files ...string) *Exam {
	for _, file := range files {
		text, _ := os.ReadFile(file)
		uses := func(pkg string) bool { return strings.Contains(string(text), "go run "+pkg) }
		for pkg := range how.Cast {
			if Yours(Role(pkg)) != "" && uses(pkg) && !uses("./testdata/broken") {
				name := strings.TrimSuffix(filepath.Base(file), ".txtar")
				e.scripts = append(e.scripts, &sitting{name: name, file: file, how: how})
				break
			}
		}
	}
	return e
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
			fmt.Print(e.report(r, "rehearsal "+r.name))
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
				title := fmt.Sprintf("script %d of %d: %s", i+1, len(scripts), r.name)
				fmt.Print(e.report(r, title))
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

// yourPrograms names the reader's commands.
func yourPrograms() (said string) {
	for _, role := range []string{"server", "client"} {
		if command := Yours(role); command != "" {
			said += "your " + role + ": " + command + "  "
		}
	}
	return said
}

// play plays a script, and waits so long for what has to come. Each line of the
// script gets a condition, so that the scene knows which line it has come to.
func (r *sitting) play(patience time.Duration) {
	how := r.how
	how.patience = patience
	numbered := number(r.file)
	defer os.RemoveAll(filepath.Dir(numbered))
	scene, t := rehearse(how, numbered, true)
	said := t.log.String()
	r.scene, r.failed, r.log = scene, t.failed, numberRE.ReplaceAllString(said, "")
	r.said = said[max(0, strings.LastIndex(said, fmt.Sprintf("[line:%d]", scene.line))):]
	count(func() { played.exam++ })
}

// number makes a copy of a script, in a folder of its own, in which each word
// has the condition [line:N]. It panics if it cannot.
func number(script string) string {
	archive, err := txtar.ParseFile(script)
	folder, err2 := os.MkdirTemp("", "exam")
	lines := strings.SplitAfter(string(archive.Comment), "\n")
	for i, line := range lines {
		if strings.TrimSpace(line) != "" && line[0] != '#' {
			lines[i] = fmt.Sprintf("[line:%d] %s", i+1, line)
		}
	}
	archive.Comment = []byte(strings.Join(lines, ""))
	file := filepath.Join(folder, filepath.Base(script))
	err3 := os.WriteFile(file, txtar.Format(archive), 0o666)
	if err := errors.Join(err, err2, err3); err != nil {
		panic(err)
	}
	return file
}

// A fate is what became of a program of the reader's.
type fate struct {
	role, status string // status is empty if it had not ended
	screen, raw  string // what it printed, with the text's ports and as it is
	answers      bool   // a newline too, on the peer's connection
	spins        bool
	ports        []string // of the text, each followed by the real one
}

// late reports whether it ran, and had printed nothing yet.
func (f fate) late() bool {
	return f.status == "" && lastLine(f.screen) == "nothing"
}

// suspect finds the program of the reader's that the last word names, or one
// that nobody waited for, or any.
func (s *scene) suspect() (found *terminal) {
	for name, t := range s.terminals {
		if t.yours == "" || t.cmd == nil {
			continue
		}
		if name == s.now.name {
			return t
		}
		if found == nil || found.waited {
			found = t
		}
	}
	return found
}

// testify finds at the end of a script what one of testscript's words wanted, and
// what became of the reader's program.
func (s *scene) testify() {
	if s.now.word == "" {
		s.now.want, s.now.got = s.again()
	}
	t := s.suspect()
	if t == nil {
		return
	}
	f := &s.fate
	f.role = t.yours
	t.look(&s.ports)
	select {
	case <-t.ended.Done():
		f.status = t.status()
	case <-time.After(time.Second / 5):
		peer := s.peers[s.now.name]
		f.answers = peer != nil && answers(peer.conn)
		proc.Signal(t.cmd, syscall.SIGKILL)
		<-t.ended.Done()
		used := t.cmd.ProcessState.UserTime() + t.cmd.ProcessState.SystemTime()
		f.spins = used > time.Second+s.patience/8
	}
	f.screen = t.look(&s.ports)
	for real, shown := range s.ports.byReal {
		f.ports = append(f.ports, ":"+shown, ":"+real)
	}
	f.raw = strings.NewReplacer(f.ports...).Replace(f.screen)
}

// answers reports whether a server answers a newline.
func answers(conn net.Conn) bool {
	if conn == nil {
		return false
	}
	conn.SetDeadline(time.Now().Add(time.Second / 2))
	conn.Write([]byte("\n"))
	_, err := conn.Read(make([]byte, 1))
	return err == nil
}
