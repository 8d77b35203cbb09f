// Wrong on purpose: a server in Perl that does nothing about the signal SIGPIPE,
// like most programs in C.
//
//test:replaces 02-loops/server
//test:fails 02-gone: reset|refused|EOF
package main

import (
	"log"
	"os"
	"os/exec"
	"syscall"
)

const server = `
use Getopt::Long qw(:config pass_through);
use IO::Socket::INET;

$| = 1;  # print at once
my $addr = '127.0.0.1:8080';
GetOptions('addr=s' => \$addr);
my $listener = IO::Socket::INET->new(
    LocalAddr => $addr, Listen => 128, ReuseAddr => 1)
    or die "listen $addr: $@\n";
print 'listening on ', $listener->sockhost, ':', $listener->sockport, "\n";

while (my $conn = $listener->accept) {
    my $peer = $conn->peerhost . ':' . $conn->peerport;
    print "call from $peer\n";
    while (sysread $conn, my $buf, 4096) {
        syswrite $conn, uc $buf or last;
    }
    close $conn;
    print "$peer hung up\n";
}
`

func main() {
	log.SetFlags(0)
	perl, err := exec.LookPath("perl")
	if err != nil {
		log.Fatal(err)
	}
	argv := append([]string{"perl", "-e", server, "--"}, os.Args[1:]...)
	log.Fatal(syscall.Exec(perl, argv, os.Environ()))
}
