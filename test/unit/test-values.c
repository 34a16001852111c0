/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Values: text beside what it is read as. A refused value must leave the result alone. */

#include "rows.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "config/values.h"

typedef struct BoolRow {
        const char *text;
        int expected; /* 0, 1 or -errno */
} BoolRow;

static const BoolRow bool_rows[] = {
        { "1", 1 },
        { "yes", 1 },
        { "y", 1 },
        { "true", 1 },
        { "t", 1 },
        { "on", 1 },
        { "0", 0 },
        { "no", 0 },
        { "n", 0 },
        { "false", 0 },
        { "f", 0 },
        { "off", 0 },
        { "YES", 1 },
        { "Y", 1 },
        { "True", 1 },
        { "T", 1 },
        { "oN", 1 },
        { "NO", 0 },
        { "N", 0 },
        { "fALSE", 0 },
        { "F", 0 },
        { "OFF", 0 },
        { "", -EINVAL },
        { "2", -EINVAL },
        { "01", -EINVAL },
        { "yes ", -EINVAL },
        { " yes", -EINVAL },
        { "ye", -EINVAL },
        { "enable", -EINVAL },
        { "\"yes\"", -EINVAL },
        { "-1", -EINVAL },
};

static void test_boolean(void **state) {
        const BoolRow *row = *state;

        for (int before = 0; before < 2; before++) {
                bool v = before;
                int r = parse_boolean(row->text, &v);

                assert_int_equal(r, row->expected < 0 ? row->expected : 0);
                assert_int_equal(v, row->expected < 0 ? before : row->expected);
        }
}

typedef struct NumberRow {
        const char *text;
        uint64_t expected;
        int result;
        bool octal; /* surprisingly so */
} NumberRow;

static const NumberRow number_rows[] = {
        { "0", 0 },
        { "1", 1 },
        { "1500", 1500 },
        { "4294967295", UINT32_MAX },
        { "18446744073709551615", UINT64_MAX },
        { "18446744073709551616", 0, -ERANGE },
        { "99999999999999999999999999", 0, -ERANGE },
        { "0xffffffffffffffff", UINT64_MAX },
        { "0x10000000000000000", 0, -ERANGE },
        { "0x1f", 31 },
        { "0X1F", 31 },
        { "0xaBc", 0xabc },
        { "0b101", 5 },
        { "0B11", 3 },
        { "0o17", 15 },
        { "0O17", 15 },
        { "024", 20, .octal = true },
        { "0644", 420, .octal = true },
        { "010", 8, .octal = true },
        { "007", 7 },
        { "00", 0 },
        { "01", 1 },
        { "0011", 9, .octal = true },
        { "+5", 5 },
        { "+0x10", 16 },
        { "+024", 20, .octal = true },
        { " 5", 5 },
        { "\t\n\r 5", 5 },
        { " 024", 20, .octal = true },
        { "", 0, -EINVAL },
        { " ", 0, -EINVAL },
        { "+", 0, -EINVAL },
        { "-", 0, -EINVAL },
        { "-1", 0, -EINVAL },
        { "-0", 0, -EINVAL },
        { "++1", 0, -EINVAL },
        { "+-1", 0, -EINVAL },
        { "+ 1", 0, -EINVAL },
        { "1 ", 0, -EINVAL },
        { "1x", 0, -EINVAL },
        { "1.5", 0, -EINVAL },
        { "1K", 0, -EINVAL },
        { "1,000", 0, -EINVAL },
        { "1_000", 0, -EINVAL },
        { "0x", 0, -EINVAL },
        { "0b", 0, -EINVAL },
        { "0o", 0, -EINVAL },
        { "0xg", 0, -EINVAL },
        { "0x 1", 0, -EINVAL },
        { "0x-1", 0, -EINVAL },
        { "0b2", 0, -EINVAL },
        { "0o8", 0, -EINVAL },
        { "08", 0, -EINVAL },
        { "0b+1", 0, -EINVAL },
        { "ff", 0, -EINVAL },
        { "\v5", 0, -EINVAL },
        { "\xd9\xa1", 0, -EINVAL },
        { "99999999999999999999999999x", 0, -EINVAL },
};

