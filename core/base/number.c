#include "text.h"

#include "powers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct wide {
    uint64_t high, low;
} wide;

__extension__ typedef unsigned __int128 product;

static wide multiply(uint64_t a, uint64_t b)
{
    product p = (product)a * b;
    return (wide){ (uint64_t)(p >> 64), (uint64_t)p };
}

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static const uint64_t *power_of_five(int q)
{
    return hana_powers_of_five[q - HANA_POWERS_FROM];
}

/* w x 10^q, correctly rounded, as bits (Lemire, "Number parsing at a gigabyte per
   second", Software: Practice and Experience 51, 2021; Mushtak and Lemire, "Fast number
   parsing without fallback", 2023). w is exact. */
static uint64_t scaled_bits(uint64_t w, int64_t q)
{
    enum { MANTISSA_BITS = 52, INFINITE = 0x7FF };
    const uint64_t infinity = (uint64_t)INFINITE << MANTISSA_BITS;
    if (w == 0 || q < -342) return 0;
    if (q > 308) return infinity;
    int zeros = __builtin_clzll(w);
    w <<= zeros;
    const uint64_t *power = power_of_five((int)q);
    wide p = multiply(w, power[0]);
    const uint64_t mask = UINT64_MAX >> (MANTISSA_BITS + 3);
    if ((p.high & mask) == mask) {
        wide more = multiply(w, power[1]);
        p.low += more.high;
        if (more.high > p.low) p.high++;
    }
    int upper = (int)(p.high >> 63);
    int shift = upper + 64 - MANTISSA_BITS - 3;
    uint64_t mantissa = p.high >> shift;
    /* floor(q log2(10)) + 63, and the exponent's bias. */
    int exponent = (int)(((152170 + 65536) * q) >> 16) + 63 + upper - zeros + 1023;
    if (exponent <= 0) {
        if (1 - exponent >= 64) return 0;
        mantissa >>= 1 - exponent;
        mantissa = (mantissa + (mantissa & 1)) >> 1;
        return mantissa; /* rounding up to 2^52 gives the smallest normal number by itself
                          */
    }
    /* Halfway cases exist only for small powers; there the product is exact: to even. */
    if (p.low <= 1 && q >= -4 && q <= 23 && (mantissa & 3) == 1 &&
        mantissa << shift == p.high) {
        mantissa &= ~UINT64_C(1);
    }
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    if (mantissa >= UINT64_C(2) << MANTISSA_BITS) {
        mantissa = UINT64_C(1) << MANTISSA_BITS;
        exponent++;
    }
    if (exponent >= INFINITE) return infinity;
    return (mantissa & ((UINT64_C(1) << MANTISSA_BITS) - 1)) | (uint64_t)exponent
                                                                   << MANTISSA_BITS;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* More than 19 digits that decide: the C library reads them. The text holds no decimal
   point, so that it means the same in every locale. 768 digits decide a halfway case; one
   more that is not 0 stands for the rest. */
static double read_long(const char *digits, const char *end, int64_t exponent)
{
    enum { DECIDING = 770 };
    char text[DECIDING + 32];
    size_t n = 0;
    int64_t dropped = 0;
    int rest = 0, after_point = 0;
    for (const char *c = digits; c < end; c++) {
        if (*c == '.') {
            after_point = 1;
            continue;
        }
        if (after_point) dropped--;
        if (n == 0 && *c == '0') continue;
        if (n < DECIDING) {
            text[n++] = *c;
            continue;
        }
        dropped++;
        rest |= *c != '0';
    }
    if (rest) {
        text[n++] = '1';
        dropped--;
    }
    snprintf(text + n, sizeof text - n, "e%lld", (long long)(exponent + dropped));
    return strtod(text, NULL);
}

static int word_is(const char *text, size_t length, const char *word)
{
    if (length != strlen(word)) return 0;
    for (size_t i = 0; i < length; i++) {
        if ((text[i] | 0x20) != word[i]) return 0;
    }
    return 1;
}

static int read_word(const char *text, size_t length, double *out)
{
    if (word_is(text, length, "inf") || word_is(text, length, "infinity")) {
        *out = INFINITY;
        return 1;
    }
    if (word_is(text, length, "nan")) {
        *out = NAN;
        return 1;
    }
    return 0;
}

/* The digits as they are read: the first 19 significant ones, and what was left out. */
typedef struct digits {
    uint64_t value;
    int kept;         /* significant digits in `value` */
    int cut;          /* digits other than 0 were left out */
    int64_t exponent; /* of ten, for `value` */
} digits;

static void take_digit(digits *d, char c, int after_point)
{
    if (d->kept < 19) {
        d->value = d->value * 10 + (uint64_t)(c - '0');
        d->kept += d->value != 0;
        d->exponent -= after_point;
    } else {
        d->cut |= c != '0';
        d->exponent += !after_point;
    }
}

/* 0 when there is no exponent where one must be. Far too large ones stay finite. */
static int read_exponent(const char *c, const char *end, int64_t *out)
{
    int negative = c < end && *c == '-';
    if (c < end && (*c == '-' || *c == '+')) c++;
    if (c == end) return 0;
    int64_t value = 0;
    for (; c < end; c++) {
        if (!is_digit(*c)) return 0;
        if (value < INT64_C(1000000000000000)) value = value * 10 + (*c - '0');
    }
    *out = negative ? -value : value;
    return 1;
}

int hana_parse_double(const char *text, size_t length, double *out)
{
    static const double tens[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    const char *c = text, *end = text + length;
    int negative = c < end && *c == '-';
    if (c < end && (*c == '-' || *c == '+')) c++;
    const char *start = c;
    digits d = { 0 };
    for (; c < end && is_digit(*c); c++) take_digit(&d, *c, 0);
    size_t seen = (size_t)(c - start);
    if (c < end && *c == '.') {
        const char *point = c++;
        for (; c < end && is_digit(*c); c++) take_digit(&d, *c, 1);
        seen += (size_t)(c - point) - 1;
    }
    double value;
    if (seen == 0) {
        if (c != start || !read_word(c, (size_t)(end - c), &value)) return 0;
        *out = negative ? -value : value;
        return 1;
    }
    const char *last = c;
    int64_t exponent = 0;
    if (c < end) {
        if ((*c | 0x20) != 'e' || !read_exponent(c + 1, end, &exponent)) return 0;
    }
    int64_t q = d.exponent + exponent;
    /* Both factors are exact, so that one rounding is all there is (Clinger, PLDI 1990).
     */
    if (!d.cut && d.value <= UINT64_C(1) << 53 && q >= -22 && q <= 22) {
        value = q < 0 ? (double)d.value / tens[-q] : (double)d.value * tens[q];
    } else {
        uint64_t bits = scaled_bits(d.value, q);
        value = from_bits(bits);
        if (d.cut && bits != scaled_bits(d.value + 1, q))
            value = read_long(start, last, exponent);
    }
    *out = negative ? -value : value;
    return 1;
}

int hana_parse_int(const char *text, size_t length, int64_t *out)
{
    size_t i = length > 0 && (text[0] == '-' || text[0] == '+');
    int negative = length > 0 && text[0] == '-';
    if (i == length) return 0;
    int64_t value = 0;
    for (; i < length; i++) {
        if (!is_digit(text[i])) return 0;
        int digit = text[i] - '0';
        if (__builtin_mul_overflow(value, (int64_t)10, &value)) return 0;
        if (__builtin_add_overflow(value, (int64_t)(negative ? -digit : digit), &value))
            return 0;
    }
    *out = value;
    return 1;
}

/* value = digits x 10^exponent */
typedef struct decimal {
    uint64_t digits;
    int exponent;
} decimal;

static uint64_t round_to_odd(wide g, uint64_t c)
{
    wide low = multiply(g.low, c), high = multiply(g.high, c);
    uint64_t middle = high.low + low.high;
    high.high += middle < high.low;
    return high.high | (middle > 1);
}

/* The leading 128 bits of 10^k, rounded up. */
static wide power_of_ten(int k)
{
    const uint64_t *power = power_of_five(k);
    wide g = { power[0], power[1] };
    /* 5^55 is the last one that fits into 128 bits as it is. */
    if (k > 55) g.high += ++g.low == 0;
    return g;
}

/* The shortest decimal in the rounding interval, and of those the closest (Giulietti,
   "The Schubfach way to render doubles", 2021). value is finite and > 0. */
static decimal shortest(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int biased = (int)(bits >> 52 & 0x7FF);
    uint64_t c = biased ? fraction | UINT64_C(1) << 52 : fraction;
    int q = (biased ? biased : 1) - 1075;
    if (q <= 0 && q > -53 && (c & ((UINT64_C(1) << -q) - 1)) == 0)
        return (decimal){ c >> -q, 0 };

    int closed = (c & 1) == 0;
    int irregular = fraction == 0 && biased > 1;
    uint64_t left = 4 * c - 2 + (uint64_t)irregular, middle = 4 * c, right = 4 * c + 2;
    int k =
        (q * 1262611 - (irregular ? 524031 : 0)) >> 22; /* floor(log10) of the spacing */
    int h = q + ((-k * 1741647) >> 19) + 1;
    wide g = power_of_ten(-k);
    uint64_t vl = round_to_odd(g, left << h) + !closed;
    uint64_t v = round_to_odd(g, middle << h);
    uint64_t vr = round_to_odd(g, right << h) - !closed;
    uint64_t s = v / 4;
    if (s >= 10) {
        uint64_t tens = s / 10;
        int below = vl <= 40 * tens, above = 40 * tens + 40 <= vr;
        if (below != above) return (decimal){ tens + (uint64_t)above, k + 1 };
    }
    int below = vl <= 4 * s, above = 4 * s + 4 <= vr;
    if (below != above) return (decimal){ s + (uint64_t)above, k };
    uint64_t half = 4 * s + 2;
    int up = v > half || (v == half && (s & 1) != 0);
    return (decimal){ s + (uint64_t)up, k };
}

static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                            "25262728293031323334353637383940414243444546474849"
                            "50515253545556575859606162636465666768697071727374"
                            "75767778798081828384858687888990919293949596979899";

static int put_digits(char *out, uint64_t value)
{
    static const uint64_t tens[] = { 0,
                                     10,
                                     100,
                                     1000,
                                     10000,
                                     100000,
                                     1000000,
                                     10000000,
                                     100000000,
                                     1000000000,
                                     UINT64_C(10000000000),
                                     UINT64_C(100000000000),
                                     UINT64_C(1000000000000),
                                     UINT64_C(10000000000000),
                                     UINT64_C(100000000000000),
                                     UINT64_C(1000000000000000),
                                     UINT64_C(10000000000000000),
                                     UINT64_C(100000000000000000),
                                     UINT64_C(1000000000000000000),
                                     UINT64_C(10000000000000000000) };
    /* floor(bits log10(2)) is the number of digits, or one less. */
    int n = (64 - __builtin_clzll(value | 1)) * 1233 >> 12;
    n += value >= tens[n];
    int at = n;
    for (; value >= 100; value /= 100) {
        at -= 2;
        memcpy(out + at, pairs + value % 100 * 2, 2);
    }
    if (at == 2)
        memcpy(out, pairs + value * 2, 2);
    else
        out[0] = (char)('0' + value);
    return n;
}

static int put_text(char *out, const char *text)
{
    size_t n = strlen(text);
    memcpy(out, text, n + 1);
    return (int)n;
}

/* n digits with the decimal point after `point` of them (negative: zeros in front). */
static int put_plain(char *out, const char *number, int n, int point, int as_float)
{
    int length = 0;
    if (point <= 0) {
        length = put_text(out, "0.");
        for (; point < 0; point++) out[length++] = '0';
        memcpy(out + length, number, (size_t)n);
        return length + n;
    }
    for (int i = 0; i < point; i++) out[length++] = i < n ? number[i] : '0';
    if (point < n) {
        out[length++] = '.';
        memcpy(out + length, number + point, (size_t)(n - point));
        return length + n - point;
    }
    if (as_float) length += put_text(out + length, ".0");
    return length;
}

static int put_scientific(char *out, const char *number, int n, int exponent)
{
    int length = 0;
    out[length++] = number[0];
    if (n > 1) {
        out[length++] = '.';
        memcpy(out + length, number + 1, (size_t)(n - 1));
        length += n - 1;
    }
    out[length++] = 'e';
    out[length++] = exponent < 0 ? '-' : '+';
    if (exponent < 0) exponent = -exponent;
    if (exponent < 10) out[length++] = '0';
    return length + put_digits(out + length, (uint64_t)exponent);
}

/* Prints what a decimal with at most six places reads as; 0 when the value is none, or
   very large or small. It has at most 15 digits, and no two decimals of so few read as
   the same double: it is the shortest. */
static int put_few_places(char *out, double value, int as_float)
{
    enum { PLACES = 6, MILLION = 1000000 };
    if (value < 1e-3 || value >= 1e9) return 0;
    uint64_t millionths = (uint64_t)(value * MILLION + 0.5);
    if ((double)millionths / MILLION != value) return 0;
    uint32_t whole = (uint32_t)(millionths / MILLION),
             part = (uint32_t)(millionths % MILLION);
    int length = put_digits(out, whole);
    if (part == 0) return length + (as_float ? put_text(out + length, ".0") : 0);
    out[length++] = '.';
    memcpy(out + length, pairs + part / 10000 * 2, 2);
    memcpy(out + length + 2, pairs + part / 100 % 100 * 2, 2);
    memcpy(out + length + 4, pairs + part % 100 * 2, 2);
    length += PLACES;
    while (out[length - 1] == '0') length--;
    return length;
}

int hana_print_double(char *out, double value, int as_float)
{
    if (isnan(value)) return put_text(out, "nan");
    int length = 0;
    if (signbit(value)) out[length++] = '-';
    if (isinf(value)) return length + put_text(out + length, "inf");
    if (value == 0) return length + put_text(out + length, as_float ? "0.0" : "0");
    int few = put_few_places(out + length, fabs(value), as_float);
    if (few > 0) {
        out[length + few] = '\0';
        return length + few;
    }
    decimal d = shortest(fabs(value));
    while (d.digits % 10 == 0) {
        d.digits /= 10;
        d.exponent++;
    }
    char number[20];
    int n = put_digits(number, d.digits);
    int point = n + d.exponent;
    if (point > -4 && point <= 16) {
        length += put_plain(out + length, number, n, point, as_float);
    } else {
        length += put_scientific(out + length, number, n, point - 1);
    }
    out[length] = '\0';
    return length;
}

int hana_print_int(char *out, int64_t value)
{
    int length = 0;
    if (value < 0) out[length++] = '-';
    length += put_digits(out + length, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
    out[length] = '\0';
    return length;
}
