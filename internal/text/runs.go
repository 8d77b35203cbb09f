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
	leftOut    string   // the line of the block that stands for what lies before, or ""
	lines      []string // in the block
	start, end int      // in the file
}

// A line that stands for lines left out.
var leftOutRE = regexp.MustCompile(`^\s*(//|#) \.\.\.$`)

// checkRuns checks that blocks are made of runs of lines, in their order, and
// that they show all that is not optional. What they should be is what lies
// between the first and the last line of each run. A line that no block shows
// belongs to the block beside it, if nothing optional lies between. It reports
// whether one is left.
func (t *Text) checkRuns(file string, lines []string, optional []bool, blocks []*block) (left bool) {
	var all []*run
	runs, at := map[*block][]*run{}, 0
	for _, b := range blocks {
		r := &run{}
		for _, line := range append(expand(b.lines), "// ...") {
			if !leftOutRE.MatchString(line) {
				r.lines = append(r.lines, line)
				continue
			}
			start, end := fit(lines[at:], optional[at:], r.lines)
			if start == end || len(r.lines) == 0 && len(b.lines) > 0 {
				t.problem(b.first-1, "%s has nothing like this block at this place", file)
				return false
			}
			r.start, r.end, at = at+start, at+end, at+end
			runs[b], r = append(runs[b], r), &run{leftOut: line}
		}
		all = append(all, runs[b]...)
	}
	unshown, left := widen(lines, optional, all)
	if unshown >= 0 {
		t.Problems = append(t.Problems, fmt.Sprintf("%s:%d: no block of %s shows this line: %s",
			file, unshown+1, t.name, lines[unshown]))
	}
	if left {
		return true
	}
	for _, b := range blocks {
		var want []string
		for i, r := range runs[b] {
			if i > 0 && r.start <= runs[b][i-1].end+1 { // one line is not worth leaving out
				r.start = runs[b][i-1].end
			} else if i > 0 {
				want = append(want, r.leftOut)
			}
			want = append(want, lines[r.start:r.end]...)
		}
		t.expect(b, want)
	}
	return false
}

// fit finds a run in the lines: itself, or else the stretch that has the most of
// its lines, each worth some others in between, with as many lines before it and
// behind it as are missing there. An empty run is all that is not optional.
func fit(lines []string, optional []bool, run []string) (start, end int) {
	for i := range lines {
		if len(run) > 0 && i+len(run) <= len(lines) && slices.Equal(lines[i:i+len(run)], run) {
			return i, i + len(run)
		}
	}
	best, empty := 0, len(run) == 0
	for i := range lines {
		score, missing := 0, slices.Clone(run)
		for j := i; j < len(lines); j++ {
			score--
			if k := slices.Index(missing, lines[j]); k >= 0 {
				score, missing = score+8, slices.Delete(missing, k, k+1)
			} else if empty && !optional[j] {
				score += len(lines)
			}
			if score > best {
				best, start, end = score, i, j+1
			}
		}
	}
	if best == 0 {
		return 0, 0
	}
	found := lines[start:end]
	for i := 0; i < len(run) && !slices.Contains(found, run[i]); i++ {
		start = max(0, start-1)
	}
	for i := len(run) - 1; i >= 0 && !slices.Contains(found, run[i]); i-- {
		end = min(len(lines), end+1)
	}
	return start, end
}

// widen gives each line that must be shown, and is not, to the run before it or
// behind it, if only such lines or blank ones lie between, and takes blank lines
// from the ends of the runs. It returns the first such line, or -1, and whether
// one is left.
func widen(lines []string, optional []bool, runs []*run) (unshown int, left bool) {
	owner := make([]*run, len(lines))
	for _, r := range runs {
		for i := r.start; i < r.end; i++ {
			owner[i] = r
		}
	}
	blank := func(i int) bool { return strings.Trim(lines[i], " +-") == "" }
	beside := func(i, step int) *run {
		for ; i >= 0 && i < len(lines) && (!optional[i] || blank(i)); i += step {
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
		for r.start < r.end && optional[r.start] && blank(r.start) {
			r.start++
		}
		for r.start < r.end && optional[r.end-1] && blank(r.end-1) {
			r.end--
		}
	}
	return unshown, false
}
