/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a virtual machine does with a tap that has virtio-net headers: offloads, filters, and frames larger
 * than the MTU. Where there is no NAME it uses the queues of $LISTEN_FDS, from descriptor 3 on.
 *
 *     framer spoil [offload] [header] [classic] [ebpf] [steering] [carrier]
 *
 * leaves the device in a state that the next program would not bear: segmentation and checksums are for the
 * program to do, headers of 12 bytes and little-endian, filters that drop everything, all packets to the
 * first queue, carrier off. Prints "spoilt" and runs until standard input ends.
 *
 *     framer traits
 *
 * prints "NAME header H le L offloads CSUM TSO carrier C buffer BYTES", the last being the send buffer.
 *
 *     framer read [WHAT...]
 *
 * does the same to the device as spoil, says "ready", and prints "frame BYTES gso TYPE SIZE" for each large
 * frame until standard input ends, and then "frames of queues: A B...".
 *
 *     framer send NAME COUNT
 *
 * sends TCP segments of 14000 bytes, to be split into 10 of 1400, each of another flow.
 *
 *     framer restart NAME COUNT
 *
 * attaches by name again and again, sets header and offloads for itself, sends itself such a segment and
 * looks whether it comes as it must, twice. Prints "restarts COUNT bad B". */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <linux/virtio_net.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
        FIRST_FD = 3,
        PAYLOAD = 14000,
        SEGMENT = 1400,
        HEADERS = 14 + 20 + 20,
        FRAME_MAX = 70000,
        LARGE = 1000, /* what is smaller is not ours */
        LARGE_HEADER = 12,
};

struct frame {
        struct virtio_net_hdr vnet;
        struct ethhdr eth;
        struct iphdr ip;
        struct tcphdr tcp;
        uint8_t payload[PAYLOAD];
} __attribute__((packed));

_Noreturn static void die(const char *what) {
        perror(what);
        exit(EXIT_FAILURE);
}

static uint32_t sum_of(const void *data, size_t size) {
        const uint8_t *p = data;
        uint32_t sum = 0;

        for (size_t i = 0; i + 1 < size; i += 2)
                sum += (uint32_t) p[i] << 8 | p[i + 1];
        return sum;
}

static uint16_t fold(uint32_t sum) {
        while (sum > UINT16_MAX)
                sum = (sum & UINT16_MAX) + (sum >> 16);
        return (uint16_t) sum;
}

static void frame_make(struct frame *f, uint16_t port) {
        uint32_t pseudo;

        *f = (struct frame){
                .vnet = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                          .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
                          .hdr_len = HEADERS,
                          .gso_size = SEGMENT,
                          .csum_start = 34,
                          .csum_offset = 16 },
                .eth = { .h_dest = { 2, 0, 0, 0, 0, 9 },
                         .h_source = { 2, 0, 0, 0, 0, 1 },
                         .h_proto = htons(ETH_P_IP) },
                .ip = { .version = 4,
                        .ihl = 5,
                        .ttl = 64,
                        .protocol = IPPROTO_TCP,
                        .tot_len = htons(40 + PAYLOAD),
                        .saddr = htonl(0x0a090001),
                        .daddr = htonl(0x0a090009) },
                .tcp = { .source = htons(port),
                         .dest = htons(9),
                         .doff = 5,
                         .ack = 1,
                         .window = htons(1000) },
        };
        f->ip.check = htons((uint16_t) ~fold(sum_of(&f->ip, 20)));
        /* Whoever completes it begins with the sum of addresses, protocol and length. */
        pseudo = sum_of(&f->ip.saddr, 8) + IPPROTO_TCP + 20 + PAYLOAD;
        f->tcp.check = htons(fold(pseudo));
}

static int sender_new(void) {
        int s = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), on = 1;

        if (s < 0 || setsockopt(s, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) < 0)
                die("packet socket");
        return s;
}

static void send_frame(int s, const char *name, uint16_t port) {
        struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_halen = 6 };
        static struct frame f;
        struct ifreq ifr = {};

        memcpy(ifr.ifr_name, name, strlen(name));
        if (ioctl(s, SIOCGIFINDEX, &ifr) < 0)
                die(name);
        to.sll_ifindex = ifr.ifr_ifindex;
        frame_make(&f, port);
        if (sendto(s, &f, sizeof(f), 0, (struct sockaddr *) &to, sizeof(to)) != sizeof(f))
                die("sending a frame");
}

static int send_frames(const char *name, int count) {
        int s = sender_new();

        for (int i = 0; i < count; i++)
                send_frame(s, name, (uint16_t) (1024 + i));
        return EXIT_SUCCESS;
}

/* "return 0": as a filter it drops everything, as steering it says the first queue. */
static int load_ebpf(void) {
        struct bpf_insn program[] = {
                { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
                { .code = BPF_JMP | BPF_EXIT },
        };
        union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
                                .insn_cnt = 2,
                                .insns = (uintptr_t) program,
                                .license = (uintptr_t) "GPL" };
        int fd = (int) syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));

        if (fd < 0)
                die("bpf");
        return fd;
}

static int spoil_one(const char *what) {
        struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
        struct sock_fprog classic = { .len = 1, .filter = &drop };
        int header = LARGE_HEADER, one = 1, zero = 0, program;

        if (strcmp(what, "offload") == 0)
                return ioctl(FIRST_FD, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6);
        if (strcmp(what, "header") == 0)
                return ioctl(FIRST_FD, TUNSETVNETHDRSZ, &header) < 0 ? -1
                                                                     : ioctl(FIRST_FD, TUNSETVNETLE, &one);
        if (strcmp(what, "classic") == 0)
                return ioctl(FIRST_FD, TUNATTACHFILTER, &classic);
        if (strcmp(what, "ebpf") == 0)
                return program = load_ebpf(), ioctl(FIRST_FD, TUNSETFILTEREBPF, &program);
        if (strcmp(what, "steering") == 0)
                return program = load_ebpf(), ioctl(FIRST_FD, TUNSETSTEERINGEBPF, &program);
        if (strcmp(what, "carrier") == 0)
                return ioctl(FIRST_FD, TUNSETCARRIER, &zero);
        errno = EINVAL;
        return -1;
}

