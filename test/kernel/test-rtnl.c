/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Socket, encoder, decoder and snapshot against the kernel that runs the test. The devices are tuns made
 * with bare ioctls: this test stands on nothing but what it tests. */

#include "../unit/test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "kernel/decode.h"
#include "kernel/encode.h"
#include "kernel/read.h"
#include "kernel/rtnl.h"
#include "namespaces.h"

#define PROTOCOL_MARK 77

typedef union Request {
        struct nlmsghdr nlh;
        uint8_t bytes[RTNL_MESSAGE_MAX];
} Request;

/* A queue of a new or existing device; it goes with its last descriptor unless made persistent. */
static int try_tun(const char *name, int flags) {
        struct ifreq ifr = { .ifr_flags = (short) flags };
        int fd;

        fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0)
                return -errno;

        strcpy(ifr.ifr_name, name);
        if (ioctl(fd, TUNSETIFF, &ifr) < 0)
                return (void) safe_close(fd), -EIO;
        return fd;
}

static int make_tun(const char *name, int flags) {
        int fd = try_tun(name, flags);

        if (fd == -EACCES || fd == -EPERM || fd == -ENOENT)
                test_skip("/dev/net/tun cannot be opened");
        assert_true(fd >= 0);
        return fd;
}

static Rtnl *opened(void) {
        Rtnl *rtnl = NULL;

        assert_int_equal(rtnl_open(&rtnl), 0);
        assert_non_null(rtnl);
        return rtnl;
}

static Link *link_named(Rtnl *rtnl, const char *name) {
        Link *l = NULL;

        assert_int_equal(read_link(rtnl, 0, name, &l), 0);
        return l;
}

static int ifindex_of(Rtnl *rtnl, const char *name) {
        _cleanup_(link_freep) Link *l = link_named(rtnl, name);

        return l->ifindex;
}

/* One message, its result asserted. */
#define SEND(rtnl, expected, encode, ...)                                                                   \
        do {                                                                                                \
                _cleanup_(rtnl_batch_freep) RtnlBatch *_b = rtnl_batch_new();                               \
                RtnlResult _result;                                                                         \
                encode(rtnl_batch_begin(_b), __VA_ARGS__);                                                  \
                rtnl_batch_end(_b);                                                                         \
                assert_int_equal(rtnl_batch_send(rtnl, _b, &_result), 0);                                   \
                assert_int_equal(rtnl_batch_length(_b), 0);                                                 \
                assert_int_equal(_result.error, expected);                                                  \
                free(_result.text);                                                                         \
        } while (0)

static Address address(uint8_t family, const char *local, uint8_t prefixlen, const char *peer) {
        Address a = {
                .family = family,
                .prefixlen = prefixlen,
                .protocol = PROTOCOL_MARK,
                .preferred = ADDRESS_FOREVER,
        };

        assert_int_equal(inet_pton(family, local, a.local), 1);
        assert_int_equal(inet_pton(family, peer ?: local, a.peer), 1);
        return a;
}

static const Address *find_address(const Link *l, const Address *a) {
        for (size_t i = 0; i < l->n_addresses; i++)
                if (address_compare(l->addresses + i, a) == 0)
                        return l->addresses + i;
        return NULL;
}

static void test_loopback(void **state _unused_) {
        _cleanup_(rtnl_closep) Rtnl *rtnl = opened();
        _cleanup_(link_freep) Link *l = link_named(rtnl, "lo"), *again = NULL;

        assert_int_equal(l->ifindex, 1);
        assert_true(l->flags & IFF_UP);
        assert_false(l->is_tun);

        SEND(rtnl, 0, encode_set_mtu, 1, 40000);
        assert_int_equal(read_link(rtnl, 1, NULL, &again), 0);
        assert_int_equal(again->mtu, 40000);
        SEND(rtnl, 0, encode_set_mtu, 1, l->mtu);
}

