/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The only file that opens something below /proc/sys. The kernel takes a value only as one write(), and
 * belongs to the network namespace of who opens, not to that of a netlink socket. */

#include "sysctl.h"

#include <arpa/inet.h>
#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"

#define ROOT "/proc/sys/"

/* Below /proc/sys/net: a directory of links and a file in each. */
typedef struct SysctlFile {
        const char *directory;
        const char *name;
} SysctlFile;

static const SysctlFile files[_LINK_SYSCTL_MAX] = {
        [SYSCTL_IPV4_FORWARDING] = { "net/ipv4/conf", "forwarding" },
        [SYSCTL_IPV4_PROXY_ARP] = { "net/ipv4/conf", "proxy_arp" },
        [SYSCTL_IPV4_PROXY_ARP_PVLAN] = { "net/ipv4/conf", "proxy_arp_pvlan" },
        [SYSCTL_IPV4_RP_FILTER] = { "net/ipv4/conf", "rp_filter" },
        [SYSCTL_IPV4_ACCEPT_LOCAL] = { "net/ipv4/conf", "accept_local" },
        [SYSCTL_IPV4_ROUTE_LOCALNET] = { "net/ipv4/conf", "route_localnet" },
        [SYSCTL_IPV6_FORWARDING] = { "net/ipv6/conf", "forwarding" },
        [SYSCTL_IPV6_DISABLE] = { "net/ipv6/conf", "disable_ipv6" },
        [SYSCTL_IPV6_USE_TEMPADDR] = { "net/ipv6/conf", "use_tempaddr" },
        [SYSCTL_IPV6_DAD_TRANSMITS] = { "net/ipv6/conf", "dad_transmits" },
        [SYSCTL_IPV6_HOP_LIMIT] = { "net/ipv6/conf", "hop_limit" },
        [SYSCTL_IPV6_PROXY_NDP] = { "net/ipv6/conf", "proxy_ndp" },
        [SYSCTL_IPV6_MTU] = { "net/ipv6/conf", "mtu" },
        [SYSCTL_IPV6_RETRANS_TIME] = { "net/ipv6/neigh", "retrans_time_ms" },
};

static const SysctlFile stable_secret = { "net/ipv6/conf", "stable_secret" };

static const char *const forwarding_paths[] = {
        ROOT "net/ipv4/ip_forward",
        ROOT "net/ipv6/conf/all/forwarding",
};

typedef struct Path {
        char bytes[128];
} Path;

/* No link can have such a name; as a path it would lead elsewhere. */
static bool is_link_name(const char *s) {
        static const char *const others[] = { "", ".", "..", "all", "default" };

        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                if (strcmp(s, others[i]) == 0)
                        return false;
        return strlen(s) < IFNAMSIZ && !strchr(s, '/');
}

static int path_of(const SysctlFile *file, const char *ifname, Path *ret) {
        int n;

        assert(ifname);

        if (!is_link_name(ifname))
                return -EINVAL;

        n = snprintf(ret->bytes, sizeof(ret->bytes), ROOT "%s/%s/%s", file->directory, ifname, file->name);
        return n > 0 && (size_t) n < sizeof(ret->bytes) ? 0 : -EINVAL;
}

/* As sysctl(8) has them: dots between, and a slash for a dot in a name. */
char *sysctl_name(LinkSysctl sysctl, const char *ifname) {
        char *name;

        assert(sysctl < _LINK_SYSCTL_MAX);
        assert(ifname);

        if (asprintf(&name, "%s/%s/%s", files[sysctl].directory, ifname, files[sysctl].name) < 0)
                return NULL;

        for (char *p = name; *p; p++)
                *p = *p == '/' ? '.' : *p == '.' ? '/' : *p;
        return name;
}

static int write_file(const char *path, const char *text) {
        _cleanup_(close_fdp) int fd = -EBADF;
        size_t size = strlen(text);
        ssize_t n;

        fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return -errno;

        n = write(fd, text, size);
        if (n < 0)
                return -errno;

        return (size_t) n == size ? 0 : -EIO;
}

/* One line, without its end. */
static int read_file(const char *path, char *ret, size_t size) {
        _cleanup_(close_fdp) int fd = -EBADF;
        ssize_t n;

        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return -errno;

        n = read(fd, ret, size - 1);
        if (n < 0)
                return -errno;

        ret[n] = '\0';
        ret[strcspn(ret, "\n")] = '\0';
        return 0;
}

static int write_number(const char *path, int64_t value) {
        char text[32];

        (void) snprintf(text, sizeof(text), "%" PRIi64 "\n", value);
        return write_file(path, text);
}

static int read_number(const char *path, int32_t *ret) {
        char text[64], *end;
        long long value;
        int r;

        r = read_file(path, text, sizeof(text));
        if (r < 0)
                return r;

        errno = 0;
        value = strtoll(text, &end, 10);
        if (errno != 0 || end == text || *end != '\0')
                return -EBADMSG;
        if (value < INT32_MIN || value > INT32_MAX)
                return -ERANGE;

        *ret = (int32_t) value;
        return 0;
}

int sysctl_write(LinkSysctl sysctl, const char *ifname, int64_t value) {
        Path path;
        int r;

        assert(sysctl < _LINK_SYSCTL_MAX);

        r = path_of(files + sysctl, ifname, &path);
        return r < 0 ? r : write_number(path.bytes, value);
}

int sysctl_read(LinkSysctl sysctl, const char *ifname, int32_t *ret) {
        Path path;
        int r;

        assert(sysctl < _LINK_SYSCTL_MAX);
        assert(ret);

        r = path_of(files + sysctl, ifname, &path);
        return r < 0 ? r : read_number(path.bytes, ret);
}

int sysctl_write_forwarding(bool ipv6, bool on) {
        return write_number(forwarding_paths[ipv6], on);
}

static int read_switch(const char *path, int8_t *ret) {
        int32_t value;
        int r;

        assert(ret);

        r = read_number(path, &value);
        if (r < 0)
                return r;

        *ret = value != 0;
        return 0;
}

int sysctl_read_forwarding(bool ipv6, int8_t *ret) {
        return read_switch(forwarding_paths[ipv6], ret);
}

int sysctl_read_ipv6_disable_default(int8_t *ret) {
        return read_switch(ROOT "net/ipv6/conf/default/disable_ipv6", ret);
}

int sysctl_write_stable_secret(const char *ifname, const uint8_t secret[static 16]) {
        char text[INET6_ADDRSTRLEN];
        Path path;
        int r;

        r = path_of(&stable_secret, ifname, &path);
        if (r < 0)
                return r;
        if (!inet_ntop(AF_INET6, secret, text, sizeof(text)))
                return -errno;

        return write_file(path.bytes, text);
}

int sysctl_read_stable_secret(const char *ifname, uint8_t ret[static 16]) {
        uint8_t secret[16];
        char text[64];
        Path path;
        int r;

        r = path_of(&stable_secret, ifname, &path);
        if (r >= 0)
                r = read_file(path.bytes, text, sizeof(text));
        if (r < 0)
                return r == -EIO ? -ENODATA : r; /* the kernel's word for one never set */
        if (inet_pton(AF_INET6, text, secret) != 1)
                return -EBADMSG;

        memcpy(ret, secret, sizeof(secret));
        return 0;
}
