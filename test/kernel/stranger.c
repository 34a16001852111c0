/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Nothing here checks a privilege the kernel does not check: all of it works for any user who got a queue.
 */

#include "stranger.h"

#include "../unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/read.h"

#define NODE "/dev/net/tun"

int stranger_attach(const char *name, int flags) {
        _cleanup_(close_fdp) int fd = open(NODE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
        struct ifreq ifr = { .ifr_flags = (short) flags };

        if (fd < 0)
                return -errno;
        memcpy(ifr.ifr_name, name, strlen(name));
        if (ioctl(fd, TUNSETIFF, &ifr) < 0)
                return -errno;
        return take_fd(&fd);
}

void stranger_tamper(int fd, const char *name) {
        struct ifreq mac = { .ifr_hwaddr = { .sa_family = ARPHRD_ETHER,
                                             .sa_data = { 2, 0xba, 0xdb, 0xad, 0xba, 0xd } } };
        int header = 12, little_endian = 1, buffer = 4096, off = 0;

        /* Its length follows the type, so the address first; a tun has none and refuses. */
        memcpy(mac.ifr_name, name, strlen(name));
        (void) ioctl(fd, SIOCSIFHWADDR, &mac);
        assert_return_code(ioctl(fd, TUNSETLINK, ARPHRD_PPP), errno);
        assert_return_code(ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4), errno);
        assert_return_code(ioctl(fd, TUNSETVNETHDRSZ, &header), errno);
        assert_return_code(ioctl(fd, TUNSETVNETLE, &little_endian), errno);
        assert_return_code(ioctl(fd, TUNSETSNDBUF, &buffer), errno);
        assert_return_code(ioctl(fd, TUNSETCARRIER, &off), errno);
}

/* "return 0", which trims every packet to nothing. */
static int load_dropper(void) {
        static const struct bpf_insn program[] = {
                { .code = BPF_ALU64 | BPF_MOV | BPF_K },
                { .code = BPF_JMP | BPF_EXIT },
        };
        union bpf_attr attr = {
                .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
                .insns = (uintptr_t) program,
                .insn_cnt = ELEMENTSOF(program),
                .license = (uintptr_t) "LGPL",
        };

        return (int) syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

static void block_tap(int fd) {
        static struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
        /* Static, so that its padding is zero. */
        static struct sock_fprog classic = { .len = 1, .filter = &drop };
        static const uint8_t address[ETH_ALEN] = { 2, 1, 1, 1, 1, 1 };
        union {
                struct tun_filter filter;
                uint8_t bytes[sizeof(struct tun_filter) + ETH_ALEN];
        } only = { .filter.count = 1 };

        memcpy(only.filter.addr, address, sizeof(address));
        assert_return_code(ioctl(fd, TUNATTACHFILTER, &classic), errno);
        assert_return_code(ioctl(fd, TUNSETTXFILTER, &only), errno);
}

bool stranger_block(int fd, bool tap) {
        _cleanup_(close_fdp) int dropper = -EBADF;

        if (tap)
                block_tap(fd);

        dropper = load_dropper();
        if (dropper < 0)
                return false;
        assert_return_code(ioctl(fd, TUNSETSTEERINGEBPF, &dropper), errno);
        assert_return_code(ioctl(fd, TUNSETFILTEREBPF, &dropper), errno);
        return true;
}

static unsigned read_offload(const char *name, uint32_t command) {
        _cleanup_(close_fdp) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        struct ethtool_value value = { .cmd = command };
        struct ifreq ifr = { .ifr_data = (char *) &value };

        memcpy(ifr.ifr_name, name, strlen(name));
        assert_return_code(ioctl(fd, SIOCETHTOOL, &ifr), errno);
        return value.data;
}

Traits traits_read(int fd, const char *name) {
        _cleanup_(rtnl_closep) Rtnl *rtnl = NULL;
        _cleanup_(link_freep) Link *link = NULL;
        Traits t = {};

        assert_int_equal(rtnl_open(&rtnl), 0);
        assert_int_equal(read_link(rtnl, 0, name, &link), 0);
        t.arp_type = link->arp_type;
        t.carrier = link->carrier;
        if (link->address_length == sizeof(t.mac))
                memcpy(t.mac, link->address, sizeof(t.mac));

        assert_return_code(ioctl(fd, TUNGETVNETHDRSZ, &t.vnet_header_size), errno);
        assert_return_code(ioctl(fd, TUNGETVNETLE, &t.little_endian), errno);
        assert_return_code(ioctl(fd, TUNGETSNDBUF, &t.send_buffer), errno);
        t.checksum_offload = read_offload(name, ETHTOOL_GTXCSUM);
        t.segmentation_offload = read_offload(name, ETHTOOL_GTSO);
        return t;
}

const char *traits_differ(const Traits *a, const Traits *b) {
        if (a->arp_type != b->arp_type)
                return "link type";
        if (a->vnet_header_size != b->vnet_header_size)
                return "header size";
        if (a->little_endian != b->little_endian)
                return "endianness";
        if (a->send_buffer != b->send_buffer)
                return "send buffer";
        if (a->checksum_offload != b->checksum_offload)
                return "checksum offload";
        if (a->segmentation_offload != b->segmentation_offload)
                return "segmentation offload";
        if (a->carrier != b->carrier)
                return "carrier";
        return NULL;
}
