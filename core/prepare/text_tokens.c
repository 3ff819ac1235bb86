#include "data/dictionary.h"
#include "learn/step_columns.h"
#include "prepare/tokens.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Texts as a sparse block: counts of words or characters, or TF-IDF with scikit-learn's
   smoothing (idf = ln((1 + n) / (1 + df)) + 1, rows of length 1; Manning, Raghavan and
   Schütze, Introduction to Information Retrieval, chapter 6). */

enum { COUNTS, BINARY, TF_IDF };
static const char *const weightings[] = { "counts", "binary", "tf_idf", NULL };
enum { WORD, CHARACTER };
static const char *const units[] = { "word", "character", NULL };

typedef struct options {
    hana_columns columns;
    int weighting, unit;
    hana_numbers ngrams;
    int64_t min_count, max_features, min_length;
    int lower;
    hana_host tokens;
} options;

static const options defaults = {
    .weighting = TF_IDF, .min_count = 1, .min_length = 1, .lower = 1
};

static const hana_option rows[] = {
    HANA_OPTION_COLUMNS(options, columns, .help = "the columns; default: all texts"),
    HANA_OPTION_CHOICE(options, weighting, .choices = weightings,
                       .help =
                           "counts, binary (0 or 1), or tf_idf with rows of length 1"),
    HANA_OPTION_CHOICE(options, unit, .choices = units,
                       .help = "what a token is made of"),
    HANA_OPTION_NUMBERS(options, ngrams, .low = 1, .high = 10,
                        .help = "{ from, to } lengths of n-grams; default { 1, 1 }"),
    HANA_OPTION_INTEGER(options, min_count, .low = 1, .high = 1e15,
                        .help = "tokens in fewer texts than this are left out"),
    HANA_OPTION_INTEGER(options, max_features, .low = 0, .high = 1e9,
                        .help = "at most so many tokens, the most frequent; 0: all"),
    HANA_OPTION_INTEGER(options, min_length, .low = 1, .high = 1000,
                        .help = "words with fewer characters are left out"),
    HANA_OPTION_FLAG(options, lower, .help = "lower case first"),
    HANA_OPTION_HOST(options, tokens,
                     .help = "a function(text) that gives a list of words"),
};

typedef struct vocabulary {
    const hana_column *words; /* string column, in byte order */
    hana_dictionary *dictionary;
    double *idf;
} vocabulary;

typedef struct state {
    hana_names names;
    vocabulary *vocabularies;
} state;

static void clear(void *pointer)
{
    state *s = pointer;
    for (size_t j = 0; s->vocabularies && j < s->names.n; j++) {
        hana_column_release(s->vocabularies[j].words);
        hana_dictionary_free(s->vocabularies[j].dictionary);
        hana_free(s->vocabularies[j].idf);
    }
    hana_free(s->vocabularies);
    hana_names_clear(&s->names);
}

static hana_token_rules rules_of(const options *o)
{
    hana_token_rules rules = { .characters = o->unit == CHARACTER,
                               .lower = o->lower,
                               .shortest = (size_t)o->min_length,
                               .from = 1,
                               .to = 1 };
    if (o->ngrams.n) rules.from = rules.to = (size_t)o->ngrams.items[0];
    if (o->ngrams.n > 1) rules.to = (size_t)o->ngrams.items[1];
    return rules;
}

static hana_status check(const void *given, hana_error *err)
{
    const options *o = given;
    hana_token_rules rules = rules_of(o);
    int whole = 1;
    for (size_t i = 0; i < o->ngrams.n; i++)
        whole = whole && o->ngrams.items[i] == floor(o->ngrams.items[i]);
    if (o->ngrams.n > 2 || rules.from > rules.to || !whole)
        return hana_fail(
            err, HANA_BAD_ARGUMENT,
            "text_tokens: option 'ngrams' must be { from, to } with whole numbers, "
            "from <= to");
    return HANA_OK;
}

