/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Why the look at who is there comes before the put-back. A stranger gets in between TUNSETIFF and
 * TUNSETOWNER, tampers once and leaves once; we own, look, put back and persist in some order. Here every
 * interleaving of the two is played, with two descriptors in one process. Bad is one in which the look says
 * that we are alone and yet something of the stranger is left in the end: a changed device, or himself. With
 * the look last, which seems natural, there is one: tampering after the put-back and leaving before the
 * look. With the look first there is none: who leaves before it is put back after it, who stays is seen. */

#include "../unit/test.h"

#include <linux/if_tun.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/read.h"
#include "kernel/tuntap.h"
#include "namespaces.h"
#include "stranger.h"

#define NAME "order0"

typedef enum OurStep {
        OWN,
        LOOK,
        PUT_BACK,
        PERSIST,
        OUR_STEPS,
} OurStep;

static const OurStep look_first[OUR_STEPS] = { OWN, LOOK, PUT_BACK, PERSIST };
static const OurStep look_last[OUR_STEPS] = { OWN, PUT_BACK, LOOK, PERSIST };

/* As netdevd is to make it, but for the owner: that comes as a step of its own. */
static const TunSpec unowned = { .name = NAME, .multi_queue = true, .owner = -1, .group = -1 };

typedef struct Play {
        Rtnl *rtnl;
        int ours;
        int theirs;
        bool seen;
} Play;

static void do_step(Play *p, OurStep step) {
        _cleanup_(link_freep) Link *link = NULL;

        switch (step) {
        case OWN: assert_int_equal(tuntap_set_owner(p->ours, 0, NULL), 0); break;
        case LOOK:
                assert_int_equal(read_link(p->rtnl, 0, NAME, &link), 0);
                p->seen = link->tun.owner != 0 || link->tun.num_queues + link->tun.num_disabled_queues != 1;
                break;
        case PUT_BACK: assert_int_equal(tuntap_put_back(p->ours, &unowned, NULL), 0); break;
        case PERSIST: assert_int_equal(tuntap_set_persist(p->ours, true, NULL), 0); break;
        case OUR_STEPS: break;
        }
}

/* Plays one interleaving: the stranger tampers before our step number `tamper`, and leaves before number
 * `leave` (OUR_STEPS: after the last; beyond: never). Returns what is left of him, and whether the look saw
 * him. */
static const char *play(Rtnl *rtnl, const OurStep *steps, int tamper, int leave, bool *ret_seen) {
        Play p = { .rtnl = rtnl, .ours = -EBADF };
        const char *left;
        Traits before, after;

        assert_int_equal(tuntap_open(&p.ours, NULL), 0);
        assert_int_equal(tuntap_create(p.ours, &unowned, NULL), 0);
        before = traits_read(p.ours, NAME);
        p.theirs = stranger_attach(NAME, IFF_TUN | IFF_MULTI_QUEUE | IFF_NO_PI);
        assert_true(p.theirs >= 0);

        for (int i = 0; i <= OUR_STEPS; i++) {
                if (i == tamper)
                        stranger_tamper(p.theirs, NAME);
                if (i == leave)
                        p.theirs = safe_close(p.theirs);
                if (i < OUR_STEPS)
                        do_step(&p, steps[i]);
        }

        after = traits_read(p.ours, NAME);
        left = p.theirs >= 0 ? "himself" : traits_differ(&before, &after);
        *ret_seen = p.seen;

        assert_int_equal(tuntap_set_persist(p.ours, false, NULL), 0);
        safe_close(p.theirs);
        safe_close(p.ours);
        return left;
}

/* Returns how many interleavings deceive this order; the last of them in *ret_tamper and *ret_leave. */
static int count_deceived(const OurStep *steps, int *ret_tamper, int *ret_leave) {
        _cleanup_(rtnl_closep) Rtnl *rtnl = NULL;
        int n = 0, all = 0;

        assert_int_equal(rtnl_open(&rtnl), 0);
        for (int tamper = 0; tamper <= OUR_STEPS; tamper++)
                for (int leave = tamper; leave <= OUR_STEPS + 1; leave++) {
                        bool seen;
                        const char *left = play(rtnl, steps, tamper, leave, &seen);

                        all++;
                        if (seen || !left)
                                continue;
                        print_message("        tampers before step %d, leaves before step %d: not seen, and "
                                      "leaves %s\n",
                                      tamper, leave, left);
                        *ret_tamper = tamper;
                        *ret_leave = leave;
                        n++;
                }

        print_message("        %d of %d interleavings deceive it\n", n, all);
        return n;
}

static void test_look_last_is_deceived(void **state _unused_) {
        int tamper, leave;

        assert_int_equal(count_deceived(look_last, &tamper, &leave), 1);
        assert_int_equal(look_last[tamper - 1], PUT_BACK);
        assert_int_equal(look_last[leave], LOOK);
}

static void test_look_first_is_not(void **state _unused_) {
        int tamper, leave;

        assert_int_equal(count_deceived(look_first, &tamper, &leave), 0);
}

/* Both orders rest on this: once there is an owner, nobody new comes. */
static int setup(void **state _unused_) {
        int fd = -EBADF;

        if (tuntap_open(&fd, NULL) < 0)
                return -1;
        safe_close(fd);
        return 0;
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_look_last_is_deceived),
                cmocka_unit_test(test_look_first_is_not),
        };

        if (test_enter_namespaces() < 0)
                return 77;
        if (setup(NULL) < 0)
                return fputs("Skipped: /dev/net/tun cannot be opened\n", stderr), 77;

        return cmocka_run_group_tests(tests, NULL, NULL);
}
