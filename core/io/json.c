#include "json_parts.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 200 };

typedef struct parser {
    const char *text;
    size_t length, at;
    size_t first_line; /* lines in front of the text */
    int depth;
    hana_error *err;
} parser;

static hana_status fail_at(parser *p, size_t at, const char *expected)
{
    size_t line = p->first_line + 1, start = 0;
    for (size_t i = 0; i < at; i++) {
        if (p->text[i] != '\n') continue;
        line++;
        start = i + 1;
    }
    size_t column = hana_utf8_length(p->text + start, at - start) + 1;
    hana_status status;
    if (at >= p->length) {
        status =
            hana_fail(p->err, HANA_BAD_FORMAT, "line %zu, column %zu: %s, found the end",
                      line, column, expected);
    } else {
        unsigned char c = (unsigned char)p->text[at];
        size_t bytes = 1;
        int32_t point = hana_utf8_decode(p->text + at, p->length - at, &bytes);
        if (c < 0x20 || c == 0x7f || point < 0)
            status = hana_fail(p->err, HANA_BAD_FORMAT,
                               "line %zu, column %zu: %s, found byte 0x%02X", line,
                               column, expected, c);
        else
            status = hana_fail(p->err, HANA_BAD_FORMAT,
                               "line %zu, column %zu: %s, found '%.*s'", line, column,
                               expected, (int)bytes, p->text + at);
    }
    if (p->err) p->err->position = at < INT32_MAX ? (int)at + 1 : INT32_MAX;
    return status;
}

/* A complaint about what starts at `at`, without naming the character there. */
static hana_status fail_about(parser *p, size_t at, const char *what)
{
    hana_error local = { 0 };
    hana_error *err = p->err;
    p->err = &local;
    fail_at(p, at, what);
    p->err = err;
    char *found = strstr(local.message, ", found ");
    if (found) *found = '\0';
    hana_status status = hana_fail(err, HANA_BAD_FORMAT, "%s", local.message);
    if (err) err->position = local.position;
    return status;
}

static void skip_blanks(parser *p)
{
    while (p->at < p->length) {
        char c = p->text[p->at];
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') break;
        p->at++;
    }
}

static int peek(const parser *p)
{
    return p->at < p->length ? (unsigned char)p->text[p->at] : -1;
}

static hana_status parse_word(parser *p, const char *word)
{
    size_t n = strlen(word);
    if (p->length - p->at < n || memcmp(p->text + p->at, word, n) != 0)
        return fail_at(p, p->at, "expected a value");
    p->at += n;
    return HANA_OK;
}

static int is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static hana_status parse_number(parser *p, hana_value *out)
{
    size_t start = p->at;
    int whole = 1, zero = 1;
    if (peek(p) == '-') p->at++;
    if (!is_digit(peek(p))) return fail_at(p, p->at, "expected a digit");
    if (peek(p) == '0') {
        p->at++;
        if (is_digit(peek(p)))
            return fail_about(p, start, "a number must not begin with a zero");
    }
    while (is_digit(peek(p))) {
        zero = 0;
        p->at++;
    }
    if (peek(p) == '.') {
        whole = 0;
        p->at++;
        if (!is_digit(peek(p))) return fail_at(p, p->at, "expected a digit");
        while (is_digit(peek(p))) p->at++;
    }
    if (peek(p) == 'e' || peek(p) == 'E') {
        whole = 0;
        p->at++;
        if (peek(p) == '+' || peek(p) == '-') p->at++;
        if (!is_digit(peek(p))) return fail_at(p, p->at, "expected a digit");
        while (is_digit(peek(p))) p->at++;
    }
    const char *text = p->text + start;
    size_t n = p->at - start;
    if (whole && !(zero && *text == '-')) {
        int64_t integer;
        if (!hana_parse_int(text, n, &integer))
            return fail_about(p, start, "the integer does not fit 64 bits");
        *out = hana_value_int(integer);
        return HANA_OK;
    }
    double number;
    if (!hana_parse_double(text, n, &number) || number - number != 0)
        return fail_about(p, start, "the number is too large");
    *out = hana_value_number(number);
    return HANA_OK;
}

