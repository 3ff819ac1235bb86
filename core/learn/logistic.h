#ifndef HANA_LEARN_LOGISTIC_H
#define HANA_LEARN_LOGISTIC_H

#include "learn/linear_model.h"

typedef struct hana_logistic_options {
    const char *name; /* of the learner, for messages */
    double lambda, tol;
    int64_t max_iter;
    int intercept;
} hana_logistic_options;

/* Minimizes sum w loss + lambda |b|^2 / 2 with the logistic loss (two classes: one
   output, the score of class 1) or the softmax loss (an output a class, whose
   coefficients sum to zero over the classes). Targets are codes or class probabilities.
   Newton's method with step halving on centred and scaled features; the step comes from
   Cholesky of the exact Hessian (Boehning, "Multinomial logistic regression algorithm",
   Ann. Inst. Statist. Math. 44, 1992), for wide or sparse problems from conjugate
   gradients (Lin, Weng and Keerthi, "Trust region Newton method for logistic regression",
   JMLR 9, 2008, with halving for the region).

   It has converged when no entry of the gradient exceeds tol x the sum of weights,
   features in units of their spread, and the last step moved no score by more than 0.001.
   With lambda = 0 the model carries Wald standard errors unless the classes are separated
   (Albert and Anderson, "On the existence of maximum likelihood estimates in logistic
   regression models", Biometrika 71, 1984): then the estimates do not exist,
   facts->converged is 0 and a warning says so. */
hana_status hana_logistic_fit(hana_linear_model *model,
                              const hana_logistic_options *options, hana_problem *problem,
                              hana_fit_facts *facts, hana_job *job, hana_error *err);

/* Scores to probabilities in place: softmax of n scores. */
void hana_softmax(double *scores, size_t n);
/* 1 / (1 + exp(-score)) without overflow. */
double hana_sigmoid(double score);

#endif
