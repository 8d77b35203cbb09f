# Wrong on purpose: a server with an event loop that takes EINTR for an error, so
# that it ends when its window is resized: perl testdata/others/05-signal.pl
use strict;
use warnings;
use IO::Poll qw(POLLIN);
use IO::Socket::IP;

$| = 1;
$SIG{WINCH} = sub { };    # or the system would ignore it, and poll would go on

my %flag = ('-addr' => '127.0.0.1:8080', @ARGV);
my ($host, $port) = $flag{'-addr'} =~ /^\[?(.*?)\]?:(\d+)$/;
my $listener = IO::Socket::IP->new(
    LocalHost => $host, LocalPort => $port, Listen => 128, ReuseAddr => 1)
    or die "listen $flag{'-addr'}: $@\n";
sub name { "$_[0]:$_[1]" }
print 'listening on ', name($listener->sockhost, $listener->sockport), "\n";

my $poll = IO::Poll->new;
$poll->mask($listener => POLLIN);
while (1) {
    $poll->poll(-1) >= 0 or die "poll: $!\n";
    for my $socket ($poll->handles(POLLIN)) {
        if ($socket == $listener) {
            my $conn = $listener->accept or next;
            print 'call from ', name($conn->peerhost, $conn->peerport), "\n";
            $poll->mask($conn => POLLIN);
        } elsif (sysread $socket, my $buf, 4096) {
            syswrite $socket, $buf =~ tr/a-z/A-Z/r;
        } else {
            print name($socket->peerhost, $socket->peerport), " hung up\n";
            $poll->remove($socket);
            close $socket;
        }
    }
}
