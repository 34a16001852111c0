/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every function of tuntap.h against the kernel that runs the test, on tun and tap, single and multi queue;
 * what it says of success is compared with what the kernel says over rtnetlink, and each failure has to name
 * its step. */

#include "../unit/test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/encode.h"
#include "kernel/read.h"
#include "kernel/tuntap.h"
#include "namespaces.h"
#include "stranger.h"

#define NAME "tuntap0"

#define KIND(...)                                                                                           \
        { .name = NAME, .owner = -1, .group = -1, __VA_ARGS__ }

/* Every kind a device may have; the flags change with it, so that each is seen set and unset. */
static const TunSpec kinds[] = {
        KIND(.tap = false),
        KIND(.multi_queue = true, .packet_info = true),
        KIND(.tap = true, .vnet_header = true),
        KIND(.tap = true, .multi_queue = true, .packet_info = true, .vnet_header = true),
        KIND(.tap = true, .multi_queue = true),
};

/* The step that a successful call must leave alone. */
static const char untouched[] = "untouched";

static Rtnl *rtnl;

static Link *look(void) {
        Link *link = NULL;

        assert_int_equal(read_link(rtnl, 0, NAME, &link), 0);
        assert_true(link->is_tun);
        return link;
}

static bool is_there(void) {
        _cleanup_(link_freep) Link *link = NULL;
        int r = read_link(rtnl, 0, NAME, &link);

        assert_true(r == 0 || r == -ENODEV);
        return r == 0;
}

static int opened(void) {
        const char *step = untouched;
        int fd = -EBADF;

        assert_int_equal(tuntap_open(&fd, &step), 0);
        assert_true(fd >= 0);
        assert_ptr_equal(step, untouched);
        assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
        assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
        return fd;
}

static int created(const TunSpec *spec) {
        const char *step = untouched;
        int fd = opened();

        assert_int_equal(tuntap_create(fd, spec, &step), 0);
        assert_ptr_equal(step, untouched);
        return fd;
}

static int attached(const TunSpec *spec) {
        const char *step = untouched;
        int fd = -EBADF;

        assert_int_equal(tuntap_attach(spec, &fd, &step), 0);
        assert_ptr_equal(step, untouched);
        return fd;
}

/* One call that must fail, with its step. */
#define REFUSED(expected, expected_step, function, ...)                                                     \
        do {                                                                                                \
                const char *_step = NULL;                                                                   \
                assert_int_equal(function(__VA_ARGS__, &_step), expected);                                  \
                assert_non_null(_step);                                                                     \
                assert_string_equal(_step, expected_step);                                                  \
        } while (0)

static void set_up(void) {
        _cleanup_(rtnl_batch_freep) RtnlBatch *b = rtnl_batch_new();
        _cleanup_(link_freep) Link *link = look();
        RtnlResult result = {};

        encode_set_flags(rtnl_batch_begin(b), link->ifindex, IFF_UP, IFF_UP);
        rtnl_batch_end(b);
        assert_int_equal(rtnl_batch_send(rtnl, b, &result), 0);
        assert_int_equal(result.error, 0);
}

static int delete_device(void) {
        _cleanup_(rtnl_batch_freep) RtnlBatch *b = rtnl_batch_new();
        _cleanup_(link_freep) Link *link = look();
        RtnlResult result = {};
        int r;

        encode_delete_link(rtnl_batch_begin(b), link->ifindex);
        rtnl_batch_end(b);
        r = rtnl_batch_send(rtnl, b, &result);
        free(result.text);
        return r < 0 ? r : result.error;
}

