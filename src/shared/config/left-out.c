/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What systemd-networkd knows and netdevd leaves out. A file written for networkd may have dozens of such
 * lines, so they are gathered and said in one notice, with the reasons. */

#include <string.h>

#include "keys.h"

/* Keys first, then whole sections (key NULL); a section of NULL stands for every one. What has no row is a
 * dynamic protocol: that is the most of networkd. */
static const struct {
        const char *section, *key, *reason;
} reasons[] = {
        { "Network", "ActiveSlave", "devices of other kinds" },
        { "Network", "BatmanAdvanced", "devices of other kinds" },
        { "Network", "Bond", "devices of other kinds" },
        { "Network", "DNS", "name service" },
        { "Network", "DNSDefaultRoute", "name service" },
        { "Network", "DNSOverTLS", "name service" },
        { "Network", "DNSSEC", "name service" },
        { "Network", "DNSSECNegativeTrustAnchors", "name service" },
        { "Network", "Domains", "name service" },
        { "Network", "IPMasquerade", "packet filters" },
        { "Network", "IPVLAN", "devices of other kinds" },
        { "Network", "IPVTAP", "devices of other kinds" },
        { "Network", "IPoIB", "devices of other kinds" },
        { "Network", "L2TP", "devices of other kinds" },
        { "Network", "LLMNR", "name service" },
        { "Network", "MACVLAN", "devices of other kinds" },
        { "Network", "MACVTAP", "devices of other kinds" },
        { "Network", "MACsec", "devices of other kinds" },
        { "Network", "MPLSRouting", "MPLS" },
        { "Network", "MulticastDNS", "name service" },
        { "Network", "NTP", "time service" },
        { "Network", "PrimarySlave", "devices of other kinds" },
        { "Network", "Tunnel", "devices of other kinds" },
        { "Network", "UseDomains", "name service" },
        { "Network", "VLAN", "devices of other kinds" },
        { "Network", "VXLAN", "devices of other kinds" },
        { "Network", "Xfrm", "devices of other kinds" },
        { NULL, "NFTSet", "packet filters" },
        { NULL, "NetLabel", "NetLabel" },
        { "BFIFO", NULL, "traffic control" },
        { "Bridge", NULL, "rarer bridge settings" },
        { "BridgeFDB", NULL, "static entries of bridges" },
        { "BridgeMDB", NULL, "static entries of bridges" },
        { "CAKE", NULL, "traffic control" },
        { "CAN", NULL, "settings of hardware" },
        { "ControlledDelay", NULL, "traffic control" },
        { "DeficitRoundRobinScheduler", NULL, "traffic control" },
        { "DeficitRoundRobinSchedulerClass", NULL, "traffic control" },
        { "EnhancedTransmissionSelection", NULL, "traffic control" },
        { "FairQueueing", NULL, "traffic control" },
        { "FairQueueingControlledDelay", NULL, "traffic control" },
        { "FlowQueuePIE", NULL, "traffic control" },
        { "GenericRandomEarlyDetection", NULL, "traffic control" },
        { "HeavyHitterFilter", NULL, "traffic control" },
        { "HierarchyTokenBucket", NULL, "traffic control" },
        { "HierarchyTokenBucketClass", NULL, "traffic control" },
        { "IPoIB", NULL, "settings of hardware" },
        { "IPv6AddressLabel", NULL, "address labels" },
        { "NetworkEmulator", NULL, "traffic control" },
        { "PFIFO", NULL, "traffic control" },
        { "PFIFOFast", NULL, "traffic control" },
        { "PFIFOHeadDrop", NULL, "traffic control" },
        { "PIE", NULL, "traffic control" },
        { "QDisc", NULL, "traffic control" },
        { "QuickFairQueueing", NULL, "traffic control" },
        { "QuickFairQueueingClass", NULL, "traffic control" },
        { "SR-IOV", NULL, "settings of hardware" },
        { "StochasticFairBlue", NULL, "traffic control" },
        { "StochasticFairnessQueueing", NULL, "traffic control" },
        { "TokenBucketFilter", NULL, "traffic control" },
        { "TrafficControlQueueingDiscipline", NULL, "traffic control" },
        { "TrivialLinkEqualizer", NULL, "traffic control" },
};

