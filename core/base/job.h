#ifndef HANA_BASE_JOB_H
#define HANA_BASE_JOB_H

#include "error.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* A job runs one call that takes time: a fit, a cross-validation, a prediction. It says
   how many threads there are, whether someone wants it to stop, where warnings go, and
   which host (Lua state) may be called back. Made on the stack by the binding;
   hana_job_clear frees the warnings. NULL is a valid job everywhere: one process, default
   threads, nobody listening. */
typedef struct hana_job {
    int threads;        /* 0: the default of hana_threads() */
    int nested;         /* > 0 inside a parallel region: only one level takes threads */
    uint64_t seed;      /* the seed of the call; parts derive theirs by hana_seed_child */
    atomic_int *cancel; /* polled by workers per block; NULL: never */
    void *host;         /* the host's state (lua_State *), only for the owner thread */
    /* Told, on the owner thread only and often, that the call goes on: what is done now
       (static text) and how much of the call is behind it (0..1, negative where nobody
       can tell); NULL and a negative share say nothing new. The host decides what it
       shows. May be NULL. */
    void (*progress)(void *host, const char *what, double share);
    const char *stage; /* set by hana_job_stage */
    double from, to, reached;

    /* Distribution: one process is rank 0 of 1 and the collectives below are identities.
     */
    int rank, size;
    int64_t row_offset, row_total;

    pthread_mutex_t lock; /* guards the warnings */
    char **warnings;
    size_t n_warnings;
} hana_job;

HANA_API void hana_job_init(hana_job *job);
HANA_API void hana_job_clear(hana_job *job);

/* A job for a unit of work inside `parent` (a fold, a tree, a bag): same cancel flag,
   host, but a seed of its own and, when `nested`, one thread. Its warnings go to the
   parent on _finish, each once, in the order of the calls to _finish. */
HANA_API void hana_job_child(hana_job *child, const hana_job *parent, uint64_t seed,
                             int nested);
HANA_API void hana_job_finish(hana_job *child, hana_job *parent);

HANA_API int hana_job_threads(const hana_job *job); /* >= 1 */
HANA_API uint64_t hana_job_seed(const hana_job *job);

/* HANA_INTERRUPTED with the message "interrupted" once someone asked to stop. To be
   called at least every 0.2 seconds. */
HANA_API hana_status hana_job_check(const hana_job *job, hana_error *err);

/* Test hook: the k-th check of a job that can be stopped, from now on, and all later ones
   find that it is to stop; 0 turns the hook off. Returns how many were counted since it
   was set. */
HANA_API int64_t hana_job_stop_from(int64_t k);

/* Keeps a warning (equal texts once). Any thread. A job of NULL drops it. */
HANA_API void hana_job_warn(hana_job *job, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What begins now: `what` (static text; "" for nothing to add to the call's name) takes
   the call from share `from` to share `to`; to <= from where nobody can tell. Blocks of
   hana_parallel and hana_job_progress move within it. Owner thread only. */
HANA_API void hana_job_stage(hana_job *job, const char *what, double from, double to);
/* How much of the stage is done (0..1); it never goes back. Owner thread only. */
HANA_API void hana_job_progress(hana_job *job, double share);

/* For a loop on the owner's thread: both, with `done` of `all` behind it. */
HANA_API hana_status hana_job_at(hana_job *job, size_t done, size_t all, hana_error *err);

/* The job of the call that this thread runs, for what is too small to be handed one
   (taking rows, hashing): NULL where there is none, and inside blocks and units
   (parallel.h). The host sets it around a call and puts back the one before, which _set
   gives. While it is set, hana_job_check tells its host that the call goes on. */
HANA_API hana_job *hana_job_current(void);
HANA_API hana_job *hana_job_set_current(hana_job *job);
/* Around a block or unit of `job`, on the thread that runs it; _enter gives what _leave
   takes. */
const hana_job *hana_job_enter_block(const hana_job *job);
void hana_job_leave_block(const hana_job *before);

/* For loops over many rows, in or outside of blocks, that are handed no job:
   hana_job_check of the block's job, else the current one, for one i in 65536. */
hana_status hana_poll_job(hana_error *err);
static inline hana_status hana_poll(size_t i, hana_error *err)
{
    return i % 65536 ? HANA_OK : hana_poll_job(err);
}

/* Collectives. Owner thread only, outside parallel regions, in the same order on every
   rank. In one process they leave the values as they are. */
HANA_API hana_status hana_sum_i64(hana_job *job, int64_t *values, size_t n,
                                  hana_error *err);
HANA_API hana_status hana_sum_f64(hana_job *job, double *values, size_t n,
                                  hana_error *err);
HANA_API hana_status hana_max(hana_job *job, double *values, size_t n, hana_error *err);
HANA_API hana_status hana_bcast(hana_job *job, void *bytes, size_t n, hana_error *err);

#endif
