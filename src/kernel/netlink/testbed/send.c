/*
 * send.c - for tests: sends netlink requests from stdin, writes what the kernel answers to stdout.
 *
 *   send [SLOT=PATH]...       opens PATH (a network namespace) at fd SLOT before sending
 *
 * In:  { uint32 protocol, uint32 length, bytes } ...
 * Out: { uint32 microseconds, uint32 length, bytes } ... one for each request, in order.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static unsigned char request[1 << 20], answer[4 << 20];

static int open_socket(int protocol) {
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), on = 1;
  struct timeval limit = {.tv_sec = 5};
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  return fd;
}

static unsigned wanted_acks(size_t length, int *dump) {
  unsigned wanted = 0;
  for (size_t at = 0; at + sizeof(struct nlmsghdr) <= length;) {
    struct nlmsghdr *header = (void *)(request + at);
    if (header->nlmsg_flags & NLM_F_ACK) wanted++;
    else if (header->nlmsg_flags & NLM_F_DUMP) *dump = 1;
    at += NLMSG_ALIGN(header->nlmsg_len);
  }
  return wanted;
}

static size_t exchange(int fd, size_t length) {
  int dump = 0, failed = 0;
  unsigned wanted = wanted_acks(length, &dump);
  size_t got = 0;
  if (send(fd, request, length, 0) < 0) return 0;
  while (wanted > 0 || dump) {
    ssize_t n = recv(fd, answer + got, sizeof answer - got, failed ? MSG_DONTWAIT : 0);
    if (n <= 0) break;
    for (size_t at = 0; at + sizeof(struct nlmsghdr) <= (size_t)n;) {
      struct nlmsghdr *header = (void *)(answer + got + at);
      if (header->nlmsg_type == NLMSG_DONE) dump = 0;
      if (header->nlmsg_type == NLMSG_ERROR) {
        int error;
        memcpy(&error, header + 1, sizeof error);
        if (error) failed = 1, dump = 0;
        if (wanted) wanted--;
      }
      at += NLMSG_ALIGN(header->nlmsg_len);
    }
    got += (size_t)n;
  }
  return got;
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    char *path = strchr(argv[i], '=');
    int fd = path ? open(path + 1, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0 || dup2(fd, atoi(argv[i])) < 0) return perror(argv[i]), 1;
  }
  int sockets[NETLINK_NETFILTER + 1] = {0};
  uint32_t header[2];
  while (fread(header, sizeof header, 1, stdin) == 1) {
    if (header[0] > NETLINK_NETFILTER || header[1] > sizeof request) return 1;
    if (fread(request, 1, header[1], stdin) != header[1]) return 1;
    if (sockets[header[0]] == 0) sockets[header[0]] = open_socket((int)header[0]);
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    uint32_t length = (uint32_t)exchange(sockets[header[0]], header[1]);
    clock_gettime(CLOCK_MONOTONIC, &after);
    uint32_t micros = (uint32_t)((after.tv_sec - before.tv_sec) * 1000000 + (after.tv_nsec - before.tv_nsec) / 1000);
    fwrite(&micros, sizeof micros, 1, stdout);
    fwrite(&length, sizeof length, 1, stdout);
    fwrite(answer, 1, length, stdout);
  }
  return 0;
}