static void test_number(void **state) {
        const NumberRow *row = *state;
        uint64_t v64 = 77;
        uint32_t v32 = 77;
        uint8_t v8 = 77;

        assert_int_equal(parse_u64(row->text, &v64), row->result);
        assert_true(v64 == (row->result < 0 ? 77 : row->expected));
        assert_int_equal(number_is_octal_surprise(row->text), row->octal);

        assert_int_equal(parse_u32(row->text, &v32), row->expected > UINT32_MAX ? -ERANGE : row->result);
        assert_true(v32 == (row->result < 0 || row->expected > UINT32_MAX ? 77 : row->expected));
        assert_int_equal(parse_u8(row->text, &v8), row->expected > UINT8_MAX ? -ERANGE : row->result);
        assert_true(v8 == (row->result < 0 || row->expected > UINT8_MAX ? 77 : row->expected));
}

static void test_number_edges(void **state _unused_) {
        uint32_t v32 = 77;
        uint8_t v8 = 77;

        assert_int_equal(parse_u8("255", &v8), 0);
        assert_int_equal(v8, 255);
        assert_int_equal(parse_u8("256", &v8), -ERANGE);
        assert_int_equal(v8, 255);
        assert_int_equal(parse_u32("4294967296", &v32), -ERANGE);
        assert_int_equal(v32, 77);
}

typedef struct SizeRow {
        const char *text;
        uint64_t expected;
        int result;
} SizeRow;

static const SizeRow size_rows[] = {
        { "0", 0 },
        { "1500", 1500 },
        { "1500B", 1500 },
        { "1K", 1024 },
        { "2M", 2097152 },
        { "1G", UINT64_C(1) << 30 },
        { "1T", UINT64_C(1) << 40 },
        { "1P", UINT64_C(1) << 50 },
        { "1E", UINT64_C(1) << 60 },
        { "15E", UINT64_C(15) << 60 },
        { "16E", 0, -ERANGE },
        { "18446744073709551615", UINT64_MAX },
        { "18446744073709551616", 0, -ERANGE },
        { "15E 1024P", 0, -ERANGE },
        { "18446744073709551615B 1", 0, -ERANGE },
        { "1.5K", 1536 },
        { "0.5K", 512 },
        { "1.25M", 1310720 },
        { "1.0009765625K", 1025 },
        { "0.1K", 102 },
        { "1.K", 1024 },
        { "1.5", 1 },
        { "1.9B", 1 },
        { "1.99999999999999999999999999K", 2047 },
        { "1.00000000000000000000000001E", UINT64_C(1) << 60 },
        { "1K 200B", 1224 },
        { "1K 200", 1224 },
        { "1K200", 1224 },
        { "1G 2M", 1075838976 },
        { "1E 1P 1T 1G 1M 1K 1B 1", UINT64_C(1154048505100108802) },
        { "1.5K 1B", 1537 },
        { "1 K", 1024 },
        { " 1K", 1024 },
        { "+1K", 1024 },
        { "024", 24 }, /* sizes are decimal: no octal */
        { "", 0, -EINVAL },
        { " ", 0, -EINVAL },
        { "K", 0, -EINVAL },
        { ".5K", 0, -EINVAL },
        { "-1", 0, -EINVAL },
        { "-1K", 0, -EINVAL },
        { "1k", 0, -EINVAL },
        { "1m", 0, -EINVAL },
        { "1b", 0, -EINVAL },
        { "1KiB", 0, -EINVAL },
        { "1KB", 0, -EINVAL },
        { "1Ki", 0, -EINVAL },
        { "1kB", 0, -EINVAL },
        { "1Z", 0, -EINVAL },
        { "1 2", 0, -EINVAL },
        { "1K 1K", 0, -EINVAL },
        { "1K 1M", 0, -EINVAL },
        { "1B 1K", 0, -EINVAL },
        { "1 1K", 0, -EINVAL },
        { "1K ", 0, -EINVAL },
        { "1K,", 0, -EINVAL },
        { "0x10", 0, -EINVAL },
        { "1.5.5K", 0, -EINVAL },
        { "1.-5K", 0, -EINVAL },
        { "1.5KK", 0, -EINVAL },
        { "infinity", 0, -EINVAL },
};