static void test_open_without_node(void **state _unused_) {
        int status;
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
                const char *step = NULL;
                int fd = -7, r;

                if (unshare(CLONE_NEWNS) < 0 || mount("tmpfs", "/dev/net", "tmpfs", 0, NULL) < 0)
                        _exit(77);
                r = tuntap_open(&fd, &step);
                _exit(r == -ENOENT && fd == -7 && strcmp(step, "open " TUNTAP_NODE) == 0 ? 0 : 1);
        }

        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == 77)
                test_skip("nothing may be mounted here");
        assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_create(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                TunSpec spec = kinds[i];
                _cleanup_(link_freep) Link *link = NULL;
                const char *step = untouched;
                TunQueue queue;
                int fd;

                spec.owner = 0;
                spec.group = 0;
                fd = created(&spec);

                link = look();
                assert_int_equal(link->tun.tap, spec.tap);
                assert_int_equal(link->tun.multi_queue, spec.multi_queue);
                assert_int_equal(link->tun.pi, spec.packet_info);
                assert_int_equal(link->tun.vnet_hdr, spec.vnet_header);
                assert_int_equal(link->tun.num_queues,
                                 spec.multi_queue); /* reported by multi-queue devices only */
                assert_int_equal(link->tun.num_disabled_queues, 0);
                assert_int_equal(link->tun.owner, 0);
                assert_int_equal(link->tun.group, 0);
                assert_false(link->tun.persist);
                assert_true(link->carrier);

                assert_int_equal(tuntap_get(fd, &queue, &step), 0);
                assert_ptr_equal(step, untouched);
                assert_string_equal(queue.name, NAME);
                assert_int_equal(queue.tap, spec.tap);
                assert_int_equal(queue.multi_queue, spec.multi_queue);
                assert_int_equal(queue.vnet_header, spec.vnet_header);
                assert_false(queue.persist);
                assert_false(queue.detached);

                safe_close(fd);
                assert_false(is_there());
        }
}

/* -1 leaves the device to nobody, which is what AllowAnyUser= wants. */
static void test_create_without_owner(void **state _unused_) {
        _cleanup_(close_fdp) _unused_ int fd = created(&kinds[1]);
        _cleanup_(link_freep) Link *link = look();

        assert_int_equal(link->tun.owner, -1);
        assert_int_equal(link->tun.group, -1);
}

static void test_create_existing(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                _cleanup_(close_fdp) _unused_ int fd = created(&kinds[i]);

                for (size_t j = 0; j < ELEMENTSOF(kinds); j++) {
                        _cleanup_(close_fdp) int other = opened();

                        REFUSED(-EBUSY, "TUNSETIFF", tuntap_create, other, &kinds[j]);
                        REFUSED(-EBADFD, "TUNGETIFF", tuntap_get, other, &(TunQueue){});
                }
        }
}

/* What the kernel does not let a name be. */
static void test_create_bad_name(void **state _unused_) {
        TunSpec spec = kinds[0];
        _cleanup_(close_fdp) int fd = opened();
        _cleanup_(link_freep) Link *link = NULL;

        spec.name = "a/b";
        REFUSED(-EINVAL, "TUNSETIFF", tuntap_create, fd, &spec);
        assert_int_equal(tuntap_create(fd, &spec, NULL), -EINVAL); /* the step is nobody's duty */

        spec.name = "fifteen-letters";
        assert_int_equal(tuntap_create(fd, &spec, NULL), 0);
        assert_int_equal(read_link(rtnl, 0, "fifteen-letters", &link), 0);
}

/* An owner the kernel does not take: the step that failed is not the first one, and closing is a clean
 * roll-back. */
static void test_create_bad_owner(void **state _unused_) {
        TunSpec spec = kinds[1];
        int fd;

        spec.owner = UINT32_MAX;
        fd = opened();
        REFUSED(-EINVAL, "TUNSETOWNER", tuntap_create, fd, &spec);
        safe_close(fd);
        assert_false(is_there());

        spec.owner = 0;
        spec.group = UINT32_MAX;
        fd = opened();
        REFUSED(-EINVAL, "TUNSETGROUP", tuntap_create, fd, &spec);
        safe_close(fd);
        assert_false(is_there());
}

