#ifndef HANA_PREPARE_TOKENS_H
#define HANA_PREPARE_TOKENS_H

#include "base/job.h"
#include "base/memory.h"

/* Texts cut into tokens: words (runs of letters, marks and digits of any script) or
   characters, alone and in n-grams of neighbours (words joined by a blank). */
typedef struct hana_token_rules {
    int characters; /* 0: words */
    int lower;
    size_t shortest; /* words with fewer characters are left out */
    size_t from, to; /* lengths of the n-grams */
} hana_token_rules;

typedef hana_status hana_token_fn(void *context, const char *token, size_t length,
                                  hana_error *err);

/* Calls `emit` for each token of text[0..length) in order (n-grams by growing n). */
hana_status hana_tokens(const char *text, size_t length, const hana_token_rules *rules,
                        hana_token_fn *emit, void *context, hana_error *err);
/* The n-grams of ready-made words. */
hana_status hana_token_ngrams(const char *const *words, const size_t *lengths, size_t n,
                              const char *separator, const hana_token_rules *rules,
                              hana_token_fn *emit, void *context, hana_error *err);

#endif
