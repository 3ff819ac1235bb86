#ifndef HANA_BASE_PROCESS_H
#define HANA_BASE_PROCESS_H

#include "error.h"
#include "job.h"
#include "memory.h"

/* Runs a program (argv, NULL-terminated, found on PATH) in its own process group by
   posix_spawn, feeds it `input`, appends its stdout and stderr (either may be NULL:
   thrown away), ends it after `seconds` (0: no limit) or when the job is cancelled. A
   program that cannot be started, or took too long, is HANA_IO_FAILED naming it.
   exit_code is 128 + signal when a signal ended it. */
HANA_API hana_status hana_process_run(int *exit_code, hana_text *out, hana_text *err_out,
                                      const char *const *argv, const char *input,
                                      size_t input_length, double seconds,
                                      const hana_job *job, hana_error *err);

#endif
