/*
 * client.c - the connections of a supervisor: what they ask for and what they are sent.
 *
 * A frame is sent at once or not at all, so a client that does not read is never waited for. One that sends
 * what it may not is dropped.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supervise.h"

enum {
  SEND_BUFFER = 128 << 10, /* room for several chunks on the way, where the host's default is small */
  RESERVE = 16 << 10,      /* and beyond that for the frames without which a client cannot go on from the log */
  REFUSED_MS = 10
};

bool is_free(const struct client *c) { return c->fd < 0 && c->held == 0 && !c->closes; }

/* What the socket holds outlives the supervisor, so that a slow client misses nothing of what found room. */
static void set_room(const struct client *c, int size) {
  setsockopt(c->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

struct client *add_client(struct supervisor *s, int fd) {
  for (unsigned i = 0; i < CLIENTS_MAX; i++) {
    struct client *c = &s->clients[i];
    if (!is_free(c)) continue;
    memset(c, 0, sizeof *c);
    c->fd = fd;
    set_room(c, SEND_BUFFER);
    return c;
  }
  return NULL;
}

void drop_client(struct supervisor *s, struct client *c) {
  shut(&c->fd);
  if (c == s->owner) {
    s->owner = NULL;
    s->owed = false;
  }
  if ((c->attached & ATTACH_STDIN) != 0) c->closes = true;
  c->attached = 0;
}

/* Who may connect may have any program run here: nobody else, should the directory ever let them pass. */
static bool is_ours(int fd) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

void accept_client(struct supervisor *s) {
  int fd = accept4(s->is.listen, NULL, NULL, SOCK_CLOEXEC);
  /* Out of fds the connection stays and is offered again at once: not as often as the processor can. */
  if (fd < 0) poll(NULL, 0, REFUSED_MS);
  if (fd >= 0 && (!is_ours(fd) || add_client(s, fd) == NULL)) close(fd);
}

/* --- what it is sent ------------------------------------------------------------------------------------- */

/* False when it could not take the frame now; a client that never will is dropped. */
static bool give(struct supervisor *s, struct client *c, const struct frame *frame) {
  size_t size = sizeof *frame + frame->length;
  ssize_t n;
  do {
    n = send(c->fd, frame, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  if (n == (ssize_t)size) return true;
  /* A torn frame cannot be mended without a queue; it does not happen while a chunk fits one skb. */
  if (n >= 0 || errno != EAGAIN) drop_client(s, c);
  return false;
}

bool is_due(const struct supervisor *s, const struct client *c) {
  return c->fd >= 0 && (c->reply.frame.type != 0 || c->taken > 0 || c->lagged.frame.type != 0 ||
                        (s->owed && c == s->owner) || (s->concluded && !c->told));
}

/* Everything that is due, in the order in which it must arrive. */
void flush_client(struct supervisor *s, struct client *c) {
  if (!is_due(s, c)) return;
  if (c->reply.frame.type != 0) {
    if (!give(s, c, &c->reply.frame)) return;
    c->reply.frame.type = 0;
  }
  if (s->owed && c == s->owner) {
    if (!give(s, c, &s->chunk.frame)) return;
    s->owed = false;
  }
  if (c->taken > 0) {
    struct {
      struct frame frame;
      uint32_t bytes;
    } taken = {{FRAME_TAKEN, sizeof taken.bytes}, c->taken};
    if (!give(s, c, &taken.frame)) return;
    c->taken = 0;
  }
  if (c->lagged.frame.type != 0) {
    if (!give(s, c, &c->lagged.frame)) return;
    c->lagged.frame.type = 0;
  }
  if (s->concluded && !c->told) c->told = give(s, c, &s->exited.frame);
}

/* The owner that has no room stops the reading; anybody else goes on from the log. */
void deliver_chunk(struct supervisor *s, const struct log_position *from) {
  uint32_t stream = s->chunk.frame.type == FRAME_STDERR ? ATTACH_STDERR : ATTACH_STDOUT;
  for (unsigned i = 0; i < CLIENTS_MAX; i++) {
    struct client *c = &s->clients[i];
    if (c->fd < 0 || (c->attached & stream) == 0) continue;
    if (c->reply.frame.type == 0 && give(s, c, &s->chunk.frame)) continue;
    if (c->fd < 0) continue;
    if (c == s->owner) {
      s->owed = true;
    } else {
      c->attached &= ATTACH_STDIN;
      set_room(c, SEND_BUFFER + RESERVE);
      c->lagged.frame = (struct frame){.type = FRAME_LAGGED, .length = sizeof c->lagged.from};
      c->lagged.from = *from;
    }
  }
}

static bool reply(struct client *c, uint32_t type, const void *body, uint32_t length) {
  c->reply.frame = (struct frame){.type = type, .length = length};
  memcpy(c->reply.body, body, length);
  return true;
}

static bool reply_error(struct client *c, int result) {
  int32_t error = result < 0 ? errno : 0;
  return reply(c, FRAME_REPLY, &error, sizeof error);
}

struct state state_of(const struct supervisor *s) {
  return (struct state){.version = SHIM_VERSION, .pid = s->pid, .ended = s->ended, .log = s->log.end};
}

static bool reply_state(const struct supervisor *s, struct client *c) {
  struct state state = state_of(s);
  return reply(c, FRAME_STATE, &state, sizeof state);
}

/* --- what it asks for ------------------------------------------------------------------------------------ */

static bool resize(const struct supervisor *s, struct client *c) {
  struct winsize size;
  memcpy(&size, c->request.body, sizeof size);
  errno = ENOTTY;
  return reply_error(c, s->is.terminal < 0 ? -1 : ioctl(s->is.terminal, TIOCSWINSZ, &size));
}

static bool send_signal(const struct supervisor *s, struct client *c) {
  uint32_t number;
  memcpy(&number, c->request.body, sizeof number);
  return reply_error(c, (int)syscall(SYS_pidfd_send_signal, s->is.process, number, NULL, 0));
}

static bool attach(const struct supervisor *s, struct client *c) {
  memcpy(&c->attached, c->request.body, sizeof c->attached);
  return reply_state(s, c);
}

static bool detach(struct supervisor *s, struct client *c) {
  if (c != s->owner) return false;
  s->owner = NULL;
  s->owed = false;
  c->attached = 0;
  return true;
}

/* Its word is good only after the end. */
static bool settled(struct supervisor *s, struct client *c) {
  if (c == s->owner && c->told) s->settled = true;
  return false;
}

static bool act(struct supervisor *s, struct client *c) {
  switch (c->request.frame.type) {
    case FRAME_ATTACH:
      return attach(s, c);
    case FRAME_CLOSE_STDIN:
      c->closes = (c->attached & ATTACH_STDIN) != 0;
      return true;
    case FRAME_RESIZE:
      return resize(s, c);
    case FRAME_SIGNAL:
      return send_signal(s, c);
    case FRAME_STATUS:
      return reply_state(s, c);
    case FRAME_DETACH:
      return detach(s, c);
    case FRAME_SETTLED:
      return settled(s, c);
    default:
      return false;
  }
}

/* How long the body of each request is. */
static const struct frame requests[] = {{FRAME_ATTACH, 4}, {FRAME_CLOSE_STDIN, 0}, {FRAME_RESIZE, 8},
                                        {FRAME_SIGNAL, 4}, {FRAME_STATUS, 0},      {FRAME_DETACH, 0},
                                        {FRAME_SETTLED, 0}};

static bool is_request(const struct frame *frame) {
  for (unsigned i = 0; i < sizeof requests / sizeof *requests; i++)
    if (requests[i].type == frame->type) return requests[i].length == frame->length;
  return false;
}

/* A frame's head has come. */
static bool open_frame(struct supervisor *s, struct client *c) {
  const struct frame *frame = &c->request.frame;
  if (frame->type == FRAME_SEGMENT) return lend_executor(s, c);
  if (frame->type != FRAME_STDIN) return is_request(frame);
  if ((c->attached & ATTACH_STDIN) == 0 || c->closes || frame->length > INPUT_WINDOW - c->held) return false;
  unsigned char *window = s->windows[c - s->clients];
  memmove(window, window + c->first, c->held);
  c->first = 0;
  c->coming = frame->length;
  c->got = 0;
  return true;
}

/* Bytes received, 0 when there are none now, -1 when there never will be. */
static ssize_t receive(const struct client *c, void *into, size_t length) {
  ssize_t n = recv(c->fd, into, length, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  return n <= 0 ? -1 : n;
}

/* One piece of what it has sent; *idle when there was none. False when it is to be dropped. */
static bool take_piece(struct supervisor *s, struct client *c, bool *idle) {
  size_t head = sizeof(struct frame);
  if (c->coming > 0) {
    ssize_t n = receive(c, s->windows[c - s->clients] + c->first + c->held, c->coming);
    *idle = n == 0;
    if (n < 0) return false;
    c->coming -= (uint32_t)n;
    c->held += (uint32_t)n;
    return true;
  }
  size_t wanted = c->got < head ? head : head + c->request.frame.length;
  ssize_t n = receive(c, (unsigned char *)&c->request + c->got, wanted - c->got);
  *idle = n == 0;
  if (n <= 0) return n == 0;
  c->got += (uint32_t)n;
  if (c->got == head && !open_frame(s, c)) return false;
  if (c->got < head || c->got < head + c->request.frame.length) return true;
  c->got = 0;
  return act(s, c);
}

void serve_client(struct supervisor *s, struct client *c) {
  bool idle = false;
  while (c->fd >= 0 && c->reply.frame.type == 0 && !idle) {
    if (!take_piece(s, c, &idle)) drop_client(s, c);
    /* The process first takes what it was sent; the socket can wait. */
    if (c->held > 0 && c->coming == 0) return;
  }
}
