/*
 * log.c - a disk that fills up leaves whole lines only, and a log that cannot be rotated is written on.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervise.h"

static char directory[] = "/tmp/brig-log-XXXXXX";

static off_t size_of(int at, const char *name) {
  struct stat st;
  return fstatat(at, name, &st, 0) == 0 ? st.st_size : -1;
}

int main(void) {
  assert(mkdtemp(directory) != NULL);
  int at = open(directory, O_RDONLY | O_DIRECTORY);
  struct log log = {.fd = openat(at, "log", O_WRONLY | O_CREAT | O_APPEND, 0600), .directory = at,
                    .name = "log", .files = 2};
  const unsigned char line[] = "0123456789\n";
  const size_t length = sizeof line - 1, entry = strlen("2016-10-06T00:17:09.669794202Z stdout F ") + length;

  log_write(&log, "stdout", line, length);
  assert((size_t)size_of(at, "log") == entry && log.end.offset == entry);

  /* Room for half a line more. */
  signal(SIGXFSZ, SIG_IGN);
  struct rlimit full = {entry + 30, RLIM_INFINITY};
  assert(setrlimit(RLIMIT_FSIZE, &full) == 0);
  log_write(&log, "stdout", line, length);
  assert((size_t)size_of(at, "log") == entry && log.end.offset == entry);
  full.rlim_cur = RLIM_INFINITY;
  assert(setrlimit(RLIMIT_FSIZE, &full) == 0);

  /* The next file cannot be made: its name is a directory's. */
  log.size_max = entry;
  assert(mkdirat(at, "log.2", 0700) == 0);
  log_write(&log, "stdout", line, length);
  assert((size_t)size_of(at, "log") == 2 * entry && log.end.rotations == 0);
  assert(unlinkat(at, "log.2", AT_REMOVEDIR) == 0);

  log_write(&log, "stdout", line, length);
  assert((size_t)size_of(at, "log") == entry && (size_t)size_of(at, "log.1") == 2 * entry);
  assert(log.end.rotations == 1 && log.end.offset == entry && size_of(at, "log.2") < 0);

  /* Nowhere to write to. */
  log.fd = -1;
  log_write(&log, "stdout", line, length);

  assert(unlinkat(at, "log", 0) == 0 && unlinkat(at, "log.1", 0) == 0 && rmdir(directory) == 0);
  return 0;
}
