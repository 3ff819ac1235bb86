#ifndef HANA_LEARN_SPEC_H
#define HANA_LEARN_SPEC_H

#include "learn/option.h"

/* The head of every learner, step and estimator table. */
typedef enum hana_part_kind {
    HANA_PART_LEARNER,
    HANA_PART_STEP,
    HANA_PART_ESTIMATOR
} hana_part_kind;

enum { /* tags */
       HANA_TAG_REGRESSION = 1 << 0,
       HANA_TAG_CLASSIFICATION = 1 << 1,
       HANA_TAG_NO_TARGET =
           1 << 2,                /* learns without a target (clusters, decompositions) */
       HANA_TAG_MISSING = 1 << 3, /* accepts NaN in features */
       HANA_TAG_CATEGORIES = 1 << 4,   /* takes category codes as they are */
       HANA_TAG_SPARSE = 1 << 5,       /* takes CSR */
       HANA_TAG_SOFT_TARGETS = 1 << 6, /* learns from class probabilities natively */
       HANA_TAG_KEEPS_ROWS = 1 << 7,   /* the model file contains training rows */
       HANA_TAG_UNLABELED = 1 << 8,    /* uses rows without a label */
       HANA_TAG_RANDOM = 1 << 9,       /* takes `seed` */
       HANA_TAG_HOST = 1 << 10, /* runs host code: the owner thread only, serially */
       HANA_TAG_READS_TARGET = 1 << 11, /* a step that looks at the target */
       HANA_TAG_NO_FEATURES =
           1 << 13,              /* a learner that looks at no feature: none is encoded */
       HANA_TAG_PROBA = 1 << 14, /* a classifier that gives class probabilities */
       HANA_TAG_META = 1 << 12 /* tags are those of its children (hana_estimator.tags) */
};

typedef struct hana_part {
    const char *name, *help; /* help: one sentence */
    hana_part_kind kind;
    int version; /* of its saved state */
    unsigned tags;
    hana_options options;
} hana_part;

/* The registry (defined in shelf.c, so that no part knows another by name). */
HANA_API const hana_part *hana_part_find(const char *name); /* NULL: none */
HANA_API const hana_part *const *hana_parts(size_t *n);     /* sorted by name */

/* A spec: a part, its options and child specs, and the options common to all (`name`,
   `seed`, `threads`; `class_weights` for classifiers). Immutable and counted. */
extern HANA_API const hana_class hana_spec_class;
HANA_API const hana_spec *hana_spec_retain(const hana_spec *spec);
HANA_API void hana_spec_release(const hana_spec *spec);

/* options: a map of values (positional children under the POSITIONAL option's own name),
 * or NULL. */
HANA_API hana_status hana_spec_new(hana_spec **out, const char *name,
                                   const hana_value *options, hana_error *err);
HANA_API const hana_part *hana_spec_part(const hana_spec *spec);
HANA_API const void *hana_spec_options(const hana_spec *spec);
HANA_API const char *
hana_spec_name(const hana_spec *spec); /* `name` option, else the part's name */
HANA_API unsigned
hana_spec_tags(const hana_spec *spec); /* with what children contribute */
/* 1 when it, or one of its children, tells columns apart only if none depends on others.
 */
HANA_API int hana_spec_full_rank(const hana_spec *spec);
HANA_API int hana_spec_seed(const hana_spec *spec, uint64_t *seed); /* 0: none given */
/* class_weights: NULL, the string "balanced" or a map class text -> weight. Borrowed. */
HANA_API const hana_value *hana_spec_class_weights(const hana_spec *spec);
/* All options as a map (for params(), model files); set ones only when `given`. */
HANA_API hana_status hana_spec_params(hana_value *out, const hana_spec *spec, int given,
                                      hana_error *err);

/* Children with their path names ("impute", "impute_2", "base"), in order. Borrowed. */
HANA_API size_t hana_spec_children(const hana_spec *spec);
HANA_API const hana_spec *hana_spec_child(const hana_spec *spec, size_t i,
                                          const char **name);
/* The same spec with one option changed, addressed by path: "one_hot.min_count",
   "base.max_depth", a bare name where only one part has it (else an error that lists the
   paths). */
HANA_API hana_status hana_spec_with(hana_spec **out, const hana_spec *spec,
                                    const char *path, const hana_value *value,
                                    hana_error *err);
/* "pipeline(impute, logistic_regression)": one line. */
HANA_API void hana_spec_describe(hana_text *out, const hana_spec *spec);

/* For model files: name, options and children through the container. Host functions are
   saved by registered name; an unregistered one is refused by name. */
struct hana_writer;
struct hana_reader;
HANA_API hana_status hana_spec_save(const hana_spec *spec, struct hana_writer *writer,
                                    const char *key, hana_job *job, hana_error *err);
HANA_API hana_status hana_spec_load(hana_spec **out, struct hana_reader *reader,
                                    const char *key, hana_job *job, hana_error *err);

#endif
