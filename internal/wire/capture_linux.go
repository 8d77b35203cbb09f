package wire

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"regexp"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// A program with this package takes packets, and does nothing else, where the
// variable Capturing names the file to write them to.
func init() {
	if file := os.Getenv(Capturing); file != "" {
		if err := capture(file); err != nil {
			log.Fatal(err)
		}
		os.Exit(0)
	}
}

// capture writes the packets of this network to a pcap file until the input ends
// and no connection is about to be made or closed.
func capture(name string) error {
	all := binary.NativeEndian.Uint16([]byte{0, unix.ETH_P_ALL}) // in the network's order
	socket, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM, int(all))
	if err != nil {
		return err
	}
	own, err := net.ListenPacket("udp4", "127.0.0.1:0")
	soon := &unix.Timeval{Usec: 10_000}
	err = cmp.Or(err, unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
		unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_RCVBUF, 8<<20),
		unix.SetsockoptTimeval(socket, unix.SOL_SOCKET, unix.SO_RCVTIMEO, soon))
	if err != nil {
		return err
	}
	for late := true; late; { // until the kernel notes the time of packets that nobody reads yet
		own.WriteTo(nil, own.LocalAddr())
		sent := time.Duration(time.Now().UnixNano())
		for p, _ := next(socket); p != nil; p, _ = next(socket) {
			late = p.time() > sent
		}
	}
	own.Close()
	fmt.Println("up")
	var ended atomic.Bool
	go func() {
		io.Copy(io.Discard, os.Stdin)
		for tries := 0; tries < 100 && underWay(); tries++ {
			time.Sleep(10 * time.Millisecond)
		}
		ended.Store(true)
	}()
	var file bytes.Buffer
	binary.Write(&file, binary.BigEndian, header)
	for last := false; !last; {
		last = ended.Load()
		for p, data := next(socket); p != nil; p, data = next(socket) {
			binary.Write(&file, binary.BigEndian, p)
			file.Write(data)
		}
	}
	return os.WriteFile(name, file.Bytes(), 0o666)
}

var buf, control = make([]byte, 1<<16), make([]byte, 128) // for next

// next returns the next packet of IPv4, if one comes soon. On the loopback device
// each packet leaves and arrives: it is taken once.
func next(socket int) (*record, []byte) {
	for {
		n, m, _, from, err := unix.Recvmsg(socket, buf, control, 0)
		if err != nil {
			return nil, nil
		}
		link, length := from.(*unix.SockaddrLinklayer), uint32(16+n)
		r := &record{Taken: length, Length: length, Direction: uint16(link.Pkttype),
			Hardware: link.Hatype, Protocol: unix.ETH_P_IP}
		if buf[0]>>4 != 4 || r.Hardware == loopback && r.Direction != leaving {
			continue
		}
		if stamp, _ := unix.ParseSocketControlMessage(control[:m]); len(stamp) > 0 {
			r.Seconds = uint32(binary.NativeEndian.Uint64(stamp[0].Data))
			r.Nano = uint32(binary.NativeEndian.Uint64(stamp[0].Data[8:]))
		}
		return r, buf[:n]
	}
}

// A socket that is about to be connected or closed, in /proc/net/tcp.
var underWayRE = regexp.MustCompile(`(?m)^ *\d+: \S+ \S+ 0[2349B] `)

func underWay() bool {
	sockets, _ := os.ReadFile("/proc/self/net/tcp")
	return underWayRE.Match(sockets)
}