static void test_size(void **state) {
        const SizeRow *row = *state;
        uint64_t v = 77;

        assert_int_equal(parse_size(row->text, &v), row->result);
        if (v != (row->result < 0 ? 77 : row->expected))
                fail_msg("'%s' is %llu", row->text, (unsigned long long) v);
}

typedef struct SignedRow {
        const char *text;
        int32_t expected;
        int result;
} SignedRow;

static const SignedRow signed_rows[] = {
        { "0", 0 },
        { "-0", 0 },
        { "5", 5 },
        { "+5", 5 },
        { "-5", -5 },
        { " -0x10", -16 },
        { "2147483647", INT32_MAX },
        { "-2147483648", INT32_MIN },
        { "2147483648", 0, -ERANGE },
        { "-2147483649", 0, -ERANGE },
        { "", 0, -EINVAL },
        { "-", 0, -EINVAL },
        { "--5", 0, -EINVAL },
        { "-+5", 0, -EINVAL },
        { "- 5", 0, -EINVAL },
        { "5-", 0, -EINVAL },
};

static void test_signed(void **state) {
        const SignedRow *row = *state;
        int32_t v = 77;

        assert_int_equal(parse_i32(row->text, &v), row->result);
        assert_int_equal(v, row->result < 0 ? 77 : row->expected);
}

typedef struct RangeRow {
        const char *text;
        uint16_t first, last;
        int result;
} RangeRow;

/* From 2 to 4094. */
static const RangeRow range_rows[] = {
        { "2", 2, 2 },
        { "4094", 4094, 4094 },
        { "2-4094", 2, 4094 },
        { "7-7", 7, 7 },
        { "0x10-0x20", 16, 32 },
        { "1", 0, 0, -ERANGE },
        { "1-5", 0, 0, -ERANGE },
        { "4095", 0, 0, -ERANGE },
        { "5-4095", 0, 0, -ERANGE },
        { "5-65536", 0, 0, -ERANGE },
        { "5-4", 0, 0, -EINVAL },
        { "", 0, 0, -EINVAL },
        { "-", 0, 0, -EINVAL },
        { "5-", 0, 0, -EINVAL },
        { "-5", 0, 0, -EINVAL },
        { "5-6-7", 0, 0, -EINVAL },
        { "5:6", 0, 0, -EINVAL },
        { "5,6", 0, 0, -EINVAL },
        { "00000000000000000000000000000000005", 0, 0, -EINVAL },
};

static void test_range(void **state) {
        const RangeRow *row = *state;
        uint16_t v[2] = { 77, 78 };

        assert_int_equal(parse_u16_range(row->text, 2, 4094, v), row->result);
        assert_int_equal(v[0], row->result < 0 ? 77 : row->first);
        assert_int_equal(v[1], row->result < 0 ? 78 : row->last);
}