static void test_errors(void **state _unused_) {
        _cleanup_(rtnl_closep) Rtnl *rtnl = opened();
        _cleanup_(close_fdp) int other = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        Link *l = (Link *) 1;
        Rtnl *none = NULL;

        assert_int_equal(read_link(rtnl, 0, "nosuch", &l), -ENODEV);
        assert_int_equal(read_link(rtnl, 123456, NULL, &l), -ENODEV);
        assert_ptr_equal(l, (Link *) 1);
        SEND(rtnl, -ENODEV, encode_set_mtu, 123456, 1400);
        SEND(rtnl, -ENODEV, encode_delete_link, 123456);
        assert_int_equal(rtnl_open_fd(other, &none), -EPROTOTYPE);
        assert_true(fcntl(other, F_GETFD) >= 0); /* still the caller's */
        assert_null(rtnl_close(NULL));
}

/* What the kernel says of three kinds of tun, and its flags, MAC and deletion. */
static void test_tun_attributes(void **state _unused_) {
        _cleanup_(rtnl_closep) Rtnl *rtnl = opened();
        _cleanup_(close_fdp) int tun = make_tun("tun0", IFF_TUN | IFF_MULTI_QUEUE | IFF_NO_PI);
        _cleanup_(close_fdp) int second = make_tun("tun0", IFF_TUN | IFF_MULTI_QUEUE | IFF_NO_PI);
        _cleanup_(close_fdp) _unused_ int tap = make_tun("tap0", IFF_TAP | IFF_VNET_HDR);
        _cleanup_(link_freep) Link *l = NULL, *k = NULL, *m = NULL;
        struct ifreq detach = { .ifr_flags = IFF_DETACH_QUEUE };
        static const uint8_t mac[6] = { 2, 1, 2, 3, 4, 5 };

        assert_int_equal(ioctl(second, TUNSETQUEUE, &detach), 0);
        assert_int_equal(ioctl(tun, TUNSETOWNER, 0), 0);
        l = link_named(rtnl, "tun0");
        assert_string_equal(l->kind, "tun");
        assert_true(l->is_tun && !l->tun.tap && !l->tun.pi && !l->tun.vnet_hdr && !l->tun.persist);
        assert_true(l->tun.multi_queue && l->tun.num_queues == 1 && l->tun.num_disabled_queues == 1);
        assert_true(l->tun.owner == 0 && l->tun.group == -1);
        assert_true(l->carrier);
        assert_int_equal(l->mtu, 1500);
        assert_int_equal(l->tx_queue_length, 500);
        assert_string_equal(l->qdisc, "noop");

        k = link_named(rtnl, "tap0");
        assert_true(k->is_tun && k->tun.tap && k->tun.pi && k->tun.vnet_hdr && !k->tun.multi_queue);
        assert_int_equal(k->tun.num_queues, 0);
        assert_int_equal(k->address_length, 6);

        SEND(rtnl, 0, encode_set_hwaddr, k->ifindex, mac, sizeof(mac));
        SEND(rtnl, 0, encode_set_flags, k->ifindex, IFF_UP | IFF_PROMISC, IFF_UP | IFF_PROMISC);
        SEND(rtnl, 0, encode_set_flags, k->ifindex, 0, IFF_PROMISC);
        m = link_named(rtnl, "tap0");
        assert_memory_equal(m->address, mac, 6);
        assert_int_equal(m->flags & (IFF_UP | IFF_PROMISC), IFF_UP);

        SEND(rtnl, 0, encode_delete_link, k->ifindex);
        assert_int_equal(read_link(rtnl, k->ifindex, NULL, &m), -ENODEV);
}

/* A hundred messages, the middle one refused: each has its own result, and what follows the refusal takes
 * effect. */