static void test_persist(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                const char *step = untouched;
                TunQueue queue;
                int fd = created(&kinds[i]);

                assert_int_equal(tuntap_set_persist(fd, true, &step), 0);
                assert_ptr_equal(step, untouched);
                safe_close(fd);
                assert_true(is_there());

                fd = attached(&kinds[i]);
                assert_int_equal(tuntap_get(fd, &queue, NULL), 0);
                assert_true(queue.persist);
                assert_int_equal(tuntap_set_persist(fd, false, NULL), 0);
                safe_close(fd);
                assert_false(is_there());
        }
}

static void test_attach(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                _cleanup_(close_fdp) int fd = created(&kinds[i]), second = -EBADF;
                _cleanup_(link_freep) Link *link = NULL;
                TunQueue queue;

                assert_int_equal(tuntap_set_persist(fd, true, NULL), 0);
                fd = safe_close(fd);

                fd = attached(&kinds[i]);
                assert_int_equal(tuntap_get(fd, &queue, NULL), 0);
                assert_string_equal(queue.name, NAME);
                assert_int_equal(queue.vnet_header, kinds[i].vnet_header);
                assert_int_equal(queue.detached, kinds[i].multi_queue);

                if (kinds[i].multi_queue)
                        second = attached(&kinds[i]);

                link = look();
                assert_int_equal(link->tun.num_queues, 0);
                assert_int_equal(link->tun.num_disabled_queues, kinds[i].multi_queue ? 2 : 0);
                assert_true(link->carrier); /* a detached queue keeps it */
                assert_int_equal(tuntap_set_persist(fd, false, NULL), 0);
        }
}

/* The first queue of an idle device decides about its flags, and silently no other one does. */
static void test_attach_other_flags(void **state _unused_) {
        _cleanup_(close_fdp) int fd = created(&kinds[3]), second = -EBADF;
        _cleanup_(link_freep) Link *busy = NULL, *idle = NULL;
        TunQueue queue;

        assert_int_equal(tuntap_set_persist(fd, true, NULL), 0);
        second = attached(&kinds[4]);
        busy = look();
        assert_true(busy->tun.pi && busy->tun.vnet_hdr);
        assert_int_equal(tuntap_get(second, &queue, NULL), 0);
        assert_true(queue.vnet_header);

        fd = safe_close(fd);
        second = safe_close(second);
        second = attached(&kinds[4]);
        idle = look();
        assert_true(!idle->tun.pi && !idle->tun.vnet_hdr);
        assert_int_equal(tuntap_get(second, &queue, NULL), 0);
        assert_false(queue.vnet_header);
        assert_int_equal(tuntap_set_persist(second, false, NULL), 0);
}

static void test_attach_refused(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                _cleanup_(close_fdp) _unused_ int fd = created(&kinds[i]);

                for (size_t j = 0; j < ELEMENTSOF(kinds); j++) {
                        bool fits = kinds[i].tap == kinds[j].tap &&
                                    kinds[i].multi_queue == kinds[j].multi_queue;
                        int other = -7;

                        if (fits && kinds[i].multi_queue)
                                continue;
                        REFUSED(fits ? -EBUSY : -EINVAL, "TUNSETIFF", tuntap_attach, &kinds[j], &other);
                        assert_int_equal(other, -7);
                }
        }
}

static void test_attach_too_many(void **state _unused_) {
        int fds[256], other = -7;

        fds[0] = created(&kinds[1]);
        for (size_t i = 1; i < ELEMENTSOF(fds); i++)
                fds[i] = attached(&kinds[1]);
        REFUSED(-E2BIG, "TUNSETIFF", tuntap_attach, &kinds[1], &other);
        assert_int_equal(other, -7);
        for (size_t i = 0; i < ELEMENTSOF(fds); i++)
                safe_close(fds[i]);
}

