#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* Our ends of the child's three streams; -1 once closed. */
typedef struct child {
    pid_t pid;
    int in, out, err;
    int ended, state;
} child;

static void shut(int *fd)
{
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

/* A pipe that no other child inherits. */
static int private_pipe(int ends[2])
{
    if (pipe(ends) != 0) return 0;
    for (int i = 0; i < 2; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    return 1;
}

static int spawn(pid_t *pid, const char *const *argv, const int streams[3])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGINT);
    int code = posix_spawn_file_actions_init(&actions);
    if (code) return code;
    code = posix_spawnattr_init(&attributes);
    if (code) {
        posix_spawn_file_actions_destroy(&actions);
        return code;
    }
    for (int i = 0; i < 3 && !code; i++) {
        code = posix_spawn_file_actions_adddup2(&actions, streams[i], i);
    }
    if (!code) code = posix_spawnattr_setpgroup(&attributes, 0);
    if (!code) code = posix_spawnattr_setsigmask(&attributes, &none);
    if (!code) code = posix_spawnattr_setsigdefault(&attributes, &defaults);
    if (!code) {
        code = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP |
                                                         POSIX_SPAWN_SETSIGMASK |
                                                         POSIX_SPAWN_SETSIGDEF);
    }
    if (!code) {
        code = posix_spawnp(pid, argv[0], &actions, &attributes, (char **)(uintptr_t)argv,
                            environ);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

static hana_status start(child *c, const char *const *argv, hana_error *err)
{
    int in[2] = { -1, -1 }, out[2] = { -1, -1 }, errors[2] = { -1, -1 };
    int code = 0;
    if (!private_pipe(in) || !private_pipe(out) || !private_pipe(errors)) code = errno;
    if (!code) code = spawn(&c->pid, argv, (int[]){ in[0], out[1], errors[1] });
    shut(&in[0]);
    shut(&out[1]);
    shut(&errors[1]);
    if (code) {
        shut(&in[1]);
        shut(&out[0]);
        shut(&errors[0]);
        return hana_fail(err, HANA_IO_FAILED, "cannot start '%s': %s", argv[0],
                         strerror(code));
    }
    *c = (child){ .pid = c->pid, .in = in[1], .out = out[0], .err = errors[0] };
    fcntl(c->in, F_SETFL, O_NONBLOCK);
    fcntl(c->out, F_SETFL, O_NONBLOCK);
    fcntl(c->err, F_SETFL, O_NONBLOCK);
    return HANA_OK;
}

/* Takes what is there, up to a megabyte so that an endless writer cannot hold us; closes
   at the end of the stream. Returns 1 when something came. */
static int drain(int *fd, hana_text *text)
{
    char buffer[16384];
    int some = 0;
    for (; some < 64; some++) {
        ssize_t n = *fd < 0 ? 0 : read(*fd, buffer, sizeof buffer);
        if (n > 0) {
            if (text) hana_text_add(text, buffer, (size_t)n);
            continue;
        }
        if (n == 0 || (errno != EAGAIN && errno != EINTR)) shut(fd);
        break;
    }
    return some > 0;
}

/* Writes what the pipe takes; a child that no longer reads ends the input. */
static void feed(int *fd, const char *input, size_t length, size_t *written)
{
    while (*fd >= 0) {
        if (*written == length) {
            shut(fd);
            return;
        }
        ssize_t n = write(*fd, input + *written, length - *written);
        if (n > 0) {
            *written += (size_t)n;
        } else {
            if (errno != EAGAIN && errno != EINTR) shut(fd);
            return;
        }
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void reap(child *c)
{
    if (!c->ended && waitpid(c->pid, &c->state, WNOHANG) == c->pid) c->ended = 1;
}

/* Asks the group to end, and after half a second makes it. */
static void end_group(child *c)
{
    if (c->ended) return;
    double limit = now() + 0.5;
    kill(-c->pid, SIGTERM);
    for (reap(c); !c->ended && now() < limit; reap(c)) {
        nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
    }
    kill(-c->pid, SIGKILL);
    if (!c->ended) waitpid(c->pid, &c->state, 0);
    c->ended = 1;
}

static hana_status converse(child *c, hana_text *out, hana_text *err_out,
                            const char *program, const char *input, size_t input_length,
                            double seconds, const hana_job *job, hana_error *err)
{
    size_t written = 0;
    double limit = now() + seconds;
    feed(&c->in, input, input_length, &written);
    while (!c->ended || c->out >= 0 || c->err >= 0) {
        /* poll passes over negative descriptors. */
        struct pollfd watched[] = { { .fd = c->out, .events = POLLIN },
                                    { .fd = c->err, .events = POLLIN },
                                    { .fd = c->in, .events = POLLOUT } };
        int wait = c->out >= 0 || c->err >= 0 ? 20 : 1;
        poll(watched, 3, wait);
        HANA_TRY(hana_job_check(job, err));
        if (seconds > 0 && now() > limit) {
            return hana_fail(err, HANA_IO_FAILED, "'%s' did not end within %d s", program,
                             (int)(seconds + 0.999));
        }
        if (watched[2].revents) feed(&c->in, input, input_length, &written);
        int was_over = c->ended;
        reap(c);
        int more = drain(&c->out, out);
        more |= drain(&c->err, err_out);
        /* A grandchild may hold the streams open: what is there after the end is all we
         * wait for. */
        if (was_over && !more) break;
    }
    int failed = (out && out->failed) || (err_out && err_out->failed);
    return failed ? hana_fail_memory(err) : HANA_OK;
}

/* A child that does not read must not end this process: SIGPIPE is held back in this
   thread, and taken away if it came from here. */
static int hold_sigpipe(sigset_t *old)
{
    sigset_t pipe_only, pending;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe_only, old);
    return sigismember(&pending, SIGPIPE);
}

static void release_sigpipe(const sigset_t *old, int was_pending)
{
    sigset_t pipe_only;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    if (!was_pending) {
        while (sigtimedwait(&pipe_only, NULL, &(struct timespec){ 0 }) < 0 &&
               errno == EINTR) {
        }
    }
    pthread_sigmask(SIG_SETMASK, old, NULL);
}

hana_status hana_process_run(int *exit_code, hana_text *out, hana_text *err_out,
                             const char *const *argv, const char *input,
                             size_t input_length, double seconds, const hana_job *job,
                             hana_error *err)
{
    child c = { 0 };
    sigset_t old;
    HANA_TRY(start(&c, argv, err));
    int was_pending = hold_sigpipe(&old);
    hana_status status =
        converse(&c, out, err_out, argv[0], input, input_length, seconds, job, err);
    if (status != HANA_OK) end_group(&c);
    shut(&c.in);
    shut(&c.out);
    shut(&c.err);
    release_sigpipe(&old, was_pending);
    if (status != HANA_OK) return status;
    *exit_code = WIFEXITED(c.state) ? WEXITSTATUS(c.state) : 128 + WTERMSIG(c.state);
    return HANA_OK;
}
