/*
 * netlink.c - acknowledgements are found among whatever else comes, and malformed messages do not hang.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "executor.h"

static union {
  struct nlmsghdr header;
  unsigned char bytes[20000];
} message;

static int exchange(int fd, struct nlmsghdr header, size_t length) {
  memset(&message, 0, sizeof message);
  message.header = header;
  return netlink_exchange(fd, message.bytes, length);
}

int main(void) {
  alarm(10);
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  assert(fd >= 0);

  /* NLMSG_NOOP is acknowledged when it asks for it. */
  struct nlmsghdr noop = {.nlmsg_len = 16, .nlmsg_type = NLMSG_NOOP, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK};
  assert(exchange(fd, noop, 16) == 0);

  struct nlmsghdr unknown = {.nlmsg_len = 16, .nlmsg_type = 0x3ff, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK};
  assert(exchange(fd, unknown, 16) == -EOPNOTSUPP);

  /* The echo of what was refused is longer than a reply is read. */
  unknown.nlmsg_len = 16000;
  assert(exchange(fd, unknown, 16000) == -EOPNOTSUPP);

  /* Lengths that lie: behind the end, before the header, and one that wraps when aligned. */
  static const uint32_t lengths[] = {17, 15, 0, 0xfffffffd, 0xffffffff};
  for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    noop.nlmsg_len = lengths[i];
    (void)exchange(fd, noop, 16);
  }

  /* An acknowledgement that another process sends is none. */
  struct sockaddr_nl mine = {.nl_family = AF_NETLINK};
  socklen_t size = sizeof mine;
  assert(getsockname(fd, (struct sockaddr *)&mine, &size) == 0);
  int other = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
  } forged = {{.nlmsg_len = sizeof forged, .nlmsg_type = NLMSG_ERROR}, {.error = -EPERM}};
  assert(sendto(other, &forged, sizeof forged, 0, (struct sockaddr *)&mine, sizeof mine) == (ssize_t)sizeof forged);
  noop.nlmsg_len = 16;
  assert(exchange(fd, noop, 16) == 0);
  close(other);
  close(fd);
  return 0;
}
