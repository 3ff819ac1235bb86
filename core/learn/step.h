#ifndef HANA_LEARN_STEP_H
#define HANA_LEARN_STEP_H

#include "io/container.h"
#include "learn/export.h"
#include "learn/spec.h"
#include "learn/task.h"

/* A preparation step: frame to frame, same rows in the same order. `fit` sees the task
   (labelled rows only count for steps with HANA_TAG_READS_TARGET); the state is zeroed
   memory, `clear` accepts what a failing fit leaves. Columns are named as they stand at
   this point of the pipeline; role columns (hana_features says which are not) are left
   alone. A column that fit saw and transform lacks, or has of another type, is an error
   that names it. */
typedef struct hana_step {
    hana_part part;
    size_t state_size;
    hana_status (*fit)(void *state, const void *options, const hana_task *task,
                       hana_job *job, hana_error *err);
    hana_status (*transform)(const void *state, const void *options, const hana_frame *in,
                             hana_frame **out, hana_job *job, hana_error *err);
    /* Only where training rows become something else than transform gives (out-of-fold
     * encoding). */
    hana_status (*fit_transform)(void *state, const void *options, const hana_task *task,
                                 hana_frame **out, hana_job *job, hana_error *err);
    hana_status (*export)(const void *state, const void *options, hana_export *out,
                          hana_error *err);
    size_t (*bytes)(const void *state);
    hana_status (*save)(const void *state, hana_writer *writer, hana_job *job,
                        hana_error *err);
    hana_status (*load)(void *state, hana_reader *reader, hana_job *job, hana_error *err);
    void (*clear)(void *state);
    hana_status (*check)(const void *options, hana_error *err);
} hana_step;

#endif
