#ifndef HANA_TESTS_FUZZ_H
#define HANA_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* One input through one parser; returns 0. What must never happen is an abort: a crash, a
   leak, a broken promise. Called by libFuzzer, or by replay.c with the files of the
   corpus. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A broken promise: says what and aborts. */
#define FUZZ_CHECK(condition)                                                            \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);              \
            abort();                                                                     \
        }                                                                                \
    } while (0)

#endif
