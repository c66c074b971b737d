/*
 * hook.c - a hook gets its stdin, what it says is kept to the end, and it leaves nothing open.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "executor.h"

static struct failure page;

static int run(const char *script, const char *input, uint64_t timeout, uint32_t *status) {
  const char *argv[] = {"sh", "-c", script, NULL}, *envp[] = {"PATH=/usr/bin:/bin", NULL};
  struct executor x = {.control = -1, .failure = &page};
  x.program.blob = (unsigned char *)(uintptr_t)input;
  struct instruction n = {.op = OP_RUN,
                          .args = {(uint64_t)(uintptr_t) "/bin/sh", (uint64_t)(uintptr_t)argv,
                                   (uint64_t)(uintptr_t)envp, 0, strlen(input), timeout}};
  *status = 0;
  return run_hook(&x, &n, status);
}

static int open_fds(void) {
  int count = 0;
  for (int fd = 0; fd < 64; fd++) count += fcntl(fd, F_GETFD) >= 0;
  return count;
}

int main(void) {
  uint32_t status;
  int before = open_fds();

  assert(run("test \"$(cat)\" = input", "input", 0, &status) == 0 && status == 0);

  /* A million bytes of stdin that nobody reads, or that are read late. */
  char *much = malloc(1000001);
  memset(much, 'x', 1000000);
  much[1000000] = 0;
  assert(run("exit 0", much, 0, &status) == 0);
  assert(run("sleep 0.1; test $(wc -c) = 1000000", much, 0, &status) == 0);
  free(much);

  /* Said in one piece just before the end, more than is read at a time and more than is kept. */
  assert(run("head -c 2000 /dev/zero | tr '\\0' y >&2; exit 3", "", 0, &status) == -ECANCELED);
  assert(status == 3 << 8 && page.text_length == 2000);
  assert(run("head -c 9000 /dev/zero | tr '\\0' y >&2; exit 3", "", 0, &status) == -ECANCELED);
  assert(page.text_length == TEXT_MAX);

  /* What a hook says that has not failed is nobody's error. */
  assert(run("echo careful >&2", "", 0, &status) == 0 && page.text_length == 0);

  assert(run("exec sleep 60", "", 50, &status) == -ETIMEDOUT && status == 9);

  /* Neither what was inherited by the executor nor what it holds is handed on. */
  int held = dup(1);
  assert(run("test \"$(ls /proc/self/fd | wc -l)\" = 4", "", 0, &status) == 0);
  close(held);

  assert(open_fds() == before);
  struct rlimit few = {(rlim_t)before + 3, 1024};
  assert(setrlimit(RLIMIT_NOFILE, &few) == 0);
  assert(run("exit 0", "", 0, &status) == -EMFILE);
  assert(open_fds() == before);
  return 0;
}