/* As another user, who is not the owner. */
static void test_attach_not_allowed(void **state _unused_) {
        TunSpec spec = kinds[1];
        _cleanup_(close_fdp) int fd = -EBADF;
        int status;
        pid_t child;

        spec.owner = 0;
        fd = created(&spec);
        child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                const char *step = "";
                int other = -7, r;

                if (setresgid(65534, 65534, 65534) < 0 || setresuid(65534, 65534, 65534) < 0)
                        _exit(77);
                r = tuntap_attach(&spec, &other, &step);
                if (r == -EACCES)
                        _exit(77);
                _exit(r == -EPERM && other == -7 && strcmp(step, "TUNSETIFF") == 0 ? 0 : 1);
        }

        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        fd = safe_close(fd); /* a skip does not come back */
        if (WEXITSTATUS(status) == 77)
                test_skip("no other user is to be had here");
        assert_int_equal(WEXITSTATUS(status), 0);
}

/* A filter on a tap makes TUNSETIFF say that it attached, when it did not. */
static void test_attach_filtered_tap(void **state _unused_) {
        for (int multi_queue = 0; multi_queue < 2; multi_queue++) {
                TunSpec spec = KIND(.tap = true, .multi_queue = multi_queue, .packet_info = true);
                _cleanup_(close_fdp) int fd = created(&spec);
                int other = -7;

                assert_int_equal(tuntap_set_persist(fd, true, NULL), 0);
                (void) stranger_block(fd, true);
                fd = safe_close(fd);
                REFUSED(-EBADFD, "TUNGETIFF", tuntap_attach, &spec, &other);
                assert_int_equal(other, -7);

                spec.packet_info = false; /* this way it attaches */
                fd = attached(&spec);
                assert_int_equal(tuntap_set_persist(fd, false, NULL), 0);
        }
}

static void test_owner(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                _cleanup_(close_fdp) int fd = created(&kinds[i]);
                _cleanup_(link_freep) Link *link = NULL;
                const char *step = untouched;

                assert_int_equal(tuntap_set_owner(fd, 0, &step), 0);
                assert_int_equal(tuntap_set_group(fd, 0, &step), 0);
                assert_ptr_equal(step, untouched);
                link = look();
                assert_true(link->tun.owner == 0 && link->tun.group == 0);

                REFUSED(-EINVAL, "TUNSETOWNER", tuntap_set_owner, fd, -1); /* never cleared again */
                REFUSED(-EINVAL, "TUNSETGROUP", tuntap_set_group, fd, -1);
        }
}

/* In a user namespace with one user there is no second one to give it to. */
static void test_other_owner(void **state _unused_) {
        TunSpec spec = kinds[1];
        _cleanup_(close_fdp) int fd = created(&spec);
        _cleanup_(link_freep) Link *link = NULL;

        if (tuntap_set_owner(fd, 4711, NULL) < 0) {
                fd = safe_close(fd);
                test_skip("no other user is to be had here");
        }
        assert_int_equal(tuntap_set_group(fd, 4712, NULL), 0);
        assert_int_equal(tuntap_detach(fd, NULL), 0);
        assert_int_equal(tuntap_set_owner(fd, 4713, NULL), 0); /* also when detached */
        link = look();
        assert_true(link->tun.owner == 4713 && link->tun.group == 4712);
}

static void test_detach(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                _cleanup_(close_fdp) int fd = created(&kinds[i]);
                _cleanup_(link_freep) Link *link = NULL;
                const char *step = untouched;
                TunQueue queue;

                if (kinds[i].multi_queue) {
                        assert_int_equal(tuntap_detach(fd, &step), 0);
                        assert_ptr_equal(step, untouched);
                        assert_int_equal(tuntap_get(fd, &queue, NULL), 0);
                        assert_true(queue.detached);
                        link = look();
                        assert_true(link->carrier && link->tun.num_queues == 0 &&
                                    link->tun.num_disabled_queues == 1);
                }
                REFUSED(-EINVAL, "TUNSETQUEUE IFF_DETACH_QUEUE", tuntap_detach, fd);
        }
}

