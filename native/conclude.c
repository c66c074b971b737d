/*
 * conclude.c - what is done once when the process has ended: how it ended is noted, and the host is settled.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "supervise.h"

/* For clients that do not leave after their EXITED. */
enum { LINGER_MS = 2000 };

/* Both files have a line "oom_kill N". */
static bool was_out_of_memory(int fd) {
  static const char key[] = "\noom_kill ";
  char text[512] = "\n";
  ssize_t n = fd < 0 ? -1 : pread(fd, text + 1, sizeof text - 2, 0);
  const char *found = n <= 0 ? NULL : strstr(text, key);
  return found != NULL && found[sizeof key - 1] >= '1' && found[sizeof key - 1] <= '9';
}

/* What fails here was noted for whoever comes next; the container has ended all the same. */
static void run_settle(struct supervisor *s) {
  struct executor *x = s->x;
  if (x->stored.header == NULL) return;
  x->program = x->stored;
  x->stored = (struct program){0};
  x->detached = true;
  reset_failure(x);
  if (!execute(x)) {
    s->exited.is.settle_error = x->failure->at.error;
    s->exited.is.settle_index = x->failure->at.index;
  }
  release_program(&x->program);
}

/* Renamed into place: who finds the file finds all of it. The run directory does not outlive a crash anyway. */
static void write_exit_file(const struct supervisor *s) {
  static const char fresh[] = EXIT_NAME ".new";
  int directory = s->is.run_directory;
  if (directory < 0) return;
  int fd = openat(directory, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  bool written = write_full(fd, &s->exited.is, sizeof s->exited.is);
  close(fd);
  if (written) renameat(directory, fresh, directory, EXIT_NAME);
}

void conclude(struct supervisor *s) {
  if (was_out_of_memory(s->is.memory_events)) s->exited.is.flags |= EXITED_OOM;
  s->input = -1;
  pass_input(s);
#if SHIM_VERSION >= 2
  s->exited.is.rotations = (uint32_t)s->log.end.rotations;
  s->exited.is.flags |= EXITED_ROTATIONS;
#endif
  run_settle(s);
  write_exit_file(s);
  s->exited.frame = (struct frame){.type = FRAME_EXITED, .length = sizeof s->exited.is};
  s->deadline = monotonic_ms() + LINGER_MS;
  s->concluded = true;
}
