#ifndef HANA_DATA_KEYS_H
#define HANA_DATA_KEYS_H

#include "base/job.h"
#include "data/frame.h"

/* The key columns of a frame as whole numbers, for sorting, grouping and joining. The
   values of a column become numbers in their order (-0.0 as 0.0; strings by bytes,
   categories by levels), behind them NaN and then null; the numbers of all keys are
   packed side by side into as few 64-bit words as hold them. Rows with equal keys have
   equal words; comparing words from the first to the last compares rows. */
typedef struct hana_keys {
    size_t rows, n_words;
    uint64_t *words; /* word w of row i is words[w * rows + i] */
    int *bits;       /* used ones of each word */
    uint8_t *lost;   /* joins: 1 where a key is null or only one side can have it; NULL:
                        nowhere */
} hana_keys;

void hana_keys_clear(hana_keys *keys);

/* Keys of a frame; descending (may be NULL) turns the order of a key's values, but not
   that of NaN and null. With `ordered` 0 the order of texts does not matter, which is
   faster. */
hana_status hana_keys_make(hana_keys *out, const hana_frame *frame,
                           const hana_names *names, const int *descending, int ordered,
                           hana_error *err);
/* Keys of two frames, comparable with each other: whole and floating numbers by value,
   category and string by text. Other types must agree. */
hana_status hana_keys_make_pair(hana_keys *left_out, hana_keys *right_out,
                                const hana_frame *left, const hana_frame *right,
                                const hana_names *left_on, const hana_names *right_on,
                                hana_error *err);

/* The rows in ascending order of their keys, equal ones in the order in which they stand
   in rows[0..n), which is rearranged. */
hana_status hana_keys_sort(size_t *rows, size_t n, const hana_keys *keys, hana_job *job,
                           hana_error *err);

/* All rows in that order; the caller's. The words are taken over: nothing but
   hana_keys_clear may follow. */
hana_status hana_keys_order(size_t **rows, hana_keys *keys, hana_job *job,
                            hana_error *err);

/* Numbers the distinct keys 0, 1, ... in order of first appearance; rows that are lost
   get HANA_NO_ROW. Both arrays are the caller's; first_row has n_groups. */
hana_status hana_keys_number(size_t **group_of_row, size_t **first_row, size_t *n_groups,
                             const hana_keys *keys, hana_job *job, hana_error *err);
/* The same with the groups in the order of their keys, and none lost. The words are taken
   over: nothing but hana_keys_clear may follow. */
hana_status hana_keys_rank(size_t **group_of_row, size_t **first_row, size_t *n_groups,
                           hana_keys *keys, hana_job *job, hana_error *err);
/* The groups of `keys` (as hana_keys_number gave them) that the rows of `other`, made as
   a pair with it, belong to; HANA_NO_ROW for none. */
hana_status hana_keys_find(size_t **group_of_row, const hana_keys *keys,
                           const size_t *first_row, size_t n_groups,
                           const hana_keys *other, hana_job *job, hana_error *err);

#endif
