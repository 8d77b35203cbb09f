package play

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// A tally counts what was played and what was left out, and why.
type tally struct {
	mu                 sync.Mutex
	right, wrong, exam int // scripts that had to pass, did fail as they had to, and were graded
	skipped            map[string]int
}

var played = tally{skipped: map[string]int{}}

// count changes the tally.
func count(change func()) {
	played.mu.Lock()
	defer played.mu.Unlock()
	change()
}

// String says what was played, or "" if nothing was. An exam has said so itself.
func (t *tally) String() string {
	reasons := slices.Sorted(maps.Keys(t.skipped))
	for i, why := range reasons {
		reasons[i] = fmt.Sprintf("%s (%d)", why, t.skipped[why])
	}
	switch {
	case len(reasons) > 0:
		return fmt.Sprintf("%s played; skipped, whole or in part: %s", nScripts(t.right),
			strings.Join(reasons, ", "))
	case t.right > 0:
		return nScripts(t.right) + " played"
	case t.wrong > 0:
		return nScripts(t.wrong) + " failed with wrong programs, as they have to"
	}
	return ""
}

// A counted is a testing.T for testscript that counts.
type counted struct {
	*testing.T
	inTurn bool
}

func (c counted) Run(name string, f func(testscript.T)) {
	c.T.Run(name, func(t *testing.T) {
		count(func() { played.right++ })
		f(counted{t, c.inTurn})
	})
}

func (c counted) Parallel() {
	if !c.inTurn {
		c.T.Parallel()
	}
}

func (c counted) Skip(args ...any) {
	count(func() { played.right-- })
	Skip(c.T, strings.TrimSpace(fmt.Sprint(args...)))
}

func (c counted) Verbose() bool { return testing.Verbose() }

// Skip leaves a test out, and counts it.
func Skip(t *testing.T, why string) {
	count(func() { played.skipped[why]++ })
	t.Skip(why)
}

// nScripts says how many there are.
func nScripts(n int) string {
	if n == 1 {
		return "1 script"
	}
	return fmt.Sprint(n, " scripts")
}
