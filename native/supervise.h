/*
 * supervise.h - the one context of a supervisor, and what each of its files offers to the others.
 *
 * supervise.c  the life: begin, wait, leave
 * conclude.c   what is done when the process has ended
 * client.c     connections: what they ask, what they are sent
 * lend.c       an executor for one of them
 * stream.c     the process's output and input
 * log.c        the container's log
 *
 * Nothing is allocated after the start and nothing is queued: a client has at most one frame of each kind
 * coming, and the output exists once, in `chunk`.
 */
#ifndef BRIG_SUPERVISE_H
#define BRIG_SUPERVISE_H

#include "executor.h"

enum { CLIENTS_MAX = 64, SOURCES = 3, WORDS_MAX = 4096, VECTOR_MAX = 64, LINES_MAX = 64 << 10 };

struct client {
  int fd; /* -1 when it has gone; its place is free when it left no input either */
  uint32_t attached;
  bool told;   /* has been sent EXITED */
  bool closes; /* its stdin ends after what is in its window */
  uint32_t got;
  struct {
    struct frame frame;
    unsigned char body[8];
  } request;
  struct {
    struct frame frame; /* type 0: none; nothing more is taken from a client that has not taken this */
    unsigned char body[sizeof(struct state)];
  } reply;
  struct {
    struct frame frame; /* type 0: none */
    struct log_position from;
  } lagged;
  uint32_t coming; /* bytes of a STDIN frame still to be received */
  uint32_t first;  /* of the bytes in its window */
  uint32_t held;
  uint32_t taken; /* passed on, and not yet acknowledged */
};

struct source {
  int fd;
  uint32_t type;
};

struct log {
  int fd;
  int directory;
  const char *name;
  uint64_t size_max;
  uint32_t files;
  struct log_position end;
  size_t pending; /* of `lines`; 0 outside log_write */
  unsigned char lines[LINES_MAX];
};

struct supervisor {
  struct executor *x;
  struct supervision is;
  uint32_t pid;
  struct client *owner; /* NULL when it has left */
  bool owed;            /* the owner has not taken the chunk: nothing is read meanwhile */
  bool settled;
  bool ended;
  bool concluded;
  int64_t deadline;  /* of output after the end; then of clients after EXITED */
  int64_t hung_till; /* the terminal has no reader now, and is asked again then */
  unsigned late_reads;
  int input;
  struct source sources[SOURCES];
  struct log log;
  struct {
    struct frame frame;
    struct exited is;
  } exited;
  char *settle_path, **settle_argv, **settle_envp;
  char *vector[VECTOR_MAX];
  size_t words_used, vector_used;
  struct client clients[CLIENTS_MAX];
  char words[WORDS_MAX]; /* what outlives the launch program, which may be large */
  struct {
    struct frame frame;
    unsigned char bytes[CHUNK_MAX];
  } chunk;
  unsigned char windows[CLIENTS_MAX][INPUT_WINDOW]; /* costs memory only where it was used */
};

/* conclude.c */
void conclude(struct supervisor *s);

/* lend.c */
bool lend_executor(struct supervisor *s, struct client *c);

/* client.c */
struct client *add_client(struct supervisor *s, int fd);
void drop_client(struct supervisor *s, struct client *c);
bool is_free(const struct client *c);
bool is_due(const struct supervisor *s, const struct client *c);
void accept_client(struct supervisor *s);
void serve_client(struct supervisor *s, struct client *c);
void flush_client(struct supervisor *s, struct client *c);
void deliver_chunk(struct supervisor *s, const struct log_position *from);
struct state state_of(const struct supervisor *s);

/* stream.c */
void close_source(struct supervisor *s, struct source *source);
void read_source(struct supervisor *s, struct source *source);
void pass_input(struct supervisor *s);
bool has_input(const struct supervisor *s);
bool drained(const struct supervisor *s);
void shut(int *fd);

/* log.c */
void log_write(struct log *log, const char *stream, const unsigned char *bytes, size_t length);

#endif
