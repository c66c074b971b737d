#include <unistd.h>

#include "executor.h"

_Noreturn void supervise(struct executor *x, const void *description) {
  (void)x;
  (void)description;
  _exit(0);
}