/* Four hexadecimal digits at `at`; -1 when there are none. */
static int32_t parse_hex(const parser *p, size_t at)
{
    int32_t code = 0;
    if (p->length - at < 4) return -1;
    for (size_t i = at; i < at + 4; i++) {
        char c = p->text[i];
        int digit = is_digit(c)            ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) return -1;
        code = code * 16 + digit;
    }
    return code;
}

static hana_status parse_escape(parser *p, hana_text *text)
{
    size_t start = p->at++;
    int c = peek(p);
    p->at++;
    switch (c) {
    case '"':
    case '\\':
    case '/':
        hana_text_putc(text, (char)c);
        return HANA_OK;
    case 'b':
        hana_text_putc(text, '\b');
        return HANA_OK;
    case 'f':
        hana_text_putc(text, '\f');
        return HANA_OK;
    case 'n':
        hana_text_putc(text, '\n');
        return HANA_OK;
    case 'r':
        hana_text_putc(text, '\r');
        return HANA_OK;
    case 't':
        hana_text_putc(text, '\t');
        return HANA_OK;
    case 'u':
        break;
    default:
        return fail_about(p, start, "unknown escape in a string");
    }
    int32_t code = p->at <= p->length ? parse_hex(p, p->at) : -1;
    if (code < 0) return fail_about(p, start, "'\\u' needs four hexadecimal digits");
    p->at += 4;
    if (code >= 0xD800 && code < 0xE000) {
        int32_t low = -1;
        if (code < 0xDC00 && p->length - p->at >= 6 &&
            memcmp(p->text + p->at, "\\u", 2) == 0)
            low = parse_hex(p, p->at + 2);
        if (low < 0xDC00 || low > 0xDFFF)
            return fail_about(p, start, "half a surrogate pair");
        p->at += 6;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    char bytes[4];
    hana_text_add(text, bytes, (size_t)hana_utf8_encode(bytes, code));
    return HANA_OK;
}

/* Behind the bytes from `at` on that stand for themselves in a string. */
static size_t plain_run(const parser *p, size_t at)
{
    while (at < p->length && p->text[at] != '"' && p->text[at] != '\\' &&
           (unsigned char)p->text[at] >= 0x20)
        at++;
    return at;
}

/* Leaves the bytes in *text, which the caller clears whatever happens. */
static hana_status parse_string(parser *p, hana_text *text)
{
    size_t opened = p->at;
    if (peek(p) != '"') return fail_at(p, p->at, "expected a string");
    p->at++;
    hana_text_add(text, "", 0);
    for (;;) {
        size_t run = plain_run(p, p->at);
        if (!hana_utf8_valid(p->text + p->at, run - p->at))
            return fail_about(p, p->at, "the string is not valid UTF-8");
        hana_text_add(text, p->text + p->at, run - p->at);
        p->at = run;
        if (run == p->length) return fail_about(p, opened, "the string is never closed");
        if (p->text[run] == '"') break;
        if (p->text[run] != '\\')
            return fail_at(p, run, "a string must not hold control characters");
        HANA_TRY(parse_escape(p, text));
    }
    p->at++;
    return text->failed ? hana_fail_memory(p->err) : HANA_OK;
}

static hana_status parse_value(parser *p, hana_value *out);

static hana_status parse_list(parser *p, hana_value *out)
{
    hana_value list = { 0 };
    HANA_TRY(hana_value_new_list(&list, p->err));
    hana_status status = HANA_OK;
    p->at++;
    skip_blanks(p);
    if (peek(p) != ']') {
        for (;;) {
            hana_value item = { 0 };
            HANA_GOTO(fail, parse_value(p, &item));
            HANA_GOTO(fail, hana_value_push(&list, item, p->err));
            skip_blanks(p);
            if (peek(p) != ',') break;
            p->at++;
            skip_blanks(p);
        }
        if (peek(p) != ']') HANA_GOTO(fail, fail_at(p, p->at, "expected ',' or ']'"));
    }
    p->at++;
    *out = list;
    return HANA_OK;
fail:
    hana_value_clear(&list);
    return status;
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One pass of sorting: looking each key up when it comes would be quadratic. */
static hana_status check_duplicates(parser *p, const hana_value_map *map, size_t at)
{
    if (map->n < 2) return HANA_OK;
    const char **keys = hana_alloc(map->n, sizeof *keys);
    if (!keys) return hana_fail_memory(p->err);
    for (size_t i = 0; i < map->n; i++) keys[i] = map->keys[i];
    qsort(keys, map->n, sizeof *keys, compare_keys);
    hana_status status = HANA_OK;
    for (size_t i = 1; i < map->n && status == HANA_OK; i++) {
        if (strcmp(keys[i - 1], keys[i]) != 0) continue;
        char what[200];
        hana_text text = { 0 };
        hana_text_printf(&text, "the key '%.100s' stands twice in one object", keys[i]);
        size_t n = text.failed ? 0 : text.length;
        if (n >= sizeof what) n = sizeof what - 1;
        memcpy(what, text.data ? text.data : "", n);
        what[n] = '\0';
        status = text.failed ? hana_fail_memory(p->err) : fail_about(p, at, what);
        hana_text_clear(&text);
    }
    hana_free(keys);
    return status;
}

/* Takes key and value over. */
static hana_status append(hana_value_map *map, char *key, hana_value value,
                          hana_error *err)
{
    if (map->n == map->capacity) {
        size_t capacity = map->capacity ? map->capacity * 2 : 8;
        char **keys = hana_realloc(map->keys, capacity, sizeof *keys);
        if (keys) map->keys = keys;
        hana_value *items =
            keys ? hana_realloc(map->items, capacity, sizeof *items) : NULL;
        if (!items) {
            hana_free(key);
            hana_value_clear(&value);
            return hana_fail_memory(err);
        }
        map->items = items;
        map->capacity = capacity;
    }
    map->keys[map->n] = key;
    map->items[map->n++] = value;
    return HANA_OK;
}

static hana_status parse_member(parser *p, hana_value_map *map)
{
    hana_text key = { 0 };
    hana_value value = { 0 };
    hana_status status;
    size_t at = p->at;
    HANA_GOTO(fail, parse_string(p, &key));
    if (memchr(key.data, '\0', key.length))
        HANA_GOTO(fail, fail_about(p, at, "a key must not hold a NUL character"));
    skip_blanks(p);
    if (peek(p) != ':') HANA_GOTO(fail, fail_at(p, p->at, "expected ':'"));
    p->at++;
    HANA_GOTO(fail, parse_value(p, &value));
    return append(map, key.data, value, p->err);
fail:
    hana_text_clear(&key);
    return status;
}

static hana_status parse_map(parser *p, hana_value *out)
{
    hana_value map = { 0 };
    HANA_TRY(hana_value_new_map(&map, p->err));
    hana_status status = HANA_OK;
    size_t at = p->at++;
    skip_blanks(p);
    if (peek(p) != '}') {
        for (;;) {
            HANA_GOTO(fail, parse_member(p, map.as.map));
            skip_blanks(p);
            if (peek(p) != ',') break;
            p->at++;
            skip_blanks(p);
        }
        if (peek(p) != '}') HANA_GOTO(fail, fail_at(p, p->at, "expected ',' or '}'"));
    }
    p->at++;
    HANA_GOTO(fail, check_duplicates(p, map.as.map, at));
    *out = map;
    return HANA_OK;
fail:
    hana_value_clear(&map);
    return status;
}

static hana_status parse_value(parser *p, hana_value *out)
{
    skip_blanks(p);
    int c = peek(p);
    if (c == '{' || c == '[') {
        if (p->depth == MAX_DEPTH) return fail_about(p, p->at, "nested too deeply");
        p->depth++;
        HANA_TRY(c == '{' ? parse_map(p, out) : parse_list(p, out));
        p->depth--;
        return HANA_OK;
    }
    if (c == '"') {
        hana_text text = { 0 };
        hana_status status = parse_string(p, &text);
        if (status != HANA_OK) {
            hana_text_clear(&text);
            return status;
        }
        *out = (hana_value){ .kind = HANA_VALUE_STRING,
                             .as.string = { .data = text.data, .length = text.length } };
        return HANA_OK;
    }
    if (c == '-' || is_digit(c)) return parse_number(p, out);
    if (c == 't' || c == 'f') {
        HANA_TRY(parse_word(p, c == 't' ? "true" : "false"));
        *out = hana_value_bool(c == 't');
        return HANA_OK;
    }
    if (c == 'n') {
        HANA_TRY(parse_word(p, "null"));
        *out = (hana_value){ 0 };
        return HANA_OK;
    }
    return fail_at(p, p->at, "expected a value");
}

/* The bytes of a string: where they stand when none is escaped, else in *scratch. */
typedef struct piece {
    hana_text scratch;
    const char *data;
    size_t length;
} piece;

static hana_status parse_piece(parser *p, piece *out)
{
    size_t from = p->at + 1, end = from;
    if (peek(p) == '"') {
        end = plain_run(p, from);
        if (end < p->length && p->text[end] == '"' &&
            hana_utf8_valid(p->text + from, end - from)) {
            out->data = p->text + from;
            out->length = end - from;
            p->at = end + 1;
            return HANA_OK;
        }
    }
    out->scratch.length = 0;
    HANA_TRY(parse_string(p, &out->scratch));
    out->data = out->scratch.data;
    out->length = out->scratch.length;
    return HANA_OK;
}

/* What is handed on: the key and the value where it is a string. */
typedef struct pieces {
    piece key, value;
} pieces;

/* One member of an object, handed on. */
static hana_status hand_member(parser *p, pieces *held, hana_json_member_fn *member,
                               void *context)
{
    hana_value value = { 0 };
    hana_error found;
    hana_status status;
    size_t at = p->at;
    HANA_TRY(parse_piece(p, &held->key));
    if (memchr(held->key.data, '\0', held->key.length))
        return fail_about(p, at, "a key must not hold a NUL character");
    skip_blanks(p);
    if (peek(p) != ':') return fail_at(p, p->at, "expected ':'");
    p->at++;
    skip_blanks(p);
    if (peek(p) == '"') {
        HANA_TRY(parse_piece(p, &held->value));
        status = member(context, held->key.data, held->key.length, NULL, held->value.data,
                        held->value.length, &found);
    } else {
        HANA_TRY(parse_value(p, &value));
        status =
            member(context, held->key.data, held->key.length, &value, NULL, 0, &found);
        hana_value_clear(&value);
    }
    if (status == HANA_BAD_DATA) return fail_about(p, at, found.message);
    if (status != HANA_OK) return hana_fail(p->err, status, "%s", found.message);
    return HANA_OK;
}

static hana_status hand_members(parser *p, pieces *held, hana_json_member_fn *member,
                                void *context)
{
    if (peek(p) != '{') return fail_at(p, p->at, "expected an object");
    p->at++;
    p->depth++;
    skip_blanks(p);
    if (peek(p) != '}') {
        for (;;) {
            HANA_TRY(hand_member(p, held, member, context));
            skip_blanks(p);
            if (peek(p) != ',') break;
            p->at++;
            skip_blanks(p);
        }
        if (peek(p) != '}') return fail_at(p, p->at, "expected ',' or '}'");
    }
    p->at++;
    return HANA_OK;
}

hana_status hana_json_object(const char *text, size_t length, size_t *at, int64_t line,
                             hana_json_member_fn *member, void *context, hana_error *err)
{
    parser p = { .text = text,
                 .length = length,
                 .at = *at,
                 .first_line = (size_t)line - 1,
                 .err = err };
    pieces held = { 0 };
    hana_status status = hand_members(&p, &held, member, context);
    hana_text_clear(&held.key.scratch);
    hana_text_clear(&held.value.scratch);
    if (status == HANA_OK) *at = p.at;
    return status;
}

hana_status hana_json_misfit(const char *text, size_t length, size_t at, int64_t line,
                             const char *expected, hana_error *err)
{
    parser p = {
        .text = text, .length = length, .first_line = (size_t)line - 1, .err = err
    };
    return fail_at(&p, at, expected);
}

hana_status hana_json_decode(hana_value *out, const char *text, size_t length,
                             hana_error *err)
{
    parser p = { .text = text, .length = length, .err = err };
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) p.at = 3;
    hana_value value = { 0 };
    HANA_TRY(parse_value(&p, &value));
    skip_blanks(&p);
    if (p.at < p.length) {
        hana_value_clear(&value);
        return fail_at(&p, p.at, "expected the end");
    }
    *out = value;
    return HANA_OK;
}

typedef struct printer {
    hana_text *out;
    int indent, sorted, depth;
    hana_error *err;
} printer;

static void new_line(printer *p)
{
    if (p->indent <= 0) return;
    hana_text_putc(p->out, '\n');
    for (int i = 0; i < p->depth * p->indent; i++) hana_text_putc(p->out, ' ');
}

static hana_status print_value(printer *p, const hana_value *value);

static hana_status print_list(printer *p, const hana_value_list *list)
{
    hana_text_putc(p->out, '[');
    p->depth++;
    for (size_t i = 0; i < list->n; i++) {
        if (i) hana_text_putc(p->out, ',');
        new_line(p);
        HANA_TRY(print_value(p, &list->items[i]));
    }
    p->depth--;
    if (list->n) new_line(p);
    hana_text_putc(p->out, ']');
    return HANA_OK;
}

typedef struct entry {
    const char *key;
    const hana_value *value;
} entry;

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const entry *)a)->key, ((const entry *)b)->key);
}

