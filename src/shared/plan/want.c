/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Joins what the files say about one device. Pure but for the resolver it is given. */

#include "want.h"

#include <string.h>

/* Limits of the driver (tun_net_init). */
#define MTU_MIN      68
#define MTU_MAX_TUN  65535
#define MTU_MIN_IPV6 1280

void wants_done(Wants *wants) {
        for (size_t i = 0; i < wants->n; i++)
                free(wants->items[i].error);
        free(wants->items);
        *wants = (Wants){};
}

static int compare(const void *a, const void *b) {
        return strcmp(((const Want *) a)->name, ((const Want *) b)->name);
}

const Want *wants_find(const Wants *wants, const char *name) {
        Want key = { .name = name };

        return wants->n > 0 ? bsearch(&key, wants->items, wants->n, sizeof(Want), compare) : NULL;
}

/* Decimal digits only: "0x10" is no id, as in systemd. */
static bool parse_id(const char *s, int64_t *ret) {
        int64_t v = 0;

        if (!*s || strlen(s) > 10)
                return false;
        for (; *s; s++) {
                if (*s < '0' || *s > '9')
                        return false;
                v = v * 10 + (*s - '0');
        }
        if (v >= UINT32_MAX) /* (uid_t) -1 is no user */
                return false;

        *ret = v;
        return true;
}

static const char *resolve_hint(bool group, bool missing) {
        if (!missing)
                return "see nsswitch.conf(5) and the service behind it, then reload";
        return group ? "create it with 'groupadd --system', or correct Group=, then reload"
                     : "create it with 'useradd --system', or correct User=, then reload";
}

static int resolve(Want *w, const Resolver *resolver, bool group, Diagnostics *diag) {
        const char *name = group ? w->device->group : w->device->user, *what = group ? "group" : "user";
        const Source *source = w->device->sources + (group ? DEVICE_GROUP : DEVICE_USER);
        int64_t *id = group ? &w->group : &w->owner;
        char *error;
        int r;

        if (!name || parse_id(name, id))
                return 0;

        r = (group ? resolver->group : resolver->user)(name, id, resolver->userdata);
        if (r >= 0)
                return 0;

        if (asprintf(&error,
                     r == -ESRCH ? "%s '%s' does not exist on this machine"
                                 : "%s '%s' could not be looked up",
                     what, name) < 0)
                return -ENOMEM;
        (void) diag_add(diag, SEVERITY_ERROR, source, resolve_hint(group, r == -ESRCH),
                        "%s; device %s is not made", error, w->name);

        if (w->error) { /* both are told of; the first one stands for the device */
                free(error);
                return 0;
        }
        w->error = error;
        w->error_source = source;
        return 0;
}

static int resolve_owner(Want *w, const Resolver *resolver, Diagnostics *diag) {
        const DeviceConfig *d = w->device;
        int r;

        w->owner = w->group = -1;
        r = resolve(w, resolver, false, diag);
        if (r >= 0)
                r = resolve(w, resolver, true, diag);

        /* With neither, the kernel lets every local user attach. */
        if (!d->user && !d->group && !d->allow_any_user)
                w->owner = 0;
        return r;
}

static bool wants_ipv6(const NetworkConfig *n) {
        for (size_t i = 0; i < n->n_addresses; i++)
                if (n->addresses[i].address.family == AF_INET6)
                        return true;
        return false;
}

static void set_mtu(Want *w, Diagnostics *diag) {
        uint64_t mtu = w->network->mtu,
                 max = w->device && w->device->kind == KIND_TAP ? MTU_MAX_TAP : MTU_MAX_TUN;
        uint64_t min = wants_ipv6(w->network) ? MTU_MIN_IPV6 : MTU_MIN;
        const Source *source = w->network->sources + NETWORK_MTU;

        if (mtu == 0)
                return;

        w->mtu = (uint32_t) (mtu < min ? min : mtu > max ? max : mtu);
        if (mtu < min)
                (void) diag_add(diag, SEVERITY_WARNING, source, "write at least that",
                                "MTUBytes=%llu is too small for %s%s; %u is used", (unsigned long long) mtu,
                                w->name, min == MTU_MIN_IPV6 ? ", which has IPv6 addresses" : "", w->mtu);
        if (mtu > max)
                (void) diag_add(diag, SEVERITY_WARNING, source, "write at most that",
                                "MTUBytes=%llu is too large for %s; %u is used", (unsigned long long) mtu,
                                w->name, w->mtu);
}

