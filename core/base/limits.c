#define _GNU_SOURCE
#include "base/limits.h"

#include "base/memory.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_version.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

void openblas_set_num_threads(int n);
char *openblas_get_config(void);

/* CPUs that the cgroup's quota allows, rounded up; 0 without a quota. */
static int cgroup_quota(void)
{
    long quota = 0, period = 0;
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
    if (file) {
        if (fscanf(file, "%ld %ld", &quota, &period) != 2) quota = 0;
        fclose(file);
    } else {
        FILE *q = fopen("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "re");
        FILE *p = fopen("/sys/fs/cgroup/cpu/cpu.cfs_period_us", "re");
        if (!q || !p || fscanf(q, "%ld", &quota) != 1 || fscanf(p, "%ld", &period) != 1)
            quota = 0;
        if (q) fclose(q);
        if (p) fclose(p);
    }
    if (quota <= 0 || period <= 0) return 0;
    return (int)((quota + period - 1) / period);
}

static int detect(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    int quota = cgroup_quota();
    if (quota > 0 && quota < n) n = quota;
    const char *omp = getenv("OMP_NUM_THREADS");
    int wanted = omp ? atoi(omp) : 0;
    if (wanted > 0 && wanted < n) n = wanted;
    return n < 1 ? 1 : n;
}

static _Atomic int detected, chosen;

int hana_threads(void)
{
    int n = atomic_load(&chosen);
    if (n > 0) return n;
    n = atomic_load(&detected);
    if (n == 0) {
        n = detect();
        atomic_store(&detected, n);
    }
    return n;
}

void hana_threads_set(int n)
{
    atomic_store(&chosen, n < 0 ? 0 : n);
}

static void start(void)
{
    gsl_set_error_handler_off();
    openblas_set_num_threads(1);
    hana_memory_hook_libraries();
}

void hana_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start);
}

const char *hana_version(void)
{
    return HANA_VERSION;
}

const char *hana_gsl_version(void)
{
    return gsl_version;
}

const char *hana_blas_name(void)
{
    const char *name = openblas_get_config();
    return name ? name : "unknown";
}
