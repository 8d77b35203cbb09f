package sockets

import (
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestUDPAllocations shows that a message over UDP costs no allocation, if
// the sender's address is a value, and that it costs some if it is not.
func TestUDPAllocations(t *testing.T) {
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer packets.Close()
	phone := packets.(*net.UDPConn)
	caller, err := net.Dial("udp", phone.LocalAddr().String())
	require.NoError(t, err)
	defer caller.Close()

	hello, message := []byte("hello"), make([]byte, 65535)
	ask := func(answer func() error) float64 {
		return testing.AllocsPerRun(1000, func() {
			_, err := caller.Write(hello)
			if err == nil {
				err = answer()
			}
			if err == nil {
				_, err = caller.Read(message)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	assert.Zero(t, ask(func() error {
		n, sender, err := phone.ReadFromUDPAddrPort(message)
		if err == nil {
			_, err = phone.WriteToUDPAddrPort(message[:n], sender)
		}
		return err
	}))
	assert.NotZero(t, ask(func() error {
		n, sender, err := phone.ReadFrom(message)
		if err == nil {
			_, err = phone.WriteTo(message[:n], sender)
		}
		return err
	}))
}
