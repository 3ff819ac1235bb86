#include "parallel.h"

#include "memory.h"

#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

typedef struct failure {
    size_t block;
    hana_status status;
    hana_error error;
} failure;

/* Keeps the failure of the lowest block, so that the message does not depend on timing. */
static void record(failure *first, size_t block, hana_status status, const hana_error *error)
{
    if (first->status != HANA_OK && first->block <= block) return;
    first->block = block;
    first->status = status;
    first->error = *error;
}

static hana_status serial(hana_job *job, size_t n, hana_block_fn *run, void *context,
                          hana_error *err)
{
    for (size_t i = 0; i < n; i++) {
        HANA_TRY(hana_job_check(job, err));
        HANA_TRY(run(context, i, 0, err));
    }
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
            hana_status status = hana_job_check(job, &error);
            if (status == HANA_OK) status = run(context, block, worker, &error);
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

void hana_tree_sum(double *partials, size_t n, size_t width)
{
    for (size_t step = 1; step < n; step *= 2)
        for (size_t i = 0; i + step < n; i += 2 * step) {
            double *into = partials + i * width;
            const double *from = partials + (i + step) * width;
            for (size_t j = 0; j < width; j++) into[j] += from[j];
        }
}
