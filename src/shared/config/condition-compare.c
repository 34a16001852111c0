/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The comparisons of KernelVersion= and of smbios-field() in Firmware= (systemd.unit(5)). */

#include "condition-compare.h"

#include <assert.h>
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "base/array.h"
#include "version.h"
#include "words.h"

#define WHITESPACE " \t\n\r"

int comparison_holds(Comparison operator, const char * actual, const char *wanted) {
        switch (operator) {
        case COMPARE_GLOB: return fnmatch(wanted, actual, 0) == 0;
        case COMPARE_NOT_GLOB: return fnmatch(wanted, actual, 0) != 0;
        case COMPARE_TEXT: return strcmp(actual, wanted) == 0;
        case COMPARE_NOT_TEXT: return strcmp(actual, wanted) != 0;
        case COMPARE_BELOW: return version_compare(actual, wanted) < 0;
        case COMPARE_UP_TO: return version_compare(actual, wanted) <= 0;
        case COMPARE_SAME: return version_compare(actual, wanted) == 0;
        case COMPARE_NOT_SAME: return version_compare(actual, wanted) != 0;
        case COMPARE_FROM: return version_compare(actual, wanted) >= 0;
        case COMPARE_ABOVE: return version_compare(actual, wanted) > 0;
        }
        return 0;
}

/* Skips the operator at *s. -EINVAL when there is none. */
static int read_operator(const char **s, Comparison *ret) {
        static const struct {
                const char *text;
                Comparison operator;
        } table[] = {
                /* A longer one before its beginning. systemd turned the globs' around once. */
                { "$=", COMPARE_GLOB },      { "=$", COMPARE_GLOB },     { "!$=", COMPARE_NOT_GLOB },
                { "!=$", COMPARE_NOT_GLOB }, { "<>", COMPARE_NOT_SAME }, { "<=", COMPARE_UP_TO },
                { ">=", COMPARE_FROM },      { "<", COMPARE_BELOW },     { ">", COMPARE_ABOVE },
                { "==", COMPARE_SAME },      { "=", COMPARE_TEXT },      { "!=", COMPARE_NOT_TEXT },
        };

        for (size_t i = 0; i < ELEMENTSOF(table); i++) {
                size_t n = strlen(table[i].text);

                if (strncmp(*s, table[i].text, n) == 0) {
                        *s += n;
                        *ret = table[i].operator;
                        return 0;
                }
        }
        return -EINVAL;
}

int compare_all(const char *list, const char *actual) {
        _cleanup_(strv_freep) char **words = NULL;
        int split;

        split = split_words_quoted(list, false, &words);
        if (split == -ENOMEM)
                return split;

        for (char **w = words; w && *w; w++) {
                const char *wanted = *w + strspn(*w, WHITESPACE);
                Comparison operator= COMPARE_GLOB;

                (void) read_operator(&wanted, &operator);
                wanted += strspn(wanted, WHITESPACE);
                /* The first operator, and only that, may stand apart from its value. */
                if (!*wanted && w == words && w[1])
                        wanted = *++w;
                if (!*wanted)
                        return -EINVAL;

                if (actual && !comparison_holds(operator, actual, wanted))
                        return 0;
        }
        return split < 0 ? split : 1;
}

int comparison_split(const char *s, char **ret_field, Comparison *ret_operator, char **ret_wanted) {
        _cleanup_(strv_freep) char **words = NULL;
        _cleanup_(freep) char *field = NULL;
        Comparison operator;
        size_t n;
        int r;

        s += strspn(s, WHITESPACE);
        n = strcspn(s, "!<=>$");
        field = strndup(s, n);
        if (!field)
                return -ENOMEM;
        s += n;
        while (n > 0 && strchr(WHITESPACE, field[n - 1]))
                field[--n] = '\0';

        r = read_operator(&s, &operator);
        if (r >= 0)
                r = split_words_quoted(s, false, &words);
        if (r < 0)
                return r;
        if (n == 0 || strv_length(words) != 1)
                return -EINVAL;

        *ret_wanted = TAKE_PTR(words[0]);
        *ret_field = TAKE_PTR(field);
        *ret_operator = operator;
        return 0;
}