/* Tokens by the host's function: its list of words, in n-grams like our own. */
static hana_status host_tokens(const options *o, const char *text, size_t length,
                               hana_token_fn *emit, void *context, hana_job *job,
                               hana_error *err)
{
    hana_value argument = { 0 }, result = { 0 };
    HANA_TRY(hana_value_string(&argument, text, length, err));
    hana_status status = o->tokens.ops->call(job ? job->host : NULL, o->tokens.token,
                                             &argument, 1, &result, err);
    hana_value_clear(&argument);
    HANA_TRY(status);
    size_t n = result.kind == HANA_VALUE_LIST ? result.as.list->n : 0;
    const char **words = hana_alloc(n, sizeof *words);
    size_t *lengths = hana_alloc(n, sizeof *lengths);
    if (!words || !lengths) status = hana_fail_memory(err);
    if (result.kind != HANA_VALUE_LIST &&
        !(result.kind == HANA_VALUE_MAP && result.as.map->n == 0))
        status = hana_fail(
            err, HANA_HOST_FAILED,
            "text_tokens: the tokens function must give a list of strings, got %s",
            hana_value_kind_name(&result));
    for (size_t i = 0; status == HANA_OK && i < n; i++) {
        const hana_value *word = &result.as.list->items[i];
        if (word->kind != HANA_VALUE_STRING) {
            status = hana_fail(err, HANA_HOST_FAILED,
                               "text_tokens: the tokens function gave %s among its words",
                               hana_value_kind_name(word));
            break;
        }
        words[i] = word->as.string.data;
        lengths[i] = word->as.string.length;
    }
    if (status == HANA_OK) {
        hana_token_rules rules = rules_of(o);
        status = hana_token_ngrams(words, lengths, n, " ", &rules, emit, context, err);
    }
    hana_free(words);
    hana_free(lengths);
    hana_value_clear(&result);
    return status;
}

static hana_status each_token(const options *o, const hana_column *column, size_t i,
                              hana_token_fn *emit, void *context, hana_job *job,
                              hana_error *err)
{
    if (hana_column_is_null(column, i)) return HANA_OK;
    size_t length;
    const char *text = hana_column_string(column, i, &length);
    if (o->tokens.token) return host_tokens(o, text, length, emit, context, job, err);
    hana_token_rules rules = rules_of(o);
    return hana_tokens(text, length, &rules, emit, context, err);
}

/* Counting while the vocabulary is learned. */
typedef struct counting {
    hana_dictionary *dictionary;
    size_t n, capacity;
    struct count {
        int64_t texts, total, last_text;
    } * counts;
    int64_t text;
} counting;

static hana_status count_token(void *context, const char *token, size_t length,
                               hana_error *err)
{
    counting *c = context;
    int32_t code;
    HANA_TRY(hana_dictionary_code(&code, c->dictionary, token, length, err));
    if ((size_t)code == c->n) {
        if (c->n == c->capacity) {
            size_t capacity = c->capacity * 2 + 1024;
            struct count *counts = hana_realloc(c->counts, capacity, sizeof *counts);
            if (!counts) return hana_fail_memory(err);
            c->counts = counts;
            c->capacity = capacity;
        }
        c->counts[c->n++] = (struct count){ .last_text = -1 };
    }
    struct count *count = &c->counts[code];
    count->total++;
    if (count->last_text != c->text) {
        count->texts++;
        count->last_text = c->text;
    }
    return HANA_OK;
}

typedef struct entry {
    const char *text;
    size_t length;
    int64_t texts, total;
} entry;

static int compare_text(const entry *x, const entry *y)
{
    size_t n = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->text, y->text, n);
    return order ? order : (x->length > y->length) - (x->length < y->length);
}

static int by_text(const void *a, const void *b)
{
    return compare_text(a, b);
}

static int by_frequency(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->total != y->total) return x->total < y->total ? 1 : -1;
    return compare_text(x, y);
}

/* The tokens that stay, in byte order, with their idf. */
static hana_status keep(vocabulary *v, const options *o, const counting *c,
                        size_t n_texts, hana_error *err)
{
    entry *entries = hana_alloc(c->n, sizeof *entries);
    if (!entries) return hana_fail_memory(err);
    size_t n = 0;
    for (size_t k = 0; k < c->n; k++) {
        if (c->counts[k].texts < o->min_count) continue;
        entry *e = &entries[n++];
        e->text = hana_dictionary_text(c->dictionary, (int32_t)k, &e->length);
        e->texts = c->counts[k].texts;
        e->total = c->counts[k].total;
    }
    if (o->max_features && n > (size_t)o->max_features) {
        qsort(entries, n, sizeof *entries, by_frequency);
        n = (size_t)o->max_features;
    }
    qsort(entries, n, sizeof *entries, by_text);
    hana_builder *builder = NULL;
    hana_column *words = NULL;
    v->idf = hana_alloc(n, sizeof *v->idf);
    hana_status status =
        v->idf ? hana_builder_new(&builder, HANA_STRING, n, err) : hana_fail_memory(err);
    for (size_t k = 0; status == HANA_OK && k < n; k++) {
        status = hana_builder_string(builder, entries[k].text, entries[k].length, err);
        v->idf[k] = log((1 + (double)n_texts) / (1 + (double)entries[k].texts)) + 1;
    }
    if (status == HANA_OK) status = hana_builder_take(&words, builder, err);
    hana_builder_free(builder);
    hana_free(entries);
    if (status == HANA_OK) v->words = words;
    return status;
}

