#include "fuzz.h"

#include <hana.h>
#include <stdio.h>
#include <stdlib.h>

/* What was read is written, and read back, the same. */
static void check_written(const hana_frame *frame)
{
    hana_text text = { 0 };
    hana_frame *again = NULL;
    FUZZ_CHECK(hana_json_write(frame, NULL, &text, NULL, NULL) == HANA_OK);
    if (hana_frame_rows(frame) > 0) {
        FUZZ_CHECK(hana_json_read(&again, NULL, NULL, text.data, text.length, NULL, NULL,
                                  NULL) == HANA_OK);
        FUZZ_CHECK(hana_frame_rows(again) == hana_frame_rows(frame));
        FUZZ_CHECK(hana_frame_cols(again) == hana_frame_cols(frame));
        for (size_t j = 0; j < hana_frame_cols(frame); j++)
            FUZZ_CHECK(hana_column_equal(hana_frame_column(frame, j),
                                         hana_frame_column(again, j)));
    }
    hana_frame_release(again);
    hana_text_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hana_start();
    int64_t blocks = hana_memory_now().blocks;
    hana_frame *frame = NULL;
    hana_value report = { 0 };
    hana_error err;
    hana_status status =
        hana_json_read(&frame, &report, NULL, (const char *)data, size, NULL, NULL, &err);
    FUZZ_CHECK((status == HANA_OK) == (frame != NULL));
    if (frame) check_written(frame);
    hana_frame_release(frame);
    hana_value_clear(&report);
    FUZZ_CHECK(hana_memory_now().blocks == blocks);
    return 0;
}
