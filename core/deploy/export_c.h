#ifndef HANA_DEPLOY_EXPORT_C_H
#define HANA_DEPLOY_EXPORT_C_H

#include "learn/estimator.h"

/* A fitted model as one file of dependency-free C99: the whole pipeline (derived columns,
   imputation, category codes, scaling, the model, the threshold) as tables and loops,
   without malloc. The code belongs to the user. `prefix` begins all its names; it must be
   a C identifier.

   It defines <prefix>_row (a field a feature column: double, NAN for missing; const char
   *, NULL for missing), <prefix>_predict (0, or the number of the column that it
   refuses), <prefix>_decide and <prefix>_classes for classifiers, and under
   -D<PREFIX>_TEST a main that checks the model on synthetic rows against what hana
   answers. A computed NaN counts as missing there. What cannot be said in C is refused by
   name. */
HANA_API hana_status hana_export_c(hana_text *out, const hana_fitted *fitted,
                                   const char *prefix, hana_job *job, hana_error *err);

#endif
