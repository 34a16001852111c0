/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* [Neighbor]. */

#include "config-file.h"
#include "config-objects.h"

static int parse_address(const Assignment *a, void *field, void *object _unused_) {
        if (!*a->value) {
                *(InAddr *) field = (InAddr){};
                return 1;
        }
        return object_address(a, 0, NULL, field);
}

const Key neighbor_keys[] = {
        { "Neighbor", "Address", parse_address, offsetof(NeighborConfig, address), -1 },
        { "Neighbor", "LinkLayerAddress", key_parse_hwaddr, offsetof(NeighborConfig, link_layer), -1 },
        { "Neighbor", "MACAddress", key_parse_hwaddr, offsetof(NeighborConfig, link_layer), -1 },
        {},
};

int neighbor_verify(ObjectDraft *draft, ObjectContext *context) {
        NeighborConfig *c = &draft->neighbor;

        if (!c->address.family)
                return object_refuse(context, &c->source,
                                     "write Address=", "section [Neighbor] has no Address=");
        if (c->link_layer.length == 0)
                return object_refuse(context, &c->source, "write LinkLayerAddress=",
                                     "section [Neighbor] has no LinkLayerAddress=");
        return 1;
}

int neighbor_config_compare(const void *a, const void *b) {
        return in_addr_compare(&((const NeighborConfig *) a)->address,
                               &((const NeighborConfig *) b)->address);
}
