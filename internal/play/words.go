package play

import (
	"fmt"
	"slices"
	"strings"
)

// A word of the scripts: how it is written, its flags first, what it means, how
// many arguments it takes without its flags, and what does it.
type word struct {
	name, usage, meaning string
	min, max             int
	do                   func(*scene, []string)
}

const many = 1 << 10

// The methods that do it fail the script.

var words = []word{
	{"start", "[-strace|-strace=waits|-unprivileged|-alone|-wire] NAME COMMAND", "Types a command into a terminal and goes on. A program that takes `-addr` gets its default address on a free port. With `-strace` it runs under strace, and `exit` writes the file NAME.trace, with `-strace=waits` also what the runtime tries and waits for; with `-unprivileged` without root's power to use files that are forbidden to it; with `-alone` in a network of the script's own, at its own default address; with `-wire` too, or on its host, and its calls are kept for `wire`.", 2, many, func(s *scene, a []string) { s.start(a[0], a[1:]) }},
	{"hosts", "[-router|-narrow] NAME NAME", "Makes two machines of the script's own, 10.0.0.1 and 10.0.0.2 (fe80::1 and fd00::1, fe80::2 and fd00::2), with a cable between them; with `-router` a router, a third host of that name; with `-narrow` one that takes packets of at most 1,400 bytes. A terminal `ann` or `ann-2` is one of the host `ann`: commands typed there are played there as they are, with all addresses as they are. Ask for `[hosts]` first.", 2, 2, func(s *scene, a []string) { s.hosts(a[0], a[1]) }},
	{"cable", "NAME out|in", "Pulls the cable out of a host, or puts it back. That host has no network then; at the other end nothing arrives.", 2, 2, func(s *scene, a []string) { s.cable(a[0], a[1]) }},
	{"firewall", "[-fragments] NAME [RULE...]", "Gives a host a rule of nftables for what arrives there, or passes through the router, in place of the one before: `drop`, `tcp dport 8080 reject`, or `numgen inc mod 5 == 0 drop` for each fifth packet, the first among them. With `-fragments` the rule sees the pieces of a datagram. Ask for `[nft]` first.", 1, many, func(s *scene, a []string) { s.firewall(a[0], a[1:]...) }},
	{"sysctl", "NAME KEY VALUE", "Sets one of the kernel's settings for a host, such as `ipv4/tcp_syn_retries`.", 3, 3, func(s *scene, a []string) { s.sysctl(a[0], a[1], a[2]) }},
	{"wire", "[-accepts|-data|-ends] NAME NAME...", "Writes the file `wire`: the packets that were sent since the first `start -wire`, between the calls of these terminals that sent them, the last one at the right. With `-accepts` it shows when a connection is accepted, with `-data` no more than the data and what it waited for, with `-ends` the handshake and the last windows. `go test -pcap FOLDER` keeps the packets.", 2, many, func(s *scene, a []string) { s.wire(a...) }},
	{"run", "STATUS COMMAND", "Plays a command to its end and checks its exit status; `stdout` and `stderr` look at what it printed.", 2, many, func(s *scene, a []string) { s.run(a[0], a[1:]...) }},
	{"await", "NAME PATTERN", "Waits until the unread part of the screen matches, and reads it up to there. It fails at once if the program ends without it.", 2, 2, func(s *scene, a []string) { s.await(a[0], a[1]) }},
	{"type", "NAME LINE", "Types a line.", 2, 2, func(s *scene, a []string) { s.typeLine(a[0], a[1]) }},
	{"eof", "NAME [STATUS]", "Ends the input, as Ctrl-D does, and waits as `exit` does.", 1, 2, func(s *scene, a []string) { s.eof(a[0], a[1:]...) }},
	{"interrupt", "NAME [-TERM|-KILL] [STATUS]", "Types Ctrl-C, or sends a signal as the command `kill` does, and waits as `exit` does. Without a status the program may exit 0 or die of the signal.", 1, 3, func(s *scene, a []string) { s.interrupt(a[0], a[1:]...) }},
	{"signal", "NAME SIGNAL", "Sends a signal, by its name without SIG, and goes on. INT is typed.", 2, 2, func(s *scene, a []string) { s.signal(a[0], a[1]) }},
	{"exit", "NAME [STATUS]", "Waits for the program to end and checks its exit status, 0 or the one given. The screen is then in the file NAME.", 1, 2, func(s *scene, a []string) { s.exit(a[0], a[1:]...) }},
	{"until", "NAME idle", "Waits until the program waits with all its threads, where the system tells.", 2, 2, func(s *scene, a []string) { s.until(a[0], a[1]) }},
	{"file", "NAME TEXT [TIMES] [TEXT TIMES]...", "Writes a file that holds each text so many times.", 2, many, func(s *scene, a []string) { s.file(a[0], a[1:]...) }},
	{"dial", "NAME ADDRESS [udp]", "Connects. The script itself is now one end of a connection, NAME.", 2, 3, func(s *scene, a []string) { s.dial(a[0], a[1], a[2:]...) }},
	{"listen", "NAME ADDRESS [udp]", "Listens. A connection is accepted when the script first sends or receives something.", 2, 3, func(s *scene, a []string) { s.listen(a[0], a[1], a[2:]...) }},
	{"send", "[-apart|-background] NAME TEXT [TIMES]", "Writes the text, in one piece. `-apart`: each time is a write of its own. `-background`: while the script goes on.", 2, 3, func(s *scene, a []string) { s.send(a[0], a[1:]...) }},
	{"recv", "NAME (TEXT [TIMES] | -eof | -reset)", "Receives as many bytes as the text has, or a datagram, and compares; or the end.", 2, 3, func(s *scene, a []string) { s.recv(a[0], a[1:]...) }},
	{"ask", "NAME TEXT [ANSWER]", "Sends the text, and receives the answer: the text in capital letters.", 2, 3, func(s *scene, a []string) { s.ask(a[0], a[1], a[2:]...) }},
	{"shutdown", "NAME", "Sends the end (CloseWrite), and can still receive.", 1, 1, func(s *scene, a []string) { s.shutdown(a[0]) }},
	{"close", "NAME [-reset]", "Closes the connection, or those of a crowd, or resets them.", 1, 2, func(s *scene, a []string) { s.close(a[0], a[1:]...) }},
	{"echo", "NAME", "Sends back in capital letters what it receives, until the other end closes, while the script goes on. The buffers of the system are small.", 1, 1, func(s *scene, a []string) { s.echo(a[0]) }},
	{"crowd", "NAME TIMES ADDRESS [udp] [STEP...]", "Connects so often, one after the other, and each takes the steps: `send` a line of its own, `recv` the answer, `ask` does both, `push` sends 16 MiB meanwhile and receives nothing, `close`, `reset`. Behind a `/` are steps for when all have come so far. Who has not closed stays: `close NAME` closes them all.", 3, many, func(s *scene, a []string) { s.crowd(a[0], a[1], a[2], a[3:]...) }},
}

// take cuts the flags off a word's arguments, and returns how the word is
// used if there are too few or too many.
func (w word) take(args []string) (flags, rest []string, err error) {
	known, _, _ := strings.Cut(strings.TrimPrefix(w.usage, "["), "] NAME")
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && slices.Contains(strings.Split(known, "|"), args[0]) {
		flags, args = append(flags, args[0]), args[1:]
	}
	if len(args) < w.min || len(args) > w.max {
		err = fmt.Errorf("usage: %s %s", w.name, w.usage)
	}
	return flags, args, err
}

// Words returns the table of the scripts' words for testdata/README.md.
func Words() string {
	table := "| word | arguments | what it does |\n|---|---|---|\n"
	for _, w := range words {
		table += fmt.Sprintf("| `%s` | `%s` | %s |\n", w.name, strings.ReplaceAll(w.usage, "|", `\|`), w.meaning)
	}
	return table
}
