/* A library that a hostile image has wherever a C library looks for one: whoever loads it says so in /loaded. */
#include <fcntl.h>
#include <unistd.h>

__attribute__((constructor)) static void loaded(void) {
  int file = open("/loaded", O_WRONLY | O_CREAT, 0644);
  if (file >= 0) close(file);
}
