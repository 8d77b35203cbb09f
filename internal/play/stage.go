package play

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"example.com/sockets/internal/proc"
)

// Play plays scripts as subtests of t, in another shell one after the other:
// they are played a second time then, beside all the others.
func Play(t *testing.T, how Staging, scripts ...string) {
	for _, script := range scripts {
		_, params := stage(how, script)
		testscript.RunT(counted{t, how.Shell != ""}, params)
	}
}

// stage sets up a script for testscript.
func stage(how Staging, script string) (*scene, testscript.Params) {
	how.patience = cmp.Or(how.patience, time.Minute) // for a machine ten times as slow
	s := &scene{Staging: how, terminals: map[string]*terminal{}, peers: map[string]*peer{},
		machines: map[string]host{}, captures: map[string]func(){}}
	s.ports = newPorts()
	text, _ := os.ReadFile(script)
	s.lines = strings.Split(numberRE.ReplaceAllString(string(text), ""), "\n")
	return s, testscript.Params{
		Files:               []string{script},
		Cmds:                s.commands(),
		Condition:           s.condition,
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		UpdateScripts:       how.Update,
		Setup: func(env *testscript.Env) error {
			s.skip = func(why string) { s.skipped = true; env.T().Skip(why) }
			env.Setenv("LC_ALL", "C") // errors in English
			env.Defer(func() { s.end(env.T()) })
			return nil
		},
	}
}

// commands are the words for testscript.
func (s *scene) commands() map[string]func(*testscript.TestScript, bool, []string) {
	commands := map[string]func(*testscript.TestScript, bool, []string){}
	for _, w := range words {
		commands[w.name] = func(ts *testscript.TestScript, neg bool, args []string) {
			flags, args, err := w.take(args)
			if neg || err != nil {
				ts.Fatalf("%v", err)
			}
			s.TestScript, s.flags, s.now = ts, flags, act{word: w.name, name: args[0]}
			w.do(s, args)
			s.saw()
			s.done = append(s.done, s.now)
		}
	}
	return commands
}

// condition reports whether a condition of a script holds that is not one of
// testscript's. Each line of an exam has one that says which line it is.
func (s *scene) condition(name string) (bool, error) {
	switch name {
	case "ours":
		return s.Ours, nil
	case "thorough": // a reader's program is spared nothing
		return Thorough() || s.Update || !s.Ours, nil
	}
	if line, ok := strings.CutPrefix(name, "line:"); ok {
		n, err := strconv.Atoi(line)
		s.line, s.now = n, act{}
		return true, err
	}
	holds := conditions[name]
	if holds == nil {
		return false, fmt.Errorf("unknown condition")
	}
	return holds(), nil
}

// end closes what the script left open. A program that nobody waited for is
// a fault of the script.
func (s *scene) end(t testscript.T) {
	if s.line > 0 && s.TestScript != nil { // it has come to a word of ours
		s.testify()
	}
	for _, c := range s.peers {
		if c.conn != nil {
			c.conn.Close()
		}
	}
	for name, left := range s.terminals {
		if left.waited {
			continue
		}
		proc.Signal(left.cmd, syscall.SIGKILL)
		<-left.ended.Done()
		if !s.skipped {
			t.Log(fmt.Sprintf("as far as it came, the script did not wait for the end of %s; "+
				"its screen:\n%s", name, left.screenshot(&s.ports)))
			defer t.FailNow()
		}
	}
}

// The condition that each line of an exam has.
var numberRE = regexp.MustCompile(`\[line:\d+\] `)