static void wait_end(void) {
        char line[64];

        while (fgets(line, sizeof(line), stdin))
                ;
}

static int spoil(char *const *what) {
        for (; *what; what++)
                if (spoil_one(*what) < 0)
                        die(*what);
        puts("spoilt");
        (void) fflush(stdout);
        wait_end();
        return EXIT_SUCCESS;
}

static uint32_t ethtool(int sock, struct ifreq ifr, uint32_t command) {
        struct ethtool_value value = { .cmd = command };

        ifr.ifr_data = (char *) &value;
        if (ioctl(sock, SIOCETHTOOL, &ifr) < 0)
                die("SIOCETHTOOL");
        return value.data;
}

static int print_traits(void) {
        int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), header, little_endian, buffer;
        struct ifreq ifr = {};

        if (ioctl(FIRST_FD, TUNGETIFF, &ifr) < 0 || ioctl(FIRST_FD, TUNGETVNETHDRSZ, &header) < 0 ||
            ioctl(FIRST_FD, TUNGETVNETLE, &little_endian) < 0 || ioctl(FIRST_FD, TUNGETSNDBUF, &buffer) < 0)
                die("TUNGETIFF");
        printf("%s header %d le %d offloads %u %u carrier %u buffer %d\n", ifr.ifr_name, header,
               little_endian, ethtool(sock, ifr, ETHTOOL_GTXCSUM), ethtool(sock, ifr, ETHTOOL_GTSO),
               ethtool(sock, ifr, ETHTOOL_GLINK), buffer);
        return EXIT_SUCCESS;
}

static int read_frames(char *const *what) {
        int n = atoi(getenv("LISTEN_FDS") ?: "1");
        struct pollfd p[16] = { { .fd = STDIN_FILENO, .events = POLLIN } };
        unsigned counts[16] = {};
        static union {
                struct virtio_net_hdr vnet;
                uint8_t bytes[FRAME_MAX];
        } f;

        for (; *what; what++)
                if (spoil_one(*what) < 0)
                        die(*what);
        for (int i = 1; i <= n && i < 16; i++)
                p[i] = (struct pollfd){ .fd = FIRST_FD + i - 1, .events = POLLIN };
        puts("ready");
        (void) fflush(stdout);

        for (;;) {
                if (poll(p, 1 + (nfds_t) n, -1) < 0)
                        die("poll");
                for (int i = 1; i <= n; i++) {
                        ssize_t size = p[i].revents ? read(p[i].fd, &f, sizeof(f)) : 0;

                        if (size < LARGE)
                                continue;
                        counts[i]++;
                        printf("frame %zd gso %u %u\n", size, f.vnet.gso_type, f.vnet.gso_size);
                        (void) fflush(stdout);
                        p[0].revents = 0; /* first all frames */
                }
                if (p[0].revents)
                        break;
        }
        fputs("frames of queues:", stdout);
        for (int i = 1; i <= n; i++)
                printf(" %u", counts[i]);
        puts("");
        return EXIT_SUCCESS;
}

/* Whether what was sent comes whole, behind the header that was asked for. */
static bool is_served(int fd, int sender, const char *name) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        static union {
                struct virtio_net_hdr vnet;
                uint8_t bytes[FRAME_MAX];
        } f;
        ssize_t n = 0;

        send_frame(sender, name, 1024);
        while (n < LARGE) {
                if (poll(&p, 1, 1000) != 1)
                        return false;
                n = read(fd, &f, sizeof(f));
                if (n < 0)
                        return false;
        }
        return n == LARGE_HEADER + HEADERS + PAYLOAD && f.vnet.gso_type == VIRTIO_NET_HDR_GSO_TCPV4 &&
               f.vnet.gso_size == SEGMENT;
}

static int restart(const char *name, int count) {
        int bad = 0, sender = sender_new(), header = LARGE_HEADER;

        for (int i = 0; i < count; i++) {
                struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE };
                int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

                memcpy(ifr.ifr_name, name, strlen(name));
                if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr) < 0 || ioctl(fd, TUNSETVNETHDRSZ, &header) < 0 ||
                    ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4) < 0)
                        die("attaching");
                if (!is_served(fd, sender, name))
                        bad++;
                (void) usleep((useconds_t) (i % 4) * 500);
                if (!is_served(fd, sender, name))
                        bad++;
                (void) close(fd);
        }
        printf("restarts %d bad %d\n", count, bad);
        return EXIT_SUCCESS;
}

int main(int argc, char *argv[]) {
        if (argc >= 2 && strcmp(argv[1], "spoil") == 0)
                return spoil(argv + 2);
        if (argc == 2 && strcmp(argv[1], "traits") == 0)
                return print_traits();
        if (argc >= 2 && strcmp(argv[1], "read") == 0)
                return read_frames(argv + 2);
        if (argc == 4 && strlen(argv[2]) < IFNAMSIZ) {
                if (strcmp(argv[1], "send") == 0)
                        return send_frames(argv[2], atoi(argv[3]));
                if (strcmp(argv[1], "restart") == 0)
                        return restart(argv[2], atoi(argv[3]));
        }
        fputs("Usage: framer spoil|traits|read [WHAT...]\n       framer send|restart NAME COUNT\n", stderr);
        return 2;
}