static void test_mac(void **state _unused_) {
        TunSpec spec = kinds[2];
        _cleanup_(close_fdp) int fd = created(&spec), tun = -EBADF;
        _cleanup_(link_freep) Link *link = NULL, *again = NULL, *third = NULL;
        static const uint8_t mac[] = { 0x02, 0x00, 0x5e, 0x10, 0x00, 0x01 };
        const char *step = untouched;

        spec.has_mac = true;
        memcpy(spec.mac, mac, sizeof(mac));
        assert_int_equal(tuntap_set_mac(fd, &spec, &step), 0);
        link = look();
        assert_memory_equal(link->address, mac, sizeof(mac));

        spec.has_mac = false;
        assert_int_equal(tuntap_set_mac(fd, &spec, &step), 0);
        assert_ptr_equal(step, untouched);
        again = look();
        assert_memory_not_equal(again->address, mac, sizeof(mac));
        assert_int_equal(again->address[0] & 3, 2); /* local, unicast */
        assert_int_equal(tuntap_set_mac(fd, &spec, &step), 0);
        third = look();
        assert_memory_not_equal(third->address, again->address, sizeof(mac));

        spec.has_mac = true;
        spec.mac[0] = 1;
        REFUSED(-EADDRNOTAVAIL, "SIOCSIFHWADDR", tuntap_set_mac, fd, &spec);

        fd = safe_close(fd);
        tun = created(&kinds[0]);
        spec.mac[0] = 2;
        REFUSED(-EOPNOTSUPP, "SIOCSIFHWADDR", tuntap_set_mac, tun, &spec);
}

/* Sends one frame to the device and tells whether it comes out of the queue. */
static bool passes(int fd, bool tap) {
        _cleanup_(link_freep) Link *link = look();
        _cleanup_(close_fdp) int sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
        static const uint8_t mark[] = "does it pass?";
        uint8_t frame[128] = {}, seen[2048];
        struct ether_header *ether = (struct ether_header *) frame;
        struct sockaddr_ll to = {
                .sll_family = AF_PACKET,
                .sll_ifindex = link->ifindex,
                .sll_protocol = htons(ETHERTYPE_IP),
        };
        ssize_t n;

        assert_true(sock >= 0);
        memset(ether->ether_dhost, 0x04, sizeof(ether->ether_dhost));
        ether->ether_type = htons(ETHERTYPE_IP);
        memcpy(frame + 64, mark, sizeof(mark));
        if (!tap)
                frame[0] = 0x45;
        assert_return_code(sendto(sock, frame, sizeof(frame), 0, (struct sockaddr *) &to, sizeof(to)),
                           errno);

        /* The kernel has words of its own for a fresh interface; ours is the marked one. */
        while ((n = read(fd, seen, sizeof(seen))) > 0)
                if (memmem(seen, (size_t) n, mark, sizeof(mark)))
                        return true;
        return false;
}

static void put_back(const TunSpec *spec) {
        int flags = (spec->tap ? IFF_TAP : IFF_TUN) | IFF_NO_PI | IFF_MULTI_QUEUE;
        _cleanup_(close_fdp) int fd = created(spec), stranger = -EBADF;
        const char *step = untouched;
        Traits before, during, after;
        bool programs;

        before = traits_read(fd, NAME);
        stranger = spec->multi_queue ? stranger_attach(NAME, flags)
                                     : dup(fd); /* of a single queue he can only be given it */
        assert_true(stranger >= 0);
        stranger_tamper(stranger, NAME);
        during = traits_read(fd, NAME);
        assert_int_not_equal(before.arp_type, during.arp_type);
        assert_int_not_equal(before.vnet_header_size, during.vnet_header_size);
        assert_int_not_equal(before.little_endian, during.little_endian);
        assert_int_not_equal(before.send_buffer, during.send_buffer);
        assert_int_not_equal(before.checksum_offload, during.checksum_offload);
        assert_int_not_equal(before.segmentation_offload, during.segmentation_offload);
        assert_int_not_equal(before.carrier, during.carrier);

        programs = stranger_block(stranger, spec->tap);
        stranger = safe_close(stranger);

        assert_int_equal(tuntap_put_back(fd, spec, &step), 0);
        assert_ptr_equal(step, untouched);
        after = traits_read(fd, NAME);
        assert_null(traits_differ(&before, &after));
        if (spec->tap) {
                assert_memory_not_equal(after.mac, during.mac, sizeof(after.mac));
                assert_int_equal(after.mac[0] & 3, 2);
        }

        if (!programs)
                print_message("        no BPF program may be loaded here: their removal is not seen\n");
        set_up();
        assert_true(passes(fd, spec->tap));
        (void) stranger_block(fd, spec->tap);
        if (programs || spec->tap)
                assert_false(passes(fd, spec->tap)); /* else that proved nothing */
}

