#ifndef HANA_BASE_ERROR_H
#define HANA_BASE_ERROR_H

#include <stdarg.h>

#ifndef HANA_API
#define HANA_API __attribute__((visibility("default")))
#endif

/* What went wrong, as a caller may want to tell cases apart. The message says the rest.
 */
typedef enum hana_status {
    HANA_OK = 0,
    HANA_OUT_OF_MEMORY,
    HANA_BAD_ARGUMENT, /* a value or option that cannot be */
    HANA_BAD_TYPE,     /* a column or value of the wrong type */
    HANA_NO_SUCH_NAME, /* an unknown column, option, estimator */
    HANA_BAD_SHAPE,    /* lengths that do not agree, zero rows */
    HANA_BAD_DATA, /* data that cannot be used as it is: nulls, one class, text in numbers
                    */
    HANA_NOT_FITTED,
    HANA_UNSUPPORTED, /* refused by name: what this part does not do */
    HANA_IO_FAILED,
    HANA_BAD_FORMAT, /* a file that is not what it should be */
    HANA_NUMERIC,    /* singular, overflow */
    HANA_INTERRUPTED,
    HANA_HOST_FAILED /* code of the host language raised an error */
} hana_status;

enum { HANA_MESSAGE_SIZE = 1024 };

/* Caller-owned room for one message: one line, lower case, names the thing and what was
   found. `position` is 1 + the byte offset into the text that was parsed, where there is
   one, else 0. */
typedef struct hana_error {
    hana_status status;
    int position;
    char message[HANA_MESSAGE_SIZE];
} hana_error;

/* Writes the message (err may be NULL) and returns status. Cuts at a UTF-8 boundary. */
HANA_API hana_status hana_fail(hana_error *err, hana_status status, const char *format,
                               ...) __attribute__((format(printf, 3, 4)));
HANA_API hana_status hana_fail_v(hana_error *err, hana_status status, const char *format,
                                 va_list args);

/* "out of memory"; never allocates. */
HANA_API hana_status hana_fail_memory(hana_error *err);

/* Puts `format` in front of a message that is already there ("fold 2: "); returns its
 * status. */
HANA_API hana_status hana_fail_prefix(hana_error *err, hana_status status,
                                      const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Returns early with the status of a call that failed and needs no cleaning up here. */
#define HANA_TRY(call)                                                                   \
    do {                                                                                 \
        hana_status hana_try_ = (call);                                                  \
        if (hana_try_ != HANA_OK) return hana_try_;                                      \
    } while (0)

/* The same where something must be released: sets `status` and jumps. */
#define HANA_GOTO(label, call)                                                           \
    do {                                                                                 \
        status = (call);                                                                 \
        if (status != HANA_OK) goto label;                                               \
    } while (0)

#endif
