/*
 * netlink.c - send a run of netlink messages and read the acknowledgement of each that asks for one.
 *
 * netlink(7): every NLM_F_ACK message is answered by one NLMSG_ERROR whose error is 0 or a negative errno.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

#include "executor.h"

static unsigned acks_wanted(const unsigned char *messages, size_t length) {
  unsigned wanted = 0;
  for (size_t at = 0; at + sizeof(struct nlmsghdr) <= length;) {
    struct nlmsghdr header;
    memcpy(&header, messages + at, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > length - at) break;
    if ((header.nlmsg_flags & NLM_F_ACK) != 0) wanted++;
    at += NLMSG_ALIGN(header.nlmsg_len);
  }
  return wanted;
}

/* The error of one datagram's messages: the first that is not 0; `seen` counts the acks in it. */
static int first_error(const unsigned char *reply, size_t length, unsigned *seen) {
  int error = 0;
  for (size_t at = 0; at + sizeof(struct nlmsghdr) <= length;) {
    struct nlmsghdr header;
    int32_t code;
    memcpy(&header, reply + at, sizeof header);
    size_t left = length - at;
    if (header.nlmsg_len < sizeof header) break;
    if (header.nlmsg_type == NLMSG_ERROR && left >= sizeof header + sizeof code) {
      memcpy(&code, reply + at + sizeof header, sizeof code);
      if (error == 0) error = code;
      ++*seen;
    }
    /* The refused message is echoed, and may be cut: that is the last in its datagram. */
    if (header.nlmsg_len > left) break;
    at += NLMSG_ALIGN(header.nlmsg_len);
  }
  return error;
}

int netlink_exchange(int fd, const void *messages, size_t length) {
  unsigned wanted = acks_wanted(messages, length), seen = 0;
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  ssize_t sent;
  do {
    sent = sendto(fd, messages, length, 0, (const struct sockaddr *)&kernel, sizeof kernel);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return -errno;
  int error = 0;
  while (seen < wanted) {
    unsigned char reply[8192];
    /* A batch that was refused is not acknowledged to its end: after an error only what is there is read. */
    struct sockaddr_nl from = {0};
    socklen_t size = sizeof from;
    ssize_t n = recvfrom(fd, reply, sizeof reply, error == 0 ? 0 : MSG_DONTWAIT, (struct sockaddr *)&from, &size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && error != 0) break;
    if (n < 0) return -errno;
    if (from.nl_pid != 0) continue; /* not from the kernel: a neighbour in the same network namespace */
    int found = first_error(reply, (size_t)n, &seen);
    if (error == 0) error = found;
  }
  return error;
}