static hana_status index_words(vocabulary *v, hana_error *err)
{
    HANA_TRY(hana_dictionary_new(&v->dictionary, err));
    return hana_dictionary_add_column(v->dictionary, v->words, err);
}

static hana_status learn(vocabulary *v, const options *o, const hana_column *column,
                         const char *name, hana_job *job, hana_error *err)
{
    counting c = { 0 };
    HANA_TRY(hana_dictionary_new(&c.dictionary, err));
    size_t n = hana_column_length(column);
    hana_status status = HANA_OK;
    for (size_t i = 0; status == HANA_OK && i < n; i++) {
        c.text = (int64_t)i;
        if (i % 1024 == 0) status = hana_job_check(job, err);
        if (status == HANA_OK)
            status = each_token(o, column, i, count_token, &c, job, err);
    }
    if (status == HANA_OK) status = keep(v, o, &c, n, err);
    hana_dictionary_free(c.dictionary);
    hana_free(c.counts);
    HANA_TRY(status);
    if (hana_column_length(v->words) == 0)
        return hana_fail(err, HANA_BAD_DATA, "text_tokens: column '%s' has no tokens%s",
                         name, o->min_count > 1 ? " that occur often enough" : "");
    return index_words(v, err);
}

static hana_status fit(void *pointer, const void *given, const hana_task *task,
                       hana_job *job, hana_error *err)
{
    state *s = pointer;
    const options *o = given;
    HANA_TRY(hana_step_columns(&s->names, &o->columns, task, "text_tokens",
                               1 << HANA_STRING, err));
    s->vocabularies = hana_alloc_zero(s->names.n, sizeof *s->vocabularies);
    if (!s->vocabularies) return hana_fail_memory(err);
    for (size_t j = 0; j < s->names.n; j++) {
        const hana_column *column;
        HANA_TRY(hana_frame_get(&column, task->frame, s->names.items[j], err));
        HANA_TRY(learn(&s->vocabularies[j], o, column, s->names.items[j], job, err));
    }
    return HANA_OK;
}

/* The known tokens of one text, and the rows made so far. */
typedef struct filling {
    const vocabulary *vocabulary;
    size_t n, capacity;
    int32_t *codes;
    size_t nonzeros, room;
    int32_t *index;
    double *values;
} filling;

static hana_status collect(void *context, const char *token, size_t length,
                           hana_error *err)
{
    filling *f = context;
    int32_t code = hana_dictionary_find(f->vocabulary->dictionary, token, length);
    if (code < 0) return HANA_OK;
    if (f->n == f->capacity) {
        size_t capacity = f->capacity * 2 + 256;
        int32_t *codes = hana_realloc(f->codes, capacity, sizeof *codes);
        if (!codes) return hana_fail_memory(err);
        f->codes = codes;
        f->capacity = capacity;
    }
    f->codes[f->n++] = code;
    return HANA_OK;
}