static const SizeRow time_rows[] = {
        { "0", 0 },
        { "1", 1000000 },
        { "1s", 1000000 },
        { "1sec", 1000000 },
        { "2seconds", 2000000 },
        { "1second", 1000000 },
        { "1ms", 1000 },
        { "1msec", 1000 },
        { "1us", 1 },
        { "1usec", 1 },
        { "1\xc2\xb5s", 1 },
        { "1\xce\xbcs", 1 },
        { "1m", 60000000 },
        { "1min", 60000000 },
        { "1minute", 60000000 },
        { "2minutes", 120000000 },
        { "1h", UINT64_C(3600000000) },
        { "1hr", UINT64_C(3600000000) },
        { "1hour", UINT64_C(3600000000) },
        { "1hours", UINT64_C(3600000000) },
        { "1d", UINT64_C(86400000000) },
        { "1day", UINT64_C(86400000000) },
        { "1w", UINT64_C(604800000000) },
        { "1weeks", UINT64_C(604800000000) },
        { "1M", UINT64_C(2629800000000) },
        { "1month", UINT64_C(2629800000000) },
        { "1y", UINT64_C(31557600000000) },
        { "1years", UINT64_C(31557600000000) },
        { "1.5", 1500000 },
        { "1.5s", 1500000 },
        { ".5", 500000 },
        { "5.", 5000000 },
        { "0.0000001", 0 },
        { "1min 30", 90000000 },
        { "1min30s", 90000000 },
        { "30s 1min", 90000000 },
        { "3s 200ms", 3200000 },
        { "3s200ms", 3200000 },
        { "5 6", 11000000 },
        { "12.34 .56", 12900000 },
        { " 1 s ", 1000000 },
        { "+1", 1000000 },
        { "infinity", TIME_INFINITY },
        { " infinity ", TIME_INFINITY },
        { "18446744073709551614us", UINT64_MAX - 1 },
        { "18446744073709551615us", 0, -ERANGE }, /* that is infinity */
        { "18446744073709551616us", 0, -ERANGE },
        { "584555y", 0, -ERANGE },
        { "584000y 584000y", 0, -ERANGE },
        { "-1", 0, -ERANGE },
        { "1s -1", 0, -ERANGE },
        { "", 0, -EINVAL },
        { " ", 0, -EINVAL },
        { "s", 0, -EINVAL },
        { ".", 0, -EINVAL },
        { "+", 0, -EINVAL },
        { ".s", 0, -EINVAL },
        { "1x", 0, -EINVAL },
        { "1S", 0, -EINVAL },
        { "1 x", 0, -EINVAL },
        { "12.34.56", 0, -EINVAL },
        { "0x10", 0, -EINVAL },
        { "infinity 1", 0, -EINVAL },
        { "Infinity", 0, -EINVAL },
        { "yes", 0, -EINVAL },
};

static void test_time(void **state) {
        const SizeRow *row = *state;
        uint64_t v = 77;

        assert_int_equal(parse_time(row->text, &v), row->result);
        if (v != (row->result < 0 ? 77 : row->expected))
                fail_msg("'%s' is %llu", row->text, (unsigned long long) v);
}

typedef struct ProtocolRow {
        const char *text;
        int expected; /* or -errno */
} ProtocolRow;

static const ProtocolRow protocol_rows[] = {
        { "tcp", 6 },
        { "UDP", 17 },
        { "icmp", 1 },
        { "icmpv6", 58 },
        { "sctp", 132 },
        { "ipip", 4 },
        { "gre", 47 },
        { "ip", 0 },
        { "raw", 255 },
        { "255", 255 },
        { "0x11", 17 },
        { "256", -ERANGE },
        { "", -EINVAL },
        { "http", -EINVAL },
        { "tcp ", -EINVAL },
        { "tcpudp", -EINVAL },
        { "ipv6-icmp", -EINVAL },
};

static void test_protocol(void **state) {
        const ProtocolRow *row = *state;
        uint8_t v = 77;

        assert_int_equal(parse_ip_protocol(row->text, &v), row->expected < 0 ? row->expected : 0);
        assert_int_equal(v, row->expected < 0 ? 77 : row->expected);
}

