#include "base/job.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

void hana_job_init(hana_job *job)
{
    *job = (hana_job){ .seed = 1, .size = 1 };
    pthread_mutex_init(&job->lock, NULL);
}

void hana_job_clear(hana_job *job)
{
    for (size_t i = 0; i < job->n_warnings; i++) hana_free(job->warnings[i]);
    hana_free(job->warnings);
    job->warnings = NULL;
    job->n_warnings = 0;
    pthread_mutex_destroy(&job->lock);
}

void hana_job_child(hana_job *child, const hana_job *parent, uint64_t seed, int nested)
{
    hana_job_init(child);
    child->seed = seed;
    if (!parent) {
        child->nested = nested;
        return;
    }
    child->threads = parent->threads;
    child->nested = parent->nested + (nested ? 1 : 0);
    child->cancel = parent->cancel;
    child->host = parent->host;
}

static void keep(hana_job *job, const char *text)
{
    pthread_mutex_lock(&job->lock);
    int known = 0;
    for (size_t i = 0; i < job->n_warnings && !known; i++)
        known = strcmp(job->warnings[i], text) == 0;
    if (!known) {
        char **grown = hana_realloc(job->warnings, job->n_warnings + 1, sizeof *grown);
        if (grown) {
            job->warnings = grown;
            char *copy = hana_strdup(text);
            if (copy) grown[job->n_warnings++] = copy;
        }
    }
    pthread_mutex_unlock(&job->lock);
}

void hana_job_finish(hana_job *child, hana_job *parent)
{
    if (parent)
        for (size_t i = 0; i < child->n_warnings; i++) keep(parent, child->warnings[i]);
    hana_job_clear(child);
}

int hana_job_threads(const hana_job *job)
{
    if (!job) return hana_threads();
    if (job->nested > 0) return 1;
    return job->threads > 0 ? job->threads : hana_threads();
}

uint64_t hana_job_seed(const hana_job *job)
{
    return job ? job->seed : 1;
}

static _Thread_local hana_job *current;
static _Thread_local int inside_blocks;
static _Thread_local const hana_job *of_block;

hana_job *hana_job_current(void)
{
    return inside_blocks ? NULL : current;
}

hana_job *hana_job_set_current(hana_job *job)
{
    hana_job *before = current;
    current = job;
    return before;
}

const hana_job *hana_job_enter_block(const hana_job *job)
{
    const hana_job *before = of_block;
    if (job) of_block = job;
    inside_blocks++;
    return before;
}

void hana_job_leave_block(const hana_job *before)
{
    of_block = before;
    inside_blocks--;
}

hana_status hana_poll_job(hana_error *err)
{
    return hana_job_check(of_block ? of_block : current, err);
}

static _Atomic int64_t stop_from, stop_counter;

int64_t hana_job_stop_from(int64_t k)
{
    int64_t counted = atomic_exchange(&stop_counter, 0);
    atomic_store(&stop_from, k);
    return counted;
}

static int must_stop(const hana_job *job)
{
    int64_t from = atomic_load_explicit(&stop_from, memory_order_relaxed);
    if (from > 0 && atomic_fetch_add(&stop_counter, 1) + 1 >= from) return 1;
    return atomic_load_explicit(job->cancel, memory_order_relaxed);
}

hana_status hana_job_check(const hana_job *job, hana_error *err)
{
    if (current && current->progress) current->progress(current->host, NULL, -1);
    if (job && job->cancel && must_stop(job))
        return hana_fail(err, HANA_INTERRUPTED, "interrupted");
    return HANA_OK;
}

void hana_job_warn(hana_job *job, const char *format, ...)
{
    if (!job) return;
    char text[HANA_MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    keep(job, text);
}

static int is_heard(const hana_job *job)
{
    return job && job->progress && job->nested == 0;
}

void hana_job_stage(hana_job *job, const char *what, double from, double to)
{
    if (!is_heard(job)) return;
    job->stage = what;
    job->from = from;
    job->to = to;
    job->reached = 0;
    job->progress(job->host, what, to > from ? from : -1);
}

void hana_job_progress(hana_job *job, double share)
{
    if (!is_heard(job) || !(job->to > job->from)) return;
    if (share > job->reached) job->reached = share;
    job->progress(job->host, job->stage,
                  job->from + (job->to - job->from) * job->reached);
}

hana_status hana_job_at(hana_job *job, size_t done, size_t all, hana_error *err)
{
    HANA_TRY(hana_job_check(job, err));
    if (all > 0) hana_job_progress(job, (double)done / (double)all);
    return HANA_OK;
}

hana_status hana_sum_i64(hana_job *job, int64_t *values, size_t n, hana_error *err)
{
    (void)values, (void)n;
    return hana_job_check(job, err);
}

hana_status hana_sum_f64(hana_job *job, double *values, size_t n, hana_error *err)
{
    (void)values, (void)n;
    return hana_job_check(job, err);
}

hana_status hana_max(hana_job *job, double *values, size_t n, hana_error *err)
{
    (void)values, (void)n;
    return hana_job_check(job, err);
}

hana_status hana_bcast(hana_job *job, void *bytes, size_t n, hana_error *err)
{
    (void)bytes, (void)n;
    return hana_job_check(job, err);
}
