#ifndef HANA_BASE_LIMITS_H
#define HANA_BASE_LIMITS_H

#include "error.h"

/* Threads that a job without a setting of its own uses: the smallest of the CPUs this
   process may run on, the cgroup's CPU quota and OMP_NUM_THREADS; read once. */
HANA_API int hana_threads(void);
/* Sets it for this process (n >= 1); 0 goes back to the default. */
HANA_API void hana_threads_set(int n);

/* Process-wide set-up, once however often it is called: GSL's error handler off, OpenBLAS
   on one thread, the allocation hooks of libcsv and cJSON. */
HANA_API void hana_start(void);

/* The versions of this library and of the GSL that runs, such as "0.1.0" and "2.7.1". */
HANA_API const char *hana_version(void);
HANA_API const char *hana_gsl_version(void);

/* Which BLAS runs, as it names itself ("OpenBLAS 0.3.21 ... "); "unknown" for another
 * one. */
HANA_API const char *hana_blas_name(void);

#endif
