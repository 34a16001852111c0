/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The only file that knows linux/if_tun.h. Facts about the driver that shape the order of calls stand at the
 * calls. */

#include "tuntap.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>

/* Linux' Documentation/admin-guide/devices.txt */
#define MISC_MAJOR 10
#define TUN_MINOR  200

/* Names the step on failure; the value of a TRY'd call is 0 or -errno. */
static int step(int result, const char *name, const char **ret_step) {
        if (result >= 0)
                return 0;

        result = -errno;
        if (ret_step)
                *ret_step = name;
        return result;
}

#define STEP(call, name) step((call), (name), ret_step)

unsigned tuntap_flags(const TunSpec *spec) {
        return (spec->tap ? IFF_TAP : IFF_TUN) | (spec->multi_queue ? IFF_MULTI_QUEUE : 0U) |
               (spec->packet_info ? 0U : IFF_NO_PI) | (spec->vnet_header ? IFF_VNET_HDR : 0U) |
               (spec->napi ? IFF_NAPI : 0U) | (spec->napi_frags ? IFF_NAPI_FRAGS : 0U);
}

static struct ifreq request_for(const TunSpec *spec) {
        struct ifreq ifr = { .ifr_flags = (short) tuntap_flags(spec) };

        assert(strlen(spec->name) < sizeof(ifr.ifr_name)); /* longer names the kernel would cut silently */
        memcpy(ifr.ifr_name, spec->name, strlen(spec->name));
        return ifr;
}

