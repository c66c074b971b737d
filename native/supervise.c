/*
 * supervise.c - the life of a supervisor: one process is its own, and its end is the supervisor's.
 *
 * One turn waits for anything to happen and deals with it. When the process has ended and its output is drained
 * it is concluded (conclude.c), EXITED goes to every client, and the supervisor leaves when its owner has:
 * silently if the owner has settled, else by executing the settle command.
 */
#define _GNU_SOURCE
#include "supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  /* Others may hold the pipes open after the end (--pid host); Docker, too, waits for two seconds. */
  DRAIN_MS = 2000,
  LATE_READS_MAX = 64, /* and then takes what a pipe of 1 MiB may still hold, but not what is added for ever */
  POLLED = 2 + SOURCES
};

static bool begin(struct supervisor *s);
static void turn(struct supervisor *s);
static void reap(struct supervisor *s);
static bool may_leave(const struct supervisor *s);
static _Noreturn void leave(struct supervisor *s);

int supervise(struct executor *x, const void *description) {
  /* Zero pages until they are used. */
  struct supervisor *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (s == MAP_FAILED) return -errno;
  s->x = x;
  memcpy(&s->is, description, sizeof s->is);
  if (!begin(s)) {
    int error = errno;
    munmap(s, sizeof *s);
    return -error;
  }
  for (;;) {
    turn(s);
    reap(s);
    if (s->ended && !s->concluded && drained(s)) conclude(s);
    for (unsigned i = 0; i < CLIENTS_MAX; i++) flush_client(s, &s->clients[i]);
    if (s->concluded && may_leave(s)) leave(s);
  }
}

/* --- begin ----------------------------------------------------------------------------------------------- */

static char *keep_word(struct supervisor *s, const char *word) {
  size_t size = strlen(word) + 1;
  if (size > WORDS_MAX - s->words_used) return NULL;
  char *kept = memcpy(s->words + s->words_used, word, size);
  s->words_used += size;
  return kept;
}

static char **keep_vector(struct supervisor *s, uint64_t vector) {
  char **kept = s->vector + s->vector_used;
  for (const unsigned char *p = (const void *)(uintptr_t)vector; s->vector_used < VECTOR_MAX; p += 8) {
    uint64_t word = 0;
    if (vector != 0) memcpy(&word, p, sizeof word);
    char *copy = word == 0 ? NULL : keep_word(s, (const char *)(uintptr_t)word);
    if (word != 0 && copy == NULL) return NULL;
    s->vector[s->vector_used++] = copy;
    if (word == 0) return kept;
  }
  return NULL;
}

static bool keep_words(struct supervisor *s) {
  bool fit = (s->settle_argv = keep_vector(s, s->is.settle_argv)) != NULL &&
             (s->settle_envp = keep_vector(s, s->is.settle_envp)) != NULL &&
             (s->is.settle_path == 0 ||
              (s->settle_path = keep_word(s, (const char *)(uintptr_t)s->is.settle_path)) != NULL) &&
             (s->is.log_name == 0 ||
              (s->log.name = keep_word(s, (const char *)(uintptr_t)s->is.log_name)) != NULL);
  if (!fit) errno = E2BIG;
  return fit;
}

static void note_signal(int number) {
  (void)number; /* It only has to interrupt ppoll. */
}

/* Only the end of the process ends its supervisor: not a terminal, nor whoever stops a unit or a session. */
static void guard_signals(void) {
  static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGUSR1, SIGUSR2};
  struct sigaction ignore = {.sa_handler = SIG_IGN}, note = {.sa_handler = note_signal};
  for (unsigned i = 0; i < sizeof ignored / sizeof *ignored; i++) sigaction(ignored[i], &ignore, NULL);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, NULL);
  sigaction(SIGCHLD, &note, NULL);
}

/* Of a child that another one has made for us (CLONE_PARENT): what the kernel tells of its pidfd. */
static uint32_t pid_told(int pidfd) {
  char path[48] = "/proc/self/fdinfo/", text[512];
  *write_decimal(path + strlen(path), (unsigned long)pidfd, 1) = 0;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
  if (file >= 0) close(file);
  text[length < 0 ? 0 : length] = 0;
  const char *line = strstr(text, "\nPid:\t");
  return line == NULL ? 0 : (uint32_t)strtoul(line + 6, NULL, 10);
}

static uint32_t pid_of(const struct executor *x, int pidfd) {
  for (unsigned i = 0; i < x->child_count; i++)
    if (x->children[i].pidfd == pidfd) return (uint32_t)x->children[i].pid;
  return pid_told(pidfd);
}

static void open_streams(struct supervisor *s) {
  s->sources[0] = (struct source){s->is.output, FRAME_STDOUT};
  s->sources[1] = (struct source){s->is.error, FRAME_STDERR};
  s->sources[2] = (struct source){s->is.terminal, FRAME_STDOUT};
  s->input = s->is.terminal >= 0 ? s->is.terminal : s->is.input;
  if (s->input >= 0) fcntl(s->input, F_SETFL, fcntl(s->input, F_GETFL) | O_NONBLOCK);
  struct stat st;
  s->log.fd = s->is.log;
  s->log.directory = s->is.log_directory;
  s->log.size_max = s->log.name == NULL ? 0 : s->is.log_size;
  s->log.files = s->is.log_files > 0 ? s->is.log_files : 1;
  if (s->log.fd >= 0 && fstat(s->log.fd, &st) == 0) s->log.end.offset = (uint64_t)st.st_size;
}

