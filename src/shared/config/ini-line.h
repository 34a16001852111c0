/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Bytes in, logical lines out: line ends, comments, byte order mark and continuations of systemd's INI
 * dialect. Internal to ini.c. */

#include <stdbool.h>
#include <stddef.h>

#define INI_CHUNK 4096

typedef struct IniLineReader {
        int fd;         /* borrowed */
        size_t size;    /* of the file, as far as it is known; SIZE_MAX: not at all */
        size_t n_read;  /* bytes of it */
        bool ended;     /* there is no more to read */
        char *chunk;    /* of INI_CHUNK bytes, borrowed: what was read last */
        size_t at, end; /* of chunk: the next byte, and where what was read ends */
        char *text;     /* the logical line as far as it is read */
        size_t length;
        size_t room;      /* bytes allocated for text */
        size_t n_bytes;   /* of the file that were taken so far */
        unsigned line;    /* physical line read last, from 1 */
        bool bom_seen;    /* the one byte order mark a file may have is gone */
        bool bom_in_line; /* and it stood in this logical line */
} IniLineReader;

/* fd, size and chunk are the caller's to set, all else is 0.
 * Reads the next logical line that is neither blank nor a comment. Returns 1 and the line, without blanks
 * at its ends, good until the next call; 0 at the end of the file; -ENOBUFS when the line, physical or
 * joined, is longer than INI_LINE_MAX; -EFBIG when the file is longer than INI_FILE_MAX; -ENOMEM, or
 * another -errno of reading. */
int ini_line_next(IniLineReader *r, char **ret);

void ini_line_done(IniLineReader *r);

/* Cuts systemd's white space (space, tab, newline, carriage return; no other) off both ends, in place. */
char *ini_strip(char *s);
