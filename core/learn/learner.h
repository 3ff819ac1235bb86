#ifndef HANA_LEARN_LEARNER_H
#define HANA_LEARN_LEARNER_H

#include "io/container.h"
#include "learn/export.h"
#include "learn/problem.h"
#include "learn/spec.h"

/* The facts of a fit that users see as fields of the model. */
typedef struct hana_fit_facts {
    int has_iterations;
    int64_t iterations;
    int has_converged;
    int converged; /* 0: the driver warns by the learner's name */
    int explained; /* unless the learner has warned and said why */
} hana_fit_facts;

/* A learner turns a problem into a state. One `static const` struct with designated
   initialisers a file; core/learn/baseline.c is the template. An absent slot is a refusal
   by name, made by the driver. State is zeroed memory of state_size; `clear` accepts
   whatever a failing `fit` leaves, so `fit` never cleans up its state. The driver has
   checked shapes, finiteness, classes and names before a slot runs, and allocates the
   outputs. predict slots take a const state and may run in several threads at once. */
typedef struct hana_learner {
    hana_part part;
    size_t state_size;
    hana_status (*fit)(void *state, const void *options, hana_problem *problem,
                       hana_fit_facts *facts, hana_job *job, hana_error *err);
    /* One number a row: the value in regression; the class code where there is no
       predict_proba; the cluster in HANA_TAG_NO_TARGET. */
    hana_status (*predict)(const void *state, hana_problem *x, double *out, hana_job *job,
                           hana_error *err);
    /* rows x classes, rows sum to 1. */
    hana_status (*predict_proba)(const void *state, hana_problem *x, hana_matrix *out,
                                 hana_job *job, hana_error *err);
    /* rows x width(state); names "pc_1", ... made from the learner's name when
     * output_name is NULL. */
    size_t (*width)(const void *state);
    hana_status (*transform)(const void *state, hana_problem *x, hana_matrix *out,
                             hana_job *job, hana_error *err);
    /* A frame: term, estimate, std_error, statistic, p_value, low, high (null where
       theory gives none), with a leading column `class` when there are several; else
       term, importance. `features`: the n features as fitted; target: for class names. */
    hana_status (*summary)(const void *state, const hana_feature *features, size_t n,
                           const hana_target *target, hana_frame **out, hana_error *err);
    /* The model as rules or a tree that people read; for model:rules() and print. */
    hana_status (*print)(const void *state, const hana_feature *features, size_t n,
                         const hana_target *target, hana_text *out, hana_error *err);
    /* The neutral description from which C, SQL and Lua are written. */
    hana_status (*export)(const void *state, size_t n_features, hana_export *out,
                          hana_error *err);
    size_t (*bytes)(const void *state); /* memory of the fitted state */
    hana_status (*save)(const void *state, hana_writer *writer, hana_error *err);
    hana_status (*load)(void *state, hana_reader *reader,
                        hana_error *err); /* into zeroed memory */
    void (*clear)(void *state);
    /* 1 when a one-hot block must drop its first level to keep full rank (no penalty).
     * NULL: 0. */
    int (*full_rank)(const void *options);
    /* Checks between options; may be NULL. Messages begin with the learner's name. */
    hana_status (*check)(const void *options, hana_error *err);
} hana_learner;

#endif
