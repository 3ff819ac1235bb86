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
    void (*progress)(void *host, const char *what,
                     double share); /* owner thread only; may be NULL */

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

/* HANA_INTERRUPTED with the message "interrupted" once someone asked to stop. */
HANA_API hana_status hana_job_check(const hana_job *job, hana_error *err);

/* Keeps a warning (equal texts once). Any thread. A job of NULL drops it. */
HANA_API void hana_job_warn(hana_job *job, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Tells the owner how far `what` is (share in 0..1). Owner thread only. */
HANA_API void hana_job_progress(hana_job *job, const char *what, double share);

/* Collectives. Owner thread only, outside parallel regions, in the same order on every
   rank. In one process they leave the values as they are. */
HANA_API hana_status hana_sum_i64(hana_job *job, int64_t *values, size_t n,
                                  hana_error *err);
HANA_API hana_status hana_sum_f64(hana_job *job, double *values, size_t n,
                                  hana_error *err);
HANA_API hana_status hana_max(hana_job *job, double *values, size_t n, hana_error *err);
HANA_API hana_status hana_bcast(hana_job *job, void *bytes, size_t n, hana_error *err);

#endif