static void test_put_back(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                put_back(&kinds[i]);
}

/* With the address that the configuration wants. */
static void test_put_back_mac(void **state _unused_) {
        TunSpec spec = { .name = NAME,
                         .tap = true,
                         .multi_queue = true,
                         .owner = -1,
                         .group = -1,
                         .has_mac = true,
                         .mac = { 2, 3, 4, 5, 6, 7 } };
        _cleanup_(close_fdp) int fd = created(&spec);
        Traits t;

        assert_int_equal(tuntap_put_back(fd, &spec, NULL), 0);
        t = traits_read(fd, NAME);
        assert_memory_equal(t.mac, spec.mac, sizeof(t.mac));
}

static void test_put_back_refused(void **state _unused_) {
        _cleanup_(close_fdp) int fd = created(&kinds[1]), fresh = opened();

        REFUSED(-EBADFD, "TUNSETLINK", tuntap_put_back, fresh, &kinds[1]);

        /* The carrier is the last, and only an attached queue may raise it. */
        assert_int_equal(tuntap_detach(fd, NULL), 0);
        REFUSED(-EPERM, "TUNSETCARRIER", tuntap_put_back, fd, &kinds[1]);

        set_up();
        REFUSED(-EBUSY, "TUNSETLINK", tuntap_put_back, fd, &kinds[1]);
}

static void test_raise_carrier(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                for (int detached = 0; detached <= kinds[i].multi_queue; detached++) {
                        _cleanup_(close_fdp) int fd = created(&kinds[i]);
                        _cleanup_(link_freep) Link *before = NULL, *after = NULL;
                        const char *step = untouched;
                        int off = 0;

                        if (detached)
                                assert_int_equal(tuntap_detach(fd, NULL), 0);
                        assert_return_code(ioctl(fd, TUNSETCARRIER, &off), errno);
                        before = look();
                        assert_false(before->carrier);

                        assert_int_equal(tuntap_raise_carrier(fd, &step), 0);
                        assert_ptr_equal(step, untouched);
                        after = look();
                        assert_true(after->carrier);
                        /* Detached afterwards, whatever it was. */
                        assert_int_equal(after->tun.num_queues, 0);
                        assert_int_equal(after->tun.num_disabled_queues, kinds[i].multi_queue);
                }
}

/* Each queue says what it asked for; but the driver makes of NAPI_FRAGS without NAPI, or on a tun, an error.
 */
static void test_napi(void **state _unused_) {
        static const struct {
                bool tap, napi, frags;
                int expected;
        } cases[] = {
                { false, true, false, 0 },      { true, true, false, 0 },       { true, true, true, 0 },
                { false, true, true, -EINVAL }, { true, false, true, -EINVAL },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const TunSpec spec = KIND(.tap = cases[i].tap, .multi_queue = true, .napi = cases[i].napi,
                                          .napi_frags = cases[i].frags);
                _cleanup_(close_fdp) int fd = opened(), second = -EBADF;
                const char *step = untouched;
                TunQueue queue = {};
                int r;

                r = tuntap_create(fd, &spec, &step);
                if (r == -EPERM && cases[i].frags) {
                        print_message("        NAPI_FRAGS is not for a user namespace: EPERM\n");
                        continue;
                }
                assert_int_equal(r, cases[i].expected);
                if (r < 0) {
                        assert_string_equal(step, "TUNSETIFF");
                        continue;
                }

                assert_int_equal(tuntap_get(fd, &queue, NULL), 0);
                assert_int_equal(queue.napi, cases[i].napi);
                assert_int_equal(queue.napi_frags, cases[i].frags);

                second = attached(&spec);
                assert_int_equal(tuntap_get(second, &queue, NULL), 0);
                assert_int_equal(queue.napi, cases[i].napi);
        }
}

