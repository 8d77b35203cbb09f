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

// add adds n to one of the tally's numbers.
func (t *tally) add(number *int, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	*number += n
}

// String says what was played, or "" if nothing was. An exam has said so itself.
func (t *tally) String() string {
	if t.right+len(t.skipped) == 0 && t.wrong > 0 {
		return fmt.Sprintf("%d scripts failed with wrong programs, as they have to", t.wrong)
	} else if t.right+len(t.skipped) == 0 {
		return ""
	}
	said := fmt.Sprintf("%d scripts played", t.right)
	reasons := slices.Sorted(maps.Keys(t.skipped))
	for i, why := range reasons {
		reasons[i] = fmt.Sprintf("%s (%d)", why, t.skipped[why])
	}
	if len(reasons) > 0 {
		said += "; skipped, whole or in part: " + strings.Join(reasons, ", ")
	}
	return said
}

// A counted is a testing.T for testscript that counts.
type counted struct{ *testing.T }

func (c counted) Run(name string, f func(testscript.T)) {
	c.T.Run(name, func(t *testing.T) {
		played.add(&played.right, 1)
		f(counted{t})
	})
}

func (c counted) Skip(args ...any) {
	played.add(&played.right, -1)
	Skip(c.T, strings.TrimSpace(fmt.Sprint(args...)))
}

func (c counted) Verbose() bool { return testing.Verbose() }

// Skip leaves a test out, and counts it.
func Skip(t *testing.T, why string) {
	played.mu.Lock()
	played.skipped[why]++
	played.mu.Unlock()
	t.Skip(why)
}
