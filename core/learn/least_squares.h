#ifndef HANA_LEARN_LEAST_SQUARES_H
#define HANA_LEARN_LEAST_SQUARES_H

#include "learn/linear_model.h"

/* Minimizes sum w (y - f)^2 / 2 + lambda |b|^2 / 2 over a dense problem, intercept
   unpenalized.
   - tall: Cholesky of the scaled cross products; when their condition is too poor for
   nine digits, QR of the data by row blocks (Demmel, Grigori, Hoemmen and Langou,
   "Communication-optimal parallel and sequential QR", SIAM J. Sci. Comput. 34, 2012),
   then QR with column pivoting of its factor
   - more features than rows, lambda > 0: the dual, of the size of the rows
   With lambda = 0 the model carries standard errors (degrees of freedom: sum of weights -
   terms), a column that depends on others is an error that names them, and a constant
   column beside an intercept gets coefficient 0 and a warning. `name`: of the learner,
   for messages. Into an empty model. */
hana_status hana_least_squares_fit(hana_linear_model *model, const char *name,
                                   double lambda, int intercept, hana_problem *problem,
                                   hana_job *job, hana_error *err);
/* The same for a matrix and target of the caller's; the problem only names the columns.
 */
hana_status hana_least_squares_solve(hana_linear_model *model, const char *name,
                                     double lambda, int intercept,
                                     const hana_problem *problem, const hana_matrix *x,
                                     const double *y, const double *w, hana_job *job,
                                     hana_error *err);
/* The penalized problem (lambda > 0) by conjugate gradients, sparse features staying
   sparse (Hestenes and Stiefel, "Methods of conjugate gradients for solving linear
   systems", J. Res. NBS 49, 1952). */
hana_status hana_least_squares_cg(hana_linear_model *model, double lambda, int intercept,
                                  hana_problem *problem, hana_fit_facts *facts,
                                  hana_job *job, hana_error *err);

#endif