static int send_buffer(int fd) {
        int bytes = 0;

        assert_return_code(ioctl(fd, TUNGETSNDBUF, &bytes), errno);
        return bytes;
}

static unsigned header_bytes(int fd) {
        const char *step = untouched;
        unsigned bytes = 0;

        assert_int_equal(tuntap_get_vnet_header_bytes(fd, &bytes, &step), 0);
        assert_ptr_equal(step, untouched);
        return bytes;
}

static void test_sizes(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                _cleanup_(close_fdp) int fd = created(&kinds[i]);
                const char *step = untouched;

                assert_int_equal(header_bytes(fd), 10);
                assert_int_equal(send_buffer(fd), INT_MAX);
                assert_int_equal(tuntap_set_vnet_header_bytes(fd, 12, &step), 0);
                assert_int_equal(tuntap_set_send_buffer(fd, 1048576, &step), 0);
                assert_ptr_equal(step, untouched);
                assert_int_equal(header_bytes(fd), 12);
                assert_int_equal(send_buffer(fd), 1048576);

                REFUSED(-EINVAL, "TUNSETVNETHDRSZ", tuntap_set_vnet_header_bytes, fd, 9);
                REFUSED(-EINVAL, "TUNSETVNETHDRSZ", tuntap_set_vnet_header_bytes, fd, UINT_MAX);
                REFUSED(-EINVAL, "TUNSETSNDBUF", tuntap_set_send_buffer, fd, 0);
                REFUSED(-EINVAL, "TUNSETSNDBUF", tuntap_set_send_buffer, fd, UINT64_C(1) << 32 | 4096);
                assert_int_equal(header_bytes(fd), 12);
                assert_int_equal(send_buffer(fd), 1048576);
        }
}

/* From birth on, and again after a put-back. */
static void test_sizes_of_spec(void **state _unused_) {
        const TunSpec spec = KIND(.multi_queue = true, .vnet_header = true, .vnet_header_bytes = 24,
                                  .send_buffer = 65536);
        _cleanup_(close_fdp) int fd = created(&spec), fresh = opened();
        TunSpec bad = spec;

        assert_int_equal(header_bytes(fd), 24);
        assert_int_equal(send_buffer(fd), 65536);

        assert_int_equal(tuntap_set_vnet_header_bytes(fd, 12, NULL), 0);
        assert_int_equal(tuntap_set_send_buffer(fd, 4096, NULL), 0);
        assert_int_equal(tuntap_put_back(fd, &spec, NULL), 0);
        assert_int_equal(header_bytes(fd), 24);
        assert_int_equal(send_buffer(fd), 65536);

        bad.name = "tuntap1";
        bad.vnet_header_bytes = 9;
        REFUSED(-EINVAL, "TUNSETVNETHDRSZ", tuntap_create, fresh, &bad);
        fresh = safe_close(fresh);
        fresh = opened();
        REFUSED(-EBADFD, "TUNGETVNETHDRSZ", tuntap_get_vnet_header_bytes, fresh, &(unsigned){ 0 });
}

