# Wrong on purpose: the server of chapter 2, or its client, with the fault that the
# first argument names: perl testdata/others/02-wrong.pl spins
use strict;
use warnings;
use IO::Socket::IP;

$| = 1;
$SIG{PIPE} = 'IGNORE';
my ($fault, %flag) = @ARGV;
if ($fault eq 'spins') { 1 while 1 }
if ($fault eq 'floods') { print "x" x 99, "\n" while 1 }
if ($fault eq 'holds' && !fork) { sleep 99 }
my ($host, $port) = ($flag{'-addr'} // '127.0.0.1:8080') =~ /(.*):(\d+)$/;

if ($fault eq 'chomps') {    # a client
    my $server = IO::Socket::IP->new(PeerHost => $host, PeerPort => $port) or die "$@\n";
    while (print('>>: '), defined(my $line = <STDIN>)) {
        print $server $line;
        chomp(my $reply = <$server>);
        print qq(server replied "$reply"\n);
    }
    exit;
}

my $listener = IO::Socket::IP->new(
    LocalHost => $host, LocalPort => $port, ReuseAddr => 1,
    Listen => $fault eq 'queues' ? 1 : 128) or die "$@\n";
print "listening on $host:", $listener->sockport, $fault eq 'open' ? '' : "\n";
my @kept;
while (my $conn = $listener->accept or die "accept: $!\n") {
    my $peer = $conn->peerhost . ':' . $conn->peerport;
    print "call from $peer\n";
    while (sysread $conn, my $buf, 4096) {
        print $fault eq 'raw' ? qq(heard "$buf"\n) : "heard something\n";
        chop $buf if $fault eq 'chops' && length $buf > 1000;
        syswrite $conn, $buf =~ tr/a-z/A-Z/r;
        exit if $fault eq 'holds';
    }
    $fault eq 'keeps' ? push @kept, $conn : close $conn;
    print "$peer hung up\n";
}
