#ifndef HANA_BASE_NUMBER_FORMAT_H
#define HANA_BASE_NUMBER_FORMAT_H

#include "cell.h"
#include "error.h"

/* Dates and times of spreadsheets: numbers that a format shows as such (ECMA-376 part 1,
   18.8.30 and 18.17.4). */

typedef enum hana_number_format {
    HANA_SHOWS_NUMBER,
    HANA_SHOWS_DATE,
    HANA_SHOWS_DATETIME,
    HANA_SHOWS_TIME,   /* of a day */
    HANA_SHOWS_ELAPSED /* [h]:mm */
} hana_number_format;

/* What a format's code shows: by the letters y m d h s outside quotes, brackets and
   escapes of its first section. */
HANA_API hana_number_format hana_number_format_of_code(const char *code);
/* The same for the formats that have numbers of their own. */
HANA_API hana_number_format hana_number_format_of_id(int64_t id);

/* The cell that a serial number is: DATE, or DATETIME where it has a time of day or its
   format shows one; a time of day alone is text ("18:00:00"), elapsed time seconds. Times
   are rounded to milliseconds. Days count from 1899-12-31 as day 0, with the day 60 that
   never was (1900-02-29: an ERROR of that text), or from 1904-01-01. Numbers without a
   date are an ERROR with the number's text. `scratch` (of 40 bytes) gets texts. */
HANA_API void hana_serial_cell(hana_mixed_cell *out, double serial,
                               hana_number_format format, int date1904, char *scratch);

#endif