int tuntap_open(int *ret_fd, const char **ret_step) {
        int fd, r;

        fd = open(TUNTAP_NODE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
        r = STEP(fd, "open " TUNTAP_NODE);
        if (r < 0)
                return r;

        *ret_fd = fd;
        return 0;
}

int tuntap_set_owner(int fd, int64_t uid, const char **ret_step) {
        return STEP(ioctl(fd, TUNSETOWNER, (unsigned long) uid), "TUNSETOWNER");
}

int tuntap_set_group(int fd, int64_t gid, const char **ret_step) {
        return STEP(ioctl(fd, TUNSETGROUP, (unsigned long) gid), "TUNSETGROUP");
}

int tuntap_set_persist(int fd, bool persist, const char **ret_step) {
        return STEP(ioctl(fd, TUNSETPERSIST, persist ? 1UL : 0UL), "TUNSETPERSIST");
}

/* The kernel takes an int, and would make something else of a number that is none. */
static int set_bytes(int fd, unsigned long request, uint64_t bytes, const char *name,
                     const char **ret_step) {
        int value = (int) bytes;

        if (bytes > INT_MAX) {
                errno = EINVAL;
                return STEP(-1, name);
        }
        return STEP(ioctl(fd, request, &value), name);
}

int tuntap_set_vnet_header_bytes(int fd, unsigned bytes, const char **ret_step) {
        return set_bytes(fd, TUNSETVNETHDRSZ, bytes, "TUNSETVNETHDRSZ", ret_step);
}

int tuntap_get_vnet_header_bytes(int fd, unsigned *ret, const char **ret_step) {
        int r, value;

        r = STEP(ioctl(fd, TUNGETVNETHDRSZ, &value), "TUNGETVNETHDRSZ");
        if (r < 0)
                return r;

        *ret = (unsigned) value;
        return 0;
}

int tuntap_set_send_buffer(int fd, uint64_t bytes, const char **ret_step) {
        return set_bytes(fd, TUNSETSNDBUF, bytes, "TUNSETSNDBUF", ret_step);
}

static int set_queue(int fd, short flag, const char *name, const char **ret_step) {
        struct ifreq ifr = { .ifr_flags = flag };

        return STEP(ioctl(fd, TUNSETQUEUE, &ifr), name);
}

int tuntap_detach(int fd, const char **ret_step) {
        return set_queue(fd, IFF_DETACH_QUEUE, "TUNSETQUEUE IFF_DETACH_QUEUE", ret_step);
}

int tuntap_set_mac(int fd, const TunSpec *spec, const char **ret_step) {
        struct ifreq ifr = {};

        if (spec->has_mac)
                memcpy(ifr.ifr_hwaddr.sa_data, spec->mac, TUNTAP_MAC_LENGTH);
        else {
                /* Not secret, so it need not wait for what a machine that boots has not gathered yet. */
                int r = STEP((int) getrandom(ifr.ifr_hwaddr.sa_data, TUNTAP_MAC_LENGTH, GRND_INSECURE),
                             "getrandom");
                if (r < 0)
                        return r;
                ifr.ifr_hwaddr.sa_data[0] = (char) ((ifr.ifr_hwaddr.sa_data[0] & 0xfe) | 0x02);
        }

        ifr.ifr_hwaddr.sa_family = ARPHRD_ETHER;
        memcpy(ifr.ifr_name, spec->name, strlen(spec->name));
        return STEP(ioctl(fd, SIOCSIFHWADDR, &ifr), "SIOCSIFHWADDR");
}

static int set_carrier(int fd, const char **ret_step) {
        int on = 1;

        return STEP(ioctl(fd, TUNSETCARRIER, &on), "TUNSETCARRIER");
}

/* The kernel does not look at what is given, but its number says that something is. */
static int detach_filter(int fd) {
        struct sock_fprog none = {};

        return ioctl(fd, TUNDETACHFILTER, &none);
}

/* Filters and steering programs cannot be read back, so they are removed without asking. */
static int reset_queue(int fd, const TunSpec *spec, const char **ret_step) {
        uint64_t header = spec->vnet_header_bytes ?: sizeof(struct virtio_net_hdr);
        uint64_t buffer = spec->send_buffer ?: INT_MAX;
        struct tun_filter all = {}; /* no entries: lets everything through */
        int none = -1, off = 0, r;

        r = STEP(ioctl(fd, TUNSETOFFLOAD, 0), "TUNSETOFFLOAD");
        if (r >= 0)
                r = set_bytes(fd, TUNSETVNETHDRSZ, header, "TUNSETVNETHDRSZ", ret_step);
        if (r >= 0)
                r = STEP(ioctl(fd, TUNSETVNETLE, &off), "TUNSETVNETLE");
        /* EINVAL where the kernel has no CONFIG_TUN_VNET_CROSS_LE, and then nobody can have set it. */
        if (r >= 0 && ioctl(fd, TUNSETVNETBE, &off) < 0 && errno != EINVAL)
                r = STEP(-1, "TUNSETVNETBE");
        if (r >= 0)
                r = tuntap_set_send_buffer(fd, buffer, ret_step);
        if (r >= 0)
                r = STEP(ioctl(fd, TUNSETSTEERINGEBPF, &none), "TUNSETSTEERINGEBPF");
        if (r >= 0)
                r = STEP(ioctl(fd, TUNSETFILTEREBPF, &none), "TUNSETFILTEREBPF");
        if (r >= 0 && spec->tap)
                r = STEP(detach_filter(fd), "TUNDETACHFILTER");
        if (r >= 0 && spec->tap)
                r = STEP(ioctl(fd, TUNSETTXFILTER, &all), "TUNSETTXFILTER");
        return r;
}

int tuntap_put_back(int fd, const TunSpec *spec, const char **ret_step) {
        int r;

        r = STEP(ioctl(fd, TUNSETLINK, spec->tap ? ARPHRD_ETHER : ARPHRD_NONE), "TUNSETLINK");
        if (r >= 0)
                r = reset_queue(fd, spec, ret_step);
        /* Its address may have been changed; the kernel does not say whether it was. */
        if (r >= 0 && spec->tap)
                r = tuntap_set_mac(fd, spec, ret_step);
        return r < 0 ? r : set_carrier(fd, ret_step);
}

int tuntap_reset(int fd, const TunSpec *spec, const char **ret_step) {
        int r = reset_queue(fd, spec, ret_step);

        return r < 0 ? r : set_carrier(fd, ret_step);
}

int tuntap_detach_filter(int fd, const char **ret_step) {
        return STEP(detach_filter(fd), "TUNDETACHFILTER");
}

int tuntap_set_nonblocking(int fd, const char **ret_step) {
        int flags = fcntl(fd, F_GETFL);

        if (flags >= 0 && flags & O_NONBLOCK)
                return 0;
        return STEP(flags < 0 ? flags : fcntl(fd, F_SETFL, flags | O_NONBLOCK), "O_NONBLOCK");
}

int tuntap_create(int fd, const TunSpec *spec, const char **ret_step) {
        struct ifreq ifr = request_for(spec);
        int r;

        ifr.ifr_flags = (short) (ifr.ifr_flags | IFF_TUN_EXCL);
        r = STEP(ioctl(fd, TUNSETIFF, &ifr), "TUNSETIFF");

        /* The owner at once: until it is set, any local user may attach to a multi-queue device (not on
         * kernels with the fix for CVE-2026-99281). */
        if (r >= 0 && spec->owner >= 0)
                r = tuntap_set_owner(fd, spec->owner, ret_step);
        if (r >= 0 && spec->group >= 0)
                r = tuntap_set_group(fd, spec->group, ret_step);
        if (r >= 0 && spec->vnet_header_bytes > 0)
                r = set_bytes(fd, TUNSETVNETHDRSZ, spec->vnet_header_bytes, "TUNSETVNETHDRSZ", ret_step);
        if (r >= 0 && spec->send_buffer > 0)
                r = tuntap_set_send_buffer(fd, spec->send_buffer, ret_step);
        return r;
}

int tuntap_get(int fd, TunQueue *ret, const char **ret_step) {
        struct ifreq ifr = {};
        int r;

        r = STEP(ioctl(fd, TUNGETIFF, &ifr), "TUNGETIFF");
        if (r < 0)
                return r;

        *ret = (TunQueue){
                .tap = ifr.ifr_flags & IFF_TAP,
                .multi_queue = ifr.ifr_flags & IFF_MULTI_QUEUE,
                .vnet_header = ifr.ifr_flags & IFF_VNET_HDR,
                .napi = ifr.ifr_flags & IFF_NAPI,
                .napi_frags = ifr.ifr_flags & IFF_NAPI_FRAGS,
                .persist = ifr.ifr_flags & IFF_PERSIST,
                .detached = ifr.ifr_flags & IFF_DETACH_QUEUE,
        };
        memcpy(ret->name, ifr.ifr_name, sizeof(ret->name) - 1);
        return 0;
}

bool tuntap_is(int fd) {
        struct stat st;

        return fstat(fd, &st) >= 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(MISC_MAJOR, TUN_MINOR);
}

int tuntap_stat_netns(int fd, struct stat *ret, const char **ret_step) {
        _cleanup_(close_fdp) int netns = ioctl(fd, TUNGETDEVNETNS);
        struct stat st;
        int r;

        r = STEP(netns, "TUNGETDEVNETNS");
        if (r >= 0)
                r = STEP(fstat(netns, &st), "fstat");
        if (r >= 0)
                *ret = st;
        return r;
}

static int attach(const TunSpec *spec, bool detach, int *ret_fd, const char **ret_step) {
        struct ifreq ifr = request_for(spec);
        _cleanup_(close_fdp) int fd = -EBADF;
        TunQueue queue;
        int r, q;

        r = tuntap_open(&fd, ret_step);
        if (r >= 0)
                r = STEP(ioctl(fd, TUNSETIFF, &ifr), "TUNSETIFF");
        if (r < 0)
                return r;

        if (detach)
                r = tuntap_detach(fd, ret_step);
        /* A classic filter on a tap makes TUNSETIFF succeed without attaching: then there is nothing to
         * detach (EINVAL, which would mean something else), and this says EBADFD. */
        q = tuntap_get(fd, &queue, ret_step);
        if (q < 0)
                return q;
        if (r < 0)
                return r;

        *ret_fd = take_fd(&fd);
        return 0;
}

int tuntap_attach(const TunSpec *spec, int *ret_fd, const char **ret_step) {
        return attach(spec, spec->multi_queue, ret_fd, ret_step);
}

int tuntap_attach_for_use(const TunSpec *spec, int *ret_fd, const char **ret_step) {
        return attach(spec, false, ret_fd, ret_step);
}

int tuntap_raise_carrier(int fd, const char **ret_step) {
        TunQueue queue;
        int r, q;

        r = tuntap_get(fd, &queue, ret_step);
        if (r < 0)
                return r;

        /* Attaching runs the classic filter of a tap again, which may point into a program that is gone:
         * EFAULT, and the queue is attached all the same. */
        if (queue.tap)
                (void) detach_filter(fd);
        if (queue.detached)
                r = set_queue(fd, IFF_ATTACH_QUEUE, "TUNSETQUEUE IFF_ATTACH_QUEUE", ret_step);
        if (r >= 0)
                r = set_carrier(fd, ret_step);
        if (!queue.multi_queue)
                return r;

        q = tuntap_detach(fd, r < 0 ? NULL
                                    : ret_step); /* whatever happened: an attached queue swallows packets */
        return r < 0 ? r : q;
}

/* RWF_NOWAIT, since O_NONBLOCK may have been cleared by another holder of the same open file. Tun takes it
 * since Linux 6.4; before, to block us he has to clear it and read in one and the same moment. */
static ssize_t read_at_once(int fd, void *buffer, size_t size) {
        struct iovec iov = { buffer, size };
        struct pollfd waiting = { .fd = fd, .events = POLLIN };
        ssize_t n;
        int flags;

        n = preadv2(fd, &iov, 1, -1, RWF_NOWAIT);
        if (n >= 0 || errno != EOPNOTSUPP)
                return n;

        flags = fcntl(fd, F_GETFL);
        if (flags < 0 || (!(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0))
                return -1;
        if (poll(&waiting, 1, 0) <= 0 || !(waiting.revents & POLLIN))
                return -1;
        return read(fd, buffer, size);
}

void tuntap_drain(int fd) {
        char buffer[65536];

        /* Bounded: a sender faster than we are must not keep us here. */
        for (int i = 0; i < 10000; i++)
                if (read_at_once(fd, buffer, sizeof(buffer)) <= 0)
                        return;
}
