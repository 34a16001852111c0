/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Only the ICMP checksum is computed: that of the IP header does not mind the exchange of addresses. */

#include "echo.h"

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <string.h>

static uint16_t checksum(const uint8_t *p, size_t size) {
        uint32_t sum = 0;

        for (size_t i = 0; i + 1 < size; i += 2)
                sum += (uint32_t) p[i] << 8 | p[i + 1];
        if (size % 2 == 1)
                sum += (uint32_t) p[size - 1] << 8;
        while (sum > UINT16_MAX)
                sum = (sum & UINT16_MAX) + (sum >> 16);

        return htons((uint16_t) ~sum);
}

bool echo_answer(uint8_t *p, size_t size) {
        struct icmphdr icmp;
        struct iphdr ip;
        uint32_t source;
        size_t length;

        if (size < sizeof(ip))
                return false;
        memcpy(&ip, p, sizeof(ip));

        length = ntohs(ip.tot_len);
        if (ip.version != 4 || ip.ihl < 5 || ip.protocol != IPPROTO_ICMP || length > size)
                return false;
        if ((ntohs(ip.frag_off) & (IP_MF | IP_OFFMASK)) != 0 || length < ip.ihl * 4U + sizeof(icmp))
                return false;

        memcpy(&icmp, p + ip.ihl * 4, sizeof(icmp));
        if (icmp.type != ICMP_ECHO)
                return false;

        /* The header checksum does not mind the exchange. */
        source = ip.saddr;
        ip.saddr = ip.daddr;
        ip.daddr = source;
        memcpy(p, &ip, sizeof(ip));

        icmp.type = ICMP_ECHOREPLY;
        icmp.checksum = 0;
        memcpy(p + ip.ihl * 4, &icmp, sizeof(icmp));
        icmp.checksum = checksum(p + ip.ihl * 4, length - ip.ihl * 4);
        memcpy(p + ip.ihl * 4, &icmp, sizeof(icmp));

        return true;
}
