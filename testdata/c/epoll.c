/* Epoll answers any number of phone calls at once, in one thread: what the
   programs of chapter 5 are measured against. It is for small messages only:
   a reply that the socket does not take ends the call. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static char message[1 << 16];

static void watch(int poll, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
	epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
}

int main(void)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	socklen_t size = sizeof addr;
	int one = 1, phone = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(phone, (struct sockaddr *)&addr, size) || listen(phone, 4096)) {
		perror("listen");
		return 1;
	}
	getsockname(phone, (struct sockaddr *)&addr, &size);
	printf("listening on 127.0.0.1:%d\n", ntohs(addr.sin_port));
	fflush(stdout);

	struct epoll_event events[128];
	int poll = epoll_create1(0);
	watch(poll, phone);
	for (;;) {
		int ready = epoll_wait(poll, events, 128, -1);
		for (int i = 0; i < ready; i++) {
			int fd = events[i].data.fd;
			if (fd == phone) {
				fd = accept4(phone, 0, 0, SOCK_NONBLOCK);
				if (fd < 0)
					continue;
				setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
				watch(poll, fd);
				continue;
			}
			ssize_t n = read(fd, message, sizeof message);
			for (ssize_t i = 0; i < n; i++)
				if ('a' <= message[i] && message[i] <= 'z')
					message[i] -= 'a' - 'A';
			if (n <= 0 || write(fd, message, n) != n)
				close(fd);
		}
	}
}
