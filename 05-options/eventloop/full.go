//go:build unix

package main

import (
	"log"
	"time"
)

// A fullness is when there is no descriptor left for a call: the calls that
// wait make the phone ready, again and again, and nobody can answer.
type fullness struct {
	since time.Time // zero when it is over
	said  bool      // once is enough
}

// rest stops waiting for the phone, or the loop would spin.
func (l *loop) rest(why error) {
	if !l.full.said {
		log.Printf("accept: %v; callers have to wait", why)
	}
	l.remove(l.phone)
	l.full = fullness{since: time.Now(), said: true}
}

const aLittle = 50 // milliseconds

// patience is how long the loop may wait: the descriptors may be used up by
// other programs, of whose end nothing is heard here.
func (l *loop) patience() (milliseconds int) {
	if l.full.since.IsZero() {
		return -1
	}
	return aLittle
}

// goOn waits for the phone again: when somebody hung up, or after a little.
func (l *loop) goOn(hungUp bool) {
	if l.full.since.IsZero() {
		return
	}
	if hungUp || time.Since(l.full.since) >= aLittle*time.Millisecond {
		if l.add(l.phone) == nil {
			l.full.since = time.Time{}
		}
	}
}
