#ifndef HANA_BASE_LAPACK_H
#define HANA_BASE_LAPACK_H

#include <cblas.h>
#include <stddef.h>

/* The LAPACK routines that the library calls, as OpenBLAS exports them: column-major,
   everything by address, the lengths of character arguments last. `info`: 0 is success, k
   > 0 names what failed. */
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info,
             size_t);
void dpotri_(const char *uplo, const int *n, double *a, const int *lda, int *info,
             size_t);
void dpotrs_(const char *uplo, const int *n, const int *nrhs, const double *a,
             const int *lda, double *b, const int *ldb, int *info, size_t);
void dpocon_(const char *uplo, const int *n, const double *a, const int *lda,
             const double *norm, double *rcond, double *work, int *iwork, int *info,
             size_t);
void dgeqrf_(const int *m, const int *n, double *a, const int *lda, double *tau,
             double *work, const int *lwork, int *info);
void dgeqp3_(const int *m, const int *n, double *a, const int *lda, int *pivot,
             double *tau, double *work, const int *lwork, int *info);
void dormqr_(const char *side, const char *trans, const int *m, const int *n,
             const int *k, const double *a, const int *lda, const double *tau, double *c,
             const int *ldc, double *work, const int *lwork, int *info, size_t, size_t);
void dtrtri_(const char *uplo, const char *diag, const int *n, double *a, const int *lda,
             int *info, size_t, size_t);
void dsyev_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda,
            double *w, double *work, const int *lwork, int *info, size_t, size_t);

#endif