static void test_batch_of_hundred(void **state _unused_) {
        _cleanup_(rtnl_closep) Rtnl *rtnl = opened();
        _cleanup_(rtnl_batch_freep) RtnlBatch *b = rtnl_batch_new();
        _cleanup_(snapshot_freep) Snapshot *s = NULL;
        RtnlResult results[RTNL_BATCH_MAX];
        int fds[RTNL_BATCH_MAX], indices[RTNL_BATCH_MAX];

        for (int i = 0; i < RTNL_BATCH_MAX; i++) {
                char name[IFNAMSIZ];

                snprintf(name, sizeof(name), "batch%d", i);
                fds[i] = make_tun(name, IFF_TUN | IFF_NO_PI);
                indices[i] = ifindex_of(rtnl, name);
                encode_set_mtu(rtnl_batch_begin(b), indices[i], i == 50 ? 1000000 : 1300 + (uint32_t) i);
                rtnl_batch_end(b);
        }
        assert_null(rtnl_batch_begin(b));
        assert_int_equal(rtnl_batch_send(rtnl, b, results), 0);
        assert_int_equal(rtnl_batch_length(b), 0);
        assert_int_equal(snapshot_read(rtnl, NULL, &s), 0);

        for (int i = 0; i < RTNL_BATCH_MAX; i++) {
                assert_int_equal(results[i].error, i == 50 ? -EINVAL : 0);
                assert_int_equal(snapshot_by_index(s, indices[i])->mtu, i == 50 ? 1500 : 1300 + i);
                if (i == 50) {
                        assert_non_null(results[i].text);
                        assert_string_equal(results[i].text, "mtu greater than device maximum");
                } else
                        assert_null(results[i].text);
                free(results[i].text);
                safe_close(fds[i]);
        }
}

/* With a buffer for a few acks only, the others are reported lost at once, and the socket is good for the
 * next batch. */
