package play

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// A rehearsal is a testing.T for a script that may fail: it keeps what the
// script says to itself.
type rehearsal struct {
	verbose bool
	failed  bool
	skipped string // why
	log     strings.Builder
}

// rehearse plays a script.
func rehearse(how Staging, script string, verbose bool) (*scene, *rehearsal) {
	r := &rehearsal{verbose: verbose}
	s, params := stage(how, script)
	testscript.RunT(r, params)
	return s, r
}

func (r *rehearsal) Run(_ string, f func(testscript.T)) {
	var script sync.WaitGroup
	script.Go(func() { f(r) }) // FailNow and Skip end a goroutine
	script.Wait()
}
func (r *rehearsal) FailNow()          { r.failed = true; runtime.Goexit() }
func (r *rehearsal) Fatal(args ...any) { r.Log(args...); r.FailNow() }
func (r *rehearsal) Skip(args ...any)  { r.skipped = fmt.Sprint(args...); runtime.Goexit() }
func (r *rehearsal) Log(args ...any)   { fmt.Fprintln(&r.log, args...) }
func (r *rehearsal) Parallel()         {}
func (r *rehearsal) Verbose() bool     { return r.verbose }

// MustFail plays a script that has to fail, and to say what matches why. How
// long it waits for what does not come: with hangs two seconds, longer than any
// time in the script, and if another thing was not there in time, longer; else
// half a second.
func MustFail(t *testing.T, script string, how Staging, why string, hangs bool) {
	how.Ours = true
	if hangs {
		how.patience = 2 * time.Second
	} else if why == "." {
		how.patience = time.Second / 2
	}
	for {
		_, r := rehearse(how, script, false)
		if r.skipped != "" {
			Skip(t, r.skipped)
		}
		if !r.failed {
			t.Errorf("%s does not fail with %v", script, how.Cast)
			return
		}
		said := r.log.String()
		if regexp.MustCompile(why).MatchString(said) {
			count(func() { played.wrong++ })
			return
		}
		if !hangs || how.patience >= time.Minute {
			t.Errorf("%s fails with %v, but does not say %q:\n%s", script, how.Cast, why, said)
			return
		}
		how.patience *= 2
	}
}
