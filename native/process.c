/*
 * process.c - the few things every part of the executor needs and the C library does at greater length.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "executor.h"

/*
 * Dispositions and mask as a freshly booted system would give them. By system call: a C library keeps some of the
 * real-time signals for itself, and would leave them ignored if the caller did. All zero is SIG_DFL.
 */
void reset_signals(void) {
  static const unsigned char standard[32];
  static const uint64_t none;
  for (int number = 1; number < 65; number++) syscall(SYS_rt_sigaction, number, standard, NULL, sizeof none);
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
}

int64_t monotonic_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

char *write_decimal(char *at, unsigned long value, unsigned width) {
  char digits[24];
  unsigned count = 0;
  for (; value > 0 || count < width; value /= 10) digits[count++] = (char)('0' + value % 10);
  while (count > 0) *at++ = digits[--count];
  return at;
}
