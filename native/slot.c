/*
 * slot.c - an fd that a later instruction needs has a number that the program chose.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "executor.h"

/* A slot is close-on-exec, whatever the call was asked for: no container ever finds one open (CVE-2024-21626). */
int to_slot(int fd, int slot) {
  if (slot < 0) return fd;
  if (fd == slot) return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -1 : fd;
  int moved = dup3(fd, slot, O_CLOEXEC);
  int error = errno;
  close(fd);
  errno = error;
  return moved;
}

/* Fresh fds get the lowest number, which may be the slot of another: some wait above all slots. */
int out_of_the_way(int fd) {
  int moved = fcntl(fd, F_DUPFD_CLOEXEC, ABOVE_SLOTS);
  int error = errno;
  close(fd);
  errno = error;
  return moved;
}
