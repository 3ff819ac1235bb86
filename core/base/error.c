#include "base/error.h"

#include <stdio.h>
#include <string.h>

/* Drops a UTF-8 sequence that the end of the buffer cut in two. */
static void trim_partial(char *text, size_t length)
{
    size_t i = length;
    while (i > 0 && ((unsigned char)text[i - 1] & 0xC0) == 0x80) i--;
    if (i == 0) return;
    unsigned char lead = (unsigned char)text[i - 1];
    size_t need = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (length - (i - 1) < need) text[i - 1] = '\0';
}

hana_status hana_fail_v(hana_error *err, hana_status status, const char *format,
                        va_list args)
{
    if (!err) return status;
    err->status = status;
    err->position = 0;
    int n = vsnprintf(err->message, sizeof err->message, format, args);
    if (n >= (int)sizeof err->message)
        trim_partial(err->message, sizeof err->message - 1);
    return status;
}

hana_status hana_fail(hana_error *err, hana_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    hana_fail_v(err, status, format, args);
    va_end(args);
    return status;
}

hana_status hana_fail_memory(hana_error *err)
{
    return hana_fail(err, HANA_OUT_OF_MEMORY, "out of memory");
}

hana_status hana_fail_prefix(hana_error *err, hana_status status, const char *format, ...)
{
    if (!err) return status;
    char old[HANA_MESSAGE_SIZE];
    memcpy(old, err->message, sizeof old);
    va_list args;
    va_start(args, format);
    int n = vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    if (n < 0) n = 0;
    if (n >= (int)sizeof err->message) n = (int)sizeof err->message - 1;
    size_t room = sizeof err->message - (size_t)n;
    size_t length = strlen(old);
    if (length >= room) length = room - 1;
    memcpy(err->message + n, old, length);
    err->message[(size_t)n + length] = '\0';
    trim_partial(err->message, (size_t)n + length);
    return status;
}