static void test_masks(void **state _unused_) {
        static const struct {
                const char *address;
                uint8_t length;
                const char *expected;
        } rows[] = {
                { "255.255.255.255", 0, "0.0.0.0" },
                { "255.255.255.255", 1, "128.0.0.0" },
                { "255.255.255.255", 8, "255.0.0.0" },
                { "255.255.255.255", 23, "255.255.254.0" },
                { "255.255.255.255", 32, "255.255.255.255" },
                { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0, "::" },
                { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65, "ffff:ffff:ffff:ffff:8000::" },
                { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 128,
                  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
        };
        char text[IN_ADDR_TEXT_MAX];

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                InAddr a;

                assert_int_equal(parse_in_addr(rows[i].address, &a), 0);
                in_addr_mask(&a, rows[i].length);
                assert_string_equal(in_addr_format(&a, -1, text), rows[i].expected);
                assert_int_equal(in_addr_is_null(&a), rows[i].length == 0);
        }
}

static void test_address_order(void **state _unused_) {
        static const char *const sorted[] = { "0.0.0.0", "10.0.0.1", "192.0.2.1", "::", "2001:db8::1" };

        for (size_t i = 0; i < ELEMENTSOF(sorted); i++)
                for (size_t j = 0; j < ELEMENTSOF(sorted); j++) {
                        InAddr a, b;
                        int r;

                        assert_int_equal(parse_in_addr(sorted[i], &a), 0);
                        assert_int_equal(parse_in_addr(sorted[j], &b), 0);
                        r = in_addr_compare(&a, &b);
                        assert_int_equal((r > 0) - (r < 0), (i > j) - (i < j));
                }
}

#define X10  "xxxxxxxxxx"
#define X120 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10

typedef struct NameRow {
        const char *text;
        bool ifname, altname;
} NameRow;

static const NameRow name_rows[] = {
        { "tap0", true, true },
        { "a", true, true },
        { "tap-test_1.2", true, true },
        { "\"tap0\"", true, true },
        { "!#$&'()*+,;<=>?@[\\]^", false, true },
        { "~`{|}", true, true },
        { "vnet*", true, true },
        { "123456789012345", false, false },
        { "x12345678901234", true, true },
        { "x123456789012345", false, true },
        { X120 "1234567", false, true },
        { X120 "12345678", false, false },
        { "", false, false },
        { ".", false, false },
        { "..", false, false },
        { "...", true, true },
        { ".a", true, true },
        { "all", false, false },
        { "default", false, false },
        { "All", true, true },
        { "alls", true, true },
        { "0", false, false },
        { "1", false, false },
        { "007", false, false },
        { "99999999999999", false, false },
        { "0x5", false, false },
        { "0b1", false, false },
        { "0o7", false, false },
        { "+5", false, false },
        { "0x0", true, true },
        { "-5", true, true },
        { "0xffffffffff", true, true },
        { "1a", true, true },
        { "0x", true, true },
        { "a:b", false, false },
        { "a/b", false, false },
        { "a%d", false, false },
        { "%i", false, false },
        { "a b", false, false },
        { "a\tb", false, false },
        { " a", false, false },
        { "a\x7f", false, false },
        { "a\x01", false, false },
        { "t\xc3\xa4p", false, false },
};

static void test_name(void **state) {
        const NameRow *row = *state;

        assert_int_equal(ifname_valid(row->text), row->ifname);
        assert_int_equal(altname_valid(row->text), row->altname);
}

typedef struct HwRow {
        const char *text;
        const char *bytes;
        uint8_t length; /* 0: refused */
} HwRow;