static void set_mac(Want *w, Diagnostics *diag) {
        const HwAddr *mac = &w->network->mac_address;
        const Source *source = w->network->sources + NETWORK_MAC_ADDRESS;
        static const uint8_t null[6], broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

        if (mac->length == 0)
                return;

        if (w->device && w->device->kind == KIND_TUN) {
                (void) diag_add(diag, SEVERITY_WARNING, source, "remove the line, or use Kind=tap",
                                "%s is a tun and has no hardware address; MACAddress= is ignored for it",
                                w->name);
                return;
        }
        if (mac->length != 6 || memcmp(mac->bytes, null, 6) == 0 || memcmp(mac->bytes, broadcast, 6) == 0) {
                (void) diag_add(diag, SEVERITY_WARNING, source,
                                "write six bytes like 02:00:5e:10:00:01, not all zero or ff",
                                "MACAddress= does not fit the Ethernet device %s; it is ignored for it",
                                w->name);
                return;
        }

        w->mac_address = *mac;
        if (mac->bytes[0] & 1) {
                w->mac_address.bytes[0] &= 0xfe;
                (void) diag_add(diag, SEVERITY_WARNING, source, "use an even first byte",
                                "MACAddress= is a multicast address; it is used for %s without the "
                                "multicast bit",
                                w->name);
        }
}

static void set_network(Want *w, const NetworkConfig *network, Diagnostics *diag) {
        w->network = network;
        if (!network)
                return;
        set_mtu(w, diag);
        set_mac(w, diag);
}

static int add_declared(Wants *wants, const Config *config, const Resolver *resolver, Diagnostics *diag) {
        int r;

        for (size_t i = 0; i < config->n_devices; i++) {
                const DeviceConfig *d = config->devices[i];
                Want w = { .name = d->name, .device = d };

                r = ARRAY_RESERVE_ONE(wants->items, wants->n);
                if (r < 0)
                        return r;

                r = resolve_owner(&w, resolver, diag);
                set_network(&w, config_match(config, w.name, false), diag);
                wants->items[wants->n++] = w;
                if (r < 0)
                        return r;
        }

        if (wants->n > 0)
                qsort(wants->items, wants->n, sizeof(Want), compare);
        return 0;
}

/* Links made by others count only when a file names them literally (design D10). */
static int add_foreign(const Wants *declared, const Config *config, const NetworkConfig *n,
                       Diagnostics *diag, Wants *foreign) {
        int r;

        for (size_t j = 0; j < n->n_match_names; j++) {
                const MatchWord *word = n->match_names + j;
                Want w = { .name = word->glob, .owner = -1, .group = -1 };

                if (!word->literal || wants_find(declared, w.name) ||
                    config_match(config, w.name, true) != n)
                        continue;

                r = ARRAY_RESERVE_ONE(foreign->items, foreign->n);
                if (r < 0)
                        return r;
                set_network(&w, n, diag);
                foreign->items[foreign->n++] = w;
        }
        return 0;
}

/* Adds the foreign ones, each name once: a file may give it twice. */
static int merge(Wants *wants, Wants *foreign) {
        int r;

        if (foreign->n > 0)
                qsort(foreign->items, foreign->n, sizeof(Want), compare);
        for (size_t i = 0; i < foreign->n; i++) {
                if (i > 0 && strcmp(foreign->items[i].name, foreign->items[i - 1].name) == 0)
                        continue;
                r = ARRAY_RESERVE_ONE(wants->items, wants->n);
                if (r < 0)
                        return r;
                wants->items[wants->n++] = foreign->items[i];
        }

        if (wants->n > 0)
                qsort(wants->items, wants->n, sizeof(Want), compare);
        return 0;
}

int wants_build(const Config *config, const Resolver *resolver, Diagnostics *diag, Wants *ret) {
        _cleanup_(wants_done) Wants wants = { .complete = strv_length(config->failed) == 0 }, foreign = {};
        int r;

        r = add_declared(&wants, config, resolver, diag);
        for (size_t i = 0; r >= 0 && i < config->n_networks; i++)
                r = add_foreign(&wants, config, config->networks[i], diag, &foreign);
        if (r >= 0)
                r = merge(&wants, &foreign);
        if (r < 0)
                return r;

        *ret = wants;
        wants = (Wants){};
        return 0;
}
