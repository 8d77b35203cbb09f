package play

import (
	"fmt"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// A Staging is how a script is played.
type Staging struct {
	Cast     Cast          // who plays in place of whom
	Ours     bool          // [ours]: the screens are ours to the letter
	Unix     bool          // each address of the script is the path of a file
	Update   bool          // rewrite the transcripts
	tried    string        // the package that is treated as the reader's
	Shell    string        // that reads what is typed, or "": sh
	patience time.Duration // how long to wait for what has to come
}

// A scene is one script while it is played.
type scene struct {
	*testscript.TestScript
	Staging
	terminals map[string]*terminal
	peers     map[string]*peer
	ports     ports
	machines  map[string]host
	captures  map[string]func() // by host, to end them
	flags     []string          // of the word
	stdout    string            // of the last command that was run to its end
	stderr    string
	skip      func(why string)
	skipped   bool
	order     []string // of the screens, for each line that the script has read
	done      []act    // the words so far
	now       act      // the word that is played
	lines     []string // of an exam's script
	line      int      // the number of the one that the scene has come to
	fate      fate     // of the reader's program
	graded    bool     // one was started
}

// An act is a word that was played: what it did, wanted and got, for a report.
type act struct {
	word, name     string // the first of its arguments is mostly a terminal or a peer
	did, want, got string
	perhaps        string // what is wrong, as far as the word knows
}

// A fate is what became of a program of the reader's.
type fate struct {
	role, status string // status is empty if it had not ended
	screen       string // as it is
	answers      bool   // a newline too, on the peer's connection
	spins        bool
	floods       bool // it prints without end
	holds        bool // it has ended, but not what it started
}

// A host is a machine of the script's own: a network namespace, which lasts as
// long as the script. By its command, another one is run there.
type host []string

// Fatalf ends the script, which has failed.
func (s *scene) Fatalf(format string, args ...any) {
	if s.now.got == "" {
		s.now.got = fmt.Sprintf(format, args...)
	}
	s.TestScript.Fatalf(format, args...)
}

// Check ends the script if there is an error.
func (s *scene) Check(err error) {
	if err != nil {
		s.Fatalf("%v", err)
	}
}

// wait waits until f returns true, and calls it again and again. It fails
// with a message when patience ends.
func (s *scene) wait(f func() bool, format string, args ...any) {
	late := time.After(s.patience)
	for pause := time.Millisecond; !f(); pause = min(2*pause, 50*time.Millisecond) {
		select {
		case <-time.After(pause):
		case <-late:
			s.Fatalf(format, args...)
		}
	}
}
