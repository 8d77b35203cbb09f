package text

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A run is a stretch of a file that a block shows.
type run struct {
	block      *block
	leftOut    string // the line of the block that stands for what lies before
	start, end int    // in the file
}

// A line that stands for lines left out.
var leftOutRE = regexp.MustCompile(`^\s*(//|#) \.\.\.$`)

// checkRuns checks that blocks are made of runs of lines, in their order, and
// that they show all that is not optional. They should be what lies between the
// first and the last line of each run. A line that no block shows belongs to the
// block beside it, if nothing optional lies between. If one is left, or a line that
// stays in a step no longer does, the file has grown apart from the text.
func (t *Text) checkRuns(file string, lines []string, optional []bool, blocks []*block) bool {
	var runs []*run
	at := 0
	for _, b := range blocks {
		var leftOut string
		var shown []string
		for _, line := range append(expand(b.lines), "// ...") {
			if !leftOutRE.MatchString(line) {
				shown = append(shown, line)
				continue
			}
			start, end := fit(lines[at:], optional[at:], shown)
			if start == end || shown == nil && b.lines != nil {
				t.problem(b.first-1, "%s has nothing like this block at this place", file)
				return false
			}
			runs = append(runs, &run{b, leftOut, at + start, at + end})
			at, leftOut, shown = at+end, line, nil
		}
	}
	unshown, apart := widen(lines, optional, runs)
	if unshown >= 0 {
		t.Problems = append(t.Problems, fmt.Sprintf("%s:%d: no block of %s shows this line: %s",
			file, unshown+1, t.name, lines[unshown]))
	}
	want := map[*block][]string{}
	for i, r := range runs {
		if r.leftOut != "" && r.start > runs[i-1].end+1 { // one line is not worth leaving out
			want[r.block] = append(want[r.block], r.leftOut)
		} else if r.leftOut != "" {
			r.start = runs[i-1].end
		}
		want[r.block] = append(want[r.block], lines[r.start:r.end]...)
	}
	for _, b := range blocks {
		shall := func(line string) bool { return slices.Contains(want[b], line) }
		apart = apart || slices.ContainsFunc(expand(b.lines), func(line string) bool {
			stays, ok := strings.CutPrefix(line, " ")
			return ok && !shall(line) && (shall("-"+stays) || shall("+"+stays))
		})
	}
	for _, b := range blocks {
		if !apart {
			t.expect(b, want[b])
		}
	}
	return apart
}

// fit finds a run in the lines: itself, or else the stretch that has the most of
// its lines, each worth some others in between, with as many lines before it and
// behind it as are missing there, unless most are. An empty run is all that is
// not optional.
func fit(lines []string, optional []bool, run []string) (start, end int) {
	for i := range lines {
		if run != nil && i+len(run) <= len(lines) && slices.Equal(lines[i:i+len(run)], run) {
			return i, i + len(run)
		}
	}
	best := 0
	for i := range lines {
		score, missing := 0, slices.Clone(run)
		for j := i; j < len(lines); j++ {
			score--
			if k := slices.Index(missing, lines[j]); k >= 0 {
				score, missing = score+8, slices.Delete(missing, k, k+1)
			} else if run == nil && !optional[j] {
				score += len(lines)
			}
			if score > best && 2*len(missing) <= len(run) {
				best, start, end = score, i, j+1
			}
		}
	}
	found := func(line string) bool { return slices.Contains(lines[start:end], line) }
	before := max(0, slices.IndexFunc(run, found))
	slices.Reverse(run)
	behind := max(0, slices.IndexFunc(run, found))
	return max(0, start-before), min(len(lines), end+behind)
}

// widen gives each line that must be shown, and is not, to the run before it or
// behind it, if only such lines or blank ones lie between, and takes blank lines
// from the beginnings. It returns the first such line, or -1, and whether one is left.
func widen(lines []string, optional []bool, runs []*run) (unshown int, left bool) {
	owner := make([]*run, len(lines))
	for _, r := range runs {
		for i := r.start; i < r.end; i++ {
			owner[i] = r
		}
	}
	near := func(i int) bool { return !optional[i] || strings.Trim(lines[i], " +-") == "" }
	beside := func(i, step int) *run {
		for ; i >= 0 && i < len(lines) && near(i); i += step {
			if owner[i] != nil {
				return owner[i]
			}
		}
		return nil
	}
	unshown = -1
	for i := range lines {
		if optional[i] || owner[i] != nil {
			continue
		}
		if unshown < 0 {
			unshown = i
		}
		if owner[i] = cmp.Or(beside(i, -1), beside(i, 1)); owner[i] == nil {
			return i, true
		}
		owner[i].start, owner[i].end = min(owner[i].start, i), max(owner[i].end, i+1)
	}
	for _, r := range runs {
		for r.start < r.end-1 && optional[r.start] && near(r.start) {
			r.start++
		}
	}
	return unshown, false
}
