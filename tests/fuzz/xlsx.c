#include "fuzz.h"

#include <hana.h>
#include <stdio.h>
#include <stdlib.h>

/* The first byte chooses the options; the rest is a workbook of either kind. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hana_start();
    if (size == 0) return 0;
    hana_error err;
    hana_csv_options options = { 0 };
    FUZZ_CHECK(hana_csv_options_init(&options, &err) == HANA_OK);
    options.on_error = data[0] % 3;
    if (data[0] & 4) options.limit = 3;
    hana_sheet_options sheet = { .number = 1, .header_rows = data[0] >> 3 & 3 };
    if (data[0] & 32) sheet.range = "B2:D9";
    if (data[0] & 64) sheet.skip = 1;
    if (data[0] & 128) sheet.number = 2;
    int64_t blocks = hana_memory_now().blocks;
    hana_frame *frame = NULL;
    hana_value report = { 0 };
    hana_status status = hana_sheet_read(&frame, &report, NULL, (const char *)data + 1,
                                         size - 1, &sheet, &options, NULL, &err);
    FUZZ_CHECK((status == HANA_OK) == (frame != NULL));
    FUZZ_CHECK(status == HANA_OK || err.message[0] != '\0');
    hana_frame_release(frame);
    hana_value_clear(&report);
    FUZZ_CHECK(hana_memory_now().blocks == blocks);
    hana_csv_options_clear(&options);
    return 0;
}