static int by_code(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static hana_status reserve(filling *f, hana_error *err)
{
    if (f->nonzeros + f->n <= f->room) return HANA_OK;
    size_t room = f->room * 2 + f->n + 1024;
    int32_t *index = hana_realloc(f->index, room, sizeof *index);
    if (!index) return hana_fail_memory(err);
    f->index = index;
    double *values = hana_realloc(f->values, room, sizeof *values);
    if (!values) return hana_fail_memory(err);
    f->values = values;
    f->room = room;
    return HANA_OK;
}

/* The codes of one text become a row. */
static hana_status close_row(filling *f, int weighting, hana_error *err)
{
    HANA_TRY(reserve(f, err));
    qsort(f->codes, f->n, sizeof *f->codes, by_code);
    size_t begin = f->nonzeros;
    double squares = 0;
    for (size_t i = 0; i < f->n;) {
        size_t from = i;
        while (i < f->n && f->codes[i] == f->codes[from]) i++;
        double count = weighting == BINARY ? 1 : (double)(i - from);
        if (weighting == TF_IDF) count *= f->vocabulary->idf[f->codes[from]];
        squares += count * count;
        f->index[f->nonzeros] = f->codes[from];
        f->values[f->nonzeros++] = count;
    }
    if (weighting == TF_IDF && squares > 0)
        for (size_t e = begin; e < f->nonzeros; e++) f->values[e] /= sqrt(squares);
    f->n = 0;
    return HANA_OK;
}

static hana_status tokenize(const hana_column **out, const vocabulary *v,
                            const options *o, const hana_column *column, hana_job *job,
                            hana_error *err)
{
    size_t n = hana_column_length(column);
    filling f = { .vocabulary = v };
    int64_t *start = hana_alloc(n + 1, sizeof *start);
    hana_status status = start ? HANA_OK : hana_fail_memory(err);
    if (start) start[0] = 0;
    for (size_t i = 0; status == HANA_OK && i < n; i++) {
        if (i % 1024 == 0) status = hana_job_check(job, err);
        if (status == HANA_OK) status = each_token(o, column, i, collect, &f, job, err);
        if (status == HANA_OK) status = close_row(&f, o->weighting, err);
        start[i + 1] = (int64_t)f.nonzeros;
    }
    hana_sparse sparse = { 0 };
    hana_column *block = NULL;
    if (status == HANA_OK)
        status =
            hana_sparse_new(&sparse, n, hana_column_length(v->words), f.nonzeros, err);
    if (status == HANA_OK) {
        memcpy(sparse.start, start, (n + 1) * sizeof *start);
        if (f.nonzeros) {
            memcpy(sparse.index, f.index, f.nonzeros * sizeof *f.index);
            memcpy(sparse.values, f.values, f.nonzeros * sizeof *f.values);
        }
        status = hana_column_from_sparse(&block, &sparse, v->words, err);
    }
    hana_sparse_clear(&sparse);
    hana_free(start);
    hana_free(f.codes);
    hana_free(f.index);
    hana_free(f.values);
    if (status == HANA_OK) *out = block;
    return status;
}

static hana_status transform(const void *pointer, const void *given, const hana_frame *in,
                             hana_frame **out, hana_job *job, hana_error *err)
{
    const state *s = pointer;
    hana_frame_edit edit;
    HANA_TRY(hana_frame_edit_begin(&edit, in, err));
    hana_status status = HANA_OK;
    for (size_t j = 0; status == HANA_OK && j < s->names.n; j++) {
        const hana_column *column, *block;
        status = hana_step_column(&column, in, s->names.items[j], "text_tokens",
                                  1 << HANA_STRING, err);
        if (status == HANA_OK)
            status = tokenize(&block, &s->vocabularies[j], given, column, job, err);
        if (status == HANA_OK)
            status = hana_frame_edit_replace(&edit, s->names.items[j], block, err);
    }
    if (status == HANA_OK) status = hana_frame_edit_finish(out, &edit, err);
    hana_frame_edit_clear(&edit);
    return status;
}

static size_t bytes(const void *pointer)
{
    const state *s = pointer;
    size_t n = sizeof *s;
    for (size_t j = 0; j < s->names.n; j++)
        n += sizeof *s->vocabularies + 2 * hana_column_bytes(s->vocabularies[j].words) +
             hana_column_length(s->vocabularies[j].words) * sizeof(double);
    return n;
}

static hana_status put_vocabulary(hana_writer *writer, const void *items, size_t j,
                                  hana_error *err)
{
    const vocabulary *v = (const vocabulary *)items + j;
    HANA_TRY(hana_put_column(writer, "words", v->words, err));
    return hana_put_doubles(writer, "idf", v->idf, hana_column_length(v->words), err);
}

static hana_status save(const void *pointer, hana_writer *writer, hana_job *job,
                        hana_error *err)
{
    (void)job;
    const state *s = pointer;
    HANA_TRY(hana_put_names(writer, "names", &s->names, err));
    return hana_put_each(writer, "columns", &s->names, put_vocabulary, s->vocabularies,
                         err);
}

static hana_status get_vocabulary(hana_reader *reader, void *items, size_t j,
                                  hana_error *err)
{
    vocabulary *v = (vocabulary *)items + j;
    size_t n = 0;
    HANA_TRY(hana_get_column(reader, "words", &v->words, err));
    HANA_TRY(hana_get_doubles(reader, "idf", &v->idf, &n, err));
    if (!v->words || hana_column_type(v->words) != HANA_STRING ||
        hana_column_length(v->words) != n)
        return hana_fail(err, HANA_BAD_FORMAT,
                         "text_tokens: the saved words are damaged");
    return index_words(v, err);
}

static hana_status load(void *pointer, hana_reader *reader, hana_job *job,
                        hana_error *err)
{
    (void)job;
    state *s = pointer;
    HANA_TRY(hana_get_names(reader, "names", &s->names, err));
    s->vocabularies = hana_alloc_zero(s->names.n, sizeof *s->vocabularies);
    if (!s->vocabularies) return hana_fail_memory(err);
    return hana_get_each(reader, "columns", &s->names, get_vocabulary, s->vocabularies,
                         err);
}

const hana_step hana_step_text_tokens = {
    .part = { .name = "text_tokens",
              .help = "Texts as counts or TF-IDF of words, characters and n-grams.",
              .kind = HANA_PART_STEP,
              .version = 1,
              .options = { .size = sizeof(options),
                           .defaults = &defaults,
                           HANA_ROWS(rows) } },
    .state_size = sizeof(state),
    .fit = fit,
    .transform = transform,
    .bytes = bytes,
    .save = save,
    .load = load,
    .clear = clear,
    .check = check
};
