#ifndef HANA_LEARN_ESTIMATOR_H
#define HANA_LEARN_ESTIMATOR_H

#include "learn/learner.h"
#include "learn/step.h"
#include "learn/task.h"

/* What a user holds: one spec and, once fitted, one fitted. */

typedef enum hana_want {
    HANA_WANT_VALUES, /* n x 1: the number in regression; the class code (NaN: none) in
                         classification */
    HANA_WANT_PROBA   /* n x classes */
} hana_want;

/* The second vtable: whatever implements fit directly because its children may be
   pipelines. Learners become estimators through the driver (learn/driver.c). State rules
   as for learners. */
typedef struct hana_estimator {
    hana_part part;
    size_t state_size;
    /* Tags of a spec of this part (children's tags included); NULL: part.tags. */
    unsigned (*tags)(const hana_spec *spec);
    hana_status (*check)(const hana_spec *spec, hana_error *err);
    hana_status (*fit)(void *state, const hana_spec *spec, const hana_task *task,
                       hana_fit_facts *facts, hana_job *job, hana_error *err);
    /* `fitted` gives the target, spec and state. out is zero-filled and allocated by the
       caller: rows x (1 or classes). `want` is PROBA for a classifier with has_proba,
       else VALUES. */
    hana_status (*predict)(const hana_fitted *fitted, const hana_frame *frame,
                           hana_want want, hana_matrix *out, hana_job *job,
                           hana_error *err);
    int (*has_proba)(const hana_fitted *fitted); /* NULL: yes for classifiers */
    hana_status (*transform)(const hana_fitted *fitted, const hana_frame *frame,
                             hana_frame **out, hana_job *job, hana_error *err);
    hana_status (*summary)(const hana_fitted *fitted, hana_frame **out, hana_error *err);
    hana_status (*print)(const hana_fitted *fitted, hana_text *out, hana_error *err);
    hana_status (*export)(const hana_fitted *fitted, hana_export *out, hana_error *err);
    size_t (*bytes)(const void *state);
    hana_status (*save)(const hana_fitted *fitted, hana_writer *writer, hana_job *job,
                        hana_error *err);
    hana_status (*load)(void *state, const hana_spec *spec, hana_reader *reader,
                        hana_job *job, hana_error *err);
    void (*clear)(void *state);
    /* Fitted children, for users (pipeline's last part, distill's student). NULL past the
     * end. */
    const hana_fitted *(*child)(const hana_fitted *fitted, size_t i, const char **name);
} hana_estimator;

/* Slots for compositions that answer as their first child does (hana_fitted_child 0). */
HANA_API hana_status hana_child_predict(const hana_fitted *fitted,
                                        const hana_frame *frame, hana_want want,
                                        hana_matrix *out, hana_job *job, hana_error *err);
HANA_API int hana_child_has_proba(const hana_fitted *fitted);
HANA_API hana_status hana_child_summary(const hana_fitted *fitted, hana_frame **out,
                                        hana_error *err);
HANA_API hana_status hana_child_print(const hana_fitted *fitted, hana_text *out,
                                      hana_error *err);
HANA_API hana_status hana_child_export(const hana_fitted *fitted, hana_export *out,
                                       hana_error *err);

extern HANA_API const hana_class hana_fitted_class;
HANA_API const hana_fitted *hana_fitted_retain(const hana_fitted *fitted);
HANA_API void hana_fitted_release(const hana_fitted *fitted);

/* --- for compositions: children by their specs
 * --------------------------------------------------- */

/* Fits a spec (any learner or estimator; a step is refused) on a task. The seed is the
   spec's own or the job's. */
HANA_API hana_status hana_fit(const hana_fitted **out, const hana_spec *spec,
                              const hana_task *task, hana_job *job, hana_error *err);
/* rows x 1 or rows x classes into an unset *out (owned by the caller). WANT_PROBA of a
   classifier without probabilities is HANA_UNSUPPORTED. */
HANA_API hana_status hana_fitted_predict(hana_matrix *out, const hana_fitted *fitted,
                                         const hana_frame *frame, hana_want want,
                                         hana_job *job, hana_error *err);
/* The same into a matrix of the right shape, for compositions that pass their child's
 * answer on. */
