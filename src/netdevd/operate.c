/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One netlink request each. What is under way is broken off before, since it counts on what it read. */

#include "operate.h"

#include <linux/if.h>

#include "kernel/encode.h"
#include "monitor.h"
#include "reconcile.h"

static struct nlmsghdr *begin(Manager *m) {
        reconcile_abort(m);
        monitor_mark_all(m); /* routes go with a link without a word */
        return rtnl_batch_begin(m->applier.batch);
}

int operate_set_up(Manager *m, Device *d, bool up, char **ret_text) {
        int r;

        encode_set_flags(begin(m), d->ifindex, up ? IFF_UP : 0, IFF_UP);
        r = rtnl_batch_send_one(m->rtnl, m->applier.batch, ret_text);
        if (r >= 0 && up)
                manager_reconfigure(m, d, false);
        return r;
}

int operate_delete(Manager *m, Device *d, char **ret_text) {
        d->pending = false; /* it is not to come back by itself */
        encode_delete_link(begin(m), d->ifindex);
        return rtnl_batch_send_one(m->rtnl, m->applier.batch, ret_text);
}
