#include "data/expr_lex.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/expr_term.h"

#include <math.h>
#include <string.h>

typedef struct lexer {
    const char *text;
    size_t length, at;
} lexer;

void hana_token_clear(hana_token *token)
{
    hana_value_clear(&token->value);
    hana_free(token->name);
    *token = (hana_token){ 0 };
}

static int peek(const lexer *lex, size_t ahead)
{
    size_t at = lex->at + ahead;
    return at < lex->length ? (unsigned char)lex->text[at] : -1;
}

static int is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static int hex_digit(int c)
{
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Bytes of the letter (or, past the first, digit) of a name at `at`; 0 when there is
 * none. */
static size_t name_char(const lexer *lex, size_t at, int first)
{
    if (at >= lex->length) return 0;
    int c = (unsigned char)lex->text[at];
    if (c < 0x80) {
        int letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        return letter || (!first && is_digit(c));
    }
    size_t bytes = 1;
    int32_t code = hana_utf8_decode(lex->text + at, lex->length - at, &bytes);
    return code >= 0 && hana_utf8_is_letter(code) ? bytes : 0;
}

static hana_status fail_at(const lexer *lex, size_t from, size_t to, hana_error *err,
                           const char *message)
{
    return hana_expr_fail(lex->text, lex->length, from, to, err, HANA_BAD_FORMAT, "%s",
                          message);
}

static size_t skip_blanks(const lexer *lex)
{
    size_t at = lex->at;
    while (at < lex->length) {
        int c = (unsigned char)lex->text[at];
        if (c < 0x80) {
            if (c != ' ' && (c < '\t' || c > '\r')) break;
            at++;
            continue;
        }
        size_t bytes = 1;
        int32_t code = hana_utf8_decode(lex->text + at, lex->length - at, &bytes);
        if (code < 0 || !hana_utf8_is_space(code)) break;
        at += bytes;
    }
    return at;
}

/* Hexadecimal integers wrap around modulo 2^64, as in Lua; with a fraction or a binary
   exponent they are floats. */
static int parse_hex(const char *digits, size_t n, hana_value *out)
{
    uint64_t whole = 0;
    double value = 0;
    int seen = 0, is_float = 0, shift = 0;
    size_t i = 0;
    for (; i < n && hex_digit(digits[i]) >= 0; i++, seen = 1) {
        whole = whole * 16 + (uint64_t)hex_digit(digits[i]);
        value = value * 16 + hex_digit(digits[i]);
    }
    if (i < n && digits[i] == '.') {
        is_float = 1;
        for (i++; i < n && hex_digit(digits[i]) >= 0; i++, seen = 1, shift -= 4)
            value = value * 16 + hex_digit(digits[i]);
    }
    if (!seen) return 0;
    if (i < n && (digits[i] == 'p' || digits[i] == 'P')) {
        int64_t exponent;
        is_float = 1;
        size_t sign = i + 1 < n && digits[i + 1] == '+';
        if (!hana_parse_int(digits + i + 1 + sign, n - i - 1 - sign, &exponent)) return 0;
        if (exponent > 5000) exponent = 5000;
        if (exponent < -5000) exponent = -5000;
        shift += (int)exponent;
        i = n;
    }
    if (i != n) return 0;
    if (is_float)
        *out = hana_value_number(ldexp(value, shift));
    else {
        int64_t integer;
        memcpy(&integer, &whole, sizeof integer);
        *out = hana_value_int(integer);
    }
    return 1;
}

static hana_status read_number(hana_token *out, lexer *lex, hana_error *err)
{
    size_t from = lex->at;
    int hex = peek(lex, 0) == '0' && (peek(lex, 1) == 'x' || peek(lex, 1) == 'X');
    for (;;) {
        int c = peek(lex, 0);
        int exponent = hex ? c == 'p' || c == 'P' : c == 'e' || c == 'E';
        size_t bytes = name_char(lex, lex->at, 0);
        if (exponent && (peek(lex, 1) == '+' || peek(lex, 1) == '-'))
            lex->at += 2;
        else if (c == '.')
            lex->at++;
        else if (bytes)
            lex->at += bytes;
        else
            break;
    }
    const char *digits = lex->text + from;
    size_t n = lex->at - from;
    out->kind = HANA_TOKEN_LITERAL;
    int64_t integer;
    double number;
    if (hex) {
        if (parse_hex(digits + 2, n - 2, &out->value)) return HANA_OK;
    } else if (hana_parse_int(digits, n, &integer)) {
        out->value = hana_value_int(integer);
        return HANA_OK;
    } else if (hana_parse_double(digits, n, &number)) {
        out->value = hana_value_number(number);
        return HANA_OK;
    }
    return hana_expr_fail(lex->text, lex->length, from, lex->at, err, HANA_BAD_FORMAT,
                          "malformed number '%.*s'", (int)(n < 60 ? n : 60), digits);
}

/* [[...]], [=[...]=]: the level, or -1 when it is none. */
static int long_bracket(const lexer *lex)
{
    int level = 0;
    while (peek(lex, (size_t)level + 1) == '=') level++;
    return peek(lex, (size_t)level + 1) == '[' ? level : -1;
}

static hana_status read_long_string(hana_text *into, lexer *lex, int level,
                                    hana_error *err)
{
    size_t from = lex->at;
    lex->at += (size_t)level + 2;
    if (peek(lex, 0) == '\r') lex->at++;
    if (peek(lex, 0) == '\n') lex->at++;
    size_t start = lex->at;
    for (; lex->at < lex->length; lex->at++) {
        if (peek(lex, 0) != ']') continue;
        int k = 0;
        while (peek(lex, (size_t)k + 1) == '=') k++;
        if (k != level || peek(lex, (size_t)k + 1) != ']') continue;
        hana_text_add(into, lex->text + start, lex->at - start);
        lex->at += (size_t)level + 2;
        return HANA_OK;
    }
    return fail_at(lex, from, from + 1, err, "unfinished long text");
}

static hana_status read_escape(hana_text *into, lexer *lex, hana_error *err)
{
    static const char letters[] = "abfnrtv\\\"'\n", bytes[] = "\a\b\f\n\r\t\v\\\"'\n";
    size_t from = lex->at++;
    int c = peek(lex, 0);
    const char *simple = c > 0 ? strchr(letters, c) : NULL;
    if (simple) {
        hana_text_putc(into, bytes[simple - letters]);
        lex->at++;
        return HANA_OK;
    }
    if (c == 'z') {
        lex->at++;
        lex->at = skip_blanks(lex);
        return HANA_OK;
    }
    if (c == 'x') {
        int high = hex_digit(peek(lex, 1)), low = hex_digit(peek(lex, 2));
        if (high < 0 || low < 0)
            return fail_at(lex, from, lex->at + 1, err,
                           "hexadecimal digits expected after \\x");
        hana_text_putc(into, (char)(high * 16 + low));
        lex->at += 3;
        return HANA_OK;
    }
    if (c == 'u' && peek(lex, 1) == '{') {
        int32_t code = 0;
        size_t k = 2;
        for (; hex_digit(peek(lex, k)) >= 0 && code <= 0x10FFFF; k++)
            code = code * 16 + hex_digit(peek(lex, k));
        if (k == 2 || peek(lex, k) != '}' || code > 0x10FFFF ||
            (code >= 0xD800 && code < 0xE000))
            return fail_at(lex, from, lex->at + k, err, "no such character in \\u{...}");
        char encoded[4];
        hana_text_add(into, encoded, (size_t)hana_utf8_encode(encoded, code));
        lex->at += k + 1;
        return HANA_OK;
    }
    if (is_digit(c)) {
        int value = 0, k = 0;
        for (; k < 3 && is_digit(peek(lex, 0)); k++, lex->at++)
            value = value * 10 + peek(lex, 0) - '0';
        if (value > 255)
            return fail_at(lex, from, lex->at, err, "decimal escape is over 255");
        hana_text_putc(into, (char)value);
        return HANA_OK;
    }
    return fail_at(
        lex, from, lex->at + 1, err,
        "unknown escape; write patterns as [[\\d+]] or with doubled backslashes");
}

static hana_status read_quoted(hana_text *into, lexer *lex, hana_error *err)
{
    size_t from = lex->at;
    int quote = peek(lex, 0);
    lex->at++;
    for (;;) {
        int c = peek(lex, 0);
        if (c < 0 || c == '\n')
            return fail_at(lex, from, from + 1, err, "unfinished text");
        if (c == quote) break;
        if (c == '\\')
            HANA_TRY(read_escape(into, lex, err));
        else {
            hana_text_putc(into, (char)c);
            lex->at++;
        }
    }
    lex->at++;
    return HANA_OK;
}

static hana_status read_string(hana_token *out, lexer *lex, hana_error *err)
{
    size_t from = lex->at;
    hana_text text = { 0 };
    hana_status status = peek(lex, 0) == '['
                             ? read_long_string(&text, lex, long_bracket(lex), err)
                             : read_quoted(&text, lex, err);
    if (status == HANA_OK && text.failed) status = hana_fail_memory(err);
    if (status == HANA_OK && text.length && !hana_utf8_valid(text.data, text.length))
        status = fail_at(lex, from, lex->at, err, "this text is not UTF-8");
    if (status == HANA_OK) {
        out->kind = HANA_TOKEN_LITERAL;
        status = hana_value_string(&out->value, text.length ? text.data : "", text.length,
                                   err);
    }
    hana_text_clear(&text);
    return status;
}

static hana_status read_backticks(hana_token *out, lexer *lex, hana_error *err)
{
    size_t from = lex->at++;
    hana_text name = { 0 };
    for (;;) {
        int c = peek(lex, 0);
        if (c < 0) {
            hana_text_clear(&name);
            return fail_at(lex, from, from + 1, err, "a name in backticks does not end");
        }
        lex->at++;
        if (c == '`') {
            if (peek(lex, 0) != '`') break;
            lex->at++;
        }
        hana_text_putc(&name, (char)c);
    }
    if (!name.failed && name.length == 0) {
        hana_text_clear(&name);
        return fail_at(lex, from, lex->at, err, "a name in backticks is empty");
    }
    out->kind = HANA_TOKEN_NAME;
    out->quoted = 1;
    return hana_text_take(&out->name, &name, err);
}

static int is_word(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(text, word, length) == 0;
}

static hana_status read_name(hana_token *out, lexer *lex, hana_error *err)
{
    size_t from = lex->at, bytes;
    while ((bytes = name_char(lex, lex->at, 0)) > 0) lex->at += bytes;
    const char *word = lex->text + from;
    size_t n = lex->at - from;
    if (is_word(word, n, "and") || is_word(word, n, "or") || is_word(word, n, "not")) {
        out->kind = HANA_TOKEN_OP;
        out->op = word[0] == 'a'   ? HANA_OP_AND
                  : word[0] == 'o' ? HANA_OP_OR
                                   : HANA_OP_NOT;
        return HANA_OK;
    }
    if (is_word(word, n, "true") || is_word(word, n, "false") ||
        is_word(word, n, "nil")) {
        out->kind = HANA_TOKEN_LITERAL;
        if (word[0] != 'n') out->value = hana_value_bool(word[0] == 't');
        return HANA_OK;
    }
    out->kind = HANA_TOKEN_NAME;
    out->name = hana_strndup(word, n);
    return out->name ? HANA_OK : hana_fail_memory(err);
}

static hana_status read_param(hana_token *out, lexer *lex, hana_error *err)
{
    size_t from = lex->at++;
    HANA_TRY(read_name(out, lex, err));
    if (lex->at == from + 1)
        return fail_at(lex, from, from + 1, err,
                       "expected the name of a parameter after '$'");
    if (out->kind != HANA_TOKEN_NAME)
        return fail_at(lex, from, lex->at, err, "this word cannot name a parameter");
    out->kind = HANA_TOKEN_PARAM;
    return HANA_OK;
}

typedef struct symbol {
    const char *text;
    hana_token_kind kind;
    hana_expr_op op;
    const char *hint; /* not an operator here: what to write instead */
} symbol;

/* Longer ones first. */
static const symbol symbols[] = {
    { "...", HANA_TOKEN_END, HANA_OP_NONE, "'...' has no meaning here" },
    { "~=", HANA_TOKEN_OP, HANA_OP_NE, NULL },
    { "==", HANA_TOKEN_OP, HANA_OP_EQ, NULL },
    { "<=", HANA_TOKEN_OP, HANA_OP_LE, NULL },
    { ">=", HANA_TOKEN_OP, HANA_OP_GE, NULL },
    { "//", HANA_TOKEN_OP, HANA_OP_IDIV, NULL },
    { "..", HANA_TOKEN_OP, HANA_OP_CONCAT, NULL },
    { "!=", HANA_TOKEN_END, HANA_OP_NONE, "use ~= instead of !=" },
    { "<>", HANA_TOKEN_END, HANA_OP_NONE, "use ~= instead of <>" },
    { "&&", HANA_TOKEN_END, HANA_OP_NONE, "use `and` instead of &&" },
    { "||", HANA_TOKEN_END, HANA_OP_NONE, "use `or` instead of ||" },
    { "**", HANA_TOKEN_END, HANA_OP_NONE, "use ^ instead of **" },
    { "--", HANA_TOKEN_END, HANA_OP_NONE,
      "-- begins a comment in Lua; put a blank between two minus signs" },
    { "<<", HANA_TOKEN_END, HANA_OP_NONE, "bits are not shifted here; use x * 2 ^ n" },
    { ">>", HANA_TOKEN_END, HANA_OP_NONE, "bits are not shifted here; use x // 2 ^ n" },
    { "&", HANA_TOKEN_END, HANA_OP_NONE, "use `and` instead of &" },
    { "|", HANA_TOKEN_END, HANA_OP_NONE, "use `or` instead of |" },
    { "!", HANA_TOKEN_END, HANA_OP_NONE, "use `not` instead of !" },
    { "~", HANA_TOKEN_END, HANA_OP_NONE, "use `not` instead of ~" },
    { "=", HANA_TOKEN_END, HANA_OP_NONE, "use == to compare" },
    { "<", HANA_TOKEN_OP, HANA_OP_LT, NULL },
    { ">", HANA_TOKEN_OP, HANA_OP_GT, NULL },
    { "+", HANA_TOKEN_OP, HANA_OP_ADD, NULL },
    { "-", HANA_TOKEN_OP, HANA_OP_SUB, NULL },
    { "*", HANA_TOKEN_OP, HANA_OP_MUL, NULL },
    { "/", HANA_TOKEN_OP, HANA_OP_DIV, NULL },
    { "%", HANA_TOKEN_OP, HANA_OP_MOD, NULL },
    { "^", HANA_TOKEN_OP, HANA_OP_POW, NULL },
    { "#", HANA_TOKEN_OP, HANA_OP_LEN, NULL },
    { "(", HANA_TOKEN_OPEN, HANA_OP_NONE, NULL },
    { ")", HANA_TOKEN_CLOSE, HANA_OP_NONE, NULL },
    { "{", HANA_TOKEN_OPEN_LIST, HANA_OP_NONE, NULL },
    { "}", HANA_TOKEN_CLOSE_LIST, HANA_OP_NONE, NULL },
    { ",", HANA_TOKEN_COMMA, HANA_OP_NONE, NULL },
    { "[", HANA_TOKEN_END, HANA_OP_NONE,
      "cells are not indexed here; lists are written { ... }" },
    { ".", HANA_TOKEN_END, HANA_OP_NONE, "a name with a dot goes into backticks: `a.b`" },
    { ";", HANA_TOKEN_END, HANA_OP_NONE, "one expression at a time" },
};

static hana_status read_symbol(hana_token *out, lexer *lex, hana_error *err)
{
    size_t left = lex->length - lex->at;
    for (size_t k = 0; k < sizeof symbols / sizeof *symbols; k++) {
        const symbol *s = &symbols[k];
        size_t n = strlen(s->text);
        if (n > left || memcmp(lex->text + lex->at, s->text, n) != 0) continue;
        if (s->hint)
            return hana_expr_fail(
                lex->text, lex->length, lex->at, lex->at + n, err, HANA_BAD_FORMAT,
                "'%s' is not an operator of expressions: %s", s->text, s->hint);
        out->kind = s->kind;
        out->op = s->op;
        lex->at += n;
        return HANA_OK;
    }
    size_t bytes = 1;
    hana_utf8_decode(lex->text + lex->at, left, &bytes);
    return fail_at(lex, lex->at, lex->at + bytes, err, "unexpected character");
}

static hana_status read_token(hana_token *out, lexer *lex, hana_error *err)
{
    int c = peek(lex, 0);
    if (c < 0) return HANA_OK;
    if (is_digit(c) || (c == '.' && is_digit(peek(lex, 1))))
        return read_number(out, lex, err);
    if (c == '"' || c == '\'' || (c == '[' && long_bracket(lex) >= 0))
        return read_string(out, lex, err);
    if (c == '`') return read_backticks(out, lex, err);
    if (c == '$') return read_param(out, lex, err);
    if (name_char(lex, lex->at, 1)) return read_name(out, lex, err);
    if (c == '.' && peek(lex, 1) == 'x' && !name_char(lex, lex->at + 2, 0)) {
        lex->at += 2;
        out->kind = HANA_TOKEN_NAME;
        out->quoted = 1;
        out->name = hana_strdup(".x");
        return out->name ? HANA_OK : hana_fail_memory(err);
    }
    return read_symbol(out, lex, err);
}

hana_status hana_token_read(hana_token *out, const char *text, size_t length, size_t at,
                            hana_error *err)
{
    lexer lex = { text, length, at };
    lex.at = skip_blanks(&lex);
    hana_token token = { .from = lex.at };
    hana_status status = read_token(&token, &lex, err);
    if (status != HANA_OK) {
        hana_token_clear(&token);
        return status;
    }
    token.to = lex.at;
    *out = token;
    return HANA_OK;
}
