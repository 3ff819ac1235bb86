#ifndef HANA_BASE_PARALLEL_H
#define HANA_BASE_PARALLEL_H

#include "job.h"

/* One block of work. `worker` is in 0 .. hana_job_threads - 1 and addresses scratch
   memory; results must depend on `block` alone, so that they are the same for any number
   of threads. */
typedef hana_status hana_block_fn(void *context, size_t block, int worker,
                                  hana_error *err);

/* Runs blocks 0 .. n-1, taking them in order, on the threads of the job (serially when it
   is nested). Polls the cancel flag before each block. All started blocks end before it
   returns; the failure of the lowest block is the one reported. The host must not be
   called from blocks. */
HANA_API hana_status hana_parallel(hana_job *job, size_t n, hana_block_fn *run,
                                   void *context, hana_error *err);

/* The same, but on this thread alone where the work is too little to be worth waking the
   others. `steps` is how many cells, roughly, all blocks together copy, compare or count.
   For blocks that come by column or by group; blocks of so many rows are one when there
   are few. */
HANA_API hana_status hana_parallel_steps(hana_job *job, size_t n, size_t steps,
                                         hana_block_fn *run, void *context,
                                         hana_error *err);

/* One unit of work that takes a job of its own: a fold, a bag, a candidate. */
typedef hana_status hana_unit_fn(void *context, size_t unit, hana_job *job,
                                 hana_error *err);

/* Runs units 0 .. n-1, each with a job whose seed is hana_seed_child(seed of the job,
   name, unit). They take the threads when there are at least as many units as threads;
   else they run one after the other and each may take the threads itself: one level of
   parallelism. `serial` forces the latter (host code stays on this thread). Warnings
   reach the job in the order of the units. */
HANA_API hana_status hana_units(hana_job *job, size_t n, const char *name, int serial,
                                hana_unit_fn *run, void *context, hana_error *err);

/* Sums n partial results of `width` doubles each (stored one after the other) in a fixed
   binary tree, in place: the total ends in the first. Same bits whatever the number of
   threads. */
HANA_API void hana_tree_sum(double *partials, size_t n, size_t width);

#endif
