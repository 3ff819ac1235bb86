#include "base/parallel.h"

#include "base/memory.h"
#include "base/random.h"

#include <string.h>
#ifdef _OPENMP
#include <omp.h>

typedef struct failure {
    size_t block;
    hana_status status;
    hana_error error;
} failure;

/* Keeps the failure of the lowest block, so that the message does not depend on timing.
 */
static void record(failure *first, size_t block, hana_status status,
                   const hana_error *error)
{
    if (first->status != HANA_OK && first->block <= block) return;
    first->block = block;
    first->status = status;
    first->error = *error;
}
#endif

static hana_status run_one(hana_job *job, size_t n, size_t block, int worker,
                           hana_block_fn *run, void *context, hana_error *err)
{
    HANA_TRY(hana_job_check(job, err));
    const hana_job *before = hana_job_enter_block(job);
    hana_status status = run(context, block, worker, err);
    hana_job_leave_block(before);
    if (worker == 0) hana_job_progress(job, (double)(block + 1) / (double)n);
    return status;
}

static hana_status serial(hana_job *job, size_t n, hana_block_fn *run, void *context,
                          hana_error *err)
{
    for (size_t i = 0; i < n; i++) HANA_TRY(run_one(job, n, i, 0, run, context, err));
    return HANA_OK;
}

hana_status hana_parallel(hana_job *job, size_t n, hana_block_fn *run, void *context,
                          hana_error *err)
{
    int threads = hana_job_threads(job);
    if ((size_t)threads > n) threads = (int)n;
    if (threads <= 1) return serial(job, n, run, context, err);
#ifdef _OPENMP
    failure first = { .status = HANA_OK };
    atomic_int stop = 0;
    atomic_size_t taken = 0;
#pragma omp parallel num_threads(threads)
    {
        int worker = omp_get_thread_num();
        hana_error error = { 0 };
        while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
            size_t block = atomic_fetch_add(&taken, 1);
            if (block >= n) break;
            hana_status status = run_one(job, n, block, worker, run, context, &error);
            if (status == HANA_OK) continue;
            atomic_store(&stop, 1);
#pragma omp critical(hana_parallel_failure)
            record(&first, block, status, &error);
        }
    }
    if (first.status != HANA_OK && err) *err = first.error;
    return first.status;
#else
    return serial(job, n, run, context, err);
#endif
}

/* Measured: waking a thread that sleeps, and its first look at the data, cost about what
   as many steps do. */
enum { STEPS_WORTH_WAKING = 1 << 16 };

hana_status hana_parallel_steps(hana_job *job, size_t n, size_t steps, hana_block_fn *run,
                                void *context, hana_error *err)
{
    if (steps < STEPS_WORTH_WAKING) return serial(job, n, run, context, err);
    return hana_parallel(job, n, run, context, err);
}

typedef struct units {
    hana_unit_fn *run;
    void *context;
    hana_job *jobs;
} units;

static hana_status run_unit(void *context, size_t unit, int worker, hana_error *err)
{
    (void)worker;
    units *u = context;
    return u->run(u->context, unit, &u->jobs[unit], err);
}

hana_status hana_units(hana_job *job, size_t n, const char *name, int serial,
                       hana_unit_fn *run, void *context, hana_error *err)
{
    int side_by_side = !serial && n > 1 && n >= (size_t)hana_job_threads(job);
    units u = { .run = run, .context = context, .jobs = hana_alloc(n, sizeof *u.jobs) };
    if (!u.jobs) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++)
        hana_job_child(&u.jobs[i], job, hana_seed_child(hana_job_seed(job), name, i),
                       side_by_side);
    hana_status status = HANA_OK;
    hana_job_stage(job, name, 0, 1);
    if (side_by_side) {
        status = hana_parallel(job, n, run_unit, &u, err);
    } else {
        for (size_t i = 0; status == HANA_OK && i < n; i++) {
            status = hana_job_check(job, err);
            const hana_job *before = hana_job_enter_block(&u.jobs[i]);
            if (status == HANA_OK) status = run(context, i, &u.jobs[i], err);
            hana_job_leave_block(before);
            if (status == HANA_OK) hana_job_progress(job, (double)(i + 1) / (double)n);
        }
    }
    for (size_t i = 0; i < n; i++) hana_job_finish(&u.jobs[i], job);
    hana_free(u.jobs);
    return status;
}

void hana_tree_sum(double *partials, size_t n, size_t width)
{
    for (size_t step = 1; step < n; step *= 2)
        for (size_t i = 0; i + step < n; i += 2 * step) {
            double *into = partials + i * width;
            const double *from = partials + (i + step) * width;
            for (size_t j = 0; j < width; j++) into[j] += from[j];
        }
}
