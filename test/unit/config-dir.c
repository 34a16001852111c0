/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The folder is made below /tmp and removed with all that is in it. */

#include "config-dir.h"

#include <errno.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>

#include "test.h"

int config_dir_enter(void **state _unused_) {
        char top[] = "/tmp/test-config.XXXXXX";

        return mkdtemp(top) && chdir(top) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st _unused_, int flag _unused_,
                      struct FTW *ftw _unused_) {
        return remove(path);
}

int config_dir_leave(void **state _unused_) {
        _cleanup_(freep) char *top = getcwd(NULL, 0);

        return top && chdir("/") == 0 ? nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS) : -1;
}

void config_dir_put(const char *path, const char *text) {
        _cleanup_(freep) char *dir = strdup(path);
        char *slash = strrchr(dir, '/');
        FILE *f;

        if (slash) {
                *slash = 0;
                assert_true(mkdir(dir, 0755) == 0 || errno == EEXIST);
        }
        f = fopen(path, "we");
        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

const Host config_dir_host = {
        .hostname = (char *) "testhost",
        .machine_id = (char *) "0123456789abcdef0123456789abcdef",
        .kernel_release = (char *) "6.1.0-28-amd64",
        .kernel_command_line = (char *) "quiet root=/dev/sda1",
        .architecture = (char *) "x86-64",
        .virtualization = (char *) "none",
};

Config *config_dir_load(Diagnostics *diag) {
        Config *c = NULL;

        assert_int_equal(config_load((const char *const[]){ ".", NULL }, &config_dir_host, NULL, diag, &c),
                         0);
        return c;
}

static void dump_device(FILE *f, const DeviceConfig *d) {
        fprintf(f, "%s %s%s%s%s%s%s", d->name, kind_to_string(d->kind), d->multi_queue ? " mq" : "",
                d->packet_info ? " pi" : "", d->vnet_header ? " vnet" : "", d->keep_carrier ? " keep" : "",
                d->allow_any_user ? " any" : "");
        if (d->user)
                fprintf(f, " user=%s", d->user);
        if (d->group)
                fprintf(f, " group=%s", d->group);
        if (d->description)
                fprintf(f, " desc='%s'", d->description);
        fputc('\n', f);
}

static void dump_network(FILE *f, const NetworkConfig *n) {
        char buffer[IN_ADDR_TEXT_MAX];

        fprintf(f, "%s", n->file_name);
        for (size_t i = 0; i < n->match.name.n; i++) {
                const MatchWord *w = n->match.name.items + i;

                fprintf(f, w->literal ? " '%s%s'" : " %s%s", w->negative ? "!" : "", w->glob);
        }
        if (n->mtu > 0)
                fprintf(f, " mtu=%llu", (unsigned long long) n->mtu);
        for (unsigned i = 0; i < n->mac_address.length; i++)
                fprintf(f, i == 0 ? " mac=%02x" : "%02x", n->mac_address.bytes[i]);
        for (size_t i = 0; i < n->n_addresses; i++)
                fprintf(f, " %s",
                        in_addr_format(&n->addresses[i].address, n->addresses[i].prefixlen, buffer));
        if (n->description)
                fprintf(f, " desc='%s'", n->description);
        fputc('\n', f);
}

static void dump_problems(FILE *f, const Diagnostics *diag) {
        for (size_t i = 0; i < diag->n; i++) {
                const Diagnostic *d = diag->items + i;
                _cleanup_(freep) char *message = diag_message(d);

                fprintf(f, "%s:%u: %s: %s\n", strncmp(d->path, "./", 2) == 0 ? d->path + 2 : d->path,
                        d->line, severity_to_string(d->severity), message);
        }
        if (diag->dropped > 0)
                fprintf(f, "dropped %zu\n", diag->dropped);
}

char *config_dump_with(const Config *c, const Diagnostics *diag, DumpDevice dump_one_device,
                       DumpNetwork dump_one_network) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        assert_non_null(f);
        for (size_t i = 0; i < c->n_devices; i++)
                dump_one_device(f, c->devices[i]);
        for (size_t i = 0; i < c->n_networks; i++)
                dump_one_network(f, c->networks[i]);
        for (size_t i = 0; i < c->n_skipped; i++)
                fprintf(f, "skipped %s\n", c->skipped[i].text);
        for (char **failed = c->failed; failed && *failed; failed++)
                fprintf(f, "failed %s\n", *failed);
        dump_problems(f, diag);
        assert_int_equal(fclose(f), 0);
        return text;
}

char *config_dump(const Config *c, const Diagnostics *diag) {
        return config_dump_with(c, diag, dump_device, dump_network);
}
