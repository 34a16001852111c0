/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Lists of words with quotes (systemd.syntax(7), systemd's extract-word.c). Which key has which flavour:
 * the table of the key. Words without quotes: split_words() in values.h. */

#include <stdbool.h>

/* Splits on white space. Quotes of both kinds may stand anywhere in a word, are removed, and may hold
 * blanks. With c_escapes a backslash begins one of \a \b \f \n \r \t \v \\ \" \' \s \xHH \nnn \uHHHH
 * \UHHHHHHHH, in quotes and out of them; else it is an ordinary character. Returns 0; -EINVAL when a quote
 * is not closed or an escape is not known, and then *ret has the words before that one; or -ENOMEM. The
 * result is owned (strv_free), also after -EINVAL; NULL for no words. */
int split_words_quoted(const char *s, bool c_escapes, char ***ret);

/* The same as the kernel command line is read: a backslash escapes the next character, and what is not
 * closed ends with the text. Returns 0 or -ENOMEM. */
int split_words_relaxed(const char *s, char ***ret);
