/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Comparisons as conditions write them: ">=6.1", "= text", "$=glob". Internal to config/. */

typedef enum Comparison {
        COMPARE_GLOB,
        COMPARE_NOT_GLOB,
        COMPARE_TEXT, /* the same text */
        COMPARE_NOT_TEXT,
        COMPARE_BELOW, /* these in the order of versions */
        COMPARE_UP_TO,
        COMPARE_SAME,
        COMPARE_NOT_SAME,
        COMPARE_FROM,
        COMPARE_ABOVE,
} Comparison;

/* Whether actual is as wanted: 1 or 0. */
int comparison_holds(Comparison operator, const char * actual, const char *wanted);

/* Whether all comparisons of the list hold; one without an operator is a glob. Without actual, whether the
 * list is well-formed. Returns 1, 0, or -EINVAL when it is malformed before the first that does not hold. */
int compare_all(const char *list, const char *actual);

/* "FIELD OPERATOR VALUE", the value perhaps in quotes; newly allocated parts. Returns 0, -EINVAL or -ENOMEM.
 */
int comparison_split(const char *s, char **ret_field, Comparison *ret_operator, char **ret_wanted);
