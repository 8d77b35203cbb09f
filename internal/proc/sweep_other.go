//go:build !linux

package proc

// Adopt does nothing: other systems do not say who leaves what behind.
func Adopt() {}

// Sweep does nothing.
func Sweep() {}