/* False, with errno, when this cannot be supervised; the launch program then fails. */
static bool begin(struct supervisor *s) {
  struct executor *x = s->x;
  siginfo_t info;
  if (waitid(P_PIDFD, (id_t)s->is.process, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || !keep_words(s)) return false;
  guard_signals();
  /* What double-forks beside the container in the host's pid namespace is ours to bury. */
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  s->pid = pid_of(x, s->is.process);
  open_streams(s);
  for (unsigned i = 0; i < CLIENTS_MAX; i++) s->clients[i].fd = -1;
  uint32_t serial = x->program.header->serial;
  struct state state = state_of(s);
  bool there = send_frame(x->control, FRAME_DONE, &serial, sizeof serial, NULL, 0) &&
               send_frame(x->control, FRAME_STATE, &state, sizeof state, NULL, 0);
  s->owner = add_client(s, x->control);
  s->owner->attached = s->is.attach;
  if (!there) drop_client(s, s->owner);
  release_program(&x->program);
  x->control = -1;
  x->child_count = 0;
  return true;
}

/* --- wait ------------------------------------------------------------------------------------------------ */

static int milliseconds_left(const struct supervisor *s) {
  int64_t till = -1;
  if (s->hung_till != 0) till = s->hung_till;
  if (s->ended && !s->owed) till = s->deadline;
  if (s->concluded) till = s->owner == NULL ? s->deadline : -1;
  if (till < 0) return -1;
  int64_t left = till - monotonic_ms();
  return left < 0 ? 0 : (int)left;
}

static short events_of(const struct supervisor *s, const struct client *c) {
  bool busy = c->reply.frame.type != 0;
  return (short)((busy ? 0 : POLLIN) | (is_due(s, c) ? POLLOUT : 0));
}

static void turn(struct supervisor *s) {
  struct pollfd fds[POLLED + CLIENTS_MAX];
  fds[0] = (struct pollfd){.fd = s->is.listen, .events = POLLIN};
  fds[1] = (struct pollfd){.fd = has_input(s) ? s->input : -1, .events = POLLOUT};
  for (unsigned i = 0; i < SOURCES; i++) {
    bool waits = s->owed || (s->hung_till != 0 && s->sources[i].fd == s->is.terminal);
    fds[2 + i] = (struct pollfd){.fd = waits ? -1 : s->sources[i].fd, .events = POLLIN};
  }
  for (unsigned i = 0; i < CLIENTS_MAX; i++)
    fds[POLLED + i] = (struct pollfd){.fd = s->clients[i].fd, .events = events_of(s, &s->clients[i])};

  int left = milliseconds_left(s);
  struct timespec time = {.tv_sec = left / 1000, .tv_nsec = (long)(left % 1000) * 1000000};
  sigset_t none;
  sigemptyset(&none);
  if (ppoll(fds, POLLED + CLIENTS_MAX, left < 0 ? NULL : &time, &none) < 0) return;

  bool late = s->ended && !s->concluded && monotonic_ms() >= s->deadline;
  if (s->hung_till != 0 && (s->ended || monotonic_ms() >= s->hung_till)) s->hung_till = 0;
  for (unsigned i = 0; i < SOURCES; i++) {
    if (fds[2 + i].fd < 0 || s->owed) continue;
    if (late && (fds[2 + i].revents == 0 || s->late_reads++ > LATE_READS_MAX))
      close_source(s, &s->sources[i]);
    if (fds[2 + i].revents != 0) read_source(s, &s->sources[i]);
  }
  for (unsigned i = 0; i < CLIENTS_MAX; i++)
    if ((fds[POLLED + i].revents & ~POLLOUT) != 0) serve_client(s, &s->clients[i]);
  if (fds[0].revents != 0) accept_client(s);
  pass_input(s);
}

static void note_end(struct supervisor *s, const siginfo_t *info) {
  struct exited *is = &s->exited.is;
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  is->finished = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
  is->signal = info->si_code == CLD_EXITED ? 0 : info->si_status;
  is->code = info->si_code == CLD_EXITED ? info->si_status : 128 + info->si_status;
  if (info->si_code == CLD_DUMPED) is->flags |= EXITED_CORE;
  s->ended = true;
  /* What was written to a terminal can be read at once; nobody's hold on it is waited for. */
  s->deadline = monotonic_ms() + (s->is.terminal >= 0 ? 0 : DRAIN_MS);
}

/* Buries whoever has died: our process, whose status is kept; lent executors; orphans. */
static void reap(struct supervisor *s) {
  for (;;) {
    siginfo_t any = {0}, own = {0};
    if (waitid(P_ALL, 0, &any, WEXITED | WNOHANG | WNOWAIT) != 0 || any.si_pid == 0) return;
    if (!s->ended && waitid(P_PIDFD, (id_t)s->is.process, &own, WEXITED | WNOHANG) == 0 && own.si_pid != 0)
      note_end(s, &own);
    else
      waitid(P_PID, (id_t)any.si_pid, &any, WEXITED | WNOHANG);
  }
}

/* --- leave ----------------------------------------------------------------------------------------------- */

/* The owner is waited for; the others have a while to take what they were sent. */
static bool may_leave(const struct supervisor *s) {
  if (s->owner != NULL) return false;
  for (unsigned i = 0; i < CLIENTS_MAX; i++)
    if (s->clients[i].fd >= 0 && monotonic_ms() < s->deadline) return false;
  return true;
}

static _Noreturn void leave(struct supervisor *s) {
  if (s->is.listen >= 0 && s->is.run_directory >= 0) unlinkat(s->is.run_directory, SOCKET_NAME, 0);
  if (!s->settled && s->settle_path != NULL) {
    reset_signals();
    execve(s->settle_path, s->settle_argv, s->settle_envp);
  }
  syscall(SYS_exit_group, 0);
  __builtin_unreachable();
}
