/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Words with quotes: what is one word, what a quote and a backslash do, and what is an error. */

#include "rows.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "config/words.h"

/* The words in brackets, one after the other; then "!" for an error. */
static char *joined(char *const *words, int r) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        assert_non_null(f);
        for (char *const *w = words; w && *w; w++)
                fprintf(f, "[%s]", *w);
        fprintf(f, r == -EINVAL ? "!" : "");
        fclose(f);
        return text;
}

typedef struct Row {
        const char *text;
        const char *quoted;  /* without escapes */
        const char *escaped; /* with C escapes; NULL: the same */
        const char *relaxed; /* NULL: the same as quoted */
} Row;

static const Row rows[] = {
        { "", "", NULL, NULL },
        { " \t\n\r ", "", NULL, NULL },
        { "a", "[a]", NULL, NULL },
        { "  a\tb\nc  ", "[a][b][c]", NULL, NULL },
        { "\"a b\" c", "[a b][c]", NULL, NULL },
        { "'a b' c", "[a b][c]", NULL, NULL },
        { "a\"b c\"d", "[ab cd]", NULL, NULL },
        { "\"a'b\" 'c\"d'", "[a'b][c\"d]", NULL, NULL },
        { "\"a\"'b'", "[ab]", NULL, NULL },
        { "\"\"", "[]", NULL, NULL },
        { "a '' b", "[a][][b]", NULL, NULL },
        { "a,b;c", "[a,b;c]", NULL, NULL },
        { "a \"b c", "[a]!", NULL, "[a][b c]" },
        { "a b'", "[a]!", NULL, "[a][b]" },
        { "\"", "!", NULL, "[]" },
        { "a\\b", "[a\\b]", "[a\b]", "[ab]" },
        { "a\\ b", "[a\\][b]", "!", "[a b]" },
        { "\"a\\\"b\"", "!", "[a\"b]", "[a\"b]" },
        { "x a\\", "[x][a\\]", "[x]!", "[x][a]" },
        { "x a\\q", "[x][a\\q]", "[x]!", "[x][aq]" },
        { "\\a\\f\\n\\r\\t\\v\\s\\\\", "[\\a\\f\\n\\r\\t\\v\\s\\\\]", "[\a\f\n\r\t\v \\]", "[afnrtvs\\]" },
        { "\\x41\\x7a\\xC3\\xbc", "[\\x41\\x7a\\xC3\\xbc]", "[Azü]", "[x41x7axC3xbc]" },
        { "\\101\\0611", "[\\101\\0611]", "[A11]", "[1010611]" },
        { "\\u00fc\\U0001f600", "[\\u00fc\\U0001f600]", "[ü\xf0\x9f\x98\x80]", "[u00fcU0001f600]" },
        { "\\u20ac", "[\\u20ac]", "[€]", "[u20ac]" },
        { "a \\x00", "[a][\\x00]", "[a]!", "[a][x00]" },
        { "a \\000", "[a][\\000]", "[a]!", "[a][000]" },
        { "a \\400", "[a][\\400]", "[a]!", "[a][400]" },
        { "a \\x4", "[a][\\x4]", "[a]!", "[a][x4]" },
        { "a \\xg0", "[a][\\xg0]", "[a]!", "[a][xg0]" },
        { "a \\08", "[a][\\08]", "[a]!", "[a][08]" },
        { "a \\ud800", "[a][\\ud800]", "[a]!", "[a][ud800]" },
        { "a \\U00110000", "[a][\\U00110000]", "[a]!", "[a][U00110000]" },
};

static void check(int r, char **words, const char *expected) {
        _cleanup_(freep) char *text = joined(words, r);

        assert_string_equal(text, expected);
        strv_free(words);
}

static void test_words(void **state) {
        const Row *row = *state;
        char **words = NULL;
        int r;

        r = split_words_quoted(row->text, false, &words);
        check(r, words, row->quoted);

        words = NULL;
        r = split_words_quoted(row->text, true, &words);
        check(r, words, row->escaped ?: row->quoted);

        words = NULL;
        r = split_words_relaxed(row->text, &words);
        check(r, words, row->relaxed ?: row->quoted);
}

int main(void) {
        static struct CMUnitTest tests[ELEMENTSOF(rows)];
        size_t n = 0;

        ROWS_APPEND(tests, &n, test_words, rows, "words");
        return _cmocka_run_group_tests("words", tests, n, NULL, NULL);
}
