/*
 * Times commands from just before they are spawned until they have been waited for, on the monotonic clock.
 *
 *   timer [-b] [-n TIMES] [-p PARALLEL] COMMAND…
 *
 * COMMAND runs TIMES times (1), at most PARALLEL (1) at once; "{}" in an argument becomes 0, 1, 2 …. Prints the
 * nanoseconds from the first spawn to the last end; with -b, to the first byte of the first command's output. Standard
 * input and output of the commands are /dev/null, standard error is ours. Exits 1 if any of them did not exit 0.
 *
 * In C because a run of a few milliseconds would drown in what spawning costs a larger runtime.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void fail(const char *what)
{
	fprintf(stderr, "timer: %s: %s\n", what, strerror(errno));
	exit(2);
}

static long long now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (long long)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* The command's arguments with every "{}" replaced; made before the clock starts. */
static char **numbered(char *const *command, int count, int number)
{
	char **copy = calloc((size_t)count + 1, sizeof *copy);
	if (!copy)
		fail("calloc");
	for (int i = 0; i < count; i++) {
		const char *hole = strstr(command[i], "{}");
		if (!hole)
			copy[i] = command[i];
		else if (asprintf(&copy[i], "%.*s%d%s", (int)(hole - command[i]), command[i], number, hole + 2) < 0)
			fail("asprintf");
	}
	return copy;
}

static int start(char *const *command, posix_spawn_file_actions_t *actions)
{
	pid_t pid;
	errno = posix_spawn(&pid, command[0], actions, NULL, command, environ);
	if (errno)
		fail(command[0]);
	return pid;
}

static int failed;

static void wait_for_one(void)
{
	int status;
	while (wait(&status) < 0)
		if (errno != EINTR)
			fail("wait");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		failed = 1;
}

int main(int argc, char **argv)
{
	int first_byte = 0, times = 1, parallel = 1, option;
	while ((option = getopt(argc, argv, "+bn:p:")) != -1) {
		if (option == 'b')
			first_byte = 1;
		else if (option == 'n')
			times = atoi(optarg);
		else if (option == 'p')
			parallel = atoi(optarg);
		else
			return 2;
	}
	int words = argc - optind;
	if (words < 1 || times < 1 || parallel < 1) {
		fputs("usage: timer [-b] [-n TIMES] [-p PARALLEL] COMMAND...\n", stderr);
		return 2;
	}

	char ***commands = calloc((size_t)times, sizeof *commands);
	if (!commands)
		fail("calloc");
	for (int i = 0; i < times; i++)
		commands[i] = numbered(argv + optind, words, i);

	int pipe_ends[2];
	if (pipe2(pipe_ends, O_CLOEXEC))
		fail("pipe2");
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (first_byte)
		posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 1);
	else
		posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);

	/*
	 * What ran before leaves its network namespace to the kernel, which takes it down for some twenty milliseconds under
	 * the lock that every change of a link needs: nobody is to pay for his neighbour.
	 */
	nanosleep(&(struct timespec){.tv_nsec = 100 * 1000 * 1000}, NULL);
	int running = 0;
	long long begin = now(), end = 0;
	for (int i = 0; i < times; i++) {
		if (running == parallel) {
			wait_for_one();
			running--;
		}
		start(commands[i], &actions);
		running++;
	}
	close(pipe_ends[1]);
	if (first_byte) {
		char bytes[4096];
		if (read(pipe_ends[0], bytes, 1) != 1)
			failed = 1;
		end = now();
		while (read(pipe_ends[0], bytes, sizeof bytes) > 0)
			;
	}
	while (running-- > 0)
		wait_for_one();
	if (!first_byte)
		end = now();

	printf("%lld\n", end - begin);
	return failed;
}
