/*
 * writer.c - writes two pseudo-random streams as fast as it can, and how fast that was into a file.
 *
 * usage: writer BYTES SEED REPORT
 *
 * Writes are from 1 byte to 1 MB, as many of each magnitude as of any other, to stdout or to stderr. The n-th four
 * bytes of a stream are a bijective mix of n, so that whoever reads some of them knows where he is (stream.ts).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { WRITE_MAX = 1000000 };

static const uint32_t keys[2] = {0x12345678, 0xdeadbeef};

static uint32_t mix(uint32_t x) {
  x = (x ^ x >> 16) * 0x7feb352dU;
  x = (x ^ x >> 15) * 0x846ca68bU;
  return x ^ x >> 16;
}

static size_t size_of(uint32_t random) {
  size_t magnitude = (size_t)1 << random % 20;
  size_t size = magnitude + (random >> 8) % magnitude;
  return size < WRITE_MAX ? size : WRITE_MAX;
}

static int write_all(int fd, const unsigned char *bytes, size_t size) {
  while (size > 0) {
    ssize_t n = write(fd, bytes, size);
    if (n <= 0) return 0;
    bytes += n;
    size -= (size_t)n;
  }
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  uint64_t left = strtoull(argv[1], NULL, 10), at[2] = {0, 0}, total = left;
  uint32_t random = (uint32_t)strtoul(argv[2], NULL, 10);
  static uint32_t words[WRITE_MAX / 4 + 2];
  struct termios terminal;
  struct timespec began, ended;
  unsigned long writes = 0;

  /* On a terminal: every byte as it is. */
  if (tcgetattr(1, &terminal) == 0) {
    terminal.c_oflag &= ~(tcflag_t)OPOST;
    tcsetattr(1, TCSANOW, &terminal);
  }
  clock_gettime(CLOCK_MONOTONIC, &began);
  for (; left > 0; writes++) {
    random = mix(random + 0x9e3779b9U);
    /* On a terminal there is one stream. */
    int stream = isatty(2) ? 0 : (random >> 31) & 1;
    size_t size = size_of(random);
    if (size > left) size = left;
    size_t skip = at[stream] % 4, count = (skip + size + 3) / 4;
    uint32_t first = (uint32_t)(at[stream] / 4);
    for (uint32_t i = 0; i < count; i++) words[i] = mix((first + i) ^ keys[stream]);
    if (!write_all(1 + stream, (const unsigned char *)words + skip, size)) return 1;
    at[stream] += size;
    left -= size;
  }
  clock_gettime(CLOCK_MONOTONIC, &ended);
  double seconds = (double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9;
  FILE *report = fopen(argv[3], "w");
  if (report == NULL) return 1;
  fprintf(report, "{\"rate\":%.1f,\"writes\":%lu,\"stdout\":%llu,\"stderr\":%llu}\n", (double)total / 1e6 / seconds,
          writes, (unsigned long long)at[0], (unsigned long long)at[1]);
  return fclose(report) == 0 ? 0 : 1;
}
