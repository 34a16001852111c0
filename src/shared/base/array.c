/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Growing arrays without a stored capacity: an array of n elements has room for the next power of two, so
 * the room is a function of n and cannot get out of step with it. */

#include "array.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int array_reserve_one(void *items, size_t n, size_t element_size) {
        void **array = items;
        void *larger;

        assert(items);
        assert(element_size > 0);

        /* Full exactly when n is 0 or a power of two. */
        if ((n & (n - 1)) != 0)
                return 0;

        if (n > SIZE_MAX / 2 / element_size)
                return -ENOMEM;

        larger = realloc(*array, (n == 0 ? 1 : n * 2) * element_size);
        if (!larger)
                return -ENOMEM;

        *array = larger;
        return 0;
}

char **strv_free(char **list) {
        for (char **s = list; s && *s; s++)
                free(*s);
        free(list);
        return NULL;
}

size_t strv_length(char *const *list) {
        size_t n = 0;

        while (list && list[n])
                n++;
        return n;
}

bool strv_equal(char *const *a, char *const *b) {
        size_t n = strv_length(a);

        if (n != strv_length(b))
                return false;

        for (size_t i = 0; i < n; i++)
                if (strcmp(a[i], b[i]) != 0)
                        return false;
        return true;
}

int strv_consume(char ***list, char *s) {
        size_t n = strv_length(*list);
        char **larger;

        assert(list);

        larger = s ? realloc(*list, (n + 2) * sizeof(char *)) : NULL;
        if (!larger) {
                free(s);
                return -ENOMEM;
        }

        larger[n] = s;
        larger[n + 1] = NULL;
        *list = larger;
        return 0;
}

int strv_append(char ***list, const char *s) {
        return strv_consume(list, strdup(s));
}

char **strv_pack(char *const *list) {
        size_t n = strv_length(list), bytes = 0;
        char **packed, *s;

        for (size_t i = 0; i < n; i++)
                bytes += strlen(list[i]) + 1;

        packed = malloc((n + 1) * sizeof(char *) + bytes);
        if (!packed)
                return NULL;

        s = (char *) (packed + n + 1);
        for (size_t i = 0; i < n; i++) {
                packed[i] = s;
                s = stpcpy(s, list[i]) + 1;
        }
        packed[n] = NULL;
        return packed;
}
