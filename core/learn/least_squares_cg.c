#include "learn/least_squares.h"

#include "base/dot.h"
#include "base/memory.h"
#include "learn/scaled.h"

#include <math.h>

/* Relative size of the residual at which the iteration ends, and the most steps it may
 * take. */
#define ENOUGH 1e-13
enum { MOST_STEPS = 5000 };

typedef struct solver {
    hana_scaled z;
    const double *w;
    double *penalty;                              /* lambda / scale^2 a column of Z */
    double *theta, *residual, *direction, *image; /* cols + 1 */
    double *scores;                               /* rows */
} solver;

/* image = (Z'WZ + penalty) direction. */
static hana_status apply(solver *s, hana_job *job, hana_error *err)
{
    HANA_TRY(hana_scaled_forward(s->scores, &s->z, s->direction, 1, job, err));
    for (size_t i = 0; s->w && i < s->z.rows; i++) s->scores[i] *= s->w[i];
    HANA_TRY(hana_scaled_adjoint(s->image, &s->z, s->scores, 1, job, err));
    for (size_t j = 0; j <= s->z.cols; j++)
        s->image[j] += s->penalty[j] * s->direction[j];
    return HANA_OK;
}

/* Preconditioned by the diagonal, which scaling has made the sum of weights plus the
 * penalty. */
static hana_status iterate(solver *s, hana_fit_facts *facts, hana_job *job,
                           hana_error *err)
{
    size_t n = s->z.cols + 1;
    double norm2 = 0;
    for (size_t j = 0; j < n; j++) {
        s->direction[j] = s->residual[j] / (s->z.weight + s->penalty[j]);
        norm2 += s->residual[j] * s->direction[j];
    }
    double goal = norm2 * ENOUGH * ENOUGH;
    int64_t steps = 0;
    for (; steps < MOST_STEPS && norm2 > goal; steps++) {
        HANA_TRY(hana_job_check(job, err));
        HANA_TRY(apply(s, job, err));
        double alpha = norm2 / hana_dot(s->direction, s->image, n), next = 0;
        for (size_t j = 0; j < n; j++) {
            s->theta[j] += alpha * s->direction[j];
            s->residual[j] -= alpha * s->image[j];
            next += s->residual[j] * s->residual[j] / (s->z.weight + s->penalty[j]);
        }
        for (size_t j = 0; j < n; j++)
            s->direction[j] = s->residual[j] / (s->z.weight + s->penalty[j]) +
                              next / norm2 * s->direction[j];
        norm2 = next;
    }
    *facts = (hana_fit_facts){ .has_iterations = 1,
                               .iterations = steps,
                               .has_converged = 1,
                               .converged = norm2 <= goal };
    return HANA_OK;
}

static hana_status solve(solver *s, hana_linear_model *model, double lambda,
                         const double *y, hana_fit_facts *facts, hana_job *job,
                         hana_error *err)
{
    size_t cols = s->z.cols, n = cols + 1;
    double mean = 0;
    s->penalty = hana_alloc_zero(n, sizeof *s->penalty);
    s->theta = hana_alloc_zero(n, sizeof *s->theta);
    s->residual = hana_alloc(n, sizeof *s->residual);
    s->direction = hana_alloc(n, sizeof *s->direction);
    s->image = hana_alloc(n, sizeof *s->image);
    s->scores = hana_alloc(s->z.rows, sizeof *s->scores);
    if (!s->penalty || !s->theta || !s->residual || !s->direction || !s->image ||
        !s->scores)
        return hana_fail_memory(err);
    for (size_t j = 0; j < cols; j++)
        s->penalty[j] = lambda / s->z.scale[j] / s->z.scale[j];
    for (size_t i = 0; i < s->z.rows; i++)
        mean += (s->w ? s->w[i] : 1) * y[i] / s->z.weight;
    if (!s->z.intercept) mean = 0;
    for (size_t i = 0; i < s->z.rows; i++)
        s->scores[i] = (s->w ? s->w[i] : 1) * (y[i] - mean);
    HANA_TRY(hana_scaled_adjoint(s->residual, &s->z, s->scores, 1, job, err));
    HANA_TRY(iterate(s, facts, job, err));
    s->theta[cols] += mean;
    HANA_TRY(hana_linear_model_alloc(model, 1, cols, 0, err));
    model->has_intercept = s->z.intercept;
    hana_scaled_restore(model->coef, model->intercept, &s->z, s->theta, 1);
    return HANA_OK;
}

hana_status hana_least_squares_cg(hana_linear_model *model, double lambda, int intercept,
                                  hana_problem *problem, hana_fit_facts *facts,
                                  hana_job *job, hana_error *err)
{
    solver s = { .w = hana_problem_weights(problem) };
    hana_status status = hana_scaled_new(&s.z, problem, intercept, job, err);
    if (status == HANA_OK)
        status = solve(&s, model, lambda, hana_problem_y(problem), facts, job, err);
    hana_scaled_clear(&s.z);
    hana_free(s.penalty);
    hana_free(s.theta);
    hana_free(s.residual);
    hana_free(s.direction);
    hana_free(s.image);
    hana_free(s.scores);
    return status;
}
