//go:build unix && !linux

package main

// Each Unix has something better of its own, and all of them have poll.
const best = "poll"

var waiters = map[string]func() (waiter, error){"poll": newPoll}