static void test_lost_acks(void **state _unused_) {
        _cleanup_(rtnl_closep) Rtnl *rtnl = opened();
        _cleanup_(rtnl_batch_freep) RtnlBatch *b = rtnl_batch_new();
        RtnlResult results[RTNL_BATCH_MAX];
        const int small = 1, large = 1 << 20;
        size_t lost = 0, failed = 0;

        assert_int_equal(setsockopt(rtnl_fd(rtnl), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
        for (int i = 0; i < RTNL_BATCH_MAX; i++) {
                encode_set_mtu(rtnl_batch_begin(b), 123456, 1400);
                rtnl_batch_end(b);
        }
        assert_int_equal(rtnl_batch_send(rtnl, b, results), 0);
        for (int i = 0; i < RTNL_BATCH_MAX; i++) {
                lost += results[i].error == -ENOBUFS;
                failed += results[i].error == -ENODEV;
                free(results[i].text);
        }
        assert_true(lost > 0 && failed > 0);
        assert_int_equal(lost + failed, RTNL_BATCH_MAX);

        assert_int_equal(setsockopt(rtnl_fd(rtnl), SOL_SOCKET, SO_RCVBUF, &large, sizeof(large)), 0);
        SEND(rtnl, -ENODEV, encode_set_mtu, 123456, 1400);
}

static void test_addresses(void **state _unused_) {
        _cleanup_(rtnl_closep) Rtnl *rtnl = opened();
        _cleanup_(snapshot_freep) Snapshot *s = NULL;
        _cleanup_(close_fdp) _unused_ int fd = make_tun("tun0", IFF_TUN | IFF_NO_PI);
        Address addresses[] = {
                address(AF_INET, "10.1.2.3", 24, NULL),
                address(AF_INET, "10.1.2.4", 32, "10.9.9.9"),
                address(AF_INET6, "fd00::1", 64, NULL),
                address(AF_INET6, "fd00::5", 128, "fd00::6"),
        };
        int ifindex = ifindex_of(rtnl, "tun0");
        Link *l;

        for (size_t i = 0; i < ELEMENTSOF(addresses); i++) {
                addresses[i].flags = IFA_F_NOPREFIXROUTE;
                if (addresses[i].family == AF_INET6)
                        addresses[i].flags |= IFA_F_NODAD;
                SEND(rtnl, 0, encode_add_address, ifindex, addresses + i);
                SEND(rtnl, 0, encode_add_address, ifindex, addresses + i); /* replaced, not refused */
        }

        assert_int_equal(snapshot_read(rtnl, NULL, &s), 0);
        l = snapshot_by_index(s, ifindex);
        assert_int_equal(l->n_addresses, ELEMENTSOF(addresses));
        for (size_t i = 0; i < ELEMENTSOF(addresses); i++) {
                const Address *a = find_address(l, addresses + i);

                assert_non_null(a);
                assert_int_equal(a->protocol, PROTOCOL_MARK);
                assert_int_equal(a->flags & addresses[i].flags, addresses[i].flags);
                assert_true(i == 0 || address_compare(l->addresses + i - 1, l->addresses + i) < 0);
        }

        for (size_t i = 0; i < ELEMENTSOF(addresses); i++) {
                SEND(rtnl, 0, encode_delete_address, ifindex, addresses + i);
                SEND(rtnl, -EADDRNOTAVAIL, encode_delete_address, ifindex, addresses + i);
                assert_int_equal(snapshot_refresh(rtnl, NULL, s, ifindex), 0);
                assert_int_equal(snapshot_by_index(s, ifindex)->n_addresses, ELEMENTSOF(addresses) - i - 1);
        }
}

typedef struct Count {
        int ifindex;
        size_t wanted;
        size_t other;
} Count;

static int count_addresses(const struct nlmsghdr *nlh, void *userdata) {
        Count *c = userdata;
        Address a;
        int ifindex;

        assert_int_equal(decode_address(nlh, &ifindex, &a), 0);
        if (ifindex == c->ifindex)
                c->wanted++;
        else
                c->other++;
        return 0;
}

/* The kernel itself filters by ifindex, for all families at once. (Before 4.20 it does not; read.c filters
 * again.) */
static void test_address_filter(void **state _unused_) {
        _cleanup_(rtnl_closep) Rtnl *rtnl = opened();
        _cleanup_(close_fdp) _unused_ int fd = make_tun("tun0", IFF_TUN | IFF_NO_PI);
        const Address v4 = address(AF_INET, "10.1.2.3", 24, NULL);
        const Address v6 = address(AF_INET6, "fd00::1", 64, NULL);
        Count c = { .ifindex = ifindex_of(rtnl, "tun0") };
        Request request = {};

        SEND(rtnl, 0, encode_add_address, c.ifindex, &v4);
        SEND(rtnl, 0, encode_add_address, c.ifindex, &v6);

        encode_dump_addresses(&request.nlh, c.ifindex);
        assert_int_equal(rtnl_dump(rtnl, &request.nlh, count_addresses, NULL, &c), 0);
        assert_int_equal(c.wanted, 2);
        assert_int_equal(c.other, 0);

        memset(&request, 0, sizeof(request));
        encode_dump_addresses(&request.nlh, 0);
        assert_int_equal(rtnl_dump(rtnl, &request.nlh, count_addresses, NULL, &c), 0);
        assert_int_equal(c.wanted, 4);
        assert_true(c.other >= 1); /* lo */

        /* The link is gone: -ENODEV in NLMSG_DONE, or nothing. */
        memset(&request, 0, sizeof(request));
        encode_dump_addresses(&request.nlh, 123456);
        c = (Count){};
        assert_true(rtnl_dump(rtnl, &request.nlh, count_addresses, NULL, &c) <= 0);
        assert_int_equal(c.other, 0);
}

static int fail_at_once(const struct nlmsghdr *nlh _unused_, void *userdata) {
        ++*(int *) userdata;
        return -EXFULL;
}

/* A handler that gives up leaves no half-read dump behind. */
static void test_failing_handler(void **state _unused_) {
        _cleanup_(rtnl_closep) Rtnl *rtnl = opened();
        int fds[60];
        int calls = 0;

        for (int i = 0; i < 60; i++) {
                char name[IFNAMSIZ];

                snprintf(name, sizeof(name), "many%d", i);
                fds[i] = make_tun(name, IFF_TUN | IFF_NO_PI);
        }

        for (int i = 0; i < 3; i++) {
                _cleanup_(snapshot_freep) Snapshot *s = NULL;
                Request request = {};

                encode_dump_links(&request.nlh);
                assert_int_equal(rtnl_dump(rtnl, &request.nlh, fail_at_once, NULL, &calls), -EXFULL);
                assert_int_equal(calls, i + 1);
                assert_int_equal(snapshot_read(rtnl, NULL, &s), 0);
                assert_int_equal(s->n_links, 61);
        }

        for (int i = 0; i < 60; i++)
                safe_close(fds[i]);
}

/* A kernel's refusal of the dump itself. */
static void test_refused_dump(void **state _unused_) {
        _cleanup_(rtnl_closep) Rtnl *rtnl = opened();
        struct ifinfomsg *ifi;
        Request request = {};
        int calls = 0;

        encode_dump_links(&request.nlh);
        ifi = mnl_nlmsg_get_payload(&request.nlh);
        ifi->ifi_change = 1; /* strict checking forbids it */
        assert_int_equal(rtnl_dump(rtnl, &request.nlh, fail_at_once, NULL, &calls), -EINVAL);
        assert_int_equal(calls, 0);
}

static void test_refresh(void **state _unused_) {
        _cleanup_(rtnl_closep) Rtnl *rtnl = opened();
        _cleanup_(snapshot_freep) Snapshot *s = NULL;
        int fd, ifindex;

        assert_int_equal(snapshot_read(rtnl, NULL, &s), 0);
        assert_int_equal(s->n_links, 1);
        assert_int_equal(snapshot_by_name(s, "lo")->n_addresses, 2);

        fd = make_tun("tun0", IFF_TUN | IFF_NO_PI);
        ifindex = ifindex_of(rtnl, "tun0");
        assert_int_equal(snapshot_refresh(rtnl, NULL, s, ifindex), 0);
        assert_int_equal(snapshot_by_name(s, "tun0")->ifindex, ifindex);

        safe_close(fd);
        assert_int_equal(snapshot_refresh(rtnl, NULL, s, ifindex), 0);
        assert_null(snapshot_by_name(s, "tun0"));
        assert_int_equal(s->n_links, 1);
        assert_int_equal(snapshot_refresh(rtnl, NULL, s, ifindex), 0);
}

/* Makes and deletes links until killed. */
static void churn(void) {
        for (;;) {
                int fds[8];

                for (int i = 0; i < 8; i++) {
                        char name[IFNAMSIZ];

                        snprintf(name, sizeof(name), "churn%d", i);
                        fds[i] = try_tun(name, IFF_TUN | IFF_NO_PI);
                }
                for (int i = 0; i < 8; i++)
                        safe_close(fds[i]);
        }
}

static void assert_all_there_once(const Snapshot *s, const int *indices, int n) {
        for (int i = 0; i < n; i++) {
                const Link *l = snapshot_by_index(s, indices[i]);
                char name[IFNAMSIZ];

                snprintf(name, sizeof(name), "stay%d", i);
                assert_non_null(l);
                assert_string_equal(l->name, name);
                assert_ptr_equal(snapshot_by_name(s, name), l);
        }
        for (size_t i = 1; i < s->n_links; i++)
                assert_true(s->by_index[i - 1]->ifindex < s->by_index[i]->ifindex);
}

/* Links that are there all the time are in every snapshot, exactly once, whatever else comes and goes. */
static void test_dump_under_churn(void **state _unused_) {
        _cleanup_(rtnl_closep) Rtnl *rtnl = opened();
        int fds[80], indices[80], given_up = 0;
        pid_t child;

        for (int i = 0; i < 80; i++) {
                char name[IFNAMSIZ];

                snprintf(name, sizeof(name), "stay%d", i);
                fds[i] = make_tun(name, IFF_TUN | IFF_NO_PI);
                indices[i] = ifindex_of(rtnl, name);
        }

        child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                churn();
                _exit(0);
        }

        for (int i = 0; i < 200; i++) {
                _cleanup_(snapshot_freep) Snapshot *s = NULL;
                int r = snapshot_read(rtnl, NULL, &s);

                if (r == -EAGAIN)
                        given_up++; /* torn ten times over: honest, but it must be rare */
                else {
                        assert_int_equal(r, 0);
                        assert_all_there_once(s, indices, ELEMENTSOF(indices));
                }
        }

        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        for (int i = 0; i < 80; i++)
                safe_close(fds[i]);
        assert_true(given_up < 20);
}

/* A socket made in another network namespace works on that one. */
static void test_passed_socket(void **state _unused_) {
        _cleanup_(rtnl_closep) Rtnl *here = opened(), *there = NULL;
        _cleanup_(close_fdp) int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), tun = -EBADF;
        int fd, index;

        assert_true(home >= 0);
        assert_int_equal(unshare(CLONE_NEWNET), 0);
        fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
        tun = try_tun("moved0", IFF_TUN | IFF_NO_PI);
        assert_int_equal(setns(home, CLONE_NEWNET), 0);
        if (tun < 0) {
                safe_close(fd);
                test_skip("/dev/net/tun cannot be opened");
        }

        assert_int_equal(rtnl_open_fd(fd, &there), 0);
        assert_int_equal(rtnl_fd(there), fd);
        index = ifindex_of(there, "moved0");
        SEND(there, 0, encode_set_netns, index, home, 1234567);
        assert_int_equal(read_link(there, 0, "moved0", &(Link *){ NULL }), -ENODEV);
        assert_true(ifindex_of(here, "moved0") > 0);
}

