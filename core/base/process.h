#ifndef HANA_BASE_PROCESS_H
#define HANA_BASE_PROCESS_H

#include "error.h"
#include "job.h"
#include "memory.h"

/* Runs a program (argv, NULL-terminated, found on PATH) in its own process group by posix_spawn,
   feeds it `input`, collects stdout and stderr, ends it after `seconds` or when the job is
   cancelled. A program that cannot be started is HANA_IO_FAILED naming it. */
HANA_API hana_status hana_process_run(int *exit_code, hana_text *out, hana_text *err_out,
                                      const char *const *argv, const char *input,
                                      size_t input_length, double seconds, const hana_job *job,
                                      hana_error *err);

#endif
