#ifndef HANA_DATA_EXPR_TEXT_H
#define HANA_DATA_EXPR_TEXT_H

#include "data/expr_term.h"

/* Any term as text: numbers, bools and times in full. */
hana_status hana_term_to_string(hana_term **out, hana_program *program, hana_term *arg,
                                hana_error *err);

#endif