typedef struct Seen {
        int ifindex;
        bool named, up, down, address, address_gone, deleted;
        size_t n;
} Seen;

static int on_event(const struct nlmsghdr *nlh, void *userdata) {
        const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
        Seen *seen = userdata;
        LinkEvent e;
        int r;

        seen->n++;
        r = decode_event(nlh, &e);
        assert_true(r >= 0);
        if (r == 0 || e.ifindex != seen->ifindex)
                return 0;

        if (e.address) {
                seen->address |= nlh->nlmsg_type == RTM_NEWADDR;
                seen->address_gone |= nlh->nlmsg_type == RTM_DELADDR;
                return 0;
        }

        assert_true(e.is_tun);
        seen->named |= strcmp(e.name, "tun0") == 0;
        seen->deleted |= e.deleted;
        seen->up |= (ifi->ifi_flags & IFF_UP) != 0;
        seen->down |= seen->up && !(ifi->ifi_flags & IFF_UP);
        return 0;
}

static void test_events(void **state _unused_) {
        _cleanup_(rtnl_closep) Rtnl *rtnl = opened();
        _cleanup_(close_fdp) _unused_ int tun = make_tun("tun0", IFF_TUN | IFF_NO_PI);
        _cleanup_(close_fdp) int events = -EBADF;
        const Address a = address(AF_INET, "10.1.2.3", 24, NULL);
        Seen seen = { .ifindex = ifindex_of(rtnl, "tun0") };

        assert_int_equal(rtnl_events_open(&events), 0);
        assert_true(fcntl(events, F_GETFL) & O_NONBLOCK);
        assert_int_equal(rtnl_events_drain(events, on_event, &seen), 0);
        assert_int_equal(seen.n, 0);

        SEND(rtnl, 0, encode_set_flags, seen.ifindex, IFF_UP, IFF_UP);
        SEND(rtnl, 0, encode_add_address, seen.ifindex, &a);
        SEND(rtnl, 0, encode_delete_address, seen.ifindex, &a);
        SEND(rtnl, 0, encode_set_flags, seen.ifindex, 0, IFF_UP);
        SEND(rtnl, 0, encode_delete_link, seen.ifindex);

        assert_int_equal(poll(&(struct pollfd){ .fd = events, .events = POLLIN }, 1, 1000), 1);
        assert_int_equal(rtnl_events_drain(events, on_event, &seen), 0);
        assert_true(seen.named && seen.up && seen.address && seen.address_gone && seen.down && seen.deleted);

        seen.n = 0;
        assert_int_equal(rtnl_events_drain(events, on_event, &seen), 0);
        assert_int_equal(seen.n, 0);
}