/* What is left of a queue when its device is deleted under it. */
static void test_zombie(void **state _unused_) {
        _cleanup_(close_fdp) int fd = created(&kinds[1]);

        assert_int_equal(delete_device(), 0);
        REFUSED(-EBADFD, "TUNGETIFF", tuntap_get, fd, &(TunQueue){});
        REFUSED(-EBADFD, "TUNGETIFF", tuntap_raise_carrier, fd);
        REFUSED(-EBADFD, "TUNSETOWNER", tuntap_set_owner, fd, 0);
        REFUSED(-EBADFD, "TUNSETGROUP", tuntap_set_group, fd, 0);
        REFUSED(-EBADFD, "TUNSETPERSIST", tuntap_set_persist, fd, true);
        REFUSED(-EINVAL, "TUNSETQUEUE IFF_DETACH_QUEUE", tuntap_detach, fd);
        tuntap_drain(fd);

        assert_int_equal(tuntap_create(fd, &kinds[0], NULL), 0); /* it is as good as new */
}

/* Sends n packets of one flow. */
static void flood(int n) {
        _cleanup_(link_freep) Link *link = look();
        _cleanup_(close_fdp) int sock = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        struct sockaddr_ll to = {
                .sll_family = AF_PACKET,
                .sll_ifindex = link->ifindex,
                .sll_protocol = htons(ETHERTYPE_IP),
        };
        static const uint8_t packet[64] = { 0x45 };

        assert_true(sock >= 0);
        for (int i = 0; i < n; i++)
                (void) sendto(sock, packet, sizeof(packet), 0, (struct sockaddr *) &to, sizeof(to));
}

static void test_drain(void **state _unused_) {
        _cleanup_(close_fdp) int fd = created(&kinds[0]);
        uint8_t buffer[2048];

        tuntap_drain(fd); /* nothing there */
        set_up();

        flood(100);
        assert_true(read(fd, buffer, sizeof(buffer)) > 0);
        tuntap_drain(fd);
        assert_int_equal(read(fd, buffer, sizeof(buffer)), -1);
        assert_int_equal(errno, EAGAIN);

        /* Another holder of the same file may have made it blocking; the alarm ends the test if that
         * matters. */
        flood(100);
        assert_return_code(fcntl(fd, F_SETFL, 0), errno);
        (void) alarm(10);
        tuntap_drain(fd);
        (void) alarm(0);
        assert_return_code(fcntl(fd, F_SETFL, O_NONBLOCK), errno);
        assert_int_equal(read(fd, buffer, sizeof(buffer)), -1);
        assert_int_equal(errno, EAGAIN);
}

/* A test that failed did not come to close its queues: the next one is not to suffer for it. */
static int leave_nothing(void **state _unused_) {
        if (!is_there())
                return 0;
        (void) delete_device();
        return -1;
}

#define TEST(f) cmocka_unit_test_teardown(f, leave_nothing)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_open_without_node),
                TEST(test_create),
                TEST(test_create_without_owner),
                TEST(test_create_existing),
                TEST(test_create_bad_name),
                TEST(test_create_bad_owner),
                TEST(test_persist),
                TEST(test_attach),
                TEST(test_attach_other_flags),
                TEST(test_attach_refused),
                TEST(test_attach_too_many),
                TEST(test_attach_not_allowed),
                TEST(test_attach_filtered_tap),
                TEST(test_owner),
                TEST(test_other_owner),
                TEST(test_detach),
                TEST(test_mac),
                TEST(test_put_back),
                TEST(test_put_back_mac),
                TEST(test_put_back_refused),
                TEST(test_raise_carrier),
                TEST(test_napi),
                TEST(test_sizes),
                TEST(test_sizes_of_spec),
                TEST(test_zombie),
                TEST(test_drain),
        };
        int fd = -EBADF, r;

        if (test_enter_namespaces() < 0)
                return 77;
        if (tuntap_open(&fd, NULL) < 0)
                return fputs("Skipped: " TUNTAP_NODE " cannot be opened\n", stderr), 77;
        safe_close(fd);
        if (rtnl_open(&rtnl) < 0)
                return EXIT_FAILURE;

        r = cmocka_run_group_tests(tests, NULL, NULL);
        rtnl = rtnl_close(rtnl);
        return r;
}
