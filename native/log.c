/*
 * log.c - the container's log, as Kubernetes' CRI has it: one line of text per line of output,
 *
 *   2016-10-06T00:17:09.669794202Z stdout F the whole line
 *   2016-10-06T00:17:10.113242941Z stderr P a part of a line that is longer, or that was not finished when read
 *
 * P parts and the F that ends them are one line. The files are NAME, NAME.1, … from the newest to the oldest.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "supervise.h"

/* Docker, too, cuts lines after 16 KiB. */
enum { CONTENT_MAX = 16384, HEAD_MAX = 64 };

_Static_assert(LINES_MAX > CONTENT_MAX + HEAD_MAX, "a line has room");

/* "2016-10-06T00:17:09.669794202Z stdout F " */
static size_t write_head(char *head, const char *stream, char tag) {
  struct timespec time;
  struct tm utc;
  clock_gettime(CLOCK_REALTIME, &time);
  gmtime_r(&time.tv_sec, &utc);
  const struct {
    unsigned long value;
    unsigned width;
    char after;
  } fields[] = {
      {(unsigned long)utc.tm_year + 1900, 4, '-'}, {(unsigned long)utc.tm_mon + 1, 2, '-'},
      {(unsigned long)utc.tm_mday, 2, 'T'},        {(unsigned long)utc.tm_hour, 2, ':'},
      {(unsigned long)utc.tm_min, 2, ':'},         {(unsigned long)utc.tm_sec, 2, '.'},
      {(unsigned long)time.tv_nsec, 9, 'Z'},
  };
  char *at = head;
  for (unsigned i = 0; i < sizeof fields / sizeof *fields; i++) {
    at = write_decimal(at, fields[i].value, fields[i].width);
    *at++ = fields[i].after;
  }
  *at++ = ' ';
  size_t length = strlen(stream);
  memcpy(at, stream, length);
  at += length;
  *at++ = ' ';
  *at++ = tag;
  *at++ = ' ';
  return (size_t)(at - head);
}

/* A file of the rotation: the log itself, or the number-th before it. */
static void write_name(char *into, const char *name, uint32_t number) {
  size_t length = strnlen(name, NAME_MAX - 12);
  memcpy(into, name, length);
  into += length;
  if (number > 0) {
    *into++ = '.';
    into = write_decimal(into, number, 1);
  }
  *into = 0;
}

static void rotate(struct log *log) {
  char fresh[NAME_MAX + 1], from[NAME_MAX + 1], to[NAME_MAX + 1];
  /* The new file first: without it everything stays as it is, and the old one grows on. */
  write_name(fresh, log->name, log->files);
  int fd = openat(log->directory, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0640);
  if (fd < 0) return;
  for (uint32_t number = log->files - 1; number > 0; number--) {
    write_name(from, log->name, number - 1);
    write_name(to, log->name, number);
    renameat(log->directory, from, log->directory, to);
  }
  renameat(log->directory, fresh, log->directory, log->name);
  dup3(fd, log->fd, O_CLOEXEC);
  close(fd);
  log->end.rotations++;
  log->end.offset = 0;
}

/* What is pending, whole or not at all: a disk that is full leaves no torn line to be glued to the next. */
static void append(struct log *log) {
  if (log->pending == 0) return;
  if (write(log->fd, log->lines, log->pending) == (ssize_t)log->pending)
    log->end.offset += log->pending;
  else
    (void)!ftruncate(log->fd, (off_t)log->end.offset);
  log->pending = 0;
}

/* A line, or a part of one, as it will stand in the file; the file begins anew before a line that it has no room for. */
static void add(struct log *log, const char *head, size_t head_length, const unsigned char *text, size_t length) {
  bool ends = text[length - 1] == '\n';
  size_t size = head_length + length + (ends ? 0 : 1);
  uint64_t filled = log->end.offset + log->pending;
  if (log->size_max != 0 && filled > 0 && filled + size > log->size_max) {
    append(log);
    /* Nothing is there when the disk took none of it. */
    if (log->end.offset > 0) rotate(log);
  } else if (size > sizeof log->lines - log->pending) {
    append(log);
  }
  unsigned char *at = log->lines + log->pending;
  memcpy(at, head, head_length);
  memcpy(at + head_length, text, length);
  if (!ends) at[size - 1] = '\n';
  log->pending += size;
}

void log_write(struct log *log, const char *stream, const unsigned char *bytes, size_t length) {
  if (log->fd < 0) return;
  char whole[HEAD_MAX], part[HEAD_MAX];
  size_t head = write_head(whole, stream, 'F');
  memcpy(part, whole, head);
  part[head - 2] = 'P';
  for (const unsigned char *end = bytes + length; bytes < end;) {
    size_t room = (size_t)(end - bytes) < CONTENT_MAX ? (size_t)(end - bytes) : CONTENT_MAX;
    const unsigned char *newline = memchr(bytes, '\n', room);
    size_t taken = newline == NULL ? room : (size_t)(newline - bytes) + 1;
    add(log, newline == NULL ? part : whole, head, bytes, taken);
    bytes += taken;
  }
  append(log);
}