static const HwRow hw_rows[] = {
        { "02:00:5e:10:00:01", "\x02\x00\x5e\x10\x00\x01", 6 },
        { "02-00-5E-10-00-01", "\x02\x00\x5e\x10\x00\x01", 6 },
        { "0200.5e10.0001", "\x02\x00\x5e\x10\x00\x01", 6 },
        { "2:0:5e:10:0:1", "\x02\x00\x5e\x10\x00\x01", 6 },
        { "200.5e10.1", "\x02\x00\x5e\x10\x00\x01", 6 },
        { "aA:Bb:cC:Dd:eE:Ff", "\xaa\xbb\xcc\xdd\xee\xff", 6 },
        { "1:2:3:4", "\x01\x02\x03\x04", 4 },
        { "0102.0304", "\x01\x02\x03\x04", 4 },
        { "0:1:2:3:4:5:6:7:8:9:a:b:c:d:e:f",
          "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", 16 },
        { "0:1:2:3:4:5:6:7:8:9:a:b:c:d:e:f:10:11:12:13",
          "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13", 20 },
        { "" },
        { "02" },
        { "02005e100001" },
        { "02:00:5e:10:00" },
        { "02:00:5e:10:00:01:02" },
        { "02:00:5e:10:00:01:" },
        { ":02:00:5e:10:00:01" },
        { "02:00:5e:10:00-01" },
        { "02:00:5e:10:00:001" },
        { "02:00:5e:10:00:0g" },
        { "02:00:5e:10:00:01 " },
        { " 02:00:5e:10:00:01" },
        { "0200:5e10:0001" },
        { "02005.5e10.0001" },
        { "02 00 5e 10 00 01" },
        { "+2:00:5e:10:00:01" },
        { "0x2:00:5e:10:00:01" },
        { "0:1:2:3:4:5:6:7:8:9:a:b:c:d:e:f:10:11:12:13:14" },
        { "192.0.2.1", "\xc0\x00\x02\x01", 4 }, /* a tunnel's */
        { "2001:db8::1", "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16 },
        { "1:2:3:4:5:6:7:8", "\0\x01\0\x02\0\x03\0\x04\0\x05\0\x06\0\x07\0\x08", 16 },
        { "02::5e:10:00:01", "\0\x02\0\0\0\0\0\0\0\x5e\0\x10\0\0\0\x01", 16 }, /* as in systemd */
        { "192.0.2.1/24" },
        { "\"02:00:5e:10:00:01\"" },
};

static void test_hwaddr(void **state) {
        const HwRow *row = *state;
        HwAddr a = { .length = 77 };
        int r = parse_hwaddr(row->text, &a);

        assert_int_equal(r, row->length > 0 ? 0 : -EINVAL);
        assert_int_equal(a.length, row->length > 0 ? row->length : 77);
        if (r == 0)
                assert_memory_equal(a.bytes, row->bytes, row->length);
}

typedef struct AddressRow {
        const char *text;
        const char *expected; /* of parse_in_addr_prefix(), formatted; NULL: refused */
        int result;
        bool has_length;
        bool plain; /* parse_in_addr() takes it too */
} AddressRow;

static const AddressRow address_rows[] = {
        { "192.0.2.1", "192.0.2.1/32", .plain = true },
        { "0.0.0.0", "0.0.0.0/32", .plain = true },
        { "2001:db8::1", "2001:db8::1/128", .plain = true },
        { "::", "::/128", .plain = true },
        { "2001:DB8:0:0:0:0:0:1", "2001:db8::1/128", .plain = true },
        { "::ffff:192.0.2.1", "::ffff:192.0.2.1/128", .plain = true },
        { "192.0.2.1/24", "192.0.2.1/24", .has_length = true },
        { "192.0.2.1/0", "192.0.2.1/0", .has_length = true },
        { "192.0.2.1/32", "192.0.2.1/32", .has_length = true },
        { "192.0.2.1/33", NULL, -ERANGE },
        { "192.0.2.1/256", NULL, -ERANGE },
        { "2001:db8::1/64", "2001:db8::1/64", .has_length = true },
        { "2001:db8::1/128", "2001:db8::1/128", .has_length = true },
        { "2001:db8::1/129", NULL, -ERANGE },
        { "192.0.2.1/024", "192.0.2.1/20", .has_length = true },
        { "192.0.2.1/0x18", "192.0.2.1/24", .has_length = true },
        { "192.0.2.1/+8", "192.0.2.1/8", .has_length = true },
        { "", NULL, -EINVAL },
        { "/24", NULL, -EINVAL },
        { "192.0.2.1/", NULL, -EINVAL },
        { "192.0.2.1/-1", NULL, -EINVAL },
        { "192.0.2.1/24x", NULL, -EINVAL },
        { "192.0.2.1/24/24", NULL, -EINVAL },
        { "192.0.2.1 /24", NULL, -EINVAL },
        { "192.0.2.1/255.255.255.0", NULL, -EINVAL },
        { "10.1", NULL, -EINVAL },
        { "10.1/16", NULL, -EINVAL },
        { "010.0.0.1", NULL, -EINVAL },
        { "0x0a.0.0.1", NULL, -EINVAL },
        { "256.0.0.1", NULL, -EINVAL },
        { "192.0.2.1.1", NULL, -EINVAL },
        { " 192.0.2.1", NULL, -EINVAL },
        { "192.0.2.1 ", NULL, -EINVAL },
        { "fe80::1%eth0", NULL, -EINVAL },
        { "fe80::1%eth0/64", NULL, -EINVAL },
        { "[2001:db8::1]", NULL, -EINVAL },
        { "[2001:db8::1]/64", NULL, -EINVAL },
        { "2001:db8::1::2", NULL, -EINVAL },
        { "example.com", NULL, -EINVAL },
        { "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/64", NULL, -EINVAL },
        { "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
          .has_length = true },
};

static void test_address(void **state) {
        const AddressRow *row = *state;
        char text[IN_ADDR_TEXT_MAX];
        InAddr a, plain = { .family = 77 };
        uint8_t prefixlen = 77;
        bool has_length = !row->has_length;

        memset(&a, 0xee, sizeof(a));
        assert_int_equal(parse_in_addr(row->text, &plain), row->plain ? 0 : -EINVAL);
        if (!row->plain)
                assert_int_equal(plain.family, 77);

        assert_int_equal(parse_in_addr_prefix(row->text, &a, &prefixlen, &has_length), row->result);
        if (row->result < 0) {
                assert_int_equal(prefixlen, 77);
                assert_int_equal(a.bytes[0], 0xee);
                return;
        }

        assert_string_equal(in_addr_format(&a, prefixlen, text), row->expected);
        assert_int_equal(has_length, row->has_length);
        assert_int_equal(parse_in_addr_prefix(row->text, &a, &prefixlen, NULL), 0);
        if (a.family == AF_INET)
                for (size_t i = 4; i < sizeof(a.bytes); i++)
                        assert_int_equal(a.bytes[i], 0);
}

static void test_address_format(void **state _unused_) {
        char text[IN_ADDR_TEXT_MAX];
        InAddr a;

        assert_int_equal(parse_in_addr("2001:db8::1", &a), 0);
        assert_int_equal(a.family, AF_INET6);
        assert_string_equal(in_addr_format(&a, -1, text), "2001:db8::1");
        assert_int_equal(parse_in_addr("192.0.2.1", &a), 0);
        assert_int_equal(a.family, AF_INET);
        assert_string_equal(in_addr_format(&a, -1, text), "192.0.2.1");
        assert_string_equal(in_addr_format(&a, 0, text), "192.0.2.1/0");
}

typedef struct SafeRow {
        const char *text;
        bool safe;
} SafeRow;

static const SafeRow safe_rows[] = {
        { "", true },      { "qemu", true },         { "1000", true },
        { "a b", true },   { "domain+user$", true }, { "\xc3\xa4", true },
        { "a\"", false },  { "'a'", false },         { "a\\b", false },
        { "a\tb", false }, { "\x01", false },        { "\x7f", false },
        { "\x1f", false }, { "\x20", true },
};

static void test_safe(void **state) {
        const SafeRow *row = *state;

        assert_int_equal(string_is_safe(row->text), row->safe);
}

typedef struct WordsRow {
        const char *text;
        const char *expected[6];
        int result;
} WordsRow;

static const WordsRow words_rows[] = {
        { "", {} },
        { " \t\n\r", {} },
        { "a", { "a" } },
        { "a b", { "a", "b" } },
        { " \ta\t b\r\nc ", { "a", "b", "c" } },
        { "a,b", { "a,b" } },
        { "\"a b\"", { "\"a", "b\"" } },
        { "'a'", { "'a'" } },
        { "a\\ b", { "a b" } },
        { "a\\\\b", { "a\\b" } },
        { "\\*", { "*" } },
        { "\\n", { "n" } },
        { "\\\\*", { "\\*" } },
        { "\\  x", { " ", "x" } },
        { "vnet* !tap[0-9]", { "vnet*", "!tap[0-9]" } },
        { "a\vb", { "a\vb" } },
        { "a\\", {}, -EINVAL },
        { "\\", {}, -EINVAL },
        { "a b \\", {}, -EINVAL },
        { "a\\\\", { "a\\" } },
};

static void test_words(void **state) {
        const WordsRow *row = *state;
        _cleanup_(strv_freep) char **words = NULL;

        assert_int_equal(split_words(row->text, &words), row->result);
        for (size_t i = 0; row->expected[i]; i++) {
                assert_true(i < strv_length(words));
                assert_string_equal(words[i], row->expected[i]);
        }
        if (!row->expected[0])
                assert_null(words);
        else
                assert_true(strv_equal(words, (char *const *) (uintptr_t) row->expected));
}

/* As many words as a line can hold must not take the square of the time. */
static void test_many_words(void **state _unused_) {
        const size_t n = 512 * 1024;
        _cleanup_(strv_freep) char **words = NULL;
        _cleanup_(freep) char *text = malloc(2 * n + 1);

        assert_non_null(text);
        for (size_t i = 0; i < n; i++)
                memcpy(text + 2 * i, "a ", 2);
        text[2 * n] = '\0';
        assert_int_equal(split_words(text, &words), 0);
        assert_int_equal(strv_length(words), n);
}

static const struct CMUnitTest single_tests[] = {
        cmocka_unit_test(test_number_edges), cmocka_unit_test(test_address_format),
        cmocka_unit_test(test_masks),        cmocka_unit_test(test_address_order),
        cmocka_unit_test(test_many_words),
};

int main(void) {
        static struct CMUnitTest tests[500];
        size_t n = 0;

        ROWS_APPEND(tests, &n, test_boolean, bool_rows, "boolean");
        ROWS_APPEND(tests, &n, test_number, number_rows, "number");
        ROWS_APPEND(tests, &n, test_size, size_rows, "size");
        ROWS_APPEND(tests, &n, test_time, time_rows, "time");
        ROWS_APPEND(tests, &n, test_signed, signed_rows, "signed number");
        ROWS_APPEND(tests, &n, test_range, range_rows, "range");
        ROWS_APPEND(tests, &n, test_protocol, protocol_rows, "protocol");
        ROWS_APPEND(tests, &n, test_name, name_rows, "name");
        ROWS_APPEND(tests, &n, test_hwaddr, hw_rows, "hardware address");
        ROWS_APPEND(tests, &n, test_address, address_rows, "address");
        ROWS_APPEND(tests, &n, test_safe, safe_rows, "safe string");
        ROWS_APPEND(tests, &n, test_words, words_rows, "words");
        for (size_t i = 0; i < ELEMENTSOF(single_tests); i++)
                tests[n++] = single_tests[i];
        assert_true(n <= ELEMENTSOF(tests));

        return _cmocka_run_group_tests("values", tests, n, NULL, NULL);
}
