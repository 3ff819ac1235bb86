#ifndef HANA_IO_INSPECT_H
#define HANA_IO_INSPECT_H

#include "base/job.h"

#include <stddef.h>
#include <stdint.h>

/* What all bytes of a file tell, found on all threads of the job; the same for any number
   of them. */
typedef struct hana_inspection {
    int is_utf8;
    int has_zero; /* a NUL byte */
    uint64_t hash;
} hana_inspection;

hana_status hana_inspect(hana_inspection *out, const char *bytes, size_t length,
                         hana_job *job, hana_error *err);

#endif
