/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Deleting many links at once. One by one the kernel waits 16 ms for each; of those in one link group it
 * waits once. The group is one that nobody else uses: a number drawn anew each time, of thousands of
 * millions. Should the kernel refuse it all, they go one by one. */

#include <sys/random.h>

#include "apply.h"
#include "kernel/encode.h"

/* Above what people write. Returns 0 when there is no random number yet. */
static uint32_t draw_group(void) {
        uint32_t group;

        return getrandom(&group, sizeof(group), GRND_INSECURE) == sizeof(group) ? group | 1U << 31 : 0;
}

/* A link that is gone already is as good as there. */
static int fill_group(Applier *a, Task *tasks, size_t n, uint32_t group) {
        RtnlResult results[RTNL_BATCH_MAX] = {};
        int r;

        for (size_t i = 0; i < n; i++) {
                encode_set_group(rtnl_batch_begin(a->batch), *tasks[i].ifindex, group);
                rtnl_batch_end(a->batch);
        }
        r = rtnl_batch_send(a->rtnl, a->batch, results);
        for (size_t i = 0; i < n; i++) {
                if (r >= 0 && results[i].error != -ENODEV)
                        r = results[i].error;
                free(results[i].text);
        }
        return r;
}

/* All, or nothing. */
static int delete_together(Applier *a, Task *tasks, size_t n) {
        uint32_t group = draw_group();
        int r;

        r = group > 0 ? fill_group(a, tasks, n, group) : -EAGAIN;
        if (r < 0)
                return r;
        encode_delete_group(rtnl_batch_begin(a->batch), group);
        return rtnl_batch_send_one(a->rtnl, a->batch, NULL);
}

void apply_delete(Applier *a, Task *tasks, size_t n) {
        for (size_t i = 0; i < n; i++)
                queues_drop(a->queues, tasks[i].op->want->name);
        if (n == 1 || delete_together(a, tasks, n) < 0)
                apply_link(a, tasks, n);
}
