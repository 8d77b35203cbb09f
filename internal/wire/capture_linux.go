package wire

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"regexp"
	"time"

	"golang.org/x/sys/unix"
)

// A program with this package takes packets, and does nothing else, where the
// variable Capturing names the file to write them to.
func init() {
	if file := os.Getenv(Capturing); file != "" {
		if err := capture(file); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
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
	if err := unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		return err
	}
	own, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	for late := true; late; { // until the kernel notes the time of packets that nobody reads yet
		own.WriteTo(nil, own.LocalAddr())
		sent := time.Duration(time.Now().UnixNano())
		for _, record := range read(socket) {
			late = recorded(record) > sent
		}
	}
	own.Close()
	fmt.Println("up")
	file := header
	news := []unix.PollFd{{Fd: int32(socket), Events: unix.POLLIN}, {Fd: 0, Events: unix.POLLIN}}
	for news[1].Revents == 0 {
		unix.Poll(news, -1)
		for tries := 0; news[1].Revents != 0 && underWay() && tries < 1000; tries++ {
			time.Sleep(time.Millisecond)
		}
		for _, record := range read(socket) {
			file = append(file, record...)
		}
	}
	return os.WriteFile(name, file, 0o666)
}

// read reads the packets that have come, as records of a pcap file.
func read(socket int) (records [][]byte) {
	buf, control := make([]byte, 1<<16), make([]byte, 128)
	for {
		n, m, _, from, err := unix.Recvmsg(socket, buf, control, unix.MSG_DONTWAIT)
		stamp, _ := unix.ParseSocketControlMessage(control[:max(m, 0)])
		if err != nil || len(stamp) == 0 {
			return records
		}
		link := from.(*unix.SockaddrLinklayer)
		record := append(make([]byte, 16+16), buf[:n]...)
		copy(record, stamp[0].Data[:4])
		copy(record[4:], stamp[0].Data[8:12])
		binary.NativeEndian.PutUint32(record[8:], uint32(16+n))
		binary.NativeEndian.PutUint32(record[12:], uint32(16+n))
		binary.BigEndian.PutUint16(record[16:], uint16(link.Pkttype))
		binary.BigEndian.PutUint16(record[18:], link.Hatype)
		binary.NativeEndian.PutUint16(record[30:], link.Protocol)
		records = append(records, record)
	}
}

// A socket that is about to be connected or closed, in /proc/net/tcp.
var underWayRE = regexp.MustCompile(`(?m)^ *\d+: \S+ \S+ 0[2349B] `)

func underWay() bool {
	sockets, _ := os.ReadFile("/proc/self/net/tcp")
	return underWayRE.Match(sockets)
}
