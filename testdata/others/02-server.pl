# The server of chapter 2 in Perl: perl testdata/others/02-server.pl
use strict;
use warnings;
use IO::Socket::IP;

$| = 1;                  # print at once
$SIG{PIPE} = 'IGNORE';   # a write to a closed connection is an error

my $addr = '127.0.0.1:8080';
while (@ARGV) {
    my $flag = shift;
    $addr = $flag eq '-addr' ? shift : undef;
    defined $addr or warn("usage: $0 [-addr ADDRESS]\n"), exit 2;
}
my ($host, $port) = $addr =~ /^\[?(.*?)\]?:(\d+)$/;
my $listener = defined $port && $port < 65536 && IO::Socket::IP->new(
    LocalHost => $host, LocalPort => $port, Listen => 128, ReuseAddr => 1)
    or warn("listen $addr: ", $@ || 'not an address', "\n"), exit 1;
sub name { $_[0] =~ /:/ ? "[$_[0]]:$_[1]" : "$_[0]:$_[1]" }
print 'listening on ', name($listener->sockhost, $listener->sockport), "\n";

my %escape = ("\n" => '\n', "\r" => '\r', '"' => '\"', '\\' => '\\\\');
while (1) {
    my $conn = $listener->accept or next;
    my $peer = name($conn->peerhost // '', $conn->peerport // '');
    print "call from $peer\n";
    while (sysread $conn, my $buf, 4096) {
        my $quoted = $buf =~ s/([^ !#-\[\]-~])/$escape{$1} \/\/ sprintf '\x%02x', ord $1/ger;
        print "heard \"$quoted\"\n";
        print $conn $buf =~ tr/a-z/A-Z/r and $conn->flush or last;
    }
    close $conn;
    print "$peer hung up\n";
}