static void test_events_failing_handler(void **state _unused_) {
        _cleanup_(rtnl_closep) Rtnl *rtnl = opened();
        _cleanup_(close_fdp) int events = -EBADF;
        int calls = 0;

        assert_int_equal(rtnl_events_open(&events), 0);
        SEND(rtnl, 0, encode_set_mtu, 1, 40000);
        SEND(rtnl, 0, encode_set_mtu, 1, 65536);
        assert_int_equal(rtnl_events_drain(events, fail_at_once, &calls), -EXFULL);
        assert_int_equal(calls, 1);
}

/* More events than the buffer holds: told once, then good again. */
static void test_events_overrun(void **state _unused_) {
        _cleanup_(rtnl_closep) Rtnl *rtnl = opened();
        _cleanup_(close_fdp) int events = -EBADF;
        const int small = 16 * 1024;
        Seen seen = {};

        assert_int_equal(rtnl_events_open(&events), 0);
        assert_int_equal(setsockopt(events, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
        for (uint32_t i = 0; i < 3000; i++)
                SEND(rtnl, 0, encode_set_mtu, 1, i % 2 == 0 ? 40000 : 65536);

        assert_int_equal(rtnl_events_drain(events, on_event, &seen), 1);
        assert_true(seen.n > 0 && seen.n < 3000);
        seen.n = 0;
        assert_int_equal(rtnl_events_drain(events, on_event, &seen), 0);
        assert_int_equal(seen.n, 0);

        SEND(rtnl, 0, encode_set_mtu, 1, 40000);
        assert_int_equal(rtnl_events_drain(events, on_event, &seen), 0);
        assert_true(seen.n > 0);
        SEND(rtnl, 0, encode_set_mtu, 1, 65536);
}

/* Another process may send to our sockets: nothing of it is believed. */
static void test_forged_messages(void **state _unused_) {
        _cleanup_(close_fdp) int events = -EBADF;
        _cleanup_(close_fdp) int forger = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
        struct sockaddr_nl to = {};
        socklen_t size = sizeof(to);
        Request request = {};
        Seen seen = {};

        assert_int_equal(rtnl_events_open(&events), 0);
        assert_int_equal(getsockname(events, (struct sockaddr *) &to, &size), 0);
        to.nl_groups = 0;
        encode_delete_link(&request.nlh, 1);
        if (sendto(forger, &request, request.nlh.nlmsg_len, 0, (struct sockaddr *) &to, sizeof(to)) < 0)
                test_skip("this kernel lets nobody send to another's rtnetlink socket");

        assert_int_equal(poll(&(struct pollfd){ .fd = events, .events = POLLIN }, 1, 1000), 1);
        assert_int_equal(rtnl_events_drain(events, on_event, &seen), 0);
        assert_int_equal(seen.n, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_loopback),         cmocka_unit_test(test_errors),
                cmocka_unit_test(test_tun_attributes),   cmocka_unit_test(test_batch_of_hundred),
                cmocka_unit_test(test_lost_acks),        cmocka_unit_test(test_addresses),
                cmocka_unit_test(test_address_filter),   cmocka_unit_test(test_failing_handler),
                cmocka_unit_test(test_refused_dump),     cmocka_unit_test(test_refresh),
                cmocka_unit_test(test_dump_under_churn), cmocka_unit_test(test_passed_socket),
                cmocka_unit_test(test_events),           cmocka_unit_test(test_events_failing_handler),
                cmocka_unit_test(test_events_overrun),   cmocka_unit_test(test_forged_messages),
        };

        if (test_enter_namespaces() < 0)
                return 77;
        if (access("/dev/net/tun", R_OK | W_OK) < 0) {
                perror("Skipped: /dev/net/tun");
                return 77;
        }

        return cmocka_run_group_tests(tests, NULL, NULL);
}
