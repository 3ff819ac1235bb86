#ifndef HANA_LEARN_LINEAR_MODEL_H
#define HANA_LEARN_LINEAR_MODEL_H

#include "learn/learner.h"

/* The fitted state of every model that is linear in its features: score_k = intercept_k +
   sum_j coef_kj x_j. Zeroed memory is empty. */
typedef struct hana_linear_model {
    size_t outputs, features;
    double *coef;      /* outputs x features */
    double *intercept; /* outputs */
    double *std_error; /* outputs x (features + 1), the intercept's first; NULL where
                          theory gives none; NaN for a term without one */
    double freedom;    /* degrees of freedom of the t distribution; 0: normal */
    int has_intercept;
} hana_linear_model;

/* Zero coefficients; with room for standard errors when asked. Into an empty model. */
hana_status hana_linear_model_alloc(hana_linear_model *model, size_t outputs,
                                    size_t features, int std_errors, hana_error *err);
/* out: rows x outputs. Reads the CSR view of a sparse problem, else the matrix. A row's
   scores do not depend on the other rows. */
hana_status hana_linear_model_scores(const hana_linear_model *model, hana_problem *x,
                                     hana_matrix *out, hana_job *job, hana_error *err);
hana_status hana_linear_model_export(const hana_linear_model *model,
                                     hana_export_link link, size_t n_features,
                                     hana_export *out, hana_error *err);

/* Slots of a learner whose state is a hana_linear_model or begins with one. */

/* The score of a model with one output. */
hana_status hana_linear_model_predict(const void *model, hana_problem *x, double *out,
                                      hana_job *job, hana_error *err);
/* term, estimate, std_error, statistic, p_value, low, high (95%, Wald), with a leading
   `class` when there are several outputs. The intercept comes first. */
hana_status hana_linear_model_summary(const void *model, const hana_feature *features,
                                      size_t n, const hana_target *target,
                                      hana_frame **out, hana_error *err);
/* The scores as they are. */
hana_status hana_linear_model_export_scores(const void *model, size_t n_features,
                                            hana_export *out, hana_error *err);
size_t hana_linear_model_bytes(const void *model);
hana_status hana_linear_model_save(const void *model, hana_writer *writer,
                                   hana_error *err);
hana_status hana_linear_model_load(void *model, hana_reader *reader, hana_error *err);
void hana_linear_model_clear(void *model);

#endif
