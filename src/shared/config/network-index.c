/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The .network files by the plain names in their [Match] Name=, and the rest in their order. */

#include "network-index.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

typedef struct LiteralName {
        const char *name; /* borrowed */
        size_t position;
} LiteralName;

struct NetworkIndex {
        LiteralName *literal; /* sorted by name, then position */
        size_t n_literal;
        size_t *general; /* positions of all other files, ascending */
        size_t n_general;
};

NetworkIndex *network_index_free(NetworkIndex *index) {
        if (!index)
                return NULL;

        free(index->literal);
        free(index->general);
        free(index);
        return NULL;
}

static int compare_literal(const void *a, const void *b) {
        const LiteralName *x = a, *y = b;
        int r = strcmp(x->name, y->name);

        return r != 0 ? r : (x->position > y->position) - (x->position < y->position);
}

static bool has_only_plain_names(const Match *m) {
        for (size_t i = 0; i < m->name.n; i++)
                if (!m->name.items[i].literal)
                        return false;
        return m->name.n > 0;
}

static int add(NetworkIndex *index, const NetworkConfig *n, size_t position) {
        int r;

        if (!has_only_plain_names(&n->match)) {
                r = ARRAY_RESERVE_ONE(index->general, index->n_general);
                if (r >= 0)
                        index->general[index->n_general++] = position;
                return r;
        }

        for (size_t i = 0; i < n->match.name.n; i++) {
                r = ARRAY_RESERVE_ONE(index->literal, index->n_literal);
                if (r < 0)
                        return r;
                index->literal[index->n_literal++] = (LiteralName){ n->match.name.items[i].glob, position };
        }
        return 0;
}

int network_index_new(NetworkConfig *const *networks, size_t n, NetworkIndex **ret) {
        _cleanup_(network_index_freep) NetworkIndex *index = calloc(1, sizeof(NetworkIndex));

        if (!index)
                return -ENOMEM;

        for (size_t i = 0; i < n; i++) {
                int r = add(index, networks[i], i);

                if (r < 0)
                        return r;
        }
        if (index->n_literal > 0)
                qsort(index->literal, index->n_literal, sizeof(LiteralName), compare_literal);

        *ret = TAKE_PTR(index);
        return 0;
}

static int compare_positions(const void *a, const void *b) {
        const size_t *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

static size_t next_general(const NetworkIndex *index, size_t from) {
        size_t i = ARRAY_LOWER_BOUND(index->general, index->n_general, &from, compare_positions);

        return i < index->n_general ? index->general[i] : SIZE_MAX;
}

static size_t next_literal(const NetworkIndex *index, const char *name, size_t from) {
        LiteralName key = { name, from };
        size_t i = ARRAY_LOWER_BOUND(index->literal, index->n_literal, &key, compare_literal);

        if (i >= index->n_literal || strcmp(index->literal[i].name, name) != 0)
                return SIZE_MAX;
        return index->literal[i].position;
}

size_t network_index_next(const NetworkIndex *index, const char *name, size_t from) {
        size_t general = next_general(index, from), literal = next_literal(index, name, from);

        return general < literal ? general : literal;
}
