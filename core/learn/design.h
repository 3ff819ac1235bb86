#ifndef HANA_LEARN_DESIGN_H
#define HANA_LEARN_DESIGN_H

#include "io/container.h"
#include "learn/export.h"
#include "learn/problem.h"
#include "learn/spec.h"

/* How the columns of a frame become the features of a learner; learned in fit, applied at
   prediction. Numbers go as they are, bools as 0 and 1, categories and texts with few
   distinct values one-hot or, for learners with HANA_TAG_CATEGORIES, as codes; blocks are
   concatenated. */

typedef enum hana_input_kind {
    HANA_INPUT_NUMBER,  /* float, int, bool */
    HANA_INPUT_ONE_HOT, /* a column a level, without the first when `drop_first` */
    HANA_INPUT_CODES,
    HANA_INPUT_BLOCK
} hana_input_kind;

typedef struct hana_input {
    char *name;
    hana_type
        type; /* as in fit; int and float, string and category stand for each other */
    hana_input_kind kind;
    const hana_column *levels; /* counted; a string column in ascending order */
    const hana_column *block_names;
    size_t from, cols; /* its features are from .. from + cols - 1 */
} hana_input;

typedef struct hana_design {
    hana_input *inputs;
    size_t n_inputs;
    hana_feature *features;
    size_t n_features;
    unsigned tags; /* of the learner */
    int drop_first;
    hana_new_level new_level;
    char *learner; /* for messages */
} hana_design;

enum { HANA_MOST_TEXT_LEVELS = 100 };

/* Learns from the feature columns of the task. Dates, texts with many distinct values,
   missing values the learner does not take, and no features at all are errors that say
   what to do. */
HANA_API hana_status hana_design_fit(hana_design *out, const hana_task *task,
                                     unsigned tags, int drop_first, const char *learner,
                                     hana_error *err);
/* The features of a frame, whose columns are found by name. */
HANA_API hana_status hana_design_apply(hana_problem **out, const hana_design *design,
                                       const hana_frame *frame, hana_job *job,
                                       hana_error *err);
HANA_API void hana_design_clear(hana_design *design);
HANA_API size_t hana_design_bytes(const hana_design *design);
HANA_API hana_status hana_design_save(const hana_design *design, hana_writer *writer,
                                      hana_error *err);
HANA_API hana_status hana_design_load(hana_design *out, hana_reader *reader,
                                      hana_error *err);
/* The operations that make the features, and their value names. */
HANA_API hana_status hana_design_export(const hana_design *design, hana_export *out,
                                        hana_error *err);

/* The inside of a problem, for design.c and the driver. */
typedef struct hana_source {
    const hana_input *input;
    const hana_column *column; /* counted; NULL for a column of a plain matrix */
    const double *values;      /* NUMBER: rows values, NaN for missing */
    double *own;               /* where they had to be converted */
    int32_t *codes; /* ONE_HOT, CODES: -1 missing, the number of levels: another one */
    hana_block_view block;
} hana_source;

struct hana_problem {
    size_t rows, cols;
    const hana_feature *features; /* of the design, which outlives the problem */
    hana_feature *own_features;
    hana_source *sources;
    size_t n_sources;
    int drop_first, is_sparse;
    double **columns; /* cols views, each made on request */
    hana_matrix matrix;
    hana_sparse sparse;
    /* The target: filled by the driver; owned. */
    hana_task_kind task;
    size_t n_classes;
    double *y;
    int32_t *codes;
    hana_matrix proba;
    double *weights;
};

#endif