static const char *reason_of(const Source *s) {
        for (size_t i = 0; i < ELEMENTSOF(reasons); i++)
                if ((!reasons[i].section || strcmp(reasons[i].section, s->section) == 0) &&
                    (!reasons[i].key || (s->key && strcmp(reasons[i].key, s->key) == 0)))
                        return reasons[i].reason;
        return "dynamic protocols";
}

static bool same_name(const LeftOutItem *item, const Source *s) {
        if (strcmp(item->section, s->section) != 0 || !item->key != !s->key)
                return false;
        return !s->key || strcmp(item->key, s->key) == 0;
}

void left_out_add(LeftOut *l, const Source *source) {
        LeftOutItem *item = l->items;

        while (item < l->items + l->n && !same_name(item, source))
                item++;

        if (item == l->items + LEFT_OUT_MAX) {
                l->more++;
                return;
        }

        if (item == l->items + l->n) {
                *item = (LeftOutItem){ .section = source->section, .key = source->key };
                item->reason = reason_of(source);
                l->n++;
        }

        if (item->n < ELEMENTSOF(item->sources))
                item->sources[item->n] = *source;
        item->n++;
}

/* Each reason once, in the order of the items. */
static void write_reasons(FILE *f, const LeftOut *l) {
        const char *list[LEFT_OUT_MAX];
        size_t n = 0;

        for (size_t i = 0; i < l->n; i++) {
                size_t j = 0;

                while (j < n && strcmp(list[j], l->items[i].reason) != 0)
                        j++;
                if (j == n)
                        list[n++] = l->items[i].reason;
        }

        for (size_t i = 0; i < n; i++)
                fprintf(f, "%sno %s", i == 0 ? "" : i + 1 < n ? ", " : " and ", list[i]);
}

static void write_lines(FILE *f, const LeftOutItem *item, const char *path) {
        size_t shown = item->n < ELEMENTSOF(item->sources) ? item->n : ELEMENTSOF(item->sources);

        fputs(item->n == 1 ? " (line " : " (lines ", f);
        for (size_t i = 0; i < shown; i++) {
                const Source *s = item->sources + i;

                fprintf(f, "%s%u", i == 0 ? "" : ", ", s->line);
                if (strcmp(s->path, path) != 0)
                        fprintf(f, " of %s", s->path);
        }
        if (shown < item->n)
                fprintf(f, " and %zu more", item->n - shown);
        fputc(')', f);
}

static void write_items(FILE *f, const LeftOut *l, const char *path) {
        const char *section = "";

        for (size_t i = 0; i < l->n; i++) {
                const LeftOutItem *item = l->items + i;

                if (i > 0)
                        fputs(", ", f);
                if (!item->key)
                        fprintf(f, "section [%s]", item->section);
                else if (strcmp(item->section, section) == 0)
                        fprintf(f, "%s=", item->key);
                else
                        fprintf(f, "[%s] %s=", item->section, item->key);
                section = item->key ? item->section : "";
                write_lines(f, item, path);
        }
        if (l->more > 0)
                fprintf(f, " and %zu more", l->more);
}

static bool has_key(const LeftOut *l, const char *section, const char *key) {
        for (size_t i = 0; i < l->n; i++)
                if (same_name(l->items + i, &(Source){ .section = section, .key = key }))
                        return true;
        return false;
}

static int compare(const void *a, const void *b) {
        const Source *x = ((const LeftOutItem *) a)->sources, *y = ((const LeftOutItem *) b)->sources;
        int r = strcmp(x->path, y->path);

        return r != 0 ? r : (x->line > y->line) - (x->line < y->line);
}

void left_out_report(LeftOut *l, Diagnostics *diag) {
        _cleanup_(freep) char *text = NULL;
        size_t size;
        FILE *f;

        if (l->n == 0)
                return;

        qsort(l->items, l->n, sizeof(LeftOutItem), compare);

        f = open_memstream(&text, &size);
        if (!f)
                return;
        fputs("left out, since netdevd does ", f);
        write_reasons(f, l);
        fputs(": ", f);
        write_items(f, l, l->items[0].sources[0].path);
        if (fclose(f) != 0)
                return;

        (void) diag_add(diag, SEVERITY_NOTICE, l->items[0].sources,
                        has_key(l, "Network", "IPMasquerade")
                                        ? "masquerade with nftables; what needs the rest is for "
                                          "systemd-networkd"
                                        : "what needs them is for systemd-networkd",
                        "%s", text);
}