HANA_API hana_status hana_fitted_predict_into(hana_matrix *out, const hana_fitted *fitted,
                                              const hana_frame *frame, hana_want want,
                                              hana_job *job, hana_error *err);
HANA_API hana_status hana_fitted_transform(hana_frame **out, const hana_fitted *fitted,
                                           const hana_frame *frame, hana_job *job,
                                           hana_error *err);
HANA_API const hana_spec *hana_fitted_spec(const hana_fitted *fitted);
HANA_API const hana_target *hana_fitted_target(const hana_fitted *fitted);
HANA_API const void *hana_fitted_state(const hana_fitted *fitted);
HANA_API const hana_fit_facts *hana_fitted_facts(const hana_fitted *fitted);
HANA_API int hana_fitted_has_proba(const hana_fitted *fitted);
HANA_API size_t hana_fitted_bytes(const hana_fitted *fitted);
HANA_API const hana_fitted *hana_fitted_child(const hana_fitted *fitted, size_t i,
                                              const char **name);
HANA_API hana_status hana_fitted_summary(hana_frame **out, const hana_fitted *fitted,
                                         hana_error *err);
HANA_API hana_status hana_fitted_print(hana_text *out, const hana_fitted *fitted,
                                       hana_error *err);
/* Into an unset *out; _into appends to operations that are there and leaves the clearing
   to the caller. */
HANA_API hana_status hana_fitted_export(hana_export *out, const hana_fitted *fitted,
                                        hana_error *err);
HANA_API hana_status hana_fitted_export_into(hana_export *out, const hana_fitted *fitted,
                                             hana_error *err);
/* Spec and state under a key of the container, and back. */
HANA_API hana_status hana_fitted_save(const hana_fitted *fitted, hana_writer *writer,
                                      const char *key, hana_job *job, hana_error *err);
HANA_API hana_status hana_fitted_load(const hana_fitted **out, hana_reader *reader,
                                      const char *key, hana_job *job, hana_error *err);

/* --- for users: with the schema, policies and provenance
 * ----------------------------------------- */

/* Resolves roles, checks data, fits, and records the schema of the features, ranges,
   quantiles, levels, the data's hash and the seed. */
HANA_API hana_status hana_model_fit(const hana_fitted **out, const hana_spec *spec,
                                    const hana_frame *frame, const hana_roles *roles,
                                    hana_job *job, hana_error *err);
/* A column of the target's type (null where the model abstains). Columns are matched by
   name: missing or retyped ones are errors that name them, extra ones are ignored; values
   outside the training range follow the policy (one warning a call). */
HANA_API hana_status hana_model_predict(hana_column **out, const hana_fitted *fitted,
                                        const hana_frame *frame, hana_job *job,
                                        hana_error *err);
/* A frame with a float column a class. */
HANA_API hana_status hana_model_predict_proba(hana_frame **out, const hana_fitted *fitted,
                                              const hana_frame *frame, hana_job *job,
                                              hana_error *err);
/* Probabilities (rows x classes) as such a frame. */
HANA_API hana_status hana_proba_frame(hana_frame **out, const hana_matrix *proba,
                                      const hana_target *target, hana_error *err);
HANA_API hana_status hana_model_transform(hana_frame **out, const hana_fitted *fitted,
                                          const hana_frame *frame, hana_job *job,
                                          hana_error *err);
/* The same fitted state with a decision threshold on the positive class: p >= high
   predicts it, p < low the other, between them null. */
HANA_API hana_status hana_model_with_threshold(const hana_fitted **out,
                                               const hana_fitted *fitted, double low,
                                               double high, hana_error *err);
/* Roles as fitted, schema, seed, rows, data hash, warnings, threshold: a map for inspect
 * and cards. */
HANA_API hana_status hana_model_info(hana_value *out, const hana_fitted *fitted,
                                     hana_error *err);
HANA_API const hana_roles *hana_model_roles(const hana_fitted *fitted);
/* 1 when rows with these ids were among the training rows (overlap count by origin and
 * position). */
HANA_API size_t hana_model_seen_rows(const hana_fitted *fitted, const hana_frame *frame);
HANA_API hana_status hana_model_save(const hana_fitted *fitted, const char *path,
                                     hana_job *job, hana_error *err);
HANA_API hana_status hana_model_load(const hana_fitted **out, const char *path,
                                     hana_job *job, hana_error *err);

#endif
