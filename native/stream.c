/*
 * stream.c - the output of the process, read into the one chunk, and its input, from the clients' windows.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "supervise.h"

/* A terminal whose every holder has closed it may be opened again: by an init, by a shell's next command. */
enum { HUNG_MS = 100 };

void shut(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

/* A terminal is input as well, and its number may soon be another's. */
void close_source(struct supervisor *s, struct source *source) {
  if (source->fd == s->is.terminal) s->is.terminal = s->input = -1;
  shut(&source->fd);
}

bool drained(const struct supervisor *s) {
  if (s->owed) return false;
  for (unsigned i = 0; i < SOURCES; i++)
    if (s->sources[i].fd >= 0) return false;
  return true;
}

/* As much as there is. A terminal gives 4 KiB at a time, and does not block: each turn would cost more than they do. */
static ssize_t fill_chunk(struct supervisor *s, const struct source *source) {
  unsigned char *bytes = s->chunk.bytes;
  ssize_t n = read(source->fd, bytes, sizeof s->chunk.bytes);
  if (source->fd != s->is.terminal) return n;
  for (ssize_t more = n; more > 0 && (size_t)n < sizeof s->chunk.bytes; n += more) {
    more = read(source->fd, bytes + n, sizeof s->chunk.bytes - (size_t)n);
    if (more <= 0) break; /* for the next turn to learn why */
  }
  return n;
}

void read_source(struct supervisor *s, struct source *source) {
  if (source->fd < 0) return;
  ssize_t n = fill_chunk(s, source);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (n <= 0 && source->fd == s->is.terminal && !s->ended) {
    s->hung_till = monotonic_ms() + HUNG_MS;
  } else if (n <= 0) {
    close_source(s, source);
  } else {
    struct log_position from = s->log.end;
    s->chunk.frame = (struct frame){.type = source->type, .length = (uint32_t)n};
    log_write(&s->log, source->type == FRAME_STDERR ? "stderr" : "stdout", s->chunk.bytes, (size_t)n);
    deliver_chunk(s, &from);
  }
}

bool has_input(const struct supervisor *s) {
  for (unsigned i = 0; i < CLIENTS_MAX; i++)
    if (s->clients[i].held > 0) return true;
  return false;
}

/* What one client has sent, as much as the process takes. False when it takes no more now. */
static bool pass_window(struct supervisor *s, struct client *c) {
  const unsigned char *window = s->windows[c - s->clients];
  while (c->held > 0) {
    ssize_t n = s->input < 0 ? (ssize_t)c->held : write(s->input, window + c->first, c->held);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return false;
    /* It reads no more: the rest is thrown away, so that nobody waits for ever. */
    if (n < 0 && s->input != s->is.terminal) shut(&s->input);
    if (n < 0) n = c->held;
    c->first += (uint32_t)n;
    c->held -= (uint32_t)n;
    c->taken += (uint32_t)n;
  }
  return true;
}

void pass_input(struct supervisor *s) {
  for (unsigned i = 0; i < CLIENTS_MAX; i++) {
    struct client *c = &s->clients[i];
    if (is_free(c) || !pass_window(s, c)) continue;
    bool once = (s->is.flags & SUPERVISE_STDIN_ONCE) != 0 && s->is.terminal < 0;
    if (c->closes && once) shut(&s->input);
    c->closes = false;
  }
}