static hana_status print_map(printer *p, const hana_value_map *map)
{
    entry *entries = hana_alloc(map->n, sizeof *entries);
    if (!entries) return hana_fail_memory(p->err);
    for (size_t i = 0; i < map->n; i++)
        entries[i] = (entry){ .key = map->keys[i], .value = &map->items[i] };
    if (p->sorted && map->n) qsort(entries, map->n, sizeof *entries, compare_entries);
    hana_text_putc(p->out, '{');
    p->depth++;
    hana_status status = HANA_OK;
    for (size_t i = 0; i < map->n && status == HANA_OK; i++) {
        if (i) hana_text_putc(p->out, ',');
        new_line(p);
        status =
            hana_json_put_string(p->out, entries[i].key, strlen(entries[i].key), p->err);
        if (status != HANA_OK) break;
        hana_text_puts(p->out, p->indent > 0 ? ": " : ":");
        status = print_value(p, entries[i].value);
    }
    p->depth--;
    if (map->n) new_line(p);
    hana_text_putc(p->out, '}');
    hana_free(entries);
    return status;
}

static hana_status print_value(printer *p, const hana_value *value)
{
    char number[HANA_NUMBER_SIZE];
    hana_status status = HANA_OK;
    switch (value->kind) {
    case HANA_VALUE_NULL:
        hana_text_puts(p->out, "null");
        return HANA_OK;
    case HANA_VALUE_BOOL:
        hana_text_puts(p->out, value->as.boolean ? "true" : "false");
        return HANA_OK;
    case HANA_VALUE_INT:
        hana_text_printf(p->out, "%lld", (long long)value->as.integer);
        return HANA_OK;
    case HANA_VALUE_NUMBER:
        if (value->as.number - value->as.number != 0)
            return hana_fail(p->err, HANA_BAD_DATA, "%s has no JSON form",
                             value->as.number != value->as.number ? "NaN"
                                                                  : "an infinite number");
        hana_text_add(p->out, number,
                      (size_t)hana_print_double(number, value->as.number, 1));
        return HANA_OK;
    case HANA_VALUE_STRING:
        return hana_json_put_string(p->out, value->as.string.data,
                                    value->as.string.length, p->err);
    case HANA_VALUE_LIST:
    case HANA_VALUE_MAP:
        if (p->depth == MAX_DEPTH)
            return hana_fail(p->err, HANA_BAD_DATA, "nested too deeply for JSON");
        status = value->kind == HANA_VALUE_LIST ? print_list(p, value->as.list)
                                                : print_map(p, value->as.map);
        return status;
    case HANA_VALUE_OBJECT:
        break;
    }
    return hana_fail(p->err, HANA_BAD_TYPE, "%s has no JSON form",
                     hana_value_kind_name(value));
}

hana_status hana_json_encode(hana_text *out, const hana_value *value, int indent,
                             int sorted, hana_error *err)
{
    printer p = { .out = out, .indent = indent, .sorted = sorted, .err = err };
    size_t before = out->length;
    hana_status status = print_value(&p, value);
    if (status == HANA_OK && out->failed) status = hana_fail_memory(err);
    if (status != HANA_OK && out->data) {
        out->length = before;
        out->data[before] = '\0';
    }
    return status;
}
